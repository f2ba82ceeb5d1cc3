//! Values of SQL, and how the server prints them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};

use super::number::Numeric;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Numeric(Numeric),
    Text(String),
    Time(DateTime<Utc>),
    Interval(Interval),
    /// Text that is JSON.
    Json(String),
    /// A position in the WAL.
    Lsn(u64),
}

/// A span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    pub months: i64,
    pub days: i64,
    pub micros: i64,
}

const SECOND: i64 = 1_000_000;

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn count(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }

    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Numbers are set to the right.
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Numeric(_))
    }

    pub const fn numeric(&self) -> Option<Numeric> {
        match self {
            Self::Int(number) => Some(Numeric::whole(*number)),
            Self::Numeric(number) => Some(*number),
            _ => None,
        }
    }

    /// As a part of JSON.
    pub fn to_json(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(flag) => flag.to_string(),
            Self::Int(_) | Self::Numeric(_) | Self::Json(_) => self.to_string(),
            Self::Time(time) => quoted(&timestamp(*time).replacen(' ', "T", 1).replace("+00", "+00:00")),
            Self::Text(_) | Self::Interval(_) | Self::Lsn(_) => quoted(&self.to_string()),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// With as many digits of a second as there are, in UTC.
fn timestamp(time: DateTime<Utc>) -> String {
    let micros = time.timestamp_subsec_micros();
    let part = if micros == 0 { String::new() } else { format!(".{micros:06}").trim_end_matches('0').to_owned() };
    format!("{}{part}+00", time.format("%Y-%m-%d %H:%M:%S"))
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(flag) => f.write_str(if *flag { "t" } else { "f" }),
            Self::Int(number) => write!(f, "{number}"),
            Self::Numeric(number) => write!(f, "{number}"),
            Self::Text(text) | Self::Json(text) => f.write_str(text),
            Self::Time(time) => f.write_str(&timestamp(*time)),
            Self::Interval(interval) => write!(f, "{interval}"),
            Self::Lsn(lsn) => write!(f, "{:X}/{:X}", lsn >> 32, lsn & 0xFFFF_FFFF),
        }
    }
}

/// `2026-02-09 14:30:00+00`, `2026-02-09T14:30:00Z`, with a part of a second or a zone as the server reads them; without a zone UTC.
pub fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let (text, utc) = match text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")) {
        Some(text) => (text.trim_end(), true),
        None => (text, false),
    };
    if !utc {
        for format in ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f %#z"] {
            if let Ok(time) = DateTime::parse_from_str(text, format) {
                return Some(time.with_timezone(&Utc));
            }
        }
        if let Some(text) = text.strip_suffix('Z') {
            return naive(text.trim_end());
        }
    }
    naive(text)
}

fn naive(text: &str) -> Option<DateTime<Utc>> {
    for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(Utc.from_utc_datetime(&time));
        }
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(Utc.from_utc_datetime(&date.and_hms_opt(0, 0, 0)?))
}

/// `0/3000060`.
pub fn parse_lsn(text: &str) -> Option<u64> {
    let (high, low) = text.split_once('/')?;
    let (high, low) = (u32::from_str_radix(high, 16).ok()?, u32::from_str_radix(low, 16).ok()?);
    Some(u64::from(high) << 32 | u64::from(low))
}

impl Interval {
    pub const fn of_micros(micros: i64) -> Self {
        Self { months: 0, days: 0, micros }
    }

    /// What is between two moments, in days and less.
    pub fn between(later: DateTime<Utc>, earlier: DateTime<Utc>) -> Self {
        let micros = (later - earlier).num_microseconds().unwrap_or(i64::MAX);
        let day = 86_400 * SECOND;
        Self { months: 0, days: micros / day, micros: micros % day }
    }

