//! Work on another machine by the real program, over a real `sshd`: whatever is killed, the command over there ran once, and its real
//! exit code comes back.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::support::driven::{Records, holds, signal, until};
use crate::support::far::{PASSWORD, Scene};

const RUNBOOK: &str = "\
kind: runbook/v1
name: far
system: far.yaml
secrets: { password: { env: FAR_PASSWORD } }
steps:
  - id: before
    exec: touch before.txt
  - id: counted
    target: db
    shell: |
      echo run >>\"$AT/runs\"
      echo \"before ${#PASSWORD} $PASSWORD\"
      : >\"$AT/ready\"
      while [ -d \"$AT\" ] && [ ! -e \"$AT/go\" ]; do sleep 0.02; done
      echo after
      exit 42
    env: { AT: \"MACHINE\", PASSWORD: \"${{ secrets.password }}\" }
    expect: exit == 42
    outputs: { code: exit, last: lines | last }
  - id: after
    exec: [sh, -c, 'echo $1 >>after.txt', sh, \"${{ steps.counted.outputs.code }} ${{ steps.counted.outputs.last }}\"]
";

/// The system has this machine, and nothing else.
fn scene() -> Scene {
    Scene::new(RUNBOOK, "")
}

/// What must hold at the end, whatever was killed. Gives the journal.
#[track_caller]
fn came_back(scene: &Scene) -> Records {
    assert_eq!(fs::read_to_string(scene.machine.at("runs")).unwrap(), "run\n", "it ran once");
    assert_eq!(scene.workspace.read("after.txt"), "42 after\n");
    let records = scene.records();
    assert_eq!(records.text("step_finished", "counted", "outcome"), "succeeded");
    assert_eq!(records.ran_again(), Vec::<&str>::new());
    let logs = scene.call(&["logs", records.run(), "counted"]).run().exits(0);
    assert!(logs.stdout.ends_with(&format!("before {} ***\nafter\n", PASSWORD.len())), "{}", logs.stdout);
    records
}

#[test]
fn a_killed_client_is_replaced() {
    let scene = scene();
    let mut engine = scene.engine(&["run", "run.yaml"]);
    signal(scene.client("counted"), Signal::SIGKILL);
    std::thread::sleep(Duration::from_millis(300));
    scene.go();
    let _ = engine.ends(0);
    let records = came_back(&scene);
    assert!(records.last("resolved", "counted").is_none(), "the engine saw its end itself");
}

#[test]
fn a_killed_engine_is_replaced_while_the_command_goes_on() {
    let scene = scene();
    let engine = scene.engine(&["run", "run.yaml"]);
    scene.client("counted");
    engine.kill();
    let mut next = scene.engine(&["resume"]);
    holds("the next engine", || scene.records().0.iter().any(|record| record["kind"] == "run_resumed"));
    std::thread::sleep(Duration::from_millis(500));
    scene.go();
    let _ = next.ends(0);
    assert_eq!(came_back(&scene).resolved("counted"), ("done", "reattached"));
}

#[test]
fn a_command_that_ended_while_nobody_looked_is_not_run_again() {
    let scene = scene();
    let engine = scene.engine(&["run", "run.yaml"]);
    let client = scene.client("counted");
    engine.kill();
    signal(client, Signal::SIGKILL);
    scene.go();
    let kept = scene.machine.kept(scene.records().text("step_started", "counted", "token"));
    holds("its end is kept over there", || kept.join("exit").exists());
    let _ = scene.resumed();
    assert_eq!(came_back(&scene).resolved("counted"), ("done", "reattached"));
    let _ = scene.call(&["resume"]).run().exits(2);
}

#[test]
fn engine_and_client_killed_again_and_again() {
    let scene = scene();
    let mut engine = scene.engine(&["run", "run.yaml"]);
    let mut client = scene.client("counted");
    for _ in 0..2 {
        engine.kill();
        signal(client, Signal::SIGKILL);
        engine = scene.engine(&["resume"]);
        let last = client;
        client = until("the next client", || {
            let pid = scene.records().last("step_noted", "counted")?["pid"].as_u64()?;
            u32::try_from(pid).ok().filter(|pid| *pid != last)
        });
    }
    engine.kill();
    signal(client, Signal::SIGKILL);
    scene.go();
    let _ = scene.resumed();
    assert_eq!(came_back(&scene).resolved("counted"), ("done", "reattached"));
}

#[test]
fn a_machine_that_never_heard_of_it_lets_it_begin() {
    let scene = scene();
    scene.go();
    // The intent is written, the client cannot even start: nothing reached the machine.
    scene.workspace.write("bin/ssh", "#!/bin/sh\nsleep 60\n");
    let engine = scene.engine(&["run", "run.yaml"]);
    until("the client", || scene.records().last("step_noted", "counted").cloned());
    engine.kill();
    scene.shim();
    let _ = scene.resumed();
    let records = came_back(&scene);
    assert_eq!(records.resolved("counted").0, "again");
    assert_eq!(records.of("step_started", "counted").len(), 2);
}

#[test]
fn secrets_are_in_no_argument_vector_of_this_machine() {
    let scene = scene();
    let over = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let (mut found, mut looks) = (Vec::new(), 0_u32);
            while !over.load(Ordering::Relaxed) {
                found.extend(command_lines().into_iter().filter(|line| line.contains(PASSWORD)));
                looks += 1;
            }
            (found, looks)
        });
        let engine = scene.engine(&["run", "run.yaml"]);
        scene.client("counted");
        engine.kill();
        scene.go();
        let _ = scene.resumed();
        over.store(true, Ordering::Relaxed);
        watch.join().unwrap()
    });
    came_back(&scene);
    assert!(seen.1 > 20, "{} looks", seen.1);
    assert_eq!(seen.0, Vec::<String>::new());
    assert!(!scene.workspace.read("said").contains(PASSWORD));
    assert_eq!(holding(&scene.workspace.path("runs"), PASSWORD), Vec::<String>::new());
}

/// Of every process.
fn command_lines() -> Vec<String> {
    let pids = fs::read_dir("/proc").unwrap().flatten();
    pids.filter_map(|entry| Some(String::from_utf8_lossy(&fs::read(entry.path().join("cmdline")).ok()?).into_owned()))
        .collect()
}

/// Files below a directory in which a text stands.
fn holding(directory: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            found.extend(holding(&entry.path(), text));
        } else if String::from_utf8_lossy(&fs::read(entry.path()).unwrap_or_default()).contains(text) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}
