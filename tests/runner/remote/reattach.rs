//! The client is only a way to look: the command runs once, and its real end comes back, whatever becomes of clients and engines.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use runbook::model::work::{End, Work};
use runbook::runner::Runner;

use super::sshd::Machine;
use crate::runner::{Bench, env, lives, script};

/// Counts its runs in a file, says something, waits for `go`, says more, ends with 42.
fn counted(machine: &Machine) -> Work {
    let mut work = script(
        "echo run >> $AT/runs; echo before; echo ready > $AT/ready; while [ -d $AT ] && [ ! -e $AT/go ]; do sleep 0.02; done; echo after; echo k=v > $RUNBOOK_OUTPUT; exit 42",
    );
    work.env = vec![env("AT", machine.directory.path().to_str().unwrap())];
    Machine::there(work)
}

async fn appears(path: &Path) {
    for _ in 0..1_000 {
        if path.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} never appears", path.display());
}

fn cut(pid: u32) {
    kill(Pid::from_raw(i32::try_from(pid).unwrap()), Signal::SIGKILL).unwrap();
}

fn came_back(done: &runbook::model::work::Completion) {
    assert_eq!(done.end, End::Exited(42), "{}", done.stderr);
    assert_eq!(done.stdout.as_deref(), Some("before\nafter\n"));
    assert_eq!(done.values["k"], "v");
}

#[tokio::test]
async fn a_killed_client_is_replaced_and_the_command_ran_once() {
    let machine = Machine::start();
    let mut bench = machine.bench();
    bench.runner.start(counted(&machine));
    appears(&machine.at("ready")).await;
    cut(bench.spawned.recv().await.unwrap());
    tokio::time::sleep(Duration::from_millis(300)).await;
    fs::write(machine.at("go"), "").unwrap();
    let (_, done) = bench.next().await;
    came_back(&done);
    assert_eq!(fs::read_to_string(machine.at("runs")).unwrap(), "run\n");
    assert_eq!(bench.log().unwrap(), b"before\nafter\n", "nothing twice");
}

#[tokio::test]
async fn a_machine_that_cannot_be_reached_for_a_while_is_waited_for() {
    let mut machine = Machine::start();
    let mut bench = machine.bench();
    bench.runner.start(counted(&machine));
    appears(&machine.at("ready")).await;
    machine.unplug();
    cut(bench.spawned.recv().await.unwrap());
    fs::write(machine.at("go"), "").unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    machine.boot();
    came_back(&bench.next().await.1);
    assert_eq!(fs::read_to_string(machine.at("runs")).unwrap(), "run\n");
}

/// Starts it under one engine, which then knows no more; gives another.
async fn engine_dies(machine: &Machine, work: &Work) -> Bench {
    let mut first = machine.bench();
    first.runner.start(work.clone());
    appears(&machine.at("ready")).await;
    // The dead engine's client lives on for a while.
    let client = first.spawned.recv().await.unwrap();
    assert!(lives(&client.to_string()));
    let second = machine.bench();
    std::mem::forget(first);
    second
}

#[tokio::test]
async fn another_engine_finds_it_running() {
    let machine = Machine::start();
    let work = counted(&machine);
    let mut second = engine_dies(&machine, &work).await;
    second.runner.recover(work);
    tokio::time::sleep(Duration::from_millis(500)).await;
    fs::write(machine.at("go"), "").unwrap();
    came_back(&second.next().await.1);
    assert_eq!(fs::read_to_string(machine.at("runs")).unwrap(), "run\n");
}

#[tokio::test]
async fn another_engine_finds_it_ended_as_often_as_it_asks() {
    let machine = Machine::start();
    let work = counted(&machine);
    let mut second = engine_dies(&machine, &work).await;
    fs::write(machine.at("go"), "").unwrap();
    for _ in 0..2 {
        second.runner.recover(work.clone());
        came_back(&second.next().await.1);
    }
    // A start with a token that was there attaches too.
    came_back(&second.run(work).await);
    assert_eq!(fs::read_to_string(machine.at("runs")).unwrap(), "run\n");
}

#[tokio::test]
async fn what_never_began_is_told_and_never_begins() {
    let machine = Machine::start();
    let work = counted(&machine);
    let mut bench = machine.bench();
    bench.runner.recover(work.clone());
    let never = |end: &End| matches!(end, End::Unreachable { may_have_run: false, .. });
    let (_, done) = bench.next().await;
    assert!(never(&done.end), "{:?}", done.end);
    // The dead engine's own contact arrives late.
    let late = bench.run(work).await;
    assert!(never(&late.end), "{:?}", late.end);
    assert!(!machine.at("runs").exists());
}

#[tokio::test]
async fn a_supervisor_that_was_killed_leaves_an_unknown_outcome() {
    let machine = Machine::start();
    let work = counted(&machine);
    let mut bench = machine.bench();
    bench.runner.start(work.clone());
    appears(&machine.at("ready")).await;
    let text = fs::read_to_string(machine.kept(&work.attempt.token.0).join("pid")).unwrap();
    cut(text.split(' ').next().unwrap().parse().unwrap());
    let (_, done) = bench.next().await;
    assert!(matches!(done.end, End::Unreachable { may_have_run: true, .. }), "{:?}", done.end);
    fs::write(machine.at("go"), "").unwrap();
}
