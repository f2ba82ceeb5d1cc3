//! `runbook history`: what it makes of recorded drills and runs.

mod folds;
mod page;
mod plot;
mod schema;
mod shown;

use chrono::{DateTime, TimeDelta, Utc};
use runbook::journal::{FileJournal, Journal, Runs};
use runbook::model::drill::{DrillFact, Prediction, Scorecard, StepTime, StoreLoss};
use runbook::model::entry::Entry;
use runbook::model::id::{RunId, StepId};
use serde_json::Value;

use crate::support::Workspace;
use crate::support::made::Made;

/// A drill to record.
#[derive(Clone)]
struct Drill {
    number: u64,
    scenario: String,
    system: String,
    fault: String,
    control: bool,
    /// None: it was killed.
    verdict: Option<&'static str>,
    recovery_ms: Option<u64>,
    people_ms: u64,
    loss_ms: u64,
    rto_ms: u64,
    steps: Vec<String>,
}

impl Drill {
    fn new(number: u64) -> Self {
        Self {
            number,
            scenario: "scenario-x".to_owned(),
            system: "shop".to_owned(),
            fault: "crash".to_owned(),
            control: false,
            verdict: Some("recovered"),
            recovery_ms: Some(40_000 + number * 1_000),
            people_ms: 0,
            loss_ms: 0,
            rto_ms: 60_000,
            steps: vec!["restart".to_owned()],
        }
    }

    fn id(&self) -> String {
        format!("01KB7Q{:020}", self.number)
    }

    fn at(&self) -> DateTime<Utc> {
        let first: DateTime<Utc> = "2026-09-01T03:00:00Z".parse().unwrap();
        first + TimeDelta::days(self.number.try_into().unwrap())
    }

    fn record(&self, workspace: &Workspace) {
        let directory = Runs::new(workspace.path("drills")).create(&RunId(self.id())).unwrap();
        let mut journal = FileJournal::new(directory.create_journal().unwrap());
        let mut add = |fact: DrillFact| {
            let entry = Entry::Drill { fact: Box::new(fact) };
            journal.append(journal.position(), self.at(), vec![entry]).unwrap();
        };
        add(DrillFact::Started {
            drill: self.id(),
            lab: "shop-lab".to_owned(),
            lab_title: "The shop".to_owned(),
            stand_ins: Vec::new(),
            runbook: self.scenario.clone(),
            title: "The shop is down".to_owned(),
            system: self.system.clone(),
            environment: "lab".to_owned(),
            fault: self.fault.clone(),
            control: self.control,
            operator: "ana@desk".to_owned(),
            engine: "0.1.0".to_owned(),
            gcloud: None,
            predicted: Prediction::default(),
        });
        let Some(verdict) = self.verdict else { return };
        add(DrillFact::Measured { score: Box::new(self.score()) });
        add(DrillFact::Finished { verdict: verdict.to_owned(), why: None, elapsed_ms: 90_000 });
    }

    fn score(&self) -> Scorecard {
        let step = |name: &String| StepTime {
            step: StepId(name.clone()),
            title: format!("Title of {name}"),
            took_ms: 4_000,
            estimate_ms: None,
            p50_ms: None,
        };
        Scorecard {
            verified_ms: self.recovery_ms,
            people_ms: self.people_ms,
            rto_ms: Some(self.rto_ms),
            rto_met: self.recovery_ms.map(|took| took <= self.rto_ms),
            rpo_ms: Some(5_000),
            rpo_met: self.recovery_ms.map(|_| self.loss_ms <= 5_000),
            stores: vec![StoreLoss {
                store: "postgres".to_owned(),
                acknowledged: 100,
                kept: 100,
                lost: 0,
                lost_ranges: Vec::new(),
                unacknowledged: 0,
                nothing_kept: false,
                loss_ms: Some(self.loss_ms),
                missing_before_target: None,
                beyond_target: None,
                unreadable: None,
            }],
            steps: self.steps.iter().map(step).collect(),
            ..Scorecard::default()
        }
    }

    /// Broken, and recovered by nobody.
    fn failed(number: u64) -> Self {
        Self { verdict: Some("not recovered"), recovery_ms: None, ..Self::new(number) }
    }

    /// Red, as it has to be.
    fn control(number: u64) -> Self {
        Self { control: true, ..Self::failed(number) }
    }
}

/// A workspace with these drills.
fn drilled(drills: &[Drill]) -> Workspace {
    let workspace = Workspace::new();
    for drill in drills {
        drill.record(&workspace);
    }
    workspace
}

/// A workspace with much that was recorded.
fn made(drills: usize, runs: usize) -> Workspace {
    let workspace = Workspace::new();
    let until = "2026-11-20T06:00:00Z".parse().unwrap();
    Made { root: workspace.path("."), seed: 7, until, checks: 2 }.record(drills, runs);
    workspace
}

fn json(workspace: &Workspace, more: &[&str]) -> Value {
    let ran = workspace.runbook(["history", "--format", "json"]).args(more).run().exits(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn html(workspace: &Workspace) -> String {
    workspace.runbook(["history", "--format", "html"]).run().exits(0).stdout
}
