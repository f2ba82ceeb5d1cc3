//! What the verbs take, print and leave.

use serde_json::Value;

use super::{call, object};
use crate::support::Workspace;

const D: &str = "rehearse runbooks/scenario-d.yaml";

#[test]
fn a_rehearsal_shows_the_timeline_and_where_it_leads() {
    let ran = call(D).run().exits(0);
    for part in ["Rows of postgres are gone", "data postgres: whole", "healthy: postgres", "RTO 1h: met", "RPO 5m: met"]
    {
        assert!(ran.stdout.contains(part), "{part} is not in\n{}", ran.stdout);
    }
    assert_eq!(ran.stderr, "");
}

#[test]
fn the_same_seed_gives_the_same_rehearsal_and_another_one_another() {
    let elapsed = |args: &str| object(&format!("{D} {args}"), 0)["end"]["elapsed_ms"].clone();
    assert_eq!(elapsed("--seed 7"), elapsed("--seed 7"));
    assert_ne!(elapsed("--seed 7"), elapsed("--seed 8"));
}

#[test]
fn all_paths_are_the_same_on_every_machine() {
    let rows = || object("rehearse runbooks/scenario-a.yaml --every-failure --pairs --budget 500", 0);
    let (one, other) = (rows(), rows());
    let times = |all: &Value| serde_json::to_string(&all["rows"]).unwrap();
    assert_eq!(times(&one), times(&other));
    let pairs = one["rows"].as_array().unwrap().iter().filter(|row| !row["then"].is_null()).count();
    assert!(pairs > 100, "{pairs} pairs");
    assert!(one["paths"].as_u64().unwrap() <= 500);
}

#[test]
fn faults_are_those_of_the_runbook() {
    let _ = call(&format!("{D} --fault fire")).run().exits(2).warns("there is no fault `fire`").warns("damaged");
    let none = object("rehearse runbooks/scenario-a.yaml --fault none", 0);
    assert_eq!(none["fault"], "");
}

#[test]
fn nothing_is_left_on_this_machine() {
    let system = "kind: system/v1\nname: shop\nservices:\n  app: { container: shop-app }\n";
    let yaml = "kind: runbook/v1\nname: fix\nsystem: shop.yaml\nsteps:\n  - id: one\n    shell: touch here /tmp/never\n  - { id: two, services: { restart: app } }\n";
    let workspace = Workspace::new().file("fix.yaml", yaml).file("shop.yaml", system);
    let before = workspace.names();
    let _ = workspace.runbook(["rehearse", "fix.yaml"]).env("PATH", "").run().exits(0);
    let _ = workspace.runbook(["rehearse", "fix.yaml", "--every-failure"]).env("PATH", "").run();
    assert_eq!(workspace.names(), before);
}

#[test]
fn what_is_not_simulated_is_said_and_the_author_can_tell() {
    let yaml = "kind: runbook/v1\nname: fix\nsteps:\n  - id: one\n    exec: recover-the-mainframe --now\n";
    let workspace = Workspace::new().file("fix.yaml", yaml);
    let _ =
        workspace.runbook(["rehearse", "fix.yaml"]).run().says("not simulated: one (action)").says("assumed exit 0");
    workspace.write("fix.yaml", format!("{yaml}    simulate: {{ exit: 3, stderr: no tapes }}\n"));
    let _ = workspace.runbook(["rehearse", "fix.yaml"]).run().exits(1).says("no tapes").never_says("not simulated");
}

#[test]
fn a_test_that_does_not_hold_says_what_came_instead() {
    let workspace = Workspace::new()
        .file("fix.yaml", "kind: runbook/v1\nname: fix\nsteps:\n  - id: one\n    exec: 'true'\n")
        .file(
            "fix_test.yaml",
            "kind: test/v1\nname: of fix\nrunbook: fix.yaml\ncases:\n  - name: it fails\n    expect: { ends: failed, not_run: one }\n  - name: it works\n    expect: { ran: one }\n",
        );
    let ran = workspace.runbook(["test"]).run().exits(1);
    let ran = ran.says("FAILED  ").says("ok      ").says("fix_test.yaml:5:").says("2 cases: 1 passed, 1 failed");
    let _ = ran.says("it must end failed; it would succeed").says("`one` must not run; it is rehearsed");
    let json = workspace.runbook(["test", "--json"]).run().exits(1).json_lines();
    assert_eq!(json[0]["passed"], false);
    assert_eq!(json[1]["passed"], true);
    let _ = workspace.runbook(["test", "nowhere"]).run().exits(2).warns("nowhere");
}
