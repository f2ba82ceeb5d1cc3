//! The account of a recorded run or drill: everything that a report says, folded from its journals and nothing else. Every format of
//! `runbook report` is drawn from it, and as JSON it is one of them.

mod chain;
mod decision;
mod drill;
mod schema;
mod timeline;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

pub use self::chain::Chain;
pub use self::decision::Decision;
pub use self::drill::{DrillAccount, StageTime};
pub use self::schema::schema;
pub use self::timeline::{Doing, Span, StepTimeline};
use super::Summary;
use crate::journal::Loaded;
use crate::model::drill::StoreLoss;
use crate::model::entry::Entry;
use crate::model::id::StepId;
use crate::model::outcome::RunOutcome;

/// The format of the account as JSON.
const VERSION: u32 = 1;

/// What is recorded of a run or of a drill.
#[derive(Debug, Default)]
pub struct Recorded<'r> {
    /// A drill's journal.
    pub drill: Option<&'r Loaded>,
    /// The journal of the run; of a drill: of the run that recovered it.
    pub run: Option<&'r Loaded>,
    /// The ends of what its steps wrote.
    pub excerpts: BTreeMap<StepId, Excerpt>,
}

/// The end of what a step wrote, masked as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Excerpt {
    /// Its last lines, in the order in which they were written.
    pub lines: Vec<String>,
    /// Bytes before them that are not shown.
    pub before: u64,
}

/// One run or drill. Times in ms are since `began`, unless they say otherwise.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Account {
    /// `report`.
    pub kind: &'static str,
    /// Version of this shape.
    pub v: u32,
    /// The id of the drill, or of the run.
    pub id: String,
    /// The runbook's title.
    pub title: String,
    /// The runbook's name.
    pub runbook: String,
    /// The system's name.
    pub system: Option<String>,
    /// The environment's name.
    pub environment: Option<String>,
    /// `user@host`.
    pub operator: String,
    /// The program's version.
    pub engine: String,
    /// Its first record.
    pub began: Option<DateTime<Utc>>,
    /// Its last record.
    pub last: Option<DateTime<Utc>>,
    /// From the first to the last record, ms.
    pub elapsed_ms: u64,
    /// How it ended.
    pub verdict: Verdict,
    /// Objectives against what was measured.
    pub objectives: Vec<Objective>,
    /// Waiting for people, and everything else, ms. Times at which one step waited and another worked count as work.
    pub waiting_ms: u64,
    /// Time in which at least one step did something, ms.
    pub working_ms: u64,
    /// What people decided, in order.
    pub decisions: Vec<Decision>,
    /// What is not the real thing; empty: everything is.
    pub stand_ins: Vec<String>,
    /// Of a drill only.
    pub drill: Option<DrillAccount>,
    /// The run; none: it never began.
    pub run: Option<RunAccount>,
    /// The journals that all of this is from.
    pub chains: Vec<Chain>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verdict {
    /// In a word: an outcome of a run, or the verdict of a drill; `unfinished` where there is no end.
    pub word: String,
    /// Green or red.
    pub well: bool,
    /// Why, if not well.
    pub why: Option<String>,
}

/// An objective and what was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Objective {
    /// `RTO` or `RPO`.
    pub name: &'static str,
    /// What is measured, for people.
    pub title: &'static str,
    /// The objective, ms; none: there is none.
    pub objective_ms: Option<u64>,
    /// What was measured, ms; none: nothing was.
    pub actual_ms: Option<u64>,
    /// Whether it was met.
    pub met: Option<bool>,
}

/// A run with its times.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RunAccount {
    /// The fold of its journal.
    pub summary: Summary,
    /// Each step in the order of [`Summary::nested`].
    pub timeline: Vec<StepTimeline>,
    /// The chain of steps that made it take as long as it did, first to last: each began when the one before it ended.
    pub critical: Vec<StepId>,
}

