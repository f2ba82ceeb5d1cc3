//! Durations, sizes and timestamps as people write them, strictly. By hand: `humantime` also takes `1M` for a month and `1y`.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

const DURATION_FORM: &str = "a duration is written like 90s, 1h30m, 500ms or 1d (units d h m s ms, largest first)";
const BYTES_FORM: &str = "a size is written like 10, 64KiB or 1.5GB (units B kB MB GB TB KiB MiB GiB TiB)";
const TIMESTAMP_FORM: &str =
    "a timestamp is written like 2026-03-01T14:05:00Z or 2026-03-01 14:05:00 +02:00; the zone is required";

/// A hundred years: more is a mistake, and everything below fits every clock we compute with.
const LONGEST: Duration = Duration::from_hours(36_525 * 24);

const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

/// `90s`, `1h30m`, `500ms`, `1d`. Refused: `M`, `y`, `w`, bare numbers, anything negative.
///
/// # Errors
/// One sentence with the accepted form.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let fail = || format!("`{}` is not a duration: {DURATION_FORM}", shorten(text));
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(fail());
    }
    let mut nanos: u128 = 0;
    let mut largest = 0;
    while !rest.is_empty() {
        let (number, after) = take_number(rest).ok_or_else(fail)?;
        let length = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let unit = UNITS.iter().position(|(name, _)| *name == &after[..length]).ok_or_else(fail)?;
        if unit < largest {
            return Err(fail());
        }
        largest = unit + 1;
        nanos = number.times(UNITS[unit].1).and_then(|n| nanos.checked_add(n)).ok_or_else(fail)?;
        rest = after[length..].trim_start_matches(' ');
    }
    let duration = u64::try_from(nanos).ok().map(Duration::from_nanos).filter(|duration| *duration <= LONGEST);
    duration.ok_or_else(|| format!("`{}` is too long for a duration (at most 100 years)", shorten(text)))
}

