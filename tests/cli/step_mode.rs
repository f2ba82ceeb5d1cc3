//! Step mode, end to end: a person drives a recovery one key at a time.

use std::fs;

use crate::support::Workspace;

const RESTORE: &str = "\
kind: runbook/v1
name: restore
title: Restore the database
objectives:
  rto: 1h
params:
  dump:
    type: string
    default: monday.sql
steps:
  - id: stop
    title: Stop the application
    shell: echo stopped >> log
  - id: check
    title: Look at the disk
    shell: echo checked >> log
  - id: mail
    title: Tell the customers
    shell: echo mailed >> log
  - id: load
    title: Load the dump
    shell: |
      echo \"load ${{ params.dump }}\" >> log
      cp \"${{ params.dump }}\" loaded.sql
    hint: ls shows the dumps
  - id: start
    title: Start the application
    shell: echo started >> log
  - id: verify
    title: Ask it
    shell: echo verified >> log
";

fn workspace() -> Workspace {
    Workspace::new().file("restore.yaml", RESTORE).file("tuesday.sql", "select 1")
}

/// Every journal of the workspace, as text.
fn journal(workspace: &Workspace) -> String {
    let runs = fs::read_dir(workspace.path("runs")).unwrap();
    runs.map(|run| fs::read_to_string(run.unwrap().path().join("journal.jsonl")).unwrap_or_default()).collect()
}

#[test]
fn a_recovery_goes_on_one_key_at_a_time() {
    let workspace = workspace();
    let mut session = workspace.runbook(["run", "restore.yaml", "--step"]).on_a_terminal_of(80, 24);
    session.meets("$ echo stopped >> log");
    session.meets("stop ›");
    assert_eq!(workspace.read("log"), "");
    session.presses("\n");
    session.meets("✓ Stop the application");
    session.meets("check ›");
    session.presses("y");
    session.meets("mail ›");
    session.presses("s");
    session.meets("Why skip it?");
    session.types("nobody noticed");
    session.meets("left out by");
    session.meets("load ›");
    session.presses("\n");
    session.meets("hint: ls shows the dumps");
    session.meets("r retry");
    session.meets("load ›");
    session.presses("e");
    session.meets("dump is: monday.sql");
    session.types("tuesday.sql");
    session.meets("changed dump = tuesday.sql");
    session.meets("> cp \"tuesday.sql\" loaded.sql");
    session.meets("load ›");
    session.presses("\n");
    session.meets("✓ Load the dump");
    session.meets("start ›");
    session.presses("q");
    session.meets("runbook resume");
    session.exits(6);
    assert!(session.is_as_before());
    assert_eq!(workspace.read("log"), "stopped\nchecked\nload monday.sql\nload tuesday.sql\n");

    let mut session = workspace.runbook(["resume", "--step"]).on_a_terminal_of(80, 24);
    session.meets("resumed by");
    session.meets("4 steps stand");
    session.meets("RTO 1h");
    session.meets("start ›");
    session.presses("y");
    session.meets("verify ›");
    session.presses("c");
    session.exits(0);
    assert_eq!(workspace.read("log"), "stopped\nchecked\nload monday.sql\nload tuesday.sql\nstarted\nverified\n");
    assert_eq!(workspace.read("loaded.sql"), "select 1");
    let journal = journal(&workspace);
    for answer in ["run", "skip", "edit", "pause", "rest"] {
        assert!(journal.contains(&format!("\"answer\":\"{answer}\"")), "{answer} is not in\n{journal}");
    }
    assert!(journal.contains("nobody noticed"));
}

#[test]
fn a_failure_that_is_left_for_later_is_still_a_failure() {
    let workspace = workspace();
    let mut session = workspace.runbook(["run", "restore.yaml", "--step"]).on_a_terminal();
    session.meets("stop ›");
    session.presses("j");
    session.meets("Jump to which step?");
    session.types("load");
    session.meets("it still needs");
    session.meets("Jump anyway?");
    session.presses("y");
    session.meets("load ›");
    session.presses("y");
    session.meets("r retry");
    session.meets("load ›");
    session.presses("q");
    session.exits(6);
    workspace.write("monday.sql", "select 2");
    let mut session = workspace.runbook(["resume", "--step"]).on_a_terminal();
    session.meets("Enter run");
    session.meets("load ›");
    session.presses("c");
    session.exits(0);
    assert_eq!(workspace.read("log"), "load monday.sql\nload monday.sql\nstarted\nverified\n");
}

#[test]
fn ctrl_c_at_a_step_is_the_first_interrupt() {
    let workspace = workspace();
    let mut session = workspace.runbook(["run", "restore.yaml", "--step"]).on_a_terminal();
    session.meets("stop ›");
    session.presses("\x03");
    session.exits(130);
    assert!(session.is_as_before());
    assert_eq!(workspace.read("log"), "");
}

#[test]
fn a_lost_line_at_a_step_runs_nothing() {
    let workspace = workspace();
    let mut session = workspace.runbook(["run", "restore.yaml", "--step"]).on_a_terminal();
    session.meets("stop ›");
    session.hangs_up();
    assert_ne!(session.ends(), Some(0));
    assert_eq!(workspace.read("log"), "");
}
