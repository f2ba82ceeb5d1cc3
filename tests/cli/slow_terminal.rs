//! A terminal that is stopped (Ctrl-S) or so slow that it takes nothing: the run goes on, questions and all.

use std::fs::File;
use std::io::Read;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::openpty;
use nix::unistd::{User, getuid};

use crate::support::Workspace;

const PATIENCE: Duration = Duration::from_secs(30);

const SYSTEM: &str = "\
kind: system/v1
name: shop
title: Shop
environments:
  staging:
    class: staging
    identity:
      exec: echo staging
      expect: stdout == 'staging'
roles:
  dba: [WHO]
";

const CHATTY: &str = "\
kind: runbook/v1
name: chatty
title: Talk and ask
system: shop.yaml
steps:
  - id: talk
    title: Talk
    shell: for i in $(seq 3000); do echo \"line $i of many that nobody reads\"; done
  - id: agreed
    title: Only when somebody agrees
    exec: touch agreed
    approve:
      by: [dba]
      min: 1
";

/// Waits until the condition holds.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "a test's own patience")]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn journal(workspace: &Workspace) -> String {
    let runs = std::fs::read_dir(workspace.path("runs")).into_iter().flatten().flatten().next();
    runs.and_then(|run| std::fs::read_to_string(run.path().join("journal.jsonl")).ok()).unwrap_or_default()
}

fn who() -> String {
    User::from_uid(getuid()).unwrap().unwrap().name
}

fn workspace() -> Workspace {
    Workspace::new().file("shop.yaml", SYSTEM.replace("WHO", &who())).file("chatty.yaml", CHATTY)
}

#[test]
fn a_terminal_that_takes_nothing_stops_no_run() {
    let workspace = workspace();
    let pty = openpty(None, None).unwrap();
    let end = || Stdio::from(pty.slave.try_clone().unwrap());
    let mut command = workspace.runbook(["run", "chatty.yaml", "-v", "--environment", "staging"]).into_command();
    let mut child = command.env("TERM", "xterm").stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
    drop(command);
    drop(pty.slave);
    until("the question is asked", || journal(&workspace).contains("approval_asked"));
    let run = workspace.path("runs").read_dir().unwrap().next().unwrap().unwrap().file_name().into_string().unwrap();
    let _ = workspace.runbook(["approve", &run, "agreed", "--reason", "CHG-1"]).run().exits(0);
    until("the run ends", || journal(&workspace).contains("run_finished"));
    assert!(workspace.path("agreed").exists());
    // Whoever looks again sees the rest, and the program ends.
    let mut terminal = File::from(pty.master);
    let mut seen = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = terminal.read(&mut bytes) {
        seen.extend_from_slice(&bytes[..count]);
    }
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let seen = console::strip_ansi_codes(&String::from_utf8_lossy(&seen)).into_owned();
    assert!(seen.contains("read it again"), "{seen}");
}

#[test]
fn a_pipe_that_nobody_reads_stops_no_run_and_loses_no_record() {
    let workspace = workspace();
    let chatty = CHATTY.split("  - id: agreed").next().unwrap();
    let many: Vec<String> =
        (0..200).map(|at| format!("  - id: s{at}\n    title: {}\n    exec: 'true'\n", "x".repeat(400))).collect();
    let many = many.concat();
    workspace.write("many.yaml", format!("{chatty}{many}"));
    let mut command = workspace.runbook(["run", "many.yaml", "--environment", "staging", "--json"]).into_command();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    until("the run ends", || journal(&workspace).contains("run_finished"));
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(text.matches("\"kind\":\"step_finished\"").count(), 201);
    assert!(text.trim_end().lines().last().unwrap().contains("\"kind\":\"summary\""));
}
