//! `runbook resume` through the program: its engine is killed, and another one goes on.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::Workspace;

const RUNBOOK: &str = "
kind: runbook/v1
name: three
params:
  word:
    type: string
    default: hello
steps:
  - id: one
    shell: echo one >>log
    outputs:
      version: ('1.' ~ '10')
  - id: two
    shell: |
      echo two >>log
      while [ ! -e go ]; do sleep 0.02; done
    done_when:
      shell: test -e go
  - id: three
    shell: echo three ${{ steps.one.outputs.version }} ${{ params.word }} >>log
";

/// A run whose engine was killed while `two` ran.
fn killed() -> Workspace {
    let workspace = Workspace::new().file("three.yaml", RUNBOOK);
    let mut engine = workspace.runbook(["run", "three.yaml", "-q"]).start();
    appears(&workspace.path("log"), "two");
    engine.kill().unwrap();
    engine.wait().unwrap();
    workspace
}

#[expect(clippy::disallowed_methods, reason = "a test's own patience")]
fn appears(path: &Path, text: &str) {
    let began = Instant::now();
    while !std::fs::read_to_string(path).unwrap_or_default().contains(text) {
        assert!(began.elapsed() < Duration::from_secs(20), "`{text}` never appears");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_newest_run_goes_on_where_its_engine_was_killed() {
    let workspace = killed();
    workspace.write("go", "");
    let _ = workspace.runbook(["resume"]).run().exits(0).never_says("one: one");
    assert_eq!(workspace.read("log"), "one\ntwo\nthree 1.10 hello\n");
    let _ = workspace.runbook(["resume"]).run().exits(2).warns("could go on");
    let shown = workspace.runbook(["show", "--json"]).run().exits(0);
    assert_eq!(shown.json_lines()[0]["outcome"], "succeeded");
}

#[test]
fn what_nobody_saw_end_stops_a_run_without_a_person() {
    let workspace =
        Workspace::new().file("three.yaml", RUNBOOK.replace("    done_when:\n      shell: test -e go\n", ""));
    let mut engine = workspace.runbook(["run", "three.yaml", "-q"]).start();
    appears(&workspace.path("log"), "two");
    engine.kill().unwrap();
    engine.wait().unwrap();
    let _ = workspace.runbook(["resume"]).run().exits(7);
    assert_eq!(workspace.read("log"), "one\ntwo\n");
}

#[test]
fn a_changed_runbook_is_refused_and_can_be_accepted() {
    let workspace = killed();
    workspace.write("go", "");
    workspace.write("three.yaml", RUNBOOK.replace("echo three", "echo THREE"));
    let _ = workspace.runbook(["resume"]).run().exits(4).warns("three.yaml:").warns("--accept-changes");
    assert_eq!(workspace.read("log"), "one\ntwo\n");
    let _ = workspace.runbook(["resume", "--accept-changes"]).run().exits(0).warns("changed: ");
    assert_eq!(workspace.read("log"), "one\ntwo\nTHREE 1.10 hello\n");
}

#[test]
fn a_failed_run_goes_on_with_the_step_that_failed() {
    let yaml = "kind: runbook/v1\nname: x\nsteps:\n  - id: one\n    shell: echo one >>log\n  - id: two\n    shell: test -e go\n";
    let workspace = Workspace::new().file("x.yaml", yaml);
    let _ = workspace.runbook(["run", "x.yaml"]).run().exits(1).says("runbook resume");
    let _ = workspace.runbook(["resume"]).run().exits(1);
    workspace.write("go", "");
    let _ = workspace.runbook(["resume"]).run().exits(0);
    assert_eq!(workspace.read("log"), "one\n");
}

#[test]
fn a_run_goes_on_in_its_own_directory_wherever_it_is_resumed() {
    let workspace = killed();
    workspace.write("go", "");
    let elsewhere = Workspace::new();
    let runs = workspace.path("runs");
    let arguments = ["resume", "--runs-dir", runs.to_str().unwrap()];
    let _ = elsewhere.runbook(arguments).run().exits(0);
    assert_eq!(workspace.read("log"), "one\ntwo\nthree 1.10 hello\n");
}

#[test]
fn cancelling_a_run_that_nobody_drives_is_the_end_of_it() {
    let workspace = killed();
    let runs = std::fs::read_dir(workspace.path("runs")).unwrap();
    let run = runs.map(|run| run.unwrap().file_name().into_string().unwrap()).next().unwrap();
    let _ = workspace.runbook(["cancel", &run, "--why", "another way"]).run().exits(0);
    let _ = workspace.runbook(["resume", &run]).run().exits(4).warns("over");
    assert_eq!(workspace.read("log"), "one\ntwo\n");
}
