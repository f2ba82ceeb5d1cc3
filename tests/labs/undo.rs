//! A failure in the middle of a change, undone on a real stack.

use super::engine::{ROOT, inspect};
use super::notes::Notes;
use crate::support::driven::Records;

/// What was undone, backwards, and whether it worked.
fn undone(records: &Records) -> Vec<(&str, bool)> {
    let ends = records.0.iter().filter(|record| record["kind"] == "undo_finished");
    ends.map(|it| (it["step"].as_str().expect("a step"), it["undone"] == true)).collect()
}

fn paused(notes: &Notes) -> bool {
    inspect(&notes.container("postgres"), "/State/Paused") == true
}

#[test]
fn a_change_that_fails_is_undone_backwards_and_what_cannot_be_undone_is_named() {
    let notes = Notes::start("undone");
    let text = std::fs::read_to_string(format!("{ROOT}/fixtures/labs/notes/upgrade.yaml")).expect("the runbook");
    std::fs::write(notes.dir().join("upgrade.yaml"), text).expect("copy it");
    let runs = notes.dir().join("runs");

    // It serves the new image, which is not what was promised.
    let _ = notes.own_runbook("upgrade.yaml", &["--set", "promised=v9"]).run().exits(10);
    let records = Records::newest(&runs);
    assert_eq!(records.text("step_finished", "deploy", "outcome"), "succeeded");
    assert_eq!(undone(&records), [("deploy", true), ("rest/postgres", true)]);
    assert_eq!(notes.image("app"), "runbook-lab/app:v1");
    assert!(!paused(&notes) && notes.is_well("v1") && notes.has_note());

    // The way back leads to an image that never gets healthy.
    let stuck = ["--set", "promised=v9", "--set", "way_back=runbook-lab/app:v4-unhealthy"];
    let said = notes.own_runbook("upgrade.yaml", &stuck).run().exits(11).stdout;
    assert_eq!(undone(&Records::newest(&runs)), [("deploy", false), ("rest/postgres", true)]);
    assert!(said.lines().any(|line| line.contains("stuck") && line.contains("deploy")), "{said}");
    assert!(!paused(&notes), "what came before it is undone all the same");
    assert_eq!(notes.image("app"), "runbook-lab/app:v4-unhealthy");
}
