//! Two terminals: a real run in one, words to it from the other.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::Workspace;

const SYSTEM: &str = "\
kind: system/v1
name: shop
roles:
  owners: [root, ben]
environments:
  blue: { class: staging }
";

const RUNBOOK: &str = "\
kind: runbook/v1
name: wipe
system: shop.yaml
steps:
  - id: first
    exec: touch first.txt
  - id: wipe
    approve: { by: [owners], min: 1 }
    exec: touch wiped.txt
  - id: wait
    exec: sleep 60
";

fn workspace() -> Workspace {
    Workspace::new().file("shop.yaml", SYSTEM).file("wipe.yaml", RUNBOOK)
}

#[expect(clippy::disallowed_methods, reason = "a test's own patience")]
fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// An engine in another terminal; ended with its test.
struct Engine(Child);

impl Engine {
    fn start(workspace: &Workspace) -> Self {
        let locks = workspace.path("locks");
        let mut command = workspace.runbook(["run", "wipe.yaml"]).env("RUNBOOK_LOCKS", locks).into_command();
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Already gone in a test that passed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run_id(workspace: &Workspace) -> String {
    let runs = workspace.path("runs");
    until("a run", || std::fs::read_dir(&runs).is_ok_and(|mut found| found.next().is_some()));
    std::fs::read_dir(&runs).unwrap().next().unwrap().unwrap().file_name().into_string().unwrap()
}

fn journal(workspace: &Workspace, run: &str) -> String {
    std::fs::read_to_string(workspace.path("runs").join(Path::new(run)).join("journal.jsonl")).unwrap_or_default()
}

#[test]
fn a_run_is_approved_watched_paused_and_cancelled_from_another_terminal() {
    let workspace = workspace();
    let locks = workspace.path("locks");
    let mut engine = Engine::start(&workspace);
    let run = run_id(&workspace);
    let other = |args: &[&str]| workspace.runbook(args).env("RUNBOOK_LOCKS", &locks).run();
    until("asked", || journal(&workspace, &run).contains("approval_asked"));
    let _ = other(&["runs"]).exits(0).says("running").says("1/3");
    let _ = other(&["status"]).exits(0).says("waits: `wipe` needs 1 of 1 approval (any of root, ben)");
    let _ = other(&["unlock", &run]).exits(5).warns("a living engine holds this run");
    let _ = other(&["run", "wipe.yaml"]).exits(5).warns(&run);
    let _ = other(&["approve", &run, "first", "--reason", "x"]).exits(4).warns("does not wait for approval");
    assert!(!workspace.path("wiped.txt").exists());
    let ran = other(&["approve", &run, "wipe", "--reason", "CHG-1"]);
    if nix::unistd::geteuid().is_root() {
        let _ = ran.exits(0).says("touch wiped.txt").says("nobody else is needed");
        until("wiped", || workspace.path("wiped.txt").exists());
        until("wait", || journal(&workspace, &run).contains("\"step\":\"wait\""));
    } else {
        let _ = ran.exits(4).warns("it does not count");
    }
    let _ = other(&["cancel", &run, "--why", "false alarm"]).exits(0).says("is being cancelled");
    assert_eq!(engine.0.wait().unwrap().code(), Some(1));
    let _ = other(&["show"]).exits(0).says("cancelled by").says("false alarm");
    let _ = other(&["cancel", &run]).exits(4).warns("is over (cancelled)");
    let _ = other(&["runs"]).exits(0).says("cancelled");
}

#[test]
fn a_paused_run_is_cancelled_where_no_engine_drives_it() {
    let workspace = workspace();
    workspace.write(
        "wipe.yaml",
        RUNBOOK.replace("    approve: { by: [owners], min: 1 }\n", "").replace("sleep 60", "sleep 1"),
    );
    let locks = workspace.path("locks");
    let mut engine = Engine::start(&workspace);
    let run = run_id(&workspace);
    let other = |args: &[&str]| workspace.runbook(args).env("RUNBOOK_LOCKS", &locks).run();
    until("wait", || journal(&workspace, &run).contains("\"step\":\"wait\""));
    let _ = other(&["pause", &run, "--why", "shift"]).exits(0).says("pauses");
    let code = engine.0.wait().unwrap().code();
    if code == Some(6) {
        let _ = other(&["pause", &run]).exits(0).says("is paused already");
        let _ = other(&["show"]).exits(0).says("paused by").says(&format!("resume: runbook resume {run}"));
        let _ = other(&["cancel", &run]).exits(0);
        let _ = other(&["show"]).exits(0).says("cancelled");
    } else {
        assert_eq!(code, Some(0), "the last step was over before the letter came");
    }
}
