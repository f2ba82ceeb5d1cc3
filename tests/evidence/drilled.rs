//! A drill that was never done: the journals of it and of its run, for what reads them.

use chrono::{DateTime, TimeDelta, Utc};
use runbook::journal::{FileJournal, FileStorage, Journal, Runs};
use runbook::model::drill::{CanaryWrites, DrillFact, Prediction, Scorecard, Stage, StoreLoss};
use runbook::model::entry::Entry;
use runbook::model::id::RunId;
use runbook::model::outcome::{Outcome, RunOutcome};

use crate::support::Workspace;
use crate::support::recorded::{run_finished, run_started, step_finished, step_started};

/// The drill's id.
pub const DRILL: &str = "01KB7Q00000000000000000001";
/// Its run's id.
pub const RUN: &str = "01KB7Q00000000000000000002";

/// A drill under `drills/` of a workspace.
pub struct Drilled {
    journal: FileJournal<FileStorage>,
    began: DateTime<Utc>,
}

impl Drilled {
    /// Begun, with its run: `restore` took five seconds.
    pub fn new(workspace: &Workspace, control: bool) -> Self {
        let began: DateTime<Utc> = "2026-11-20T03:00:00Z".parse().unwrap();
        let mut drilled = Self { journal: journal(workspace, "drills", DRILL), began };
        drilled.add(0, started(control));
        drilled
    }

    /// The run that recovered it: from the 12th to the 18th second.
    pub fn with_run(self, workspace: &Workspace) -> Self {
        let mut run = journal(workspace, "drills/runs", RUN);
        let entries = [
            (12_000, run_started(RUN)),
            (12_000, step_started("restore", "pg_restore latest")),
            (17_000, finished_after("restore", 5_000)),
            (18_000, run_finished(RunOutcome::Succeeded, 6_000)),
        ];
        for (ms, entry) in entries {
            run.append(run.position(), self.began + TimeDelta::milliseconds(ms), vec![entry]).unwrap();
        }
        self
    }

    pub fn add(&mut self, ms: i64, fact: DrillFact) {
        let at = self.began + TimeDelta::milliseconds(ms);
        self.journal.append(self.journal.position(), at, vec![Entry::Drill { fact: Box::new(fact) }]).unwrap();
    }

    /// A stage from one moment to another.
    pub fn stage(&mut self, stage: Stage, from: i64, to: i64, why: Option<&str>) {
        self.add(from, DrillFact::StageStarted { stage });
        let elapsed_ms = u64::try_from(to - from).unwrap();
        self.add(to, DrillFact::StageFinished { stage, why: why.map(str::to_owned), elapsed_ms });
    }

    /// Fault at 10 s, noticed 1 s later, serving at 16 s, verified at 20 s; 100 writes, one every 200 ms from 4 s on.
    pub fn measured(&mut self, stores: Vec<StoreLoss>) {
        let writes = (1..=100)
            .map(|n| {
                let sent = (n - 1) * 200;
                (n, sent, Some(9).filter(|_| !(6_000..12_000).contains(&sent)))
            })
            .collect();
        let began = self.began + TimeDelta::seconds(4);
        self.add(24_000, DrillFact::Canary { canary: CanaryWrites { began, every_ms: 200, writes } });
        let score = Scorecard {
            fault_at: Some(self.began + TimeDelta::seconds(10)),
            detected_ms: Some(1_000),
            declared_ms: Some(1_100),
            started_ms: Some(2_000),
            serving_ms: Some(6_000),
            verified_ms: Some(10_000),
            rto_ms: Some(60_000),
            rto_met: Some(true),
            rpo_ms: Some(1_000),
            rpo_met: Some(false),
            stores,
            outage_ms: Some(6_100),
            run: Some(RUN.to_owned()),
            ..Scorecard::default()
        };
        self.add(24_500, DrillFact::Measured { score: Box::new(score) });
    }

    /// The end.
    pub fn finished(mut self, verdict: &str, why: Option<&str>) {
        let verdict = verdict.to_owned();
        self.add(26_000, DrillFact::Finished { verdict, why: why.map(str::to_owned), elapsed_ms: 26_000 });
    }
}

/// A store of which the writes 25 to 30 are lost.
pub fn loss(store: &str) -> StoreLoss {
    StoreLoss {
        store: store.to_owned(),
        acknowledged: 70,
        kept: 64,
        lost: 6,
        lost_ranges: vec![(25, 30)],
        unacknowledged: 0,
        nothing_kept: false,
        loss_ms: Some(1_200),
        missing_before_target: None,
        beyond_target: None,
        unreadable: None,
    }
}

fn journal(workspace: &Workspace, place: &str, id: &str) -> FileJournal<FileStorage> {
    let directory = Runs::new(workspace.path(place)).create(&RunId(id.to_owned())).unwrap();
    FileJournal::new(directory.create_journal().unwrap())
}

fn finished_after(step: &str, ms: u64) -> Entry {
    match step_finished(step, Outcome::Succeeded) {
        Entry::StepFinished { step, outcome, skipped, why, hint, outputs, attempts, .. } => {
            Entry::StepFinished { step, outcome, skipped, why, hint, outputs, attempts, elapsed_ms: ms }
        }
        other => other,
    }
}

fn started(control: bool) -> DrillFact {
    DrillFact::Started {
        drill: DRILL.to_owned(),
        lab: "shop".to_owned(),
        lab_title: "The shop in two rooms".to_owned(),
        stand_ins: vec!["the till is a stand-in".to_owned()],
        runbook: "restore".to_owned(),
        title: "Restore the shop".to_owned(),
        system: "shop".to_owned(),
        environment: "lab".to_owned(),
        fault: "table_dropped".to_owned(),
        control,
        operator: "ana@desk".to_owned(),
        engine: "0.1.0".to_owned(),
        gcloud: None,
        predicted: Prediction { rehearsed_ms: Some(20_000), ..Prediction::default() },
    }
}
