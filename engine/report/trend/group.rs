//! What belongs together: a scenario in a system's environment, drilled or run. Recovery times of drills and of runs are not
//! compared: one counts from the fault, the other from the start.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::measure::{Measure, Point};
use super::row::{Kind, Row, Verdict};
use super::share::Share;
use super::step::{self, StepTrend};

/// A scenario in a system's environment over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trend {
    /// Drills or runs.
    pub kind: Kind,
    /// The runbook's name.
    pub scenario: String,
    /// For people, as it was called last.
    pub title: String,
    /// The system's name.
    pub system: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// What was broken, and how often.
    pub faults: BTreeMap<String, usize>,
    /// The first.
    pub first: DateTime<Utc>,
    /// The last.
    pub last: DateTime<Utc>,
    /// How many, controls and those without a result included.
    pub count: usize,
    /// Recovered, objectives met or not.
    pub recovered: usize,
    /// Not recovered.
    pub not_recovered: usize,
    /// Controls that ended red, as they have to.
    pub controls_red: usize,
    /// Controls that were green without a recovery.
    pub controls_green: usize,
    /// Not carried out to an end that says anything.
    pub no_result: usize,
    /// Recovery time; none: nothing was ever recovered.
    pub recovery: Option<Measure>,
    /// Data loss; none: nobody measured it.
    pub loss: Option<Measure>,
    /// People against machines.
    pub people: Share,
    /// Its steps.
    pub steps: Vec<StepTrend>,
}

impl Trend {
    /// True when a row is one of those that it is made of.
    #[must_use]
    pub fn has(&self, row: &Row) -> bool {
        (row.kind, &row.scenario, &row.system, &row.environment)
            == (self.kind, &self.scenario, &self.system, &self.environment)
    }

    /// `nchat/lab`, `nchat`, or a dash.
    #[must_use]
    pub fn place(&self) -> String {
        place(self.system.as_deref(), self.environment.as_deref())
    }
}

/// A system and its environment in one word.
pub(super) fn place(system: Option<&str>, environment: Option<&str>) -> String {
    match (system, environment) {
        (Some(system), Some(environment)) => format!("{system}/{environment}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "-".to_owned(),
    }
}

/// Scenario, system and environment, of drills or of runs.
type Key<'r> = (Kind, &'r str, Option<&'r str>, Option<&'r str>);

/// Every trend of rows in the order of time: drills first, by name.
#[must_use]
pub fn of(rows: &[Row]) -> Vec<Trend> {
    let mut groups: BTreeMap<Key<'_>, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let key = (row.kind, row.scenario.as_str(), row.system.as_deref(), row.environment.as_deref());
        groups.entry(key).or_default().push(row);
    }
    groups.into_values().filter_map(|rows| trend(&rows)).collect()
}

fn trend(rows: &[&Row]) -> Option<Trend> {
    let (first, last) = (rows.first()?, rows.last()?);
    let is = |verdict: Verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    let mut faults = BTreeMap::new();
    for fault in rows.iter().filter_map(|row| row.fault.clone()) {
        *faults.entry(fault).or_insert(0) += 1;
    }
    let recovered: Vec<&Row> = rows.iter().copied().filter(|row| row.verdict.is_recovered()).collect();
    let newest = |objective: fn(&Row) -> Option<u64>| rows.iter().rev().find_map(|row| objective(row));
    Some(Trend {
        kind: last.kind,
        scenario: last.scenario.clone(),
        title: last.title.clone(),
        system: last.system.clone(),
        environment: last.environment.clone(),
        faults,
        first: first.at,
        last: last.at,
        count: rows.len(),
        recovered: recovered.len(),
        not_recovered: is(Verdict::NotRecovered),
        controls_red: is(Verdict::ControlRed),
        controls_green: is(Verdict::ControlGreen),
        no_result: is(Verdict::NoResult),
        recovery: Measure::of(recovered.iter().filter_map(|row| recovery(row)).collect(), newest(|row| row.rto_ms)),
        loss: Measure::of(recovered.iter().filter_map(|row| loss(row)).collect(), newest(|row| row.rpo_ms)),
        people: Share::of(rows),
        steps: step::of(rows),
    })
}

fn recovery(row: &Row) -> Option<Point> {
    Some(Point {
        id: row.id.clone(),
        at: row.at,
        ms: row.recovery_ms?,
        without_people_ms: row.without_people_ms,
        objective_ms: row.rto_ms,
        met: row.rto_met,
    })
}

fn loss(row: &Row) -> Option<Point> {
    Some(Point {
        id: row.id.clone(),
        at: row.at,
        ms: row.loss_ms?,
        without_people_ms: None,
        objective_ms: row.rpo_ms,
        met: row.rpo_met,
    })
}
