//! `runbook run` on small runbooks with real processes: output, exit code, effects, the record.

use crate::support::Workspace;

const TWO_STEPS: &str = "\
kind: runbook/v1
name: two
title: Two steps
objectives:
  rto: 10m
steps:
  - id: write
    title: Write a file
    shell: echo hello > made.txt && echo written
    estimate: 5s
  - id: read
    title: Read it back
    exec: cat made.txt
    expect: stdout == 'hello'
    outputs:
      text: stdout
outputs:
  text: steps.read.outputs.text
";

const FAILS: &str = "\
kind: runbook/v1
name: fails
steps:
  - id: one
    title: It fails
    shell: echo to the log; exit 3
    hint: look at the disk
  - id: two
    exec: touch never.txt
finally:
  - id: tidy
    exec: touch tidy.txt
";

#[test]
fn a_run_does_its_steps_and_measures_itself() {
    let workspace = Workspace::new().file("two.yaml", TWO_STEPS);
    let ran = workspace.runbook(["run", "two.yaml"]).run().exits(0);
    let ran = ran.says("Two steps").says("write: succeeded in").says("recovered in").says("RTO 10m: met");
    assert!(ran.stdout.contains("text = hello"), "{}", ran.stdout);
    assert_eq!(workspace.read("made.txt"), "hello\n");
    assert!(!ran.stdout.contains('\x1b'));
}

#[test]
fn a_failure_says_why_where_and_what_did_not_run() {
    let workspace = Workspace::new().file("fails.yaml", FAILS);
    let ran = workspace.runbook(["run", "fails.yaml"]).run().exits(1);
    let ran = ran.says("one: failed").says("exit").says("hint: look at the disk").says("log: ").says("two: skipped");
    assert!(ran.stdout.contains("failed after"), "{}", ran.stdout);
    assert!(!workspace.path("never.txt").exists());
    assert!(workspace.path("tidy.txt").exists(), "finally runs whatever happened");
}

#[test]
fn json_is_one_event_a_line_and_then_the_summary() {
    let workspace = Workspace::new().file("two.yaml", TWO_STEPS);
    let lines = workspace.runbook(["run", "two.yaml", "--json"]).run().exits(0).json_lines();
    assert_eq!(lines[0]["kind"], "run_started");
    let seqs: Vec<u64> = lines[..lines.len() - 1].iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (0..seqs.len() as u64).collect::<Vec<_>>());
    let last = lines.last().unwrap();
    assert_eq!(last["kind"], "summary");
    assert_eq!(last["rto_met"], true);
    assert_eq!(last["outputs"]["text"], "hello");
}

#[test]
fn errors_before_a_json_run_are_json_too() {
    let workspace = Workspace::new().file("two.yaml", TWO_STEPS);
    let ran = workspace.runbook(["run", "two.yaml", "--json", "--set", "nothing"]).run().exits(2);
    assert_eq!(ran.json_lines()[0]["kind"], "error");
    let ran = workspace.runbook(["run", "gone.yaml", "--json"]).run().exits(2);
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(found[0]["code"], "document::missing_file");
}

#[test]
fn verbosity_decides_what_is_shown() {
    let workspace = Workspace::new().file("two.yaml", TWO_STEPS);
    let quiet = workspace.runbook(["run", "two.yaml", "-q"]).run().exits(0);
    assert_eq!(quiet.stdout.lines().count(), 1, "{}", quiet.stdout);
    let _ = workspace.runbook(["run", "two.yaml"]).run().exits(0).never_says("| written");
    let _ = workspace.runbook(["run", "two.yaml", "-v"]).run().exits(0).says("write | written").never_says("$ cat");
    let _ = workspace.runbook(["run", "two.yaml", "-vv"]).run().exits(0).says("$ cat made.txt");
}

