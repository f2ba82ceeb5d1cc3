//! Ports, volumes and health checks of a service.

use serde_json::{Value, json};

use super::super::super::tree::absolute;
use super::super::super::world::{HealthCheck, Mount, MountSource, Port};
use super::super::fault::Fault;
use super::super::human::duration;
use super::model::Use;
use super::read::scalar;
use super::schema::Said;

/// Ports, short or long.
///
/// # Errors
/// One is none.
pub fn ports(values: &[Value]) -> Result<Vec<Port>, Said> {
    let short = |text: &str| {
        super::super::verbs::port(text).map_err(|fault| match fault {
            Fault::Said(_, text) | Fault::Daemon(text) => Said::Wrong(text),
            Fault::Unsimulated(what) => Said::Unknown(what.0),
        })
    };
    let of = |value: &Value| match value {
        Value::Object(map) => {
            let number = |key: &str| map.get(key).and_then(scalar).and_then(|text| text.parse().ok());
            let unknown = || Said::Unknown("a port of a Compose file".to_owned());
            Ok(Port {
                address: map.get("host_ip").and_then(scalar).unwrap_or_default(),
                host: number("published"),
                container: number("target").ok_or_else(unknown)?,
                protocol: map.get("protocol").and_then(scalar).unwrap_or_else(|| "tcp".to_owned()),
            })
        }
        other => short(&scalar(other).unwrap_or_default()),
    };
    values.iter().map(of).collect()
}

pub fn port_document(port: &Port) -> Value {
    let mut shown = json!({ "mode": "ingress" });
    if !port.address.is_empty() {
        shown["host_ip"] = port.address.clone().into();
    }
    shown["target"] = port.container.into();
    if let Some(host) = port.host {
        shown["published"] = host.to_string().into();
    }
    shown["protocol"] = port.protocol.clone().into();
    shown
}

/// Memory at a path.
pub fn memory(target: &str) -> Use {
    let target = target.split(':').next().unwrap_or(target).to_owned();
    Use { mount: Mount { target, source: MountSource::Memory, read_only: false }, bind: None, creates: false }
}

/// Volumes, short or long; those that have a name keep the key of the project.
///
/// # Errors
/// One is none.
pub fn volumes(values: &[Value], dir: &str) -> Result<Vec<Use>, Said> {
    values.iter().map(|value| volume(value, dir)).collect()
}

fn volume(value: &Value, dir: &str) -> Result<Use, Said> {
    let Value::Object(map) = value else {
        let text = scalar(value).unwrap_or_default();
        let (place, bind) = super::super::verbs::volume(dir, &text).map_err(|fault| match fault {
            Fault::Said(_, text) | Fault::Daemon(text) => Said::Wrong(text),
            Fault::Unsimulated(what) => Said::Unknown(what.0),
        })?;
        let bind = bind.filter(|_| matches!(place.mount.source, MountSource::Bind(_)));
        return Ok(Use { mount: place.mount, bind, creates: true });
    };
    let text = |key: &str| map.get(key).and_then(scalar);
    let target = text("target").ok_or_else(|| Said::Wrong("services volumes target is required".to_owned()))?;
    let source = text("source").unwrap_or_default();
    let source = match text("type").as_deref() {
        Some("bind") => MountSource::Bind(absolute(dir, &source)),
        Some("volume") | None => MountSource::Volume(source),
        Some("tmpfs") => MountSource::Memory,
        Some(kind) => return Err(Said::Unknown(format!("a volume of type `{kind}` in a Compose file"))),
    };
    let creates =
        map.get("bind").and_then(|bind| bind.get("create_host_path")).and_then(scalar).as_deref() == Some("true");
    let read_only = text("read_only").as_deref() == Some("true");
    Ok(Use { mount: Mount { target, source, read_only }, bind: None, creates })
}

pub fn volume_document(used: &Use) -> Value {
    let (kind, source) = match &used.mount.source {
        MountSource::Bind(path) => ("bind", path.as_str()),
        MountSource::Volume(name) => ("volume", name.as_str()),
        MountSource::Memory => ("tmpfs", ""),
    };
    let mut shown = json!({ "type": kind });
    if !source.is_empty() {
        shown["source"] = source.into();
    }
    shown["target"] = used.mount.target.clone().into();
    if used.mount.read_only {
        shown["read_only"] = true.into();
    }
    match kind {
        "bind" if used.creates => shown["bind"] = json!({ "create_host_path": true }),
        "volume" if used.creates => shown["volume"] = json!({}),
        _ => {}
    }
    shown
}

/// A health check.
///
/// # Errors
/// It is none.
pub fn health(value: &Value) -> Result<HealthCheck, Said> {
    let span = |key: &str| value.get(key).and_then(scalar).map(|text| duration(&text)).transpose().map_err(Said::Wrong);
    let test = match value.get("test") {
        Some(Value::String(command)) => vec!["CMD-SHELL".to_owned(), command.clone()],
        Some(Value::Array(words)) => words.iter().filter_map(scalar).collect(),
        _ => Vec::new(),
    };
    let disabled = value.get("disable").and_then(scalar).as_deref() == Some("true");
    Ok(HealthCheck {
        test: if disabled { vec!["NONE".to_owned()] } else { test },
        interval: span("interval")?,
        timeout: span("timeout")?,
        start_period: span("start_period")?,
        retries: value.get("retries").and_then(Value::as_u64).and_then(|retries| u32::try_from(retries).ok()),
    })
}

pub fn health_document(check: &HealthCheck) -> Value {
    let mut shown = json!({ "test": check.test });
    let spans = [("timeout", check.timeout), ("interval", check.interval)];
    for (key, span) in spans {
        if let Some(span) = span {
            shown[key] = super::config::span(span).into();
        }
    }
    if let Some(retries) = check.retries {
        shown["retries"] = retries.into();
    }
    if let Some(period) = check.start_period {
        shown["start_period"] = super::config::span(period).into();
    }
    shown
}
