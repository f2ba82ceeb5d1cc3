//! Times, durations and sizes as the clients write and read them.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// `About a minute`, as `ps` says it.
pub fn ago(passed: TimeDelta) -> String {
    let seconds = passed.num_seconds().max(0);
    let (minutes, hours) = (seconds / 60, (seconds + 1800) / 3600);
    match () {
        () if seconds < 1 => "Less than a second".to_owned(),
        () if seconds == 1 => "1 second".to_owned(),
        () if seconds < 60 => format!("{seconds} seconds"),
        () if minutes == 1 => "About a minute".to_owned(),
        () if minutes < 60 => format!("{minutes} minutes"),
        () if hours == 1 => "About an hour".to_owned(),
        () if hours < 48 => format!("{hours} hours"),
        () if hours < 24 * 14 => format!("{} days", hours / 24),
        () if hours < 24 * 60 => format!("{} weeks", hours / 24 / 7),
        () if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        () => format!("{} years", seconds / 3600 / 24 / 365),
    }
}

/// `1.98MB`: so many digits that count.
pub fn size(bytes: u64, digits: usize) -> String {
    scaled(bytes, 1000, &["B", "kB", "MB", "GB", "TB", "PB"], digits)
}

/// `588KiB`.
pub fn binary_size(bytes: u64) -> String {
    scaled(bytes, 1024, &["B", "KiB", "MiB", "GiB", "TiB", "PiB"], 4)
}

#[expect(clippy::cast_precision_loss, reason = "a few digits are shown")]
fn scaled(bytes: u64, base: u64, units: &[&str], digits: usize) -> String {
    let mut divisor = 1;
    let mut unit = 0;
    while bytes / divisor >= base && unit + 1 < units.len() {
        divisor *= base;
        unit += 1;
    }
    let value = bytes as f64 / divisor as f64;
    // As `%.4g`: digits that count, without zeros at the end.
    let whole = value.trunc().to_string().len();
    let text = format!("{value:.*}", digits.saturating_sub(whole));
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{}", units[unit])
}

/// As Go writes a time in JSON: fractions without zeros at their end.
pub fn json_time(at: Option<DateTime<Utc>>) -> String {
    let Some(at) = at else { return "0001-01-01T00:00:00Z".to_owned() };
    let text = at.to_rfc3339_opts(SecondsFormat::Nanos, true);
    let digits = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    format!("{digits}Z")
}

/// In whole seconds.
pub fn json_second(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// As `ps --format json` writes a moment.
pub fn table_time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S +0000 UTC").to_string()
}

/// `1m30s`; what Go says about anything else.
///
/// # Errors
/// It is none.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("time: invalid duration {text:?}");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest.is_empty() {
        return Err(wrong());
    }
    let mut sum = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().map_err(|_| wrong())?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            other => return Err(format!("time: unknown unit {other:?} in duration {text:?}")),
        };
        sum += number * unit;
        rest = &rest[end..];
    }
    Duration::try_from_secs_f64(sum).map_err(|_| wrong())
}

/// `64m`, `1.5g`, `512`: bytes.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in bytes, cut at the limits")]
pub fn bytes(text: &str) -> Option<u64> {
    let text = text.to_ascii_lowercase();
    let text = text.strip_suffix("ib").or_else(|| text.strip_suffix('b')).unwrap_or(&text);
    let (digits, factor) = match text.chars().last()? {
        'k' => (&text[..text.len() - 1], 1u64 << 10),
        'm' => (&text[..text.len() - 1], 1 << 20),
        'g' => (&text[..text.len() - 1], 1 << 30),
        't' => (&text[..text.len() - 1], 1 << 40),
        _ => (text, 1),
    };
    let number: f64 = digits.parse().ok().filter(|number: &f64| *number >= 0.0)?;
    #[expect(clippy::cast_precision_loss, reason = "a power of two")]
    let bytes = number * factor as f64;
    Some(bytes as u64)
}

/// `--since`, `--until`: a moment, or how long ago.
pub fn moment(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Ok(ago) = duration(text) {
        return now.checked_sub_signed(TimeDelta::from_std(ago).ok()?);
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"] {
        if let Ok(at) = chrono::NaiveDateTime::parse_from_str(text, format) {
            return Some(at.and_utc());
        }
    }
    if let Ok(day) = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(day.and_hms_opt(0, 0, 0)?.and_utc());
    }
    let (seconds, nanos) = text.split_once('.').unwrap_or((text, "0"));
    DateTime::from_timestamp(seconds.parse().ok()?, format!("{nanos:0<9}").get(..9)?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_digits_that_count() {
        assert_eq!(size(1_984_323, 3), "1.98MB");
        assert_eq!(size(1_984_323, 4), "1.984MB");
        assert_eq!(size(0, 3), "0B");
        assert_eq!(size(173_700_000, 4), "173.7MB");
        assert_eq!(size(85_100_000, 3), "85.1MB");
        assert_eq!(size(1_500_000, 3), "1.5MB");
        assert_eq!(binary_size(602_112), "588KiB");
    }

    #[test]
    fn durations_are_read_as_go_reads_them() {
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("1"), Err("time: missing unit in duration \"1\"".to_owned()));
        assert_eq!(duration("x"), Err("time: invalid duration \"x\"".to_owned()));
    }

    #[test]
    fn moments_are_read_in_every_form() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        assert_eq!(moment("10s", now), DateTime::from_timestamp(999_990, 0));
        assert_eq!(moment("1970-01-01T00:00:05.5Z", now), DateTime::from_timestamp(5, 500_000_000));
        assert_eq!(moment("5.25", now), DateTime::from_timestamp(5, 250_000_000));
        assert_eq!(moment("nonsense", now), None);
    }
}
