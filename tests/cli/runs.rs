//! `runbook runs` and `runbook unlock`: which runs there are, and who holds them.

use chrono::{DateTime, TimeDelta, Utc};
use runbook::journal::{FileLease, Lock};
use runbook::model::outcome::{Outcome, RunOutcome};

use crate::support::Workspace;
use crate::support::recorded::{Recorded, run_finished, step_finished, step_started};

const OLD: &str = "01KB7Q00000000000000000001";
const NEW: &str = "01KB7R00000000000000000002";

fn at() -> DateTime<Utc> {
    "2026-11-20T03:00:00Z".parse().unwrap()
}

fn two_runs(workspace: &Workspace) -> [Recorded; 2] {
    let old = Recorded::new(workspace, OLD, at())
        .with(100, step_started("a", "make a"))
        .with(1100, step_finished("a", Outcome::Succeeded))
        .with(1200, run_finished(RunOutcome::Failed, 1200));
    let new = Recorded::new(workspace, NEW, at() + TimeDelta::hours(1)).with(700_000, step_started("a", "make a"));
    [old, new]
}

#[test]
fn runs_are_listed_newest_first_with_where_they_are() {
    let workspace = Workspace::new();
    let [_old, new] = two_runs(&workspace);
    let ran = workspace.runbook(["runs"]).run().exits(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("run"), "{}", ran.stdout);
    assert!(lines[1].starts_with("01KB7R00 "), "short but unique: {}", ran.stdout);
    assert!(lines[1].contains("interrupted (engine gone)") && lines[1].contains("10m passed"), "{}", ran.stdout);
    let expected = ["01KB7Q00", "2026-11-20 03:00", "restore", "shop/blue", "failed", "1.2s", "1/3", "10m"];
    assert_eq!(lines[2].split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>(), expected);
    let lease = new.driven();
    let _ = workspace.runbook(["runs", "--limit", "1"]).run().exits(0).says("running").never_says("01KB7Q");
    drop(lease);
    let _ = workspace.runbook(["runs", "-n", "1"]).run().exits(0).never_says("running");
}

#[test]
fn runs_as_json_are_one_object_a_line() {
    let workspace = Workspace::new();
    let [_old, new] = two_runs(&workspace);
    let _lease = new.driven();
    let lines = workspace.runbook(["runs", "--json"]).run().exits(0).json_lines();
    assert_eq!((&lines[0]["run"], &lines[0]["state"]), (&NEW.into(), &"running".into()));
    assert_eq!(lines[0]["engine"]["operator"], "ana@desk");
    assert_eq!(lines[0]["resumable"], false);
    assert_eq!((&lines[1]["state"], &lines[1]["resumable"]), (&"failed".into(), &true.into()));
    assert_eq!((&lines[1]["steps_ended"], &lines[1]["steps"]), (&1.into(), &3.into()));
}

#[test]
fn a_damaged_run_is_listed_and_hides_no_other() {
    let workspace = Workspace::new();
    let _runs = two_runs(&workspace);
    let journal = format!("runs/{NEW}/journal.jsonl");
    workspace.write(&journal, workspace.read(&journal).replacen("make a", "MAKE A", 1));
    let ran = workspace.runbook(["runs"]).run().exits(0).says("damaged").says("damaged at byte").says("failed");
    assert_eq!(ran.stdout.lines().count(), 4, "{}", ran.stdout);
    let lines = workspace.runbook(["runs", "--json"]).run().exits(0).json_lines();
    assert_eq!(lines[0]["state"], "damaged");
    assert!(lines[0]["error"].as_str().unwrap().contains("record 1"));
}

#[test]
fn no_runs_are_no_error() {
    let workspace = Workspace::new();
    let _ = workspace.runbook(["runs"]).run().exits(0).says("no runs in runs");
    assert!(workspace.runbook(["runs", "--json"]).run().exits(0).stdout.is_empty());
}

#[test]
fn a_dead_engine_holds_nothing_and_a_living_one_is_named() {
    let workspace = Workspace::new();
    let [_old, new] = two_runs(&workspace);
    let locks = workspace.path("locks");
    let unlock = |args: &[&str]| workspace.runbook(["unlock"]).args(args).env("RUNBOOK_LOCKS", &locks).run();
    let _ = unlock(&[NEW]).exits(0).says("nobody holds run").says("resume: runbook resume 01KB7R");
    std::fs::create_dir_all(&locks).unwrap();
    let _lease = new.driven();
    let lock = Lock::acquire(&locks, "shop", Some("blue"), &new.holder()).unwrap();
    let ran = unlock(&[NEW]).exits(5).warns("a living engine holds this run: ana@desk").warns("runbook pause");
    assert!(ran.stdout.is_empty());
    let _ = unlock(&[OLD]).exits(0).says("its system is held by another run: ana@desk");
    let lines = unlock(&[NEW, "--force", "--json"]).exits(0).json_lines();
    assert_eq!((&lines[0]["broken"], &lines[0]["was"]["operator"]), (&true.into(), &"ana@desk".into()));
    // Both are free: another engine can have them, and the old one is fenced.
    drop(lock);
    assert!(FileLease::acquire(&new.directory, &new.holder()).is_ok());
    assert!(Lock::acquire(&locks, "shop", Some("blue"), &new.holder()).is_ok());
}
