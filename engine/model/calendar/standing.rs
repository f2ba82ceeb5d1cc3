//! What is due at a moment, from the rule, and from when it was done last. Nothing here reads a clock or a file.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};

use super::rule::{self, Rule};
use super::zone::Zone;

/// Whether something has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// Its next moment has not come.
    No,
    /// Its moment has come.
    Now,
    /// Its moment has come, and the grace after it is over.
    Overdue,
}

impl Due {
    /// As it stands in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::No => "not due",
            Self::Now => "due",
            Self::Overdue => "overdue",
        }
    }
}

/// How an entry stands at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it has to be done.
    pub due: Due,
    /// Every moment that has come since it was done last, oldest first. Doing it once makes up for all of them.
    pub open: Vec<DateTime<FixedOffset>>,
    /// When the grace after the oldest of them is over.
    pub overdue_at: Option<DateTime<FixedOffset>>,
    /// Its next moment.
    pub next: Option<DateTime<FixedOffset>>,
}

/// What an entry asks for.
#[derive(Clone, Debug)]
pub struct Terms {
    /// When it is to be done.
    pub every: Rule,
    /// Where its time of day is meant.
    pub zone: Zone,
    /// How long it may stay undone.
    pub grace: Duration,
    /// Nothing before the beginning of this day counts.
    pub from: Option<NaiveDate>,
}

impl Terms {
    /// How it stands `now`. `done`: when what counts last began. A moment is due from itself on, and overdue from its grace later on. What
    /// began before a moment is not done for it. Where it was never done and nothing says from when on it counts, only its newest
    /// moment does.
    #[must_use]
    pub fn standing(&self, done: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Standing {
        let next = self.coming(now).next();
        let from = self.from.and_then(|day| rule::beginning(&self.zone, day)).map(|begins| begins.to_utc());
        // `after` leaves its moment out, and the beginning of a day belongs to it.
        let from = from.map(|begins| begins - TimeDelta::nanoseconds(1));
        let open: Vec<_> = match done.max(from) {
            Some(since) => self.every.after(&self.zone, since).take_while(|moment| *moment <= now).collect(),
            None => self.every.newest(&self.zone, now).into_iter().collect(),
        };
        let grace = TimeDelta::from_std(self.grace).unwrap_or(TimeDelta::MAX);
        let overdue_at = open.first().and_then(|moment| moment.checked_add_signed(grace));
        let due = match (&open[..], &overdue_at) {
            ([], _) => Due::No,
            (_, Some(at)) if *at <= now => Due::Overdue,
            _ => Due::Now,
        };
        Standing { due, open, overdue_at, next }
    }

    /// Its moments after this one.
    pub fn coming(&self, after: DateTime<Utc>) -> impl Iterator<Item = DateTime<FixedOffset>> + use<> {
        let begins = self.from.and_then(|day| rule::beginning(&self.zone, day));
        self.every.after(&self.zone, after).filter(move |moment| begins.is_none_or(|begins| *moment >= begins))
    }
}
