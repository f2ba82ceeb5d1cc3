//! Durations, sizes and timestamps as people write them, strictly.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};

/// `90s`, `1h30m`, `500ms`, `1d`. Refused: `M`, `y`, `w`, bare numbers, anything negative.
///
/// # Errors
/// One sentence with the accepted form.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let _ = text;
    todo!()
}

/// `1h 30m`, `4.2s`, `250ms`: at most two units, for people.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let _ = duration;
    todo!()
}

/// `10`, `64KiB`, `1.5GB`.
///
/// # Errors
/// One sentence with the accepted form.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let _ = text;
    todo!()
}

/// RFC 3339 or `YYYY-MM-DD HH:MM:SS ZONE`; a zone (`Z`, `UTC`, `+02:00`) is required.
///
/// # Errors
/// One sentence with the accepted form.
pub fn parse_timestamp(text: &str) -> Result<DateTime<FixedOffset>, String> {
    let _ = text;
    todo!()
}
