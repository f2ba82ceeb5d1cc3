//! What a resumed run shows.

use crate::support::Workspace;

const FAILS_ONCE: &str = "\
kind: runbook/v1
name: again
title: Again and again
objectives:
  rto: 1h
steps:
  - id: first
    title: The first one
    exec: 'true'
    estimate: 3m
  - id: second
    title: The second one
    exec: test -e ready
    estimate: 1m
  - id: third
    title: The third one
    when: run.operator == 'nobody'
    exec: 'true'
";

#[test]
fn the_summary_of_a_resumed_run_is_that_of_the_whole_run() {
    let workspace = Workspace::new().file("again.yaml", FAILS_ONCE);
    let first = workspace.runbook(["run", "again.yaml", "--json"]).run().exits(1).json_lines();
    let _ = workspace.runbook(["resume"]).run().exits(1);
    workspace.write("ready", "");
    let lines = workspace.runbook(["resume", "--json"]).run().exits(0).json_lines();
    let (summary, before) = (lines.last().unwrap(), first.last().unwrap());
    assert_eq!((&summary["kind"], &summary["resumes"]), (&"summary".into(), &2.into()));
    for same in ["run", "title", "runbook", "started", "rto_ms", "planned"] {
        assert!(!summary[same].is_null());
        assert_eq!(summary[same], before[same], "{same}");
    }
    assert_eq!(lines.iter().filter(|line| line["kind"] == "run_started").count(), 0, "what was before is not repeated");
}

#[test]
fn a_resumed_run_expects_only_what_is_left() {
    let workspace = Workspace::new().file("again.yaml", FAILS_ONCE);
    let lines = workspace.runbook(["run", "again.yaml", "--json"]).run().exits(1).json_lines();
    assert_eq!(lines[0]["expected_ms"], 240_000);
    let lines = workspace.runbook(["resume", "--json"]).run().exits(1).json_lines();
    let resumed = lines.iter().find(|line| line["kind"] == "run_resumed").unwrap();
    assert_eq!(resumed["expected_ms"], 60_000);
}

#[test]
fn a_step_that_is_skipped_has_its_title() {
    let workspace = Workspace::new().file("again.yaml", FAILS_ONCE).file("ready", "");
    let mut session = workspace.runbook(["run", "again.yaml"]).on_a_terminal();
    session.sees("The third one  skipped: when is false");
    session.exits(0);
}

#[test]
fn a_dry_run_says_what_earlier_runs_took() {
    let workspace = Workspace::new().file("again.yaml", FAILS_ONCE).file("ready", "");
    let _ = workspace.runbook(["run", "again.yaml", "--dry-run"]).run().exits(0).never_says("earlier run");
    let _ = workspace.runbook(["run", "again.yaml"]).run().exits(0);
    let _ = workspace.runbook(["run", "again.yaml", "--dry-run"]).run().exits(0).says("from 1 earlier run: p50 ");
}
