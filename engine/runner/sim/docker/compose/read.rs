//! A service of a Compose file: what is written in many ways, in one.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::human::{bytes, duration};
use super::merge::{as_mapping, needs};
use super::model::{Condition, Service};
use super::parts;
use super::schema::{Said, unshown};

/// What a service is read with.
pub struct Around<'a> {
    /// The project's directory.
    pub dir: &'a str,
    /// The client's own environment and `.env`.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// A file of the client's machine.
    pub file: &'a dyn Fn(&str) -> Option<String>,
}

/// A scalar as a text.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A list of texts, or one text, whose words it splits as a shell does.
fn words(value: Option<&Value>) -> Result<Option<Vec<String>>, Said> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            let split = shlex::split(text);
            split.map(Some).ok_or_else(|| Said::Unknown(format!("the command `{text}` of a Compose file")))
        }
        Some(Value::Array(items)) => Ok(Some(items.iter().filter_map(scalar).collect())),
        Some(_) => Err(Said::Unknown("a command of a Compose file".to_owned())),
    }
}

fn list(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(scalar).collect(),
        Some(value) => scalar(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Names and values.
pub fn pairs(value: Option<&Value>) -> Vec<(String, Option<String>)> {
    match as_mapping(value.cloned().unwrap_or_default()) {
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), scalar(value))).collect(),
        _ => Vec::new(),
    }
}

fn environment(raw: &Value, around: &Around<'_>) -> Result<Vec<(String, Option<String>)>, Said> {
    let mut found: BTreeMap<String, Option<String>> = BTreeMap::new();
    let files = match raw.get("env_file") {
        Some(Value::Array(files)) => files.iter().filter_map(|file| scalar(file.get("path").unwrap_or(file))).collect(),
        Some(Value::String(file)) => vec![file.clone()],
        _ => Vec::new(),
    };
    for file in files {
        let path = super::super::super::tree::absolute(around.dir, &file);
        let text =
            (around.file)(&path).ok_or_else(|| Said::Unknown(format!("`env_file: {file}`, which is not there,")))?;
        found.extend(super::interpolate::env_file(&text).into_iter().map(|(name, value)| (name, Some(value))));
    }
    for (name, value) in pairs(raw.get("environment")) {
        let value = value.or_else(|| (around.env)(&name));
        found.insert(name, value);
    }
    Ok(found.into_iter().collect())
}

fn depends_on(raw: &Value) -> Result<Vec<(String, Condition)>, Said> {
    let Value::Object(map) = needs(raw.get("depends_on").cloned().unwrap_or_default()) else { return Ok(Vec::new()) };
    let of = |(name, value): (&String, &Value)| {
        let condition = value.get("condition").and_then(Value::as_str).unwrap_or("service_started");
        let unknown = || Said::Unknown(format!("the condition `{condition}` of a Compose file"));
        Ok((name.clone(), Condition::parse(condition).ok_or_else(unknown)?))
    };
    map.iter().map(of).collect()
}

fn networks(raw: &Value) -> BTreeMap<String, Vec<String>> {
    match raw.get("networks") {
        None | Some(Value::Null) if raw.get("network_mode").is_some() => BTreeMap::new(),
        None | Some(Value::Null) => BTreeMap::from([("default".to_owned(), Vec::new())]),
        Some(Value::Object(map)) => {
            map.iter().map(|(name, value)| (name.clone(), list(value.get("aliases")))).collect()
        }
        other => list(other).into_iter().map(|name| (name, Vec::new())).collect(),
    }
}

