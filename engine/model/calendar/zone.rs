//! A time zone by its IANA name, and what its clocks show. The data is compiled in: it is the same on every machine. The only place that
//! knows the crate behind it.

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDateTime, Timelike as _, Utc};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// A time zone. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// By its name, written as it is there.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let zone = jiff::tz::db().get(name).ok()?;
        (zone.iana_name() == Some(name)).then_some(Self(zone))
    }

    /// Every name.
    #[must_use]
    pub fn names() -> Vec<String> {
        jiff::tz::db().available().map(|name| name.to_string()).collect()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What its clocks show at a moment.
    #[must_use]
    pub fn local(&self, moment: DateTime<Utc>) -> DateTime<FixedOffset> {
        let offset = Timestamp::from_second(moment.timestamp()).map_or(0, |at| self.0.to_offset(at).seconds());
        let offset = FixedOffset::east_opt(offset).unwrap_or_else(|| chrono::Offset::fix(&Utc));
        moment.with_timezone(&offset)
    }

    /// When its clocks show a time of day first. One that a change of clocks leaves out is the first moment after the gap; one that
    /// comes twice is the first of the two. None: beyond the years that are known.
    #[must_use]
    pub fn moment(&self, local: NaiveDateTime) -> Option<DateTime<FixedOffset>> {
        let small = |number: u32| i8::try_from(number).ok();
        let year = i16::try_from(local.year()).ok()?;
        let day = civil::Date::new(year, small(local.month())?, small(local.day())?).ok()?;
        let time = civil::Time::new(small(local.hour())?, small(local.minute())?, small(local.second())?, 0).ok()?;
        let there = self.0.to_ambiguous_timestamp(day.to_datetime(time));
        let moment = match there.offset() {
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => there.earlier().ok()?,
            AmbiguousOffset::Gap { .. } => {
                // By the clock that came out of the gap this time lies before it: the next change is its end.
                let before = there.earlier().ok()?;
                self.0.following(before).next()?.timestamp()
            }
        };
        Some(self.local(DateTime::from_timestamp(moment.as_second(), 0)?))
    }

    /// `Mon 2026-12-07 03:00 CET`.
    #[must_use]
    pub fn shown(&self, moment: DateTime<Utc>) -> String {
        let local = self.local(moment);
        let name = Timestamp::from_second(moment.timestamp());
        let name = name.map(|at| self.0.to_offset_info(at).abbreviation().to_owned()).unwrap_or_default();
        format!("{} {name}", local.format("%a %Y-%m-%d %H:%M"))
    }
}
