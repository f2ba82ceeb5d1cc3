//! Values: minijinja's, and ordered kinds of our own (duration, bytes, timestamp, secret, unknown).

use std::time::Duration;

use chrono::{DateTime, FixedOffset};

pub use minijinja::Value;

/// A duration value; orders with durations only.
#[must_use]
pub fn duration(duration: Duration) -> Value {
    let _ = duration;
    todo!()
}

/// The duration in a value.
#[must_use]
pub fn as_duration(value: &Value) -> Option<Duration> {
    let _ = value;
    todo!()
}

/// A timestamp value; orders by instant, prints as RFC 3339 in its own zone.
#[must_use]
pub fn timestamp(at: DateTime<FixedOffset>) -> Value {
    let _ = at;
    todo!()
}

/// The timestamp in a value.
#[must_use]
pub fn as_timestamp(value: &Value) -> Option<DateTime<FixedOffset>> {
    let _ = value;
    todo!()
}

/// A size in bytes; orders with sizes only.
#[must_use]
pub fn bytes(bytes: u64) -> Value {
    let _ = bytes;
    todo!()
}

/// A secret by name: has no text, only [`super::Template::render_secret`] passes it on.
#[must_use]
pub fn secret(name: &str) -> Value {
    let _ = name;
    todo!()
}

/// A value that is not known before `step` has run (dry run).
#[must_use]
pub fn unknown(step: &str) -> Value {
    let _ = step;
    todo!()
}

/// The step an unknown value waits for.
#[must_use]
pub fn as_unknown(value: &Value) -> Option<String> {
    let _ = value;
    todo!()
}

/// The kind as messages name it: `text`, `number`, `boolean`, `list`, `mapping`, `none`, `duration`, `bytes`, `timestamp`, `secret`.
#[must_use]
pub fn kind(value: &Value) -> &'static str {
    let _ = value;
    todo!()
}

/// The text form a template inserts, or none for kinds without one (mapping, list, none, undefined, secret).
#[must_use]
pub fn text(value: &Value) -> Option<String> {
    let _ = value;
    todo!()
}

/// For the journal and `--json`. Own kinds become `{"$duration_ms": n}`, `{"$timestamp": "…"}`, `{"$bytes": n}`.
#[must_use]
pub fn to_json(value: &Value) -> serde_json::Value {
    let _ = value;
    todo!()
}

/// The reverse of [`to_json`].
#[must_use]
pub fn from_json(json: &serde_json::Value) -> Value {
    let _ = json;
    todo!()
}
