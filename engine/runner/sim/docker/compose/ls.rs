//! `docker compose ls`.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Value, json};

use super::super::super::world::{Container, Status};
use super::super::command::Given;
use super::super::fault::{Done, Fault, unsimulated};
use super::super::listing::escaped;
use super::super::table::table;
use super::{Compose, LABEL};

pub fn ls(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["all", "filter", "format", "quiet"])?;
    let now = compose.client.process.world.now();
    let mut names = Vec::new();
    for filter in given.all("filter") {
        match filter.split_once('=') {
            Some(("name", pattern)) => {
                let wrong = |_| Fault::said(1, format!("invalid filter '{filter}'"));
                names.push(Regex::new(pattern).map_err(wrong)?);
            }
            other => {
                return Err(Fault::said(1, format!("invalid filter '{}'", other.map_or(filter, |(name, _)| name))));
            }
        }
    }
    let mut projects: BTreeMap<String, Vec<&Container>> = BTreeMap::new();
    let engine = compose.client.engine()?;
    for container in engine.containers.values() {
        let label = |name: &str| container.labels.get(&format!("{LABEL}.{name}"));
        let alive = !matches!(container.at(now).status, Status::Created | Status::Exited);
        let Some(project) = label("project").filter(|_| alive || given.has("all")) else { continue };
        if label("oneoff").is_none_or(|once| once != "True")
            && (names.is_empty() || names.iter().any(|name| name.is_match(project)))
        {
            projects.entry(project.clone()).or_default().push(container);
        }
    }
    let rows: Vec<[String; 3]> = projects
        .into_iter()
        .map(|(name, containers)| {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for container in &containers {
                *counts.entry(container.at(now).status.as_str()).or_default() += 1;
            }
            let status: Vec<String> = counts.iter().map(|(status, count)| format!("{status}({count})")).collect();
            let files =
                containers.iter().find_map(|container| container.labels.get("com.docker.compose.project.config_files"));
            [name, status.join(", "), files.cloned().unwrap_or_else(|| "N/A".to_owned())]
        })
        .collect();
    if given.has("quiet") {
        for [name, ..] in rows {
            compose.client.say(name);
        }
        return Ok(0);
    }
    match given.text("format") {
        Some("json") => {
            let rows: Vec<Value> = rows
                .iter()
                .map(|[name, status, files]| json!({ "Name": name, "Status": status, "ConfigFiles": files }))
                .collect();
            compose.client.say(escaped(&rows));
        }
        None | Some("table" | "") => {
            let mut lines = vec![["NAME", "STATUS", "CONFIG FILES"].map(str::to_owned).to_vec()];
            lines.extend(rows.into_iter().map(Vec::from));
            let text = table(&lines, 20, 3);
            compose.client.process.stdout.push(&text);
        }
        Some(other) => return unsimulated(format!("`docker compose ls --format {other}`")),
    }
    Ok(0)
}
