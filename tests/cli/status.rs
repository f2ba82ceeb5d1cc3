//! `runbook status` and `runbook logs`: where a run is, seen from another terminal.

use chrono::{DateTime, TimeDelta, Utc};
use runbook::model::entry::Entry;
use runbook::model::id::StepId;
use runbook::model::outcome::{Outcome, RunOutcome};

use crate::support::recorded::{Recorded, run_finished, step_finished, step_started};
use crate::support::{Runbook, Workspace};

const RUN: &str = "01KB7Q00000000000000000001";

#[expect(clippy::disallowed_methods, reason = "the program under test reads the same clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Begun thirty seconds ago; `b` has run for ten.
fn running(workspace: &Workspace) -> Recorded {
    Recorded::new(workspace, RUN, now() - TimeDelta::seconds(30))
        .with(100, step_started("a", "make a"))
        .with(1100, step_finished("a", Outcome::Succeeded))
        .with(20_000, step_started("b", "pg_restore \u{1b}]0;x\u{7} dump"))
}

fn asked(step: &str) -> Entry {
    Entry::ApprovalAsked {
        step: StepId(step.to_owned()),
        digest: "d".repeat(64),
        command: "rm -rf data".to_owned(),
        people: vec!["ben".to_owned(), "eva".to_owned()],
        min: 2,
        not_requester: true,
        expires: "2026-12-01T00:00:00Z".parse().unwrap(),
    }
}

fn approved(step: &str, by: &str, refused: &str) -> Entry {
    Entry::Approved {
        step: StepId(step.to_owned()),
        digest: "d".repeat(64),
        verdict: "approve".to_owned(),
        by: by.to_owned(),
        verified: false,
        reason: "CHG-1".to_owned(),
        refused: refused.to_owned(),
    }
}

#[test]
fn status_says_what_runs_and_the_clock() {
    let workspace = Workspace::new();
    let run = running(&workspace);
    let _lease = run.driven();
    let ran = workspace.runbook(["status"]).run().exits(0);
    let ran = ran.says("Restore the shop").says("running (ana@desk, process").says("1 of 3 steps ended");
    let ran = ran.says("30s elapsed · about 59s to go · RTO in 9m 29s").says("b  10s  pg_restore \\x1b]0;x\\x07 dump");
    let _ = ran.says("a: succeeded in 1s").never_says("resume:").never_says("\u{1b}");
    let json = workspace.runbook(["status", "01kb7", "--json"]).run().exits(0).json_lines();
    assert_eq!((&json[0]["state"], &json[0]["now"][0]["step"]), (&"running".into(), &"b".into()));
    assert_eq!(json[0]["now"][0]["doing"], "action");
    assert!(json[0]["expected_left_ms"].as_i64().unwrap() > 0);
}

#[test]
fn status_says_whom_a_run_waits_for() {
    let workspace = Workspace::new();
    let run = running(&workspace)
        .with(21_000, step_finished("b", Outcome::Succeeded))
        .with(22_000, asked("wipe"))
        .with(23_000, approved("wipe", "ana@desk", "who runs it may not"))
        .with(24_000, approved("wipe", "ben@desk", ""));
    let _lease = run.driven();
    let ran = workspace.runbook(["status"]).run().exits(0);
    let ran = ran.says("waits: `wipe` needs 1 of 2 approvals (any of ben, eva) until 2026-12-01 00:00:00 UTC");
    let _ = ran.says(&format!("runbook approve {RUN} wipe --reason"));
    let json = workspace.runbook(["status", "--json"]).run().exits(0).json_lines();
    assert_eq!((&json[0]["waits"][0]["missing"], &json[0]["waits"][0]["people"][1]), (&1.into(), &"eva".into()));
}

#[test]
fn a_question_at_a_terminal_is_guessed_from_silence() {
    let workspace = Workspace::new();
    let run = running(&workspace).with(21_000, step_finished("b", Outcome::Succeeded));
    let _lease = run.driven();
    let _ = workspace.runbook(["status"]).run().exits(0).says("asked at the terminal of ana@desk");
}

