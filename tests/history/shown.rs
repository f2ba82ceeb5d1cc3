//! What a person reads: trends, what was never drilled, what is damaged, what to do next.

use runbook::journal::Runs;
use runbook::model::entry::{Entry, Record};
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::report::trend::of_run;

use super::{Drill, drilled, html, json, made};
use crate::support::Workspace;
use crate::support::recorded::{Recorded, run_finished, run_started, step_finished, step_started};

const LAB: &str = include_str!("../../fixtures/labs/small/lab.yaml");
const SYSTEM: &str = include_str!("../../fixtures/labs/small/system.yaml");

#[test]
fn an_empty_history_says_where_to_begin() {
    let workspace = Workspace::new();
    let _ = workspace
        .runbook(["history"])
        .run()
        .exits(0)
        .says("history of no drills, no runs")
        .says("nothing is recorded in drills or runs; a drill is the beginning: runbook drill run FILE");
    assert!(html(&workspace).contains("A drill is the beginning: runbook drill run FILE"));
}

#[test]
fn what_a_lab_drills_is_proposed_when_it_was_never_drilled() {
    let workspace = Workspace::new()
        .file("labs/small/lab.yaml", LAB)
        .file("labs/small/system.yaml", SYSTEM)
        .file("runbooks/scenario-a.yaml", "kind: runbook/v1\nname: scenario-a\ntitle: Crash\nowner: a\nsteps: []\n");
    let command = "runbook drill run runbooks/scenario-a.yaml --lab labs/small/lab.yaml";
    let _ = workspace.runbook(["history"]).run().exits(0).says("never").says(&format!("drill something: {command}"));
    assert!(html(&workspace).contains(command));
    let cell = &json(&workspace, &[])["coverage"]["cells"][0];
    assert_eq!((cell["scenario"].as_str(), cell["system"].as_str()), (Some("scenario-a"), Some("small")));
    assert!(cell["drill"].is_null());
    // Once it was, nothing is proposed.
    Drill { scenario: "scenario-a".to_owned(), system: "small".to_owned(), ..Drill::new(1) }.record(&workspace);
    let _ = workspace.runbook(["history"]).run().exits(0).says("✓").never_says("drill run");
}

#[test]
fn parts_of_other_runbooks_are_no_scenarios() {
    let workspace = Workspace::new()
        .file("runbooks/whole.yaml", "kind: runbook/v1\nname: whole\ntitle: W\nowner: a\nsystem: systems/s.yaml\nsteps:\n  - id: part\n    include: parts/part.yaml\n")
        .file("runbooks/parts/part.yaml", "kind: runbook/v1\nname: part\ntitle: P\nowner: a\nsteps: []\n")
        .file("runbooks/broken.yaml", "kind: runbook/v1\nname: [\n")
        .file("runbooks/systems/s.yaml", "kind: system/v1\nname: s\n");
    let coverage = &json(&workspace, &[])["coverage"];
    assert_eq!(coverage["scenarios"].as_array().unwrap().len(), 1, "{coverage}");
    assert_eq!(coverage["cells"][0]["scenario"], "whole");
}

#[test]
fn one_drill_is_a_trend_of_one() {
    let workspace = drilled(&[Drill::new(1)]);
    let ran = workspace.runbook(["history"]).run().exits(0);
    let ran = ran.says("history of 1 drill, 2026-09-02 (UTC)").says("1/1 RTO 1m").says("too few to say");
    let _ = ran.says("restart").says("no step asked anybody");
}

#[test]
fn failures_and_controls_alone_have_no_recovery_time() {
    let failures = drilled(&[Drill::failed(1), Drill::failed(2)]);
    let _ = failures.runbook(["history"]).run().exits(0).says("0/2").says("✗ not recovered");
    assert!(html(&failures).contains("Nothing was recovered, so there is no recovery time to show."));
    let controls = drilled(&[Drill::control(1)]);
    let _ = controls.runbook(["history"]).run().exits(0).says("1 control red").says("□ control: red").says("never; □");
    let green = Drill { control: true, ..Drill::new(1) };
    let _ = drilled(&[green]).runbook(["history"]).run().exits(0).says("control: GREEN").says("1 control GREEN");
}

#[test]
fn what_was_killed_has_no_result_and_no_number() {
    let workspace = drilled(&[Drill::new(1), Drill { verdict: None, ..Drill::new(2) }]);
    let _ = workspace.runbook(["history"]).run().exits(0).says("? no result: no end").says("1 without a result");
    assert_eq!(json(&workspace, &[])["trends"][0]["recovery"]["count"], 1);
}

#[test]
fn a_damaged_journal_is_listed_and_hides_no_other() {
    let workspace = drilled(&[Drill::new(1), Drill::new(2), Drill::new(3)]);
    let path = workspace.path(&format!("drills/{}/journal.jsonl", Drill::new(2).id()));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"recovered\"", "\"recovereD\"")).unwrap();
    std::fs::create_dir_all(workspace.path("runs/01KB7Q00000000000000000077")).unwrap();
    let ran = workspace.runbook(["history"]).run().exits(0).says("2/2").says("cannot be read");
    let _ = ran.says("the journal is damaged at byte").says("run 01KB7Q00000000000000000077: read runs/");
    let page = html(&workspace);
    assert!(page.contains("its hash does not match"), "{page}");
}

