//! The durations of earlier runs, as a plan gets them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use runbook::journal::Runs;
use runbook::model::entry::Entry;
use runbook::model::id::StepId;
use runbook::model::outcome::{Outcome, RunOutcome, SkipReason};
use runbook::report::earlier;

use crate::support::Workspace;
use crate::support::recorded::{Recorded, run_finished, step_finished, step_started};

fn took(step: &str, ms: u64) -> Entry {
    match step_finished(step, Outcome::Succeeded) {
        Entry::StepFinished { step, outcome, skipped, why, hint, outputs, attempts, .. } => {
            Entry::StepFinished { step, outcome, skipped, why, hint, outputs, attempts, elapsed_ms: ms }
        }
        other => other,
    }
}

fn skipped(step: &str) -> Entry {
    match step_finished(step, Outcome::Skipped) {
        Entry::StepFinished { step, outcome, why, hint, outputs, elapsed_ms, attempts, .. } => {
            let skipped = Some(SkipReason::NotNeeded);
            Entry::StepFinished { step, outcome, skipped, why, hint, outputs, elapsed_ms, attempts }
        }
        other => other,
    }
}

fn run(workspace: &Workspace, n: u64, ms: u64, outcome: RunOutcome) -> Recorded {
    let at: DateTime<Utc> = "2026-11-20T03:00:00Z".parse().unwrap();
    Recorded::new(workspace, &format!("01KB7Q{n:020}"), at + TimeDelta::hours(n.try_into().unwrap()))
        .with(1, step_started("a", "make a"))
        .with(2, took("a", ms))
        .with(3, skipped("b"))
        .with(4, run_finished(outcome, 4))
}

#[test]
fn only_successful_runs_of_the_same_thing_count() {
    let workspace = Workspace::new();
    for n in 1..=4 {
        drop(run(&workspace, n, n * 1000, RunOutcome::Succeeded));
    }
    drop(run(&workspace, 5, 99_000, RunOutcome::Failed));
    workspace.write("runs/01KB7Q00000000000000000009/journal.jsonl", "not a journal\n");
    let runs = Runs::new(workspace.path("runs"));
    let history = earlier::of(&runs, "restore", Some("shop"), Some("blue"));
    let a = history[&StepId("a".to_owned())];
    assert_eq!((a.p50, a.p90, a.runs), (Duration::from_secs(2), Duration::from_secs(4), 4));
    assert_eq!(history.len(), 1, "a skipped step took no time: {history:?}");
    assert!(earlier::of(&runs, "restore", Some("shop"), Some("green")).is_empty());
    assert!(earlier::of(&runs, "other", Some("shop"), Some("blue")).is_empty());
    assert!(earlier::of(&Runs::new(workspace.path("none")), "restore", None, None).is_empty());
}

#[test]
fn the_last_twenty_runs_count() {
    let workspace = Workspace::new();
    for n in 1..=25 {
        drop(run(&workspace, n, n * 1000, RunOutcome::Warned));
    }
    let history = earlier::of(&Runs::new(workspace.path("runs")), "restore", Some("shop"), Some("blue"));
    let a = history[&StepId("a".to_owned())];
    assert_eq!((a.runs, a.p50, a.p90), (20, Duration::from_secs(15), Duration::from_secs(23)));
}