impl Account {
    /// The fold.
    #[must_use]
    pub fn of(recorded: Recorded<'_>) -> Self {
        let Recorded { drill, run, mut excerpts } = recorded;
        let first = drill.or(run).and_then(|loaded| loaded.records.first());
        let last = drill.or(run).and_then(|loaded| loaded.records.last()).map(|record| record.at);
        let began = first.map(|record| record.at);
        let mut chains = Vec::new();
        chains.extend(drill.map(|loaded| Chain::of("drill", loaded)));
        chains.extend(run.map(|loaded| Chain::of("run", loaded)));
        let drilled = drill.map(|loaded| DrillAccount::of(&loaded.records));
        let run = run.map(|loaded| {
            let summary = Summary::of(&loaded.records);
            let (timeline, critical) =
                timeline::of(&summary, &loaded.records, began.unwrap_or_default(), &mut excerpts);
            (RunAccount { summary, timeline, critical }, &loaded.records)
        });
        let decisions = run.as_ref().map_or_else(Vec::new, |(_, records)| decision::of(records));
        let run = run.map(|(run, _)| run);
        let spans = || run.iter().flat_map(|run| &run.timeline).filter(|step| !step.group).flat_map(|step| &step.spans);
        let working_ms = timeline::covered(spans().filter(|span| span.doing != Doing::People));
        let waiting_ms = timeline::covered(spans()).saturating_sub(working_ms);
        let verdict = drilled.as_ref().map_or_else(|| verdict_of(run.as_ref()), DrillAccount::verdict);
        let objectives = drilled.as_ref().map_or_else(|| objectives_of(run.as_ref()), DrillAccount::objectives);
        let mut account = Self {
            kind: "report",
            v: VERSION,
            id: String::new(),
            title: String::new(),
            runbook: String::new(),
            system: None,
            environment: None,
            operator: String::new(),
            engine: String::new(),
            began,
            last,
            elapsed_ms: began.zip(last).map_or(0, |(began, last)| since(began, last)),
            verdict,
            objectives,
            waiting_ms,
            working_ms,
            decisions,
            stand_ins: drilled.as_ref().map(DrillAccount::stand_ins).unwrap_or_default(),
            drill: drilled,
            run,
            chains,
        };
        account.name(first.map(|record| &record.entry));
        account
    }

    /// Who, what and where, by its first record.
    fn name(&mut self, first: Option<&Entry>) {
        if let Some(drill) = &self.drill {
            (self.id, self.title, self.runbook) = (drill.id.clone(), drill.title.clone(), drill.runbook.clone());
            (self.system, self.environment) = (Some(drill.system.clone()), Some(drill.environment.clone()));
            (self.operator, self.engine) = (drill.operator.clone(), drill.engine.clone());
        } else if let (Some(Entry::RunStarted { .. }), Some(run)) = (first, &self.run) {
            let summary = &run.summary;
            self.id = summary.run.as_ref().map(ToString::to_string).unwrap_or_default();
            (self.title, self.runbook) = (summary.title.clone(), summary.runbook.clone());
            (self.system, self.environment) = (summary.system.clone(), summary.environment.clone());
            (self.operator, self.engine) = (summary.operator.clone(), summary.engine.clone());
        }
    }

    /// The steps of its run.
    #[must_use]
    pub fn steps(&self) -> &[StepTimeline] {
        self.run.as_ref().map_or(&[], |run| &run.timeline)
    }

    /// What each store lost; of a drill only.
    #[must_use]
    pub fn stores(&self) -> &[StoreLoss] {
        self.drill.as_ref().and_then(|drill| drill.score.as_ref()).map_or(&[], |score| &score.stores)
    }
}

/// ms between two moments; 0 backwards.
fn since(from: DateTime<Utc>, to: DateTime<Utc>) -> u64 {
    u64::try_from((to - from).num_milliseconds()).unwrap_or(0)
}

fn verdict_of(run: Option<&RunAccount>) -> Verdict {
    let summary = run.map(|run| &run.summary);
    let Some((summary, outcome)) = summary.and_then(|summary| Some((summary, summary.outcome?))) else {
        let why = "its journal has no end: it goes on, or its engine is gone".to_owned();
        return Verdict { word: "unfinished".to_owned(), well: false, why: Some(why) };
    };
    let well = matches!(outcome, RunOutcome::Succeeded | RunOutcome::Warned);
    if well && summary.rto_met == Some(false) {
        return Verdict { word: "objective missed".to_owned(), well: false, why: summary.why.clone() };
    }
    Verdict { word: outcome.as_str().to_owned(), well, why: summary.why.clone() }
}

fn objectives_of(run: Option<&RunAccount>) -> Vec<Objective> {
    let Some(summary) = run.map(|run| &run.summary).filter(|summary| summary.rto_ms.is_some()) else {
        return Vec::new();
    };
    vec![Objective {
        name: "RTO",
        title: "recovery time",
        objective_ms: summary.rto_ms,
        actual_ms: Some(summary.elapsed_ms),
        met: summary.rto_met,
    }]
}
