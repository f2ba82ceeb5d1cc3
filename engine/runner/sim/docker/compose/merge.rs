//! One Compose file over another.

use serde_json::{Map, Value};

/// Lists of a service that grow instead of being replaced.
const GROW: [&str; 12] = [
    "cap_add",
    "cap_drop",
    "devices",
    "dns",
    "dns_search",
    "env_file",
    "expose",
    "external_links",
    "ports",
    "secrets",
    "security_opt",
    "tmpfs",
];
/// Keys of a service that are written as a list or as a mapping.
const EITHER: [&str; 6] = ["annotations", "environment", "extra_hosts", "labels", "networks", "sysctls"];

/// `A=b` and `A` as a mapping.
pub fn as_mapping(value: Value) -> Value {
    let Value::Array(items) = value else { return value };
    let pairs = items.into_iter().filter_map(|item| {
        let text = item.as_str()?.to_owned();
        Some(match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.into()),
            None => (text, Value::Null),
        })
    });
    Value::Object(pairs.collect())
}

/// Lays the second document over the first.
pub fn merge(base: &mut Value, over: Value) {
    let (Value::Object(base), Value::Object(over)) = (base, over) else { return };
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Object(known)), Value::Object(services)) if key == "services" => {
                for (name, service) in services {
                    match known.get_mut(&name) {
                        Some(known) => merge_service(known, service),
                        None => drop(known.insert(name, service)),
                    }
                }
            }
            (Some(known @ Value::Object(_)), value @ Value::Object(_)) => deep(known, value),
            (_, value) => drop(base.insert(key, value)),
        }
    }
}

fn merge_service(base: &mut Value, over: Value) {
    let (Value::Object(base), Value::Object(over)) = (base, over) else { return };
    for (key, value) in over {
        let Some(known) = base.get_mut(&key) else {
            base.insert(key, value);
            continue;
        };
        match key.as_str() {
            name if EITHER.contains(&name) => {
                let mut merged = as_mapping(known.take());
                deep(&mut merged, as_mapping(value));
                *known = merged;
            }
            "depends_on" => {
                let mut merged = needs(known.take());
                deep(&mut merged, needs(value));
                *known = merged;
            }
            "volumes" => by_target(known, value),
            name if GROW.contains(&name) => grow(known, value),
            _ => match (&mut *known, value) {
                (known @ Value::Object(_), value @ Value::Object(_)) => deep(known, value),
                (known, value) => *known = value,
            },
        }
    }
}

/// `[a, b]` of `depends_on` as a mapping.
pub fn needs(value: Value) -> Value {
    let Value::Array(items) = value else { return value };
    let started = || serde_json::json!({ "condition": "service_started" });
    let pairs = items.into_iter().filter_map(|item| Some((item.as_str()?.to_owned(), started())));
    Value::Object(pairs.collect::<Map<String, Value>>())
}

fn deep(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(&key) {
                    Some(known) => deep(known, value),
                    None => drop(base.insert(key, value)),
                }
            }
        }
        (base, over) => *base = over,
    }
}

fn grow(base: &mut Value, over: Value) {
    let list = |value: Value| match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        one => vec![one],
    };
    let mut items = list(base.take());
    for item in list(over) {
        if !items.contains(&item) {
            items.push(item);
        }
    }
    *base = Value::Array(items);
}

/// Where a volume of a service goes in the container.
fn target(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let mut parts = text.split(':');
            let first = parts.next()?;
            Some(parts.next().unwrap_or(first).to_owned())
        }
        other => other.get("target")?.as_str().map(str::to_owned),
    }
}

fn by_target(base: &mut Value, over: Value) {
    let (Value::Array(base), Value::Array(over)) = (base, over) else { return };
    for item in over {
        match base.iter_mut().find(|known| target(known) == target(&item)) {
            Some(known) => *known = item,
            None => base.push(item),
        }
    }
}
