//! One engine per system and environment: who is in the way is told, who is dead is not in the way, who froze is shut out.

use std::fs;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::support::driven::{Driven, Records, holds};
use crate::support::{Runbook, Workspace};

const SYSTEM: &str = "kind: system/v1\nname: shop\nenvironments:\n  blue: { class: staging }\n";

const RUNBOOK: &str = "\
kind: runbook/v1
name: fix
system: shop.yaml
steps:
  - id: first
    exec: touch first.txt
  - id: waits
    idempotent: true
    shell: |
      echo waits >>effects
      while [ -f waiting ]; do sleep 0.02; done
  - id: last
    shell: echo last >>effects
";

fn workspace() -> Workspace {
    Workspace::new().file("shop.yaml", SYSTEM).file("fix.yaml", RUNBOOK).file("waiting", "")
}

fn call(workspace: &Workspace, arguments: &[&str]) -> Runbook {
    workspace.runbook(arguments).env("RUNBOOK_LOCKS", workspace.path("locks"))
}

/// An engine that is in the step `waits`.
fn holder(workspace: &Workspace) -> (Driven, String) {
    let engine = Driven::start(call(workspace, &["run", "fix.yaml", "-e", "blue"]), &workspace.path("holder"));
    let records = || Records::newest(&workspace.path("runs"));
    holds("it waits", || workspace.read("effects") == "waits\n" && records().last("step_noted", "waits").is_some());
    let run = records().run().to_owned();
    (engine, run)
}

#[test]
fn a_second_engine_is_told_who_is_in_the_way() {
    let workspace = workspace();
    let (engine, run) = holder(&workspace);
    let records = Records::newest(&workspace.path("runs"));
    let who = records.0[0]["operator"].as_str().unwrap();
    let since = &records.0[0]["at"].as_str().unwrap()[..16];
    let host = nix::unistd::gethostname().unwrap();
    let second = call(&workspace, &["run", "fix.yaml", "-e", "blue"]).run().exits(5);
    for part in ["shop in blue", who, host.to_str().unwrap(), &engine.id().to_string(), &run, "step `waits`", since] {
        assert!(second.stderr.contains(part), "`{part}` is not in\n{}", second.stderr);
    }
    let _ = call(&workspace, &["resume", &run]).run().exits(5).warns(&engine.id().to_string());
    assert_eq!(workspace.read("effects"), "waits\n");
    assert_eq!(fs::read_dir(workspace.path("runs")).unwrap().count(), 1, "nothing is kept of a run that never began");
}

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "it measures")]
fn the_next_engine_starts_at_once_where_the_holder_was_killed() {
    let workspace = workspace();
    let (engine, run) = holder(&workspace);
    let _ = call(&workspace, &["run", "fix.yaml", "-e", "blue"]).run().exits(5);
    let killed = Instant::now();
    engine.kill();
    let mut next = Driven::start(call(&workspace, &["run", "fix.yaml", "-e", "blue"]), &workspace.path("next"));
    holds("the next run", || {
        let records = Records::newest(&workspace.path("runs"));
        records.last("step_started", "waits").is_some() && records.run() != run
    });
    let took = killed.elapsed();
    eprintln!("the next engine was at work {} ms after its predecessor was killed", took.as_millis());
    assert!(took < Duration::from_secs(1), "{took:?}");
    fs::remove_file(workspace.path("waiting")).unwrap();
    let _ = next.ends(0);
}

#[test]
fn a_frozen_holder_is_shut_out_and_starts_nothing_more() {
    let workspace = workspace();
    let (mut engine, run) = holder(&workspace);
    engine.signal(Signal::SIGSTOP);
    let _ = call(&workspace, &["resume", &run]).run().exits(5);
    let _ = call(&workspace, &["unlock", &run]).run().exits(5).warns("--force");
    let _ = call(&workspace, &["unlock", &run, "--force"]).run().exits(0).says("is free");
    fs::remove_file(workspace.path("waiting")).unwrap();
    let mut next = Driven::start(call(&workspace, &["resume", &run]), &workspace.path("next"));
    let _ = next.ends(0);
    let records = Records::newest(&workspace.path("runs")).0.len();
    let effects = "waits\nwaits\nlast\n";
    assert_eq!(workspace.read("effects"), effects);
    engine.signal(Signal::SIGCONT);
    let old = engine.ends(8);
    assert!(old.stdout.contains("taken over") || old.stdout.contains("epoch"), "{}", old.stdout);
    assert_eq!(workspace.read("effects"), effects, "it started nothing more");
    assert_eq!(Records::newest(&workspace.path("runs")).0.len(), records, "it wrote nothing more");
    let _ = call(&workspace, &["show", &run]).run().exits(0).says("succeeded");
}
