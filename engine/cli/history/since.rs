//! A moment as people say it: so long ago, a day, or a time.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::super::failure::Failure;
use crate::report::visible;
use crate::template::quantity::{parse_duration, parse_timestamp};

/// `30d` before now, `2026-11-01` as that day begins in UTC, or a timestamp with its zone.
pub fn moment(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
    if let Ok(ago) = parse_duration(text) {
        return Ok(now - ago);
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(day.and_time(NaiveTime::MIN).and_utc());
    }
    parse_timestamp(text).map(|at| at.to_utc()).map_err(|_| {
        Failure::usage(format!("`--since {}` is neither a date nor a duration", visible::line(text)))
            .help("write 30d, 2026-11-01 or 2026-11-01T06:00:00Z")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_three_ways() {
        let now: DateTime<Utc> = "2026-11-20T06:00:00Z".parse().unwrap();
        let read = |text: &str| moment(text, now).map(|at| at.to_rfc3339()).ok();
        assert_eq!(read("30d").as_deref(), Some("2026-10-21T06:00:00+00:00"));
        assert_eq!(read("12h").as_deref(), Some("2026-11-19T18:00:00+00:00"));
        assert_eq!(read("2026-11-01").as_deref(), Some("2026-11-01T00:00:00+00:00"));
        assert_eq!(read("2026-11-01T06:00:00+02:00").as_deref(), Some("2026-11-01T04:00:00+00:00"));
        for wrong in ["", "yesterday", "2026-11-31", "2026-11", "30", "-1d"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