#[test]
fn a_run_can_be_read_back() {
    let workspace = Workspace::new().file("two.yaml", TWO_STEPS).file("fails.yaml", FAILS);
    let _ = workspace.runbook(["run", "two.yaml"]).run().exits(0);
    let first = workspace.runbook(["show"]).run().exits(0).says("Two steps").says("recovered in");
    let id = first.stdout.split("run ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let _ = workspace.runbook(["run", "fails.yaml"]).run().exits(1);
    let _ = workspace.runbook(["show"]).run().exits(0).says("fails").says("two");
    let again = workspace.runbook(["show", &id.to_lowercase()]).run().exits(0);
    assert_eq!(again.stdout, first.stdout);
    let _ = workspace.runbook(["show", "0"]).run().exits(2).warns("2 runs in runs begin with `0`");
    let json = workspace.runbook(["show", &id, "--json"]).run().exits(0).json_lines();
    assert_eq!(json[0]["outcome"], "succeeded");
    assert_eq!(json[0]["run"], id);
}

#[test]
fn a_damaged_journal_is_not_believed() {
    let workspace = Workspace::new().file("two.yaml", TWO_STEPS);
    let _ = workspace.runbook(["run", "two.yaml", "--runs-dir", "kept"]).run().exits(0);
    let run = std::fs::read_dir(workspace.path("kept")).unwrap().next().unwrap().unwrap().file_name();
    let journal = format!("kept/{}/journal.jsonl", run.to_string_lossy());
    workspace.write(&journal, workspace.read(&journal).replacen("hello", "HELLO", 1));
    let _ = workspace.runbook(["show", "--runs-dir", "kept"]).run().exits(8).warns("damaged at byte");
}

#[test]
fn runs_are_kept_where_the_flag_or_the_variable_says() {
    let workspace = Workspace::new().file("two.yaml", TWO_STEPS);
    let _ = workspace.runbook(["run", "two.yaml"]).env("RUNBOOK_RUNS", "by-variable").run().exits(0);
    let _ = workspace.runbook(["run", "two.yaml", "--runs-dir", "by-flag"]).env("RUNBOOK_RUNS", "x").run().exits(0);
    assert!(workspace.path("by-variable").is_dir() && workspace.path("by-flag").is_dir());
    assert!(!workspace.path("runs").exists() && !workspace.path("x").exists());
}

#[test]
fn a_directory_that_cannot_be_written_stops_before_any_effect() {
    let workspace = Workspace::new().file("two.yaml", TWO_STEPS).file("runs", "a file, not a directory");
    let _ = workspace.runbook(["run", "two.yaml"]).run().exits(8).warns("make the run's directory");
    assert!(!workspace.path("made.txt").exists());
}

#[test]
fn parts_of_a_runbook_can_be_chosen() {
    let workspace = Workspace::new().file("fails.yaml", FAILS);
    let _ = workspace.runbook(["run", "fails.yaml", "--skip", "one"]).run().exits(0).says("left out by");
    assert!(workspace.path("never.txt").exists());
    let _ = workspace.runbook(["run", "fails.yaml", "--only", "tow"]).run().exits(2).warns("two");
}

#[test]
fn a_missed_objective_exits_9() {
    let text = TWO_STEPS.replace("rto: 10m", "rto: 1ms");
    let workspace = Workspace::new().file("two.yaml", text);
    let _ = workspace.runbook(["run", "two.yaml"]).run().exits(9).says("RTO 1ms: missed");
}

#[test]
fn the_run_s_own_timeout_exits_124() {
    let text = "kind: runbook/v1\nname: slow\ntimeout: 300ms\nsteps:\n  - id: sleep\n    exec: sleep 30\n";
    let _ = Workspace::new().file("slow.yaml", text).runbook(["run", "slow.yaml"]).run().exits(124);
}

#[test]
fn a_channel_whose_secret_is_not_set_is_no_channel() {
    let system = "kind: system/v1\nname: s\nsecrets:\n  hook: { env: NO_SUCH_HOOK, default: null }\nchannels:\n  ops: { slack: \"${{ secrets.hook }}\" }\n";
    let runbook = "kind: runbook/v1\nname: r\nsystem: s.yaml\nsteps:\n  - id: tell\n    notify: done\n";
    let workspace = Workspace::new().file("s.yaml", system).file("r.yaml", runbook);
    let _ = workspace.runbook(["run", "r.yaml"]).run().exits(0).says("no channel is set").never_says("warning");
}
