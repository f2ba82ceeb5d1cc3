//! Moments before and after others. A system file may say any duration: what is beyond the calendar is its end.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// A moment so long before another one.
pub(in crate::runner::sim) fn before(moment: DateTime<Utc>, age: Duration) -> DateTime<Utc> {
    // A year is left for what happened still earlier.
    let first = DateTime::<Utc>::MIN_UTC + TimeDelta::days(366);
    let age = TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX);
    moment.checked_sub_signed(age).unwrap_or(first).max(first)
}

/// A moment so long after another one.
pub(in crate::runner::sim) fn after(moment: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
    moment.checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
