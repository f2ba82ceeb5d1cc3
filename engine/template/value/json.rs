//! Values as JSON: a tagged form for the journal, which reads back, and a plain one for data from outside.

use chrono::SecondsFormat;
use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::{Map, Number, json};

use super::{Own, Version, duration, text, timestamp};
use crate::template::quantity::parse_timestamp;

/// For the journal and `--json`. Own kinds become `{"$duration_ms": n}`, `{"$timestamp": "…"}`, `{"$bytes": n}`,
/// `{"$version": "…"}`; a secret `"***"`; an unknown value and an undefined one null. A key that itself begins with `$` gets one
/// more, so that data from outside is never taken for one of these.
#[must_use]
pub fn to_json(value: &Value) -> serde_json::Value {
    convert(value, true)
}

/// For people and other programs (`| tojson`): own kinds as their text, bytes as a number.
#[must_use]
pub fn to_plain_json(value: &Value) -> serde_json::Value {
    convert(value, false)
}

fn convert(value: &Value, tagged: bool) -> serde_json::Value {
    if let Some(own) = Own::of(value) {
        return match own {
            Own::Secret(_) => json!("***"),
            Own::Unknown(_) => serde_json::Value::Null,
            Own::Bytes(bytes) if !tagged => json!(bytes),
            own if !tagged => json!(own.text()),
            Own::Duration(duration) => {
                json!({ "$duration_ms": u64::try_from(duration.as_millis()).unwrap_or(u64::MAX) })
            }
            Own::Timestamp(at) => json!({ "$timestamp": at.to_rfc3339_opts(SecondsFormat::AutoSi, false) }),
            Own::Bytes(bytes) => json!({ "$bytes": bytes }),
            Own::Version(version) => json!({ "$version": version.to_string() }),
        };
    }
    match value.kind() {
        ValueKind::Bool => json!(value.is_true()),
        ValueKind::String => json!(value.as_str()),
        ValueKind::Number => number(value),
        ValueKind::Seq | ValueKind::Iterable => {
            value.try_iter().into_iter().flatten().map(|item| convert(&item, tagged)).collect()
        }
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter().into_iter().flatten() {
                let mut name = text(&key).unwrap_or_else(|| key.to_string());
                if tagged && name.starts_with('$') {
                    name.insert(0, '$');
                }
                map.insert(name, convert(&value.get_item(&key).unwrap_or_default(), tagged));
            }
            serde_json::Value::Object(map)
        }
        _ => serde_json::Value::Null,
    }
}

fn number(value: &Value) -> serde_json::Value {
    if let Some(int) = value.as_i64().filter(|_| value.is_integer()) {
        return json!(int);
    }
    if let Some(int) = u64::try_from(value.clone()).ok().filter(|_| value.is_integer()) {
        return json!(int);
    }
    let float = f64::try_from(value.clone()).ok().and_then(Number::from_f64);
    float.map_or(serde_json::Value::Null, serde_json::Value::Number)
}

/// The reverse of [`to_json`]. Never makes a secret.
#[must_use]
pub fn from_json(json: &serde_json::Value) -> Value {
    read(json, true)
}

/// Data from outside (a program's output, a server's answer): no key means anything, `$` or not.
#[must_use]
pub fn from_plain_json(json: &serde_json::Value) -> Value {
    read(json, false)
}

fn read(json: &serde_json::Value, tagged: bool) -> Value {
    match json {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(bool) => Value::from(*bool),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(int), _) => Value::from(int),
            (None, Some(int)) => Value::from(int),
            _ => Value::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => items.iter().map(|item| read(item, tagged)).collect(),
        serde_json::Value::Object(map) => {
            if let Some(own) = tagged.then(|| read_own(map)).flatten() {
                return own;
            }
            let name = |key: &str| match key.strip_prefix('$') {
                Some(bare) if tagged => Value::from(bare),
                _ => Value::from(key),
            };
            Value::from_pairs(map.iter().map(|(key, item)| (name(key), read(item, tagged))))
        }
    }
}

fn read_own(map: &Map<String, serde_json::Value>) -> Option<Value> {
    let (key, value) = map.iter().next().filter(|_| map.len() == 1)?;
    match key.as_str() {
        "$duration_ms" => value.as_u64().map(|ms| duration(std::time::Duration::from_millis(ms))),
        "$timestamp" => parse_timestamp(value.as_str()?).ok().map(timestamp),
        "$bytes" => value.as_u64().map(super::bytes),
        "$version" => Version::parse(value.as_str()?).map(|version| Own::Version(version).value()),
        _ => None,
    }
}
