//! Reads the journal of the newest run, as a later tool would: JSON Lines, nothing else.

use std::fs;
use std::path::Path;

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

/// The records of one run.
pub struct Journal(Vec<Value>);

impl Journal {
    /// The newest run below a directory of runs.
    #[track_caller]
    pub fn newest(runs: &Path) -> Self {
        let entries = fs::read_dir(runs).unwrap_or_else(|error| panic!("{}: {error}", runs.display()));
        let newest = entries.flatten().map(|entry| entry.path()).max().expect("a run");
        let text = fs::read_to_string(newest.join("journal.jsonl")).expect("its journal");
        Self(text.lines().map(|line| serde_json::from_str(line).expect("a record is JSON")).collect())
    }

    /// The record of a kind about a step.
    pub fn of(&self, kind: &str, step: &str) -> Option<&Value> {
        self.0.iter().find(|record| record["kind"] == kind && record["step"] == step)
    }

    /// How a step ended.
    #[track_caller]
    pub fn outcome(&self, step: &str) -> &str {
        let record =
            self.of("step_finished", step).unwrap_or_else(|| panic!("{step} has not ended: {:?}", self.steps()));
        record["outcome"].as_str().expect("an outcome is text")
    }

    /// Why a step was skipped, as the journal has it.
    #[track_caller]
    pub fn skipped(&self, step: &str) -> &Value {
        assert_eq!(self.outcome(step), "skipped");
        &self.of("step_finished", step).expect("it has ended")["skipped"]
    }

    /// When a record of a kind about a step was written.
    #[track_caller]
    pub fn at(&self, kind: &str, step: &str) -> DateTime<FixedOffset> {
        let record = self.of(kind, step).unwrap_or_else(|| panic!("no {kind} of {step}: {:?}", self.steps()));
        time(&record["at"])
    }

    /// True when a step's action began.
    pub fn started(&self, step: &str) -> bool {
        self.of("step_started", step).is_some()
    }

    /// How the run ended.
    #[track_caller]
    pub fn run_outcome(&self) -> &str {
        let record = self.0.iter().find(|record| record["kind"] == "run_finished").expect("the run has ended");
        record["outcome"].as_str().expect("an outcome is text")
    }

    /// The steps that it speaks of.
    fn steps(&self) -> Vec<&str> {
        let mut steps: Vec<&str> = self.0.iter().filter_map(|record| record["step"].as_str()).collect();
        steps.dedup();
        steps
    }
}

/// A time as JSON has it.
#[track_caller]
pub fn time(value: &Value) -> DateTime<FixedOffset> {
    let text = value.as_str().expect("a time is text");
    DateTime::parse_from_rfc3339(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