#[test]
fn a_drill_whose_recovery_is_damaged_keeps_its_own_figures() {
    let workspace = made(12, 0);
    let all = json(&workspace, &[]);
    let run = all["records"].as_array().unwrap().iter().find_map(|row| row["run"].as_str()).unwrap();
    let path = workspace.path(&format!("drills/runs/{run}/journal.jsonl"));
    std::fs::write(&path, "{}\n").unwrap();
    let after = json(&workspace, &[]);
    assert_eq!(after["damaged"].as_array().unwrap().len(), 1, "{}", after["damaged"]);
    let of = |history: &serde_json::Value| {
        let rows = history["records"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["run"].as_str() == Some(run)).unwrap()
    };
    let (before, after) = (of(&all), of(&after));
    assert_eq!(before["recovery_ms"], after["recovery_ms"]);
    assert_eq!(before["steps"].as_array().unwrap().len(), after["steps"].as_array().unwrap().len());
    assert_eq!(after["steps"][0]["attempts"], 0, "nobody knows");
}

#[test]
fn filters_leave_the_rest_out_and_since_leaves_the_coverage() {
    let other = Drill { scenario: "scenario-y".to_owned(), system: "bank".to_owned(), ..Drill::new(9) };
    let workspace = drilled(&[Drill::new(1), Drill::new(2), other]);
    let records = |more: &[&str]| json(&workspace, more)["records"].as_array().unwrap().len();
    assert_eq!(records(&[]), 3);
    assert_eq!(records(&["--scenario", "scenario-y"]), 1);
    assert_eq!(records(&["--system", "shop"]), 2);
    assert_eq!(records(&["--system", "shop", "--scenario", "scenario-y"]), 0);
    assert_eq!(records(&["--environment", "production"]), 0);
    assert_eq!(records(&["--since", "2026-09-03"]), 2);
    assert_eq!(records(&["--since", "36500d"]), 3);
    let late = json(&workspace, &["--since", "2026-09-08"]);
    assert_eq!(late["trends"].as_array().unwrap().len(), 1);
    assert_eq!(late["coverage"]["cells"].as_array().unwrap().len(), 2, "the first was drilled before");
    let elsewhere = json(&workspace, &["--environment", "production"]);
    assert_eq!(elsewhere["coverage"]["cells"][0]["drills"], 2, "a drill is one wherever it was");
    let _ = workspace.runbook(["history", "--system", "shop"]).run().exits(0).says("only system shop");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let workspace = Workspace::new();
    let _ = workspace.runbook(["history", "--since", "soon"]).run().exits(2).warns("neither a date nor a duration");
    let _ = workspace.runbook(["history", "--format", "pdf"]).run().exits(2).warns("possible values");
    let _ = workspace.runbook(["history", "--output", "no/such/place"]).run().exits(8).warns("write no/such/place");
    let file = Workspace::new().file("drills", "a file");
    let _ = file.runbook(["history"]).run().exits(8).warns("read drills");
}

#[test]
fn it_is_written_to_a_file_in_every_form() {
    let workspace = drilled(&[Drill::new(1)]);
    for (format, begin) in
        [("table", "history of 1 drill"), ("json", "{\"kind\":\"history\""), ("html", "<!doctype html>")]
    {
        let ran = workspace.runbook(["history", "--format", format, "-o", "out"]).run().exits(0).warns("written: out");
        assert_eq!(ran.stdout, "");
        assert!(workspace.read("out").starts_with(begin), "{}", workspace.read("out"));
    }
    let ran = workspace.runbook(["history", "--json"]).run().exits(0);
    assert!(ran.stdout.starts_with("{\"kind\":\"history\""));
}

#[test]
fn real_runs_have_a_trend_of_their_own() {
    let workspace = drilled(&[Drill { scenario: "restore".to_owned(), ..Drill::new(1) }]);
    let run = Recorded::new(&workspace, "01KB7Q00000000000000000055", "2026-09-05T03:00:00Z".parse().unwrap())
        .with(1_000, step_started("a", "make a"))
        .with(31_000, step_finished("a", Outcome::Succeeded))
        .with(31_000, run_finished(RunOutcome::Succeeded, 31_000));
    drop(run);
    let ran = workspace.runbook(["history"]).run().exits(0);
    let _ = ran.says("history of 1 drill, 1 run").says("restore · shop/blue · run").says("a run").says("31s");
    let trends = json(&workspace, &[])["trends"].clone();
    assert_eq!((trends[0]["kind"].as_str(), trends[1]["kind"].as_str()), (Some("drill"), Some("run")));
    assert_eq!(trends[1]["recovery"]["last_ms"], 31_000);
    assert!(trends[1]["loss"].is_null(), "nobody measures what a real disaster lost");
}

#[test]
fn the_runs_of_drills_are_not_counted_twice() {
    let workspace = made(20, 0);
    let twice = json(&workspace, &["--runs-dir", "drills/runs"]);
    assert_eq!(twice["records"].as_array().unwrap().len(), 20);
    let journals = Runs::new(workspace.path("drills/runs")).list().unwrap().len();
    assert!(journals > 10, "there are {journals} runs to be counted twice");
}

#[test]
fn a_rehearsal_is_no_run() {
    let mut first = run_started("01KB7Q00000000000000000056");
    if let Entry::RunStarted { mode, .. } = &mut first {
        "rehearse".clone_into(mode);
    }
    let record = Record { seq: 0, at: "2026-09-05T03:00:00Z".parse().unwrap(), entry: first };
    assert!(of_run(&[record]).is_none());
}

#[test]
fn it_fits_narrow_and_wide_terminals() {
    let workspace = made(60, 10);
    for columns in [80, 160] {
        let mut session = workspace.runbook(["history"]).on_a_terminal_of(columns, 24);
        session.exits(0);
        let text = session.text();
        let widest = text.lines().map(|line| console::measure_text_width(line.trim_end_matches('\r'))).max();
        assert!(widest.is_some_and(|widest| widest <= usize::from(columns)), "{widest:?} of {columns}:\n{text}");
        assert!(text.contains("scenario-d"), "{text}");
    }
}