    /// `1 day 02:30:00`, `90 minutes`, `-1 hour`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut interval = Self::default();
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            if word == "ago" {
                interval = interval.times(-1)?;
                continue;
            }
            if word.contains(':') {
                interval.micros = interval.micros.checked_add(clock(word)?)?;
                continue;
            }
            let split = word.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(word.len());
            let (number, glued) = word.split_at(split);
            let unit = if glued.is_empty() { words.next()? } else { glued };
            let number = Numeric::parse(number.trim_start_matches('+'))?;
            interval = interval.plus(Self::unit(number, unit)?)?;
        }
        Some(interval)
    }

    fn unit(number: Numeric, unit: &str) -> Option<Self> {
        let whole = || (number.scale == 0).then(|| number.to_whole()).flatten();
        let micros = |unit: i64| number.multiply(Numeric::whole(unit))?.to_whole();
        let unit = unit.to_ascii_lowercase();
        let months = |months: i64| Some(Self { months: whole()?.checked_mul(months)?, ..Self::default() });
        let days = |days: i64| Some(Self { days: whole()?.checked_mul(days)?, ..Self::default() });
        match unit.strip_suffix('s').unwrap_or(&unit) {
            "year" | "yr" | "y" => months(12),
            "month" | "mon" => months(1),
            "week" | "w" => days(7),
            "day" | "d" => days(1),
            "hour" | "hr" | "h" => micros(3_600 * SECOND).map(Self::of_micros),
            "minute" | "min" | "m" => micros(60 * SECOND).map(Self::of_micros),
            "second" | "sec" | "" => micros(SECOND).map(Self::of_micros),
            "millisecond" | "msec" | "m_s" => micros(1_000).map(Self::of_micros),
            _ => None,
        }
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_add(other.months)?,
            days: self.days.checked_add(other.days)?,
            micros: self.micros.checked_add(other.micros)?,
        })
    }

    pub fn times(self, factor: i64) -> Option<Self> {
        Some(Self {
            months: self.months.checked_mul(factor)?,
            days: self.days.checked_mul(factor)?,
            micros: self.micros.checked_mul(factor)?,
        })
    }

    /// So long after a moment.
    pub fn after(self, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let months = u32::try_from(self.months.unsigned_abs()).ok().map(chrono::Months::new)?;
        let time = if self.months < 0 { time.checked_sub_months(months)? } else { time.checked_add_months(months)? };
        time.checked_add_signed(TimeDelta::try_days(self.days)?)?
            .checked_add_signed(TimeDelta::microseconds(self.micros))
    }

    /// In seconds, a month counting 30 days.
    pub fn seconds(self) -> Option<Numeric> {
        let days = self.months.checked_mul(30)?.checked_add(self.days)?;
        let micros = days.checked_mul(86_400 * SECOND)?.checked_add(self.micros)?;
        Some(Numeric { digits: i128::from(micros), scale: 6 })
    }
}

/// `02:30:00.5`, in millionths of a second.
fn clock(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text),
    };
    let mut parts = text.split(':');
    let (hours, minutes): (i64, i64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let seconds = parts
        .next()
        .map_or(Some(0), |seconds| Numeric::parse(seconds)?.multiply(Numeric::whole(SECOND))?.to_whole())?;
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
    minutes.checked_mul(60 * SECOND)?.checked_add(seconds)?.checked_mul(sign)
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        let mut part = |number: i64, unit: &str| {
            if number != 0 {
                parts.push(format!("{number} {unit}{}", if number == 1 { "" } else { "s" }));
            }
        };
        part(self.months / 12, "year");
        part(self.months % 12, "mon");
        part(self.days, "day");
        if self.micros != 0 || parts.is_empty() {
            let sign = if self.micros < 0 { "-" } else { "" };
            let micros = self.micros.unsigned_abs();
            let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
            let part = if rest == 0 { String::new() } else { format!(".{rest:06}").trim_end_matches('0').to_owned() };
            let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
            parts.push(format!("{sign}{hours:02}:{minutes:02}:{:02}{part}", seconds % 60));
        }
        f.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_the_server_reads_them() {
        let is = parse_time("2026-02-09 14:30:00+00").unwrap();
        for text in [
            "2026-02-09T14:30:00Z",
            "2026-02-09 14:30:00 UTC",
            "2026-02-09 14:30:00",
            "2026-02-09 15:30:00+01",
            "2026-02-09T15:30:00+01:00",
            "2026-02-09 14:30",
        ] {
            assert_eq!(parse_time(text), Some(is), "{text}");
        }
        for text in ["yesterday", "", "nonsense", "2026-02-30 00:00:00"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
        assert_eq!(Value::Time(is).to_string(), "2026-02-09 14:30:00+00");
        assert_eq!(Value::Time(is).to_json(), "\"2026-02-09T14:30:00+00:00\"");
    }

    #[test]
    fn spans_are_printed_as_the_server_prints_them() {
        for (text, is) in [
            ("1 day", "1 day"),
            ("90 minutes", "01:30:00"),
            ("-1 hour", "-01:00:00"),
            ("1 month 2 days 03:04:05.5", "1 mon 2 days 03:04:05.5"),
            ("0", "00:00:00"),
            ("1.5 hours", "01:30:00"),
        ] {
            let interval = if text == "0" { Some(Interval::default()) } else { Interval::parse(text) };
            assert_eq!(interval.unwrap().to_string(), is, "{text}");
        }
        assert_eq!(Interval::parse("many days"), None);
        assert_eq!(Interval::parse("1 day 2 seconds").unwrap().seconds().unwrap().to_string(), "86402.000000");
    }

    #[test]
    fn positions_are_read_and_printed() {
        assert_eq!(parse_lsn("0/3000060"), Some(0x300_0060));
        assert_eq!(Value::Lsn(0x1_0000_00FF).to_string(), "1/FF");
    }
}
