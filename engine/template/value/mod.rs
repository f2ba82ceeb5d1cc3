//! Values: minijinja's, and ordered kinds of our own (duration, bytes, timestamp, version, secret, unknown).

mod json;
mod lazy;
mod own;
mod show;
mod version;

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use minijinja::value::ValueKind;

pub use json::{from_json, from_plain_json, to_json, to_plain_json};
pub use lazy::{is_lazy, lazy};
pub use minijinja::Value;
pub(in crate::template) use own::Own;
pub use show::show;
pub(in crate::template) use version::Version;

/// A duration value; orders with durations only.
#[must_use]
pub fn duration(duration: Duration) -> Value {
    Own::Duration(duration).value()
}

/// The duration in a value.
#[must_use]
pub fn as_duration(value: &Value) -> Option<Duration> {
    match Own::of(value)? {
        Own::Duration(duration) => Some(*duration),
        _ => None,
    }
}

/// A timestamp value; orders by instant, prints as RFC 3339 in its own zone.
#[must_use]
pub fn timestamp(at: DateTime<FixedOffset>) -> Value {
    Own::Timestamp(at).value()
}

/// The timestamp in a value.
#[must_use]
pub fn as_timestamp(value: &Value) -> Option<DateTime<FixedOffset>> {
    match Own::of(value)? {
        Own::Timestamp(at) => Some(*at),
        _ => None,
    }
}

/// A size in bytes; orders with sizes only.
#[must_use]
pub fn bytes(bytes: u64) -> Value {
    Own::Bytes(bytes).value()
}

/// The size in a value.
#[must_use]
pub fn as_bytes(value: &Value) -> Option<u64> {
    match Own::of(value)? {
        Own::Bytes(bytes) => Some(*bytes),
        _ => None,
    }
}

/// A secret by name: has no text, only [`super::Template::render_secret`] passes it on.
#[must_use]
pub fn secret(name: &str) -> Value {
    Own::Secret(name.to_owned()).value()
}

/// The name of the secret in a value.
#[must_use]
pub fn as_secret(value: &Value) -> Option<String> {
    match Own::of(value)? {
        Own::Secret(name) => Some(name.clone()),
        _ => None,
    }
}

/// A value that is not known before `step` has run (dry run).
#[must_use]
pub fn unknown(step: &str) -> Value {
    Own::Unknown(step.to_owned()).value()
}

/// The step an unknown value waits for.
#[must_use]
pub fn as_unknown(value: &Value) -> Option<String> {
    match Own::of(value)? {
        Own::Unknown(step) => Some(step.clone()),
        _ => None,
    }
}

/// The kind as messages name it: `text`, `number`, `boolean`, `list`, `mapping`, `none`, `duration`, `bytes`, `timestamp`,
/// `version`, `secret`; also `unknown` and `undefined`.
#[must_use]
pub fn kind(value: &Value) -> &'static str {
    if let Some(own) = Own::of(value) {
        return own.kind();
    }
    match value.kind() {
        ValueKind::Undefined => "undefined",
        ValueKind::None => "none",
        ValueKind::Bool => "boolean",
        ValueKind::Number => "number",
        ValueKind::String | ValueKind::Bytes => "text",
        ValueKind::Seq | ValueKind::Iterable => "list",
        ValueKind::Map => "mapping",
        ValueKind::Invalid => "error",
        _ => "object",
    }
}

/// The text form a template inserts, or none for kinds without one (mapping, list, none, undefined, secret).
#[must_use]
pub fn text(value: &Value) -> Option<String> {
    if let Some(own) = Own::of(value) {
        return own.text();
    }
    match value.kind() {
        ValueKind::Bool => Some(if value.is_true() { "true" } else { "false" }.to_owned()),
        ValueKind::String => value.as_str().map(ToOwned::to_owned),
        ValueKind::Number => Some(value.to_string()),
        _ => None,
    }
}

/// A text that stands in a document: unlike data it may begin an argument with `-`. Uses minijinja's mark for safe strings, which
/// compares and prints as any text and does not survive JSON.
pub(in crate::template) fn authored(text: &str) -> Value {
    Value::from_safe_string(text.to_owned())
}

/// Whether the beginning of a text stands in a document.
pub(in crate::template) fn is_authored(value: &Value) -> bool {
    value.is_safe()
}

/// The items of a list.
#[must_use]
pub fn items(value: &Value) -> Option<Vec<Value>> {
    if kind(value) != "list" {
        return None;
    }
    Some(value.try_iter().ok()?.collect())
}

/// True for exactly the booleans.
#[must_use]
pub fn as_bool(value: &Value) -> Option<bool> {
    (value.kind() == ValueKind::Bool).then(|| value.is_true())
}

#[cfg(test)]
mod tests;