/// A service, complete.
///
/// # Errors
/// What is wrong with it, or not simulated.
pub fn service(name: &str, raw: &Value, around: &Around<'_>) -> Result<Service, Said> {
    let text = |key: &str| raw.get(key).and_then(scalar);
    let on = |key: &str| text(key).as_deref() == Some("true");
    let limits = raw.pointer("/deploy/resources/limits");
    let limit = |key: &str| limits.and_then(|limits| limits.get(key)).and_then(scalar);
    let memory = text("mem_limit").or_else(|| limit("memory")).as_deref().and_then(bytes).unwrap_or_default();
    let cpus: f64 = text("cpus").or_else(|| limit("cpus")).and_then(|cpus| cpus.parse().ok()).unwrap_or_default();
    let restart = text("restart").unwrap_or_else(|| "no".to_owned());
    let (restart, retries) = restart
        .split_once(':')
        .map_or((restart.as_str(), 0), |(policy, retries)| (policy, retries.parse().unwrap_or_default()));
    let ports =
        raw.get("ports").and_then(Value::as_array).map(|ports| parts::ports(ports)).transpose()?.unwrap_or_default();
    let mut mounts =
        raw.get("volumes").and_then(Value::as_array).map(|uses| parts::volumes(uses, around.dir)).transpose()?;
    let tmpfs = list(raw.get("tmpfs"));
    mounts.get_or_insert_default().extend(tmpfs.iter().map(|target| parts::memory(target)));
    let replicas = raw.pointer("/deploy/replicas").and_then(Value::as_u64).or_else(|| raw.get("scale")?.as_u64());
    let grace = text("stop_grace_period").map(|text| duration(&text)).transpose().map_err(Said::Wrong)?;
    let mode = text("network_mode").map(|mode| if mode == "bridge" { String::new() } else { mode });
    if let Some(mode) = mode.as_ref().filter(|mode| !["", "host", "none"].contains(&mode.as_str())) {
        return Err(Said::Unknown(format!("`network_mode: {mode}` of a Compose file")));
    }
    let exposed =
        list(raw.get("expose")).into_iter().map(|port| if port.contains('/') { port } else { format!("{port}/tcp") });
    let mut service = Service {
        name: name.to_owned(),
        image: text("image").unwrap_or_default(),
        builds: raw.get("build").is_some(),
        command: words(raw.get("command"))?,
        entrypoint: words(raw.get("entrypoint"))?,
        environment: environment(raw, around)?,
        labels: pairs(raw.get("labels")).into_iter().map(|(name, value)| (name, value.unwrap_or_default())).collect(),
        container_name: text("container_name"),
        depends_on: depends_on(raw)?,
        health: raw.get("healthcheck").map(parts::health).transpose()?,
        asks_health: false,
        restart: restart.to_owned(),
        retries,
        exposed: exposed.collect(),
        ports,
        mounts: mounts.unwrap_or_default(),
        tmpfs: tmpfs.iter().map(|text| text.split(':').next().unwrap_or(text).to_owned()).collect(),
        networks: networks(raw),
        network_mode: mode,
        user: text("user").unwrap_or_default(),
        working_dir: text("working_dir").unwrap_or_default(),
        hostname: text("hostname"),
        privileged: on("privileged"),
        init: on("init"),
        tty: on("tty"),
        stdin_open: on("stdin_open"),
        memory,
        nano_cpus: nanos(cpus),
        stop_signal: text("stop_signal"),
        stop_grace: grace,
        scale: replicas.and_then(|replicas| usize::try_from(replicas).ok()).unwrap_or(1),
        profiles: list(raw.get("profiles")),
        pull_policy: text("pull_policy").unwrap_or_default(),
        unshown: unshown(raw),
        document: Arc::default(),
    };
    service.document = Arc::new(document(&service, raw));
    Ok(service)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of CPUs, cut at the limits")]
fn nanos(cpus: f64) -> u64 {
    (cpus * 1e9) as u64
}

/// The canonical form of a service: what is said, in the order of Compose.
fn document(service: &Service, raw: &Value) -> Value {
    let mut shown = Map::new();
    let mut show = |key: &str, value: Value| {
        let empty = match &value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        if !empty {
            shown.insert(key.to_owned(), value);
        }
    };
    let plain = |key: &str| raw.get(key).cloned().unwrap_or_default();
    show("profiles", service.profiles.clone().into());
    show("cpus", plain("cpus"));
    show("command", service.command.clone().into());
    show("container_name", service.container_name.clone().into());
    let needs = service
        .depends_on
        .iter()
        .map(|(name, condition)| (name.clone(), json!({ "condition": condition.as_str(), "required": true })));
    show("depends_on", Value::Object(sorted(needs)));
    show("entrypoint", service.entrypoint.clone().into());
    let env = service.environment.iter().map(|(name, value)| (name.clone(), value.clone().into()));
    show("environment", Value::Object(sorted(env)));
    show("expose", list(raw.get("expose")).into());
    show("hostname", service.hostname.clone().into());
    show("healthcheck", service.health.as_ref().map(parts::health_document).unwrap_or_default());
    show("image", if service.image.is_empty() { Value::Null } else { service.image.clone().into() });
    show("init", plain("init"));
    show(
        "labels",
        Value::Object(sorted(service.labels.iter().map(|(name, value)| (name.clone(), value.clone().into())))),
    );
    let memory = raw.get("mem_limit").and_then(scalar).and_then(|text| bytes(&text));
    show("mem_limit", memory.map(|bytes| bytes.to_string()).into());
    show("network_mode", plain("network_mode"));
    let networks = service.networks.iter().map(|(name, aliases)| {
        (name.clone(), if aliases.is_empty() { Value::Null } else { json!({ "aliases": aliases }) })
    });
    show("networks", Value::Object(sorted(networks)));
    show("platform", plain("platform"));
    show("ports", service.ports.iter().map(parts::port_document).collect::<Vec<_>>().into());
    show("privileged", plain("privileged"));
    show("pull_policy", plain("pull_policy"));
    show("read_only", plain("read_only"));
    show("restart", raw.get("restart").and_then(scalar).into());
    show("scale", plain("scale"));
    let shared = raw.get("shm_size").and_then(scalar).and_then(|text| bytes(&text));
    show("shm_size", shared.map(|bytes| bytes.to_string()).into());
    show("stdin_open", plain("stdin_open"));
    show("stop_grace_period", service.stop_grace.map(super::config::span).into());
    show("stop_signal", plain("stop_signal"));
    show("tmpfs", list(raw.get("tmpfs")).into());
    show("tty", plain("tty"));
    show("user", raw.get("user").and_then(scalar).into());
    let uses = service.mounts.iter().filter(|used| !service.tmpfs.contains(&used.mount.target));
    show("volumes", uses.map(parts::volume_document).collect::<Vec<_>>().into());
    show("working_dir", plain("working_dir"));
    Value::Object(shown)
}

fn sorted(pairs: impl Iterator<Item = (String, Value)>) -> Map<String, Value> {
    pairs.collect::<BTreeMap<String, Value>>().into_iter().collect()
}