/// `1h 30m`, `4.2s`, `250ms`: at most two units, for people.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    let seconds = duration.as_secs();
    let two = |high: u64, high_unit: &str, low: u64, low_unit: &str| match low {
        0 => format!("{high}{high_unit}"),
        _ => format!("{high}{high_unit} {low}{low_unit}"),
    };
    match seconds {
        0 if millis == 0 => "0s".to_owned(),
        0 => format!("{millis}ms"),
        1..60 => match duration.subsec_millis() / 100 {
            0 => format!("{seconds}s"),
            tenths => format!("{seconds}.{tenths}s"),
        },
        60..3_600 => two(seconds / 60, "m", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "m"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

/// `10`, `64KiB`, `1.5GB`.
///
/// # Errors
/// One sentence with the accepted form.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let fail = || format!("`{}` is not a size: {BYTES_FORM}", shorten(text));
    let (number, unit) = take_number(text.trim()).ok_or_else(fail)?;
    let scale: u64 = match unit.trim_start_matches(' ') {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return Err(fail()),
    };
    if scale == 1 && number.fraction_digits > 0 {
        return Err(fail());
    }
    number.times(scale).and_then(|bytes| u64::try_from(bytes).ok()).ok_or_else(fail)
}

/// RFC 3339 or `YYYY-MM-DD HH:MM:SS ZONE`; a zone (`Z`, `UTC`, `+02:00`) is required. `+02`, as `PostgreSQL` prints, is fine.
///
/// # Errors
/// One sentence with the accepted form.
pub fn parse_timestamp(text: &str) -> Result<DateTime<FixedOffset>, String> {
    read_timestamp(text.trim()).ok_or_else(|| format!("`{}` is not a timestamp: {TIMESTAMP_FORM}", shorten(text)))
}

fn read_timestamp(text: &str) -> Option<DateTime<FixedOffset>> {
    let shape = |at: usize, ok: fn(char) -> bool| text.get(at..=at)?.chars().next().filter(|c| ok(*c));
    shape(10, |c| matches!(c, 'T' | 't' | ' '))?;
    let date = NaiveDate::parse_from_str(digits_and(text.get(..10)?, '-')?, "%Y-%m-%d").ok()?;
    let rest = &text[11..];
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'))?;
    let time = &rest[..end];
    digits_and(time.get(..8)?, ':')?;
    let fraction = &time[8..];
    if !(fraction.is_empty()
        || (fraction.len() > 1 && fraction.starts_with('.') && !fraction[1..].contains(['.', ':'])))
    {
        return None;
    }
    let form = if fraction.is_empty() { "%H:%M:%S" } else { "%H:%M:%S%.f" };
    let time = NaiveTime::parse_from_str(time, form).ok()?;
    let zone = read_zone(rest[end..].trim_start_matches(' '))?;
    zone.from_local_datetime(&NaiveDateTime::new(date, time)).single()
}

/// The text, if it is digits and the separator only.
fn digits_and(text: &str, separator: char) -> Option<&str> {
    text.chars().all(|c| c.is_ascii_digit() || c == separator).then_some(text)
}

fn read_zone(zone: &str) -> Option<FixedOffset> {
    if matches!(zone, "Z" | "z" | "UTC" | "GMT") {
        return FixedOffset::east_opt(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = zone[1..].replacen(':', "", 1);
    if !matches!(zone.len(), 3 | 5 | 6)
        || !digits.bytes().all(|b| b.is_ascii_digit())
        || !digits.len().is_multiple_of(2)
    {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = if digits.len() == 4 { digits[2..].parse().ok()? } else { 0 };
    if hours > 15 || minutes > 59 {
        return None;
    }
    FixedOffset::east_opt(sign * (hours * 3_600 + minutes * 60))
}

/// A decimal number without a sign, exact: `digits` shifted right by `fraction_digits`.
struct Number {
    digits: u64,
    fraction_digits: u32,
}

impl Number {
    /// The product, rounded down; none when it does not fit.
    fn times(&self, scale: u64) -> Option<u128> {
        Some(u128::from(self.digits).checked_mul(u128::from(scale))? / 10_u128.checked_pow(self.fraction_digits)?)
    }
}

/// A number at the beginning, and what follows it.
fn take_number(text: &str) -> Option<(Number, &str)> {
    let whole = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let mut digits = text[..whole].to_owned();
    let mut rest = &text[whole..];
    let mut fraction_digits = 0;
    if let Some(after) = rest.strip_prefix('.') {
        let length = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        if length == 0 || length > 9 {
            return None;
        }
        digits.push_str(&after[..length]);
        fraction_digits = u32::try_from(length).ok()?;
        rest = &after[length..];
    }
    if whole == 0 {
        return None;
    }
    Some((Number { digits: digits.parse().ok()?, fraction_digits }, rest))
}

/// Authored text in a message: not more of it than helps.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", text[..at].escape_debug()),
        None => text.escape_debug().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_strict() {
        for (text, millis) in [
            ("90s", 90_000),
            ("1h30m", 5_400_000),
            ("1h 30m", 5_400_000),
            ("500ms", 500),
            ("1d", 86_400_000),
            ("1.5h", 5_400_000),
            ("4.2s", 4_200),
            (" 0s ", 0),
            ("1d2h3m4s5ms", 93_784_005),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "",
            " ",
            "5",
            "1M",
            "1y",
            "1w",
            "-5s",
            "+5s",
            "5 s",
            "5S",
            "s",
            "1m1h",
            "1s1s",
            "1.s",
            ".5s",
            "1e3s",
            "1h,2m",
            "99999999999999999999d",
            "36526d",
            "５s",
            "1min",
            "5s\n6s",
        ] {
            let error = parse_duration(text).expect_err(text);
            assert!(error.contains("duration"), "{error}");
        }
    }

    #[test]
    fn durations_print_for_people_and_read_back() {
        for (millis, text) in [
            (0, "0s"),
            (250, "250ms"),
            (4_290, "4.2s"),
            (5_000, "5s"),
            (59_999, "59.9s"),
            (90_000, "1m 30s"),
            (3_600_000, "1h"),
            (5_430_000, "1h 30m"),
            (100_000_000, "1d 3h"),
        ] {
            assert_eq!(format_duration(Duration::from_millis(millis)), text);
            assert!(parse_duration(text).is_ok(), "{text}");
        }
        assert_eq!(format_duration(Duration::from_nanos(1)), "0s");
    }

    #[test]
    fn sizes_are_strict() {
        for (text, bytes) in
            [("10", 10), ("10B", 10), ("64KiB", 65_536), ("1.5GB", 1_500_000_000), ("2 MiB", 2_097_152), ("1kB", 1_000)]
        {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "10M", "10k", "-1", "1.5", "1.5B", "GB", "1e3", "99999999999999999999", "20000000TiB", "1 0"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn timestamps_need_a_zone() {
        for (text, iso) in [
            ("2026-03-01T14:05:00Z", "2026-03-01T14:05:00+00:00"),
            ("2026-03-01 14:05:00 UTC", "2026-03-01T14:05:00+00:00"),
            ("2026-03-01 14:05:00 +02:00", "2026-03-01T14:05:00+02:00"),
            ("2026-03-01T14:05:00.250-0330", "2026-03-01T14:05:00.250-03:30"),
            ("2026-03-01 14:05:00.123456+00", "2026-03-01T14:05:00.123456+00:00"),
        ] {
            assert_eq!(parse_timestamp(text).map(|at| at.to_rfc3339()), Ok(iso.to_owned()), "{text}");
        }
        for text in [
            "",
            "2026-03-01",
            "2026-03-01T14:05:00",
            "2026-03-01 14:05:00",
            "2026-03-01T14:05Z",
            "2026-13-01T14:05:00Z",
            "2026-02-30T14:05:00Z",
            "2026-03-01T25:05:00Z",
            "2026-03-01T14:05:00 CET",
            "2026-03-01T14:05:00 +2",
            "2026-03-01T14:05:00+99:00",
            "2026-03-01T14:05:00.Z",
            "yesterday",
            "1767225600",
            "2026-03-01é14:05:00Z",
            "+026-03-01T14:05:00Z",
        ] {
            let error = parse_timestamp(text).expect_err(text);
            assert!(error.contains("zone"), "{error}");
        }
    }
}
