//! `runbook report --format json`: the account of a run, from its journal.

use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::Workspace;

const RUNBOOK: &str = r"kind: runbook/v1
name: way
title: The way back
objectives:
  rto: 1m
params:
  speed:
    type: string
    default: slow
steps:
  - id: stop
    exec: [sleep, '0.2']
  - id: both
    parallel: true
    steps:
      - id: long
        shell: sleep 0.6; echo copied
      - id: short
        exec: [sleep, '0.1']
  - id: flaky
    shell: test -e there || { touch there; exit 1; }
    retry:
      attempts: 2
      delay: 200ms
  - id: start
    exec: ['true']
    gate:
      exec: ['true']
      every: 100ms
      within: 5s
";

fn report(workspace: &Workspace, run: Option<&str>) -> Value {
    let mut args = vec!["report", "--format", "json"];
    args.extend(run);
    serde_json::from_str(&workspace.runbook(args).run().exits(0).stdout).unwrap()
}

fn step<'a>(report: &'a Value, id: &str) -> &'a Value {
    let steps = report["run"]["timeline"].as_array().unwrap();
    steps.iter().find(|step| step["step"] == id).unwrap_or_else(|| panic!("{id} is missing in {report}"))
}

fn doing(report: &Value, id: &str) -> Vec<String> {
    let spans = step(report, id)["spans"].as_array().unwrap();
    spans.iter().map(|span| span["doing"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_report_says_what_took_how_long_and_what_was_waited_for() {
    let workspace = Workspace::new().file("way.yaml", RUNBOOK);
    let _ = workspace.runbook(["run", "way.yaml"]).run().exits(0);
    let report = report(&workspace, None);
    assert_eq!(report["verdict"]["word"], "succeeded");
    assert_eq!(report["verdict"]["well"], true);
    assert_eq!(report["objectives"][0]["objective_ms"], 60_000);
    assert_eq!(report["objectives"][0]["met"], true);
    assert_eq!(report["run"]["critical"], serde_json::json!(["stop", "both/long", "flaky", "start"]));
    assert_eq!(step(&report, "both/short")["critical"], false);
    assert_eq!(step(&report, "both/long")["log"]["lines"][0], "copied");
    assert!(doing(&report, "flaky").starts_with(&["working", "delay", "working"].map(str::to_owned)), "{report}");
    assert!(doing(&report, "start").contains(&"working".to_owned()));
    // Spans lie one behind the other, inside the run.
    for step in report["run"]["timeline"].as_array().unwrap() {
        let mut until = 0;
        for span in step["spans"].as_array().unwrap() {
            let (from, to) = (span["from_ms"].as_u64().unwrap(), span["to_ms"].as_u64().unwrap());
            assert!(from >= until && to > from, "{step}");
            until = to;
        }
        assert!(until <= report["elapsed_ms"].as_u64().unwrap() + 2, "{step}");
    }
}

#[test]
fn a_report_says_with_what_it_was_driven() {
    let workspace = Workspace::new().file("way.yaml", RUNBOOK);
    let _ = workspace.runbook(["run", "way.yaml", "--set", "speed=fast"]).run().exits(0);
    let report = report(&workspace, None);
    let found = &report["run"]["summary"]["surroundings"][0];
    assert_eq!(found["params"]["speed"], "fast");
    assert_eq!(found["documents"][0]["path"], "way.yaml");
    assert_eq!(found["documents"][0]["sha256"].as_str().unwrap().len(), 64);
    assert!(found["machine"].as_str().unwrap().contains("Linux"), "{found}");
    assert_eq!(report["chains"][0]["of"], "run");
    assert_eq!(report["chains"][0]["head"].as_str().unwrap().len(), 64);
}

#[test]
fn a_run_is_found_by_the_beginning_of_its_id_and_by_its_directory() {
    let workspace = Workspace::new().file("way.yaml", RUNBOOK);
    let _ = workspace.runbook(["run", "way.yaml"]).run().exits(0);
    let whole = report(&workspace, None);
    let id = whole["id"].as_str().unwrap().to_owned();
    assert_eq!(report(&workspace, Some(&id[..12].to_lowercase())), whole);
    assert_eq!(report(&workspace, Some(&format!("runs/{id}"))), whole);
    let _ = workspace.runbook(["report", "01XYZ"]).run().exits(2).warns("there is no run or drill `01XYZ`");
    let empty = Workspace::new();
    let _ = empty.runbook(["report"]).run().exits(2).warns("there is no run in runs and no drill in drills");
}

#[test]
fn a_resume_is_a_decision_and_the_time_between_belongs_to_no_step() {
    let text = "kind: runbook/v1\nname: again\ntitle: Again\nsteps:\n  - id: one\n    exec: ['true']\n  - id: two\n    exec: [test, -e, there]\n";
    let workspace = Workspace::new().file("again.yaml", text);
    let _ = workspace.runbook(["run", "again.yaml"]).run().exits(1);
    let failed = report(&workspace, None);
    assert_eq!(
        (failed["verdict"]["word"].as_str(), failed["verdict"]["well"].as_bool()),
        (Some("failed"), Some(false))
    );
    workspace.write("there", "");
    let _ = workspace.runbook(["resume"]).run().exits(0);
    let report = report(&workspace, None);
    let decisions = report["decisions"].as_array().unwrap();
    assert_eq!(decisions.iter().filter(|it| it["about"] == "resume").count(), 1, "{decisions:?}");
    assert!(decisions[0]["by"].as_str().unwrap().contains('@'));
    assert!(report["working_ms"].as_u64().unwrap() < report["elapsed_ms"].as_u64().unwrap(), "{report}");
    assert_eq!(report["run"]["summary"]["surroundings"].as_array().unwrap().len(), 2);
}

/// The time of a step leaves out that in which a person thought; what was waited for is the same in a report and in `history`.
#[test]
fn a_confirmation_that_stood_for_a_while_is_waiting_for_people() {
    let text = "kind: runbook/v1\nname: asks\nsteps:\n  - id: both\n    parallel: true\n    steps:\n      - id: beside\n        shell: \
                sleep 0.3\n      - id: wipe\n        exec: touch wiped\n        confirm: true\n";
    let workspace = Workspace::new().file("asks.yaml", text);
    let mut session = workspace.runbook(["run", "asks.yaml"]).on_a_terminal();
    session.sees("Go on? [y/N]");
    thread::sleep(Duration::from_millis(700));
    session.types("y");
    session.exits(0);
    let report = report(&workspace, None);
    assert_eq!(doing(&report, "both/wipe").last().map(String::as_str), Some("working"), "{report}");
    let spans = step(&report, "both/wipe")["spans"].as_array().unwrap();
    let people =
        spans.iter().find(|span| span["doing"] == "people").unwrap_or_else(|| panic!("nobody asked in {report}"));
    let asked = people["to_ms"].as_u64().unwrap() - people["from_ms"].as_u64().unwrap();
    assert!(asked >= 700, "{report}");
    let summary = report["run"]["steps"].to_string();
    let history: Value =
        serde_json::from_str(&workspace.runbook(["history", "--format", "json"]).run().exits(0).stdout).unwrap();
    let waited = history["records"][0]["people_ms"].as_u64().unwrap_or_else(|| panic!("{history}"));
    assert!(waited.abs_diff(asked) <= 2, "{waited} in history, {asked} in the report: {summary}");
    // Beside work nothing was held up; after it, everything was.
    let held_up = report["waiting_ms"].as_u64().unwrap();
    assert!(held_up >= 300 && held_up < asked, "{report}");
}
