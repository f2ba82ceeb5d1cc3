//! Which scenario was drilled on which system, when last, and how that ended; and which never was.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Filter;
use super::row::{Kind, Row, Verdict};

/// Scenarios and systems that there are, whether or not they were ever drilled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Runbooks that are no part of another, by name: title and file.
    pub scenarios: BTreeMap<String, (String, String)>,
    /// What belongs together: a runbook's name, a system's name, and the lab's file if one drills it.
    pub pairs: BTreeMap<(String, String), Option<String>>,
}

/// A scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scenario {
    /// The runbook's name.
    pub name: String,
    /// For people.
    pub title: String,
    /// The runbook's file; none: it is only known from records.
    pub file: Option<String>,
}

/// A drill that says something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Last {
    /// Its id.
    pub id: String,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long ago, ms.
    pub age_ms: u64,
    /// What it says.
    pub verdict: Verdict,
}

/// A scenario on a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The runbook's name.
    pub scenario: String,
    /// The system's name.
    pub system: String,
    /// The lab's file that drills it; none: no lab does, or nobody looked.
    pub lab: Option<String>,
    /// The last drill that says something; none: never drilled.
    pub drill: Option<Last>,
    /// Drills that say something.
    pub drills: usize,
    /// The last control.
    pub control: Option<Last>,
    /// The last real run that says something.
    pub run: Option<Last>,
}

impl Cell {
    /// The command that drills it, where a lab is known.
    #[must_use]
    pub fn command(&self, file: Option<&str>) -> Option<String> {
        let (lab, file) = (self.lab.as_ref()?, file?);
        let quote = |text: &str| shlex::try_quote(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned);
        Some(format!("runbook drill run {} --lab {}", quote(file), quote(lab)))
    }
}

/// Scenario × system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// By name.
    pub scenarios: Vec<Scenario>,
    /// By name.
    pub systems: Vec<String>,
    /// Pairs that belong together or were drilled or run; what is not here does not.
    pub cells: Vec<Cell>,
}

impl Coverage {
    /// Of rows in the order of time; all of them, whenever they were.
    #[must_use]
    pub fn of(known: &Known, rows: &[Row], filter: &Filter, now: DateTime<Utc>) -> Self {
        let mut cells: BTreeMap<(String, String), Cell> = BTreeMap::new();
        let cell = |scenario: &str, system: &str| Cell {
            scenario: scenario.to_owned(),
            system: system.to_owned(),
            lab: None,
            drill: None,
            drills: 0,
            control: None,
            run: None,
        };
        let wanted = |name: &str, filter: &Option<String>| filter.as_deref().is_none_or(|wanted| wanted == name);
        for ((scenario, system), lab) in &known.pairs {
            if wanted(scenario, &filter.scenario) && wanted(system, &filter.system) {
                let of_pair = cells.entry((scenario.clone(), system.clone())).or_insert_with(|| cell(scenario, system));
                of_pair.lab.clone_from(lab);
            }
        }
        for row in rows {
            let system = row.system.as_deref().unwrap_or("-");
            let key = (row.scenario.clone(), system.to_owned());
            add(cells.entry(key).or_insert_with(|| cell(&row.scenario, system)), row, now);
        }
        let names: BTreeSet<&str> = cells
            .values()
            .map(|cell| cell.scenario.as_str())
            .chain(
                known
                    .scenarios
                    .keys()
                    .map(String::as_str)
                    .filter(|name| filter.system.is_none() && wanted(name, &filter.scenario)),
            )
            .collect();
        let scenario = |name: &&str| {
            let found = known.scenarios.get(*name);
            let title = || rows.iter().rev().find(|row| row.scenario == *name).map(|row| row.title.clone());
            Scenario {
                name: (*name).to_owned(),
                title: found.map(|(title, _)| title.clone()).or_else(title).unwrap_or_default(),
                file: found.map(|(_, file)| file.clone()),
            }
        };
        let systems: BTreeSet<String> = cells.values().map(|cell| cell.system.clone()).collect();
        Self {
            scenarios: names.iter().map(scenario).collect(),
            systems: systems.into_iter().collect(),
            cells: cells.into_values().collect(),
        }
    }

    /// The pair, if these belong together.
    #[must_use]
    pub fn cell(&self, scenario: &str, system: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.scenario == scenario && cell.system == system)
    }

    /// Pairs that were never drilled to a result.
    pub fn never(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| cell.drill.is_none())
    }

    /// What to drill next: what was never drilled and a lab drills, else what was drilled longest ago.
    #[must_use]
    pub fn next(&self) -> Option<String> {
        let file = |cell: &Cell| {
            self.scenarios.iter().find(|scenario| scenario.name == cell.scenario).and_then(|it| it.file.clone())
        };
        let mut cells: Vec<&Cell> = self.cells.iter().collect();
        cells.sort_by_key(|cell| cell.drill.as_ref().map(|last| last.at));
        cells.into_iter().find_map(|cell| cell.command(file(cell).as_deref()))
    }
}

fn add(cell: &mut Cell, row: &Row, now: DateTime<Utc>) {
    let age_ms = u64::try_from((now - row.at).num_milliseconds()).unwrap_or(0);
    let last = Last { id: row.id.clone(), at: row.at, age_ms, verdict: row.verdict };
    match (row.kind, row.verdict) {
        (Kind::Drill, verdict) if verdict.is_result() => {
            cell.drill = Some(last);
            cell.drills += 1;
        }
        (Kind::Drill, Verdict::ControlRed | Verdict::ControlGreen) => cell.control = Some(last),
        (Kind::Run, verdict) if verdict.is_result() => cell.run = Some(last),
        _ => {}
    }
}