#[test]
fn status_of_a_run_without_an_engine_says_how_to_go_on() {
    let workspace = Workspace::new();
    let run = running(&workspace);
    let ran = workspace.runbook(["status", "--watch"]).run().exits(0);
    let _ = ran.says("interrupted (engine gone)").says(&format!("resume: runbook resume {RUN}"));
    let _ = run.with(40_000, run_finished(RunOutcome::Succeeded, 40_000));
    let _ = workspace.runbook(["status"]).run().exits(0).says("succeeded: 1 of 3").never_says("resume:");
    let _ = workspace.runbook(["status", "9"]).run().exits(2).warns("no run `9`").warns("--runs-dir");
}

#[test]
fn a_watched_run_is_followed_to_its_end() {
    let workspace = Workspace::new();
    let mut run = running(&workspace);
    let lease = run.driven();
    let mut session = workspace.runbook(["status", "--watch"]).on_a_terminal_of(80, 24);
    session.sees("1 of 3 steps ended");
    run.add(25_000, step_finished("b", Outcome::Failed));
    session.sees("2 of 3 steps ended");
    run.add(26_000, run_finished(RunOutcome::Failed, 26_000));
    drop(lease);
    session.exits(0);
    let text = session.text();
    assert!(text.contains(&format!("resume: runbook resume {RUN}")), "{text}");
    assert!(text.lines().all(|line| console::measure_text_width(line) < 80), "{text}");
}

#[test]
fn logs_are_printed_in_order_with_their_names() {
    let workspace = Workspace::new();
    let run = running(&workspace);
    run.log("b/1.log", b"b one\n");
    run.log("a/10.log", b"a ten\n");
    run.log("a/9.log", b"a nine, no end");
    run.log("a/2.1.log", b"a again\n");
    run.log("preflight/1.log", b"ready\n");
    let ran = workspace.runbook(["logs", "01KB7"]).run().exits(0);
    let expected = "==> a 9 <==\na nine, no end\n==> a 10 <==\na ten\n==> a 2.1 <==\na again\n==> b 1 <==\nb one\n==> preflight 1 <==\nready\n";
    assert_eq!(ran.stdout, expected);
    let ran = workspace.runbook(["logs", RUN, "a"]).run().exits(0);
    assert_eq!(ran.stdout, "a nine, no enda ten\na again\n", "one step to a pipe: the bytes");
    let _ =
        workspace.runbook(["logs", RUN, "c"]).run().exits(2).warns("no record of a step `c`").warns("it knows a, b");
}

#[test]
fn a_pipe_gets_the_bytes_and_a_terminal_escapes() {
    let workspace = Workspace::new();
    let run = running(&workspace);
    run.log("b/1.log", b"50%\r100%\x1b]0;title\x07\n\xffend\n");
    let output = workspace.runbook(["logs", RUN, "b"]).into_command().output().unwrap();
    assert_eq!(output.stdout, b"50%\r100%\x1b]0;title\x07\n\xffend\n");
    let mut session = workspace.runbook(["logs", RUN, "b"]).on_a_terminal();
    session.exits(0);
    assert!(!session.raw().contains("\x1b]0;"), "{:?}", session.raw());
    assert!(session.text().contains("50%\\r100%\\x1b]0;title\\x07\n\u{fffd}end"), "{}", session.text());
}

#[test]
fn followed_logs_go_on_until_the_step_ends() {
    let workspace = Workspace::new();
    let mut run = running(&workspace);
    let path = run.log("b/1.log", b"first\n");
    let lease = run.driven();
    let mut session = workspace.runbook(["logs", RUN, "b", "-f"]).on_a_terminal();
    session.sees("first");
    std::fs::write(&path, b"first\nsecond \xc3\xbc\n").unwrap();
    session.sees("second ü");
    run.add(25_000, step_finished("b", Outcome::Succeeded));
    session.exits(0);
    assert_eq!(session.text().matches("first").count(), 1);
    drop(lease);
    let mut session = workspace.runbook(["logs", RUN, "-f"]).on_a_terminal();
    session.exits(0);
    assert!(session.text().contains("no engine drives this run"), "{}", session.text());
}

#[test]
fn verbs_for_runs_need_a_run() {
    let _ = Runbook::new().arg("logs").run().exits(2).warns("<RUN>");
}
