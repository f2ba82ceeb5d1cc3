//! `docker compose config`: a project in its canonical form.

use std::time::Duration;

use serde_json::Value;

use super::super::super::world::hexadecimal;
use super::super::command::Given;
use super::super::fault::{Done, Fault, unsimulated};
use super::Compose;
use super::model::Service;

/// A duration as Go writes it.
pub fn span(span: Duration) -> String {
    let (seconds, millis) = (span.as_secs(), span.subsec_millis());
    if seconds == 0 && millis > 0 {
        return format!("{millis}ms");
    }
    let (hours, minutes, seconds) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    let fraction = if millis > 0 { format!(".{millis:03}").trim_end_matches('0').to_owned() } else { String::new() };
    match (hours, minutes) {
        (0, 0) => format!("{seconds}{fraction}s"),
        (0, minutes) => format!("{minutes}m{seconds}{fraction}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}{fraction}s"),
    }
}

/// What tells whether a container was made for a service as it is now.
pub fn hash(service: &Service) -> String {
    let mut document = (*service.document).clone();
    if let Some(map) = document.as_object_mut() {
        for key in ["scale", "pull_policy", "profiles"] {
            map.remove(key);
        }
        let needs = service.depends_on.iter().map(|(name, condition)| format!("{name}:{}", condition.as_str()));
        map.insert("depends_on".to_owned(), needs.collect::<Vec<_>>().into());
    }
    hexadecimal(&document.to_string())
}

pub fn config(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["format", "hash", "images", "profiles", "quiet", "services", "volumes"])?;
    let mut project = compose.client.load(&compose.globals)?;
    project.select(&given.operands, true).map_err(|why| Fault::said(1, why))?;
    let mut lines: Vec<String> = Vec::new();
    if given.has("quiet") {
        return Ok(0);
    } else if given.has("services") {
        lines.extend(project.services.keys().cloned());
    } else if given.has("images") {
        lines.extend(project.services.values().map(|service| service.image.clone()));
    } else if given.has("volumes") {
        let used = |name: &&String| {
            project.services.values().any(|service| super::load::named_volumes(service).any(|volume| volume == *name))
        };
        lines.extend(project.volumes.keys().filter(used).cloned());
    } else if given.has("profiles") {
        let services = project.services.values().chain(project.disabled.values());
        let mut profiles: Vec<String> = services.flat_map(|service| service.profiles.clone()).collect();
        profiles.sort();
        profiles.dedup();
        lines = profiles;
    } else if let Some(wanted) = given.text("hash") {
        let wanted: Vec<&str> = wanted.split(',').collect();
        let services = project
            .services
            .values()
            .filter(|service| wanted.contains(&"*") || wanted.contains(&service.name.as_str()));
        lines.extend(services.map(|service| format!("{} {}", service.name, hash(service))));
    } else {
        if project.from_facts || given.text("format").is_some_and(|format| format != "yaml") {
            return unsimulated("`docker compose config` of this project");
        }
        let services =
            project.services.iter().map(|(name, service)| (name.clone(), (*service.document).clone())).collect();
        let mut document = (*project.document).clone();
        document["services"] = Value::Object(services);
        if let Some(key) = project.services.values().find_map(|service| service.unshown.as_ref()) {
            return unsimulated(format!("`docker compose config` with `{key}`"));
        }
        let mut text = String::new();
        if !mapping(&document, 0, &mut text) {
            return unsimulated("`docker compose config` with texts of several lines");
        }
        compose.client.process.stdout.push(&text);
        return Ok(0);
    }
    for line in lines {
        compose.client.say(line);
    }
    Ok(0)
}

/// A mapping as YAML; false: a text that this does not write.
fn mapping(value: &Value, depth: usize, text: &mut String) -> bool {
    let Value::Object(map) = value else { return false };
    map.iter().all(|(key, value)| {
        text.push_str(&"  ".repeat(depth));
        text.push_str(&quoted(key));
        text.push(':');
        behind(value, depth, text)
    })
}

/// What stands behind a colon.
fn behind(value: &Value, depth: usize, text: &mut String) -> bool {
    match value {
        Value::Object(map) if map.is_empty() => text.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Object(_) => {
            text.push('\n');
            return mapping(value, depth + 1, text);
        }
        Value::Array(items) => {
            text.push('\n');
            return items.iter().all(|item| item_of(item, depth + 1, text));
        }
        Value::String(line) if line.contains('\n') => return false,
        other => {
            text.push(' ');
            text.push_str(&plain(other));
            text.push('\n');
        }
    }
    true
}

fn item_of(item: &Value, depth: usize, text: &mut String) -> bool {
    let mut own = String::new();
    match item {
        Value::Object(_) => {
            if !mapping(item, depth + 1, &mut own) {
                return false;
            }
            // The first key stands behind the dash.
            let indent = "  ".repeat(depth);
            text.push_str(&indent);
            text.push_str("- ");
            text.push_str(own.get(indent.len() + 2..).unwrap_or_default());
        }
        Value::String(line) if line.contains('\n') => return false,
        other => text.extend(["  ".repeat(depth), "- ".to_owned(), plain(other), "\n".to_owned()]),
    }
    true
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// A text that YAML does not take for something else.
fn quoted(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    if words.contains(&lower.as_str()) || text.replace('_', "").parse::<f64>().is_ok() || is_sexagesimal(text) {
        return format!("{text:?}");
    }
    let special = text.starts_with(|c: char| "!&*-?{}[],|>@`\"'%#: ".contains(c))
        && !(text.starts_with('-') && text.len() > 1 && !text.starts_with("- "));
    if special || text.ends_with([':', ' ']) || text.contains(": ") || text.contains(" #") {
        return format!("'{}'", text.replace('\'', "''"));
    }
    text.to_owned()
}

/// `1:30`, which was a number once.
fn is_sexagesimal(text: &str) -> bool {
    let mut parts = text.split(':');
    text.contains(':') && parts.all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
}
