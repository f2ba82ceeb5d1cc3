//! The history of drills and runs: each journal is folded into a [`Row`] ([`of_drill`], [`of_run`]) and dropped, rows are folded into a
//! [`History`], and that is shown as text, HTML or JSON. No file is read here, and no clock.

mod cover;
mod direction;
mod drill;
mod grid;
mod group;
mod html;
mod measure;
mod order;
mod overdue;
mod people;
mod row;
mod run;
mod share;
mod spark;
mod step;
mod steps;
mod text;
mod words;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use cover::{Cell, Coverage, Known};
pub use direction::{Direction, Word};
pub use drill::{of_drill, recovery_of};
pub use group::Trend;
pub use html::html;
pub use measure::{Measure, Point, Spread};
pub use order::{flakiest, slowest};
pub use overdue::Overdue;
pub use people::{Wait, by_somebody, milliseconds, waits};
pub use row::{Kind, Row, StepRow, Verdict};
pub use run::of_run;
pub use share::{Share, SharePoint};
pub use step::StepTrend;
pub use text::text;

/// A journal that cannot be trusted, or read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damaged {
    /// Of a drill or of a run.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// The file.
    pub path: String,
    /// What is wrong with it.
    pub why: String,
}

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// Only this scenario: a runbook's name.
    pub scenario: Option<String>,
    /// Only this system.
    pub system: Option<String>,
    /// Only this environment; the coverage looks at all.
    pub environment: Option<String>,
    /// Only what began at this moment or later; the coverage looks further back.
    pub since: Option<DateTime<Utc>>,
}

impl Filter {
    /// True when it is of the scenario and system that were asked for, wherever and whenever it was: what the coverage looks at.
    #[must_use]
    pub fn concerns(&self, row: &Row) -> bool {
        is(self.scenario.as_ref(), Some(&row.scenario)) && is(self.system.as_ref(), row.system.as_ref())
    }

    /// True when it is one of those that were asked for.
    #[must_use]
    pub fn takes(&self, row: &Row) -> bool {
        self.concerns(row)
            && is(self.environment.as_ref(), row.environment.as_ref())
            && self.since.is_none_or(|since| row.at >= since)
    }
}

fn is(wanted: Option<&String>, has: Option<&String>) -> bool {
    wanted.is_none_or(|name| has == Some(name))
}

/// Everything a history is made of.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Drills and runs, in any order.
    pub rows: Vec<Row>,
    /// What could not be read.
    pub damaged: Vec<Damaged>,
    /// Scenarios and systems that there are.
    pub known: Known,
    /// What a calendar says is late; none: there is no calendar.
    pub overdue: Option<Vec<Overdue>>,
    /// Where it was found, for people: directories of drills and of runs.
    pub places: Places,
}

/// Where records are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Places {
    /// Of drills.
    pub drills: String,
    /// Of runs.
    pub runs: String,
}

/// Everything there is to say. As JSON it is `schemas/history.schema.json`.
#[derive(Clone, Debug, Serialize)]
pub struct History {
    /// `history`.
    pub kind: &'static str,
    /// The form of this object.
    pub version: u32,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// This program's version.
    pub engine: &'static str,
    /// Where it was found.
    pub places: Places,
    /// What was asked for.
    pub filter: Filter,
    /// A scenario in a system's environment, drilled or run: drills first, by name.
    pub trends: Vec<Trend>,
    /// Scenario × system.
    pub coverage: Coverage,
    /// What a calendar says is late; none: there is no calendar.
    pub overdue: Option<Vec<Overdue>>,
    /// Oldest first.
    pub records: Vec<Row>,
    /// What could not be read.
    pub damaged: Vec<Damaged>,
}

impl History {
    /// The fold of everything found.
    #[must_use]
    pub fn of(mut found: Found, filter: Filter, now: DateTime<Utc>) -> Self {
        found.rows.retain(|row| filter.concerns(row));
        found.rows.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let coverage = Coverage::of(&found.known, &found.rows, &filter, now);
        found.rows.retain(|row| filter.takes(row));
        let overdue = found.overdue.map(|rows| overdue::of(rows, &filter));
        Self {
            kind: "history",
            version: 1,
            at: now,
            engine: env!("CARGO_PKG_VERSION"),
            places: found.places,
            trends: group::of(&found.rows),
            coverage,
            overdue,
            records: found.rows,
            damaged: found.damaged,
            filter,
        }
    }

    /// How many of a kind.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.records.iter().filter(|row| row.kind == kind).count()
    }
}

/// The whole object in one line.
#[must_use]
pub fn json(history: &History) -> String {
    super::json::line(history)
}
