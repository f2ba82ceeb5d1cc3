//! What a calendar says is late. A calendar is read elsewhere; here its rows join the history.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Filter;

/// A drill that should have been and has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overdue {
    /// The calendar's name.
    pub calendar: String,
    /// The entry's name in it.
    pub name: String,
    /// The runbook's name.
    pub scenario: String,
    /// The system's name, where the calendar says it.
    pub system: Option<String>,
    /// When it was due.
    pub due: DateTime<Utc>,
    /// How often it was missed since, this one included.
    pub missed: u32,
    /// The command that makes up for it.
    pub command: String,
}

/// Those that were asked for, the longest overdue first.
pub(super) fn of(mut rows: Vec<Overdue>, filter: &Filter) -> Vec<Overdue> {
    rows.retain(|row| {
        filter.scenario.as_ref().is_none_or(|name| *name == row.scenario)
            && filter.system.as_ref().is_none_or(|name| row.system.as_ref().is_none_or(|its| its == name))
    });
    rows.sort_by(|a, b| (a.due, &a.name).cmp(&(b.due, &b.name)));
    rows
}
