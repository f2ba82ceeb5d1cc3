//! Runs that were never driven: a directory and a journal made of entries, for verbs that read runs.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use runbook::journal::{FileJournal, FileLease, Holder, Journal, RunDirectory, Runs};
use runbook::model::effect::Effect;
use runbook::model::entry::Entry;
use runbook::model::id::{AttemptToken, RunId, StepId};
use runbook::model::outcome::{Outcome, RunOutcome};
use serde_json::Map;

use super::Workspace;

/// A run under `runs/` of a workspace.
pub struct Recorded {
    /// Its directory.
    pub directory: RunDirectory,
    journal: FileJournal<runbook::journal::FileStorage>,
    begun: DateTime<Utc>,
}

impl Recorded {
    /// Begun at this time, with three steps planned, and an objective of ten minutes.
    pub fn new(workspace: &Workspace, id: &str, begun: DateTime<Utc>) -> Self {
        let directory = Runs::new(workspace.path("runs")).create(&RunId(id.to_owned())).unwrap();
        let journal = FileJournal::new(directory.create_journal().unwrap());
        let run = Self { directory, journal, begun };
        run.with(0, run_started(id))
    }

    /// One more record, so many milliseconds after the start.
    #[must_use]
    pub fn with(mut self, after_ms: i64, entry: Entry) -> Self {
        self.add(after_ms, entry);
        self
    }

    /// One more record, so many milliseconds after the start.
    pub fn add(&mut self, after_ms: i64, entry: Entry) {
        let at = self.begun + TimeDelta::milliseconds(after_ms);
        self.journal.append(self.journal.position(), at, vec![entry]).unwrap();
    }

    /// This test drives it until the lease is dropped.
    pub fn driven(&self) -> FileLease {
        FileLease::acquire(&self.directory, &self.holder()).unwrap()
    }

    /// As this test would hold it.
    pub fn holder(&self) -> Holder {
        Holder {
            operator: "ana@desk".to_owned(),
            host: "desk".to_owned(),
            pid: std::process::id(),
            run: self.directory.run().clone(),
            run_directory: self.directory.path().to_path_buf(),
            since: self.begun,
        }
    }

    /// Writes the log of an attempt.
    pub fn log(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.directory.path().join("steps").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// The first record.
pub fn run_started(id: &str) -> Entry {
    Entry::RunStarted {
        run: RunId(id.to_owned()),
        mode: "run".to_owned(),
        runbook: "restore".to_owned(),
        title: "Restore the shop".to_owned(),
        system: Some("shop".to_owned()),
        environment: Some("blue".to_owned()),
        plan_digest: "p".to_owned(),
        source_digest: "s".to_owned(),
        operator: "ana@desk".to_owned(),
        engine: "0.1.0".to_owned(),
        core: 1,
        rto_ms: Some(600_000),
        expected_ms: 90_000,
        steps: 3,
    }
}

/// A step begins.
pub fn step_started(step: &str, command: &str) -> Entry {
    Entry::StepStarted {
        step: StepId(step.to_owned()),
        title: format!("Title of {step}"),
        attempt: 1,
        token: AttemptToken(format!("t-{step}")),
        work_digest: "w".to_owned(),
        effect: Effect::Mutate,
        command: command.to_owned(),
    }
}

/// A step ends.
pub fn step_finished(step: &str, outcome: Outcome) -> Entry {
    Entry::StepFinished {
        step: StepId(step.to_owned()),
        outcome,
        skipped: None,
        why: if outcome == Outcome::Failed {
            vec!["expected `exit == 0`, seen exit = 1".to_owned()]
        } else {
            Vec::new()
        },
        hint: None,
        outputs: Map::new(),
        elapsed_ms: 1000,
        attempts: 1,
    }
}

/// The run ends.
pub fn run_finished(outcome: RunOutcome, elapsed_ms: u64) -> Entry {
    Entry::RunFinished { outcome, why: None, outputs: Map::new(), elapsed_ms }
}
