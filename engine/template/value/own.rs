//! The kinds minijinja does not have. One object for all of them: it never equals, and never orders with, another kind.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use minijinja::Value;
use minijinja::value::{DynObject, Object, ObjectRepr};

use super::version::Version;

/// A value of our own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::template) enum Own {
    /// Exact; orders with durations.
    Duration(Duration),
    /// Orders by instant, whatever the zone.
    Timestamp(DateTime<FixedOffset>),
    /// A size.
    Bytes(u64),
    /// From the filter `semver`.
    Version(Version),
    /// A secret's name, never its value.
    Secret(String),
    /// Known only once this step has run.
    Unknown(String),
}

impl Own {
    /// The own kind in a value.
    pub(in crate::template) fn of(value: &Value) -> Option<&Self> {
        value.downcast_object_ref::<Self>()
    }

    /// As a value.
    pub(in crate::template) fn value(self) -> Value {
        Value::from_object(self)
    }

    /// As messages name it.
    pub(in crate::template) fn kind(&self) -> &'static str {
        match self {
            Self::Duration(_) => "duration",
            Self::Timestamp(_) => "timestamp",
            Self::Bytes(_) => "bytes",
            Self::Version(_) => "version",
            Self::Secret(_) => "secret",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The text a template inserts. Exact, so that it can be an argument: `1h30m`, bytes as a bare number.
    pub(in crate::template) fn text(&self) -> Option<String> {
        Some(match self {
            Self::Duration(duration) => exact_duration(*duration),
            Self::Timestamp(at) => at.to_rfc3339_opts(SecondsFormat::AutoSi, false),
            Self::Bytes(bytes) => bytes.to_string(),
            Self::Version(version) => version.to_string(),
            Self::Secret(_) | Self::Unknown(_) => return None,
        })
    }
}

/// `1h30m`, `4s200ms`, in a form that [`crate::template::quantity::parse_duration`] reads back (to the millisecond).
fn exact_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [
        (seconds / 86_400, "d"),
        (seconds % 86_400 / 3_600, "h"),
        (seconds % 3_600 / 60, "m"),
        (seconds % 60, "s"),
        (u64::from(duration.subsec_millis()), "ms"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let text = parts.map(|(count, unit)| format!("{count}{unit}")).collect::<Vec<_>>().concat();
    if text.is_empty() { "0s".to_owned() } else { text }
}

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(_) => f.write_str("***"),
            Self::Unknown(step) => write!(f, "‹{step}›"),
            other => f.write_str(&other.text().unwrap_or_default()),
        }
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Object for Own {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        other.downcast_ref::<Self>().map(|other| self.as_ref().cmp(other))
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !matches!(self.as_ref(), Self::Duration(Duration::ZERO) | Self::Bytes(0))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_ref(), f)
    }
}
