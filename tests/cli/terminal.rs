//! On a terminal: progress, prompts, interrupts.

use nix::sys::signal::Signal;

use crate::support::Workspace;

const ASKS: &str = "\
kind: runbook/v1
name: asks
title: Wipe and refill
objectives:
  rto: 1h
steps:
  - id: look
    title: Look around
    exec: echo something
  - id: wipe
    title: Wipe the data
    exec: rm -rf data
    effect: destroy
    confirm:
      typed: production
      show: This deletes data/
  - id: person
    title: Call the customer
    manual:
      text: Call them and note the ticket
      inputs:
        ticket:
          type: int
          min: 1
  - id: note
    exec: [sh, -c, 'echo \"$0\" > ticket.txt', '${{ steps.person.outputs.ticket }}']
";

fn workspace() -> Workspace {
    Workspace::new().file("asks.yaml", ASKS).file("data/x", "precious")
}

#[test]
fn people_confirm_by_typing_and_do_manual_steps() {
    let workspace = workspace();
    let mut session = workspace.runbook(["run", "asks.yaml"]).on_a_terminal();
    session.sees("This deletes data/");
    session.sees("Type production to go on");
    session.types("prod");
    session.sees("That is something else.");
    assert!(workspace.path("data/x").exists());
    session.types("production");
    session.sees("Call them and note the ticket");
    session.sees("Done? [y/N]");
    session.types("y");
    session.sees("ticket: ");
    session.types("soon");
    session.types("0");
    session.types("42");
    session.exits(0);
    assert!(!workspace.path("data").exists());
    assert_eq!(workspace.read("ticket.txt").trim(), "42");
    let text = session.text();
    for part in ["✓ Look around", "✓ Wipe the data", "RTO 1h", "recovered in", "RTO 1h: met"] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn nothing_typed_is_a_refusal() {
    let workspace = workspace();
    let mut session = workspace.runbook(["run", "asks.yaml"]).on_a_terminal();
    session.sees("Type production to go on");
    session.types("");
    session.exits(1);
    assert!(workspace.path("data/x").exists());
    assert!(session.text().contains("a person answered no"), "{}", session.text());
}

#[test]
fn no_color_means_no_colour() {
    let workspace = Workspace::new()
        .file("ok.yaml", "kind: runbook/v1\nname: ok\nsteps:\n  - id: a\n    exec: echo hi\n")
        .file("bad.yaml", "kind: runbook/v1\nname: ok\nsetps: []\n");
    for file in ["ok.yaml", "bad.yaml"] {
        let mut session = workspace.runbook(["run", file]).env("NO_COLOR", "1").on_a_terminal();
        session.exits(if file == "ok.yaml" { 0 } else { 2 });
        let raw = session.raw();
        assert!(!raw.contains("\x1b[3") && !raw.contains("\x1b[1m"), "{raw:?}");
    }
    let mut session = workspace.runbook(["run", "ok.yaml"]).env("TERM", "xterm").on_a_terminal();
    session.exits(0);
    assert!(session.raw().contains("\x1b["));
}

#[test]
fn an_interrupt_while_asking_ends_the_run_with_its_table() {
    let workspace = workspace();
    let mut session = workspace.runbook(["run", "asks.yaml"]).on_a_terminal();
    session.sees("Type production to go on");
    session.interrupts();
    session.exits(130);
    assert!(workspace.path("data/x").exists());
    assert!(session.text().contains("interrupted after"), "{}", session.text());
}

#[test]
fn ctrl_c_at_a_prompt_is_the_first_interrupt() {
    let workspace = workspace();
    let mut session = workspace.runbook(["run", "asks.yaml"]).on_a_terminal();
    session.sees("Type production to go on");
    session.presses("produ\x03");
    session.exits(130);
    assert!(workspace.path("data/x").exists());
    assert!(session.text().contains("interrupted after"), "{}", session.text());
    assert!(session.is_as_before());
}

#[test]
fn the_terminal_is_as_before_after_every_signal() {
    let workspace = workspace();
    for (signals, times) in [(Signal::SIGTERM, 1), (Signal::SIGINT, 3), (Signal::SIGHUP, 1)] {
        let mut session = workspace.runbook(["run", "asks.yaml"]).on_a_terminal();
        session.sees("Type production to go on");
        assert!(!session.is_as_before());
        for _ in 0..times {
            session.signals(signals);
        }
        session.ends();
        assert!(session.is_as_before(), "{signals}");
        assert!(workspace.path("data/x").exists());
    }
}

#[test]
fn a_lost_line_is_never_a_yes() {
    let workspace = workspace();
    let mut session = workspace.runbook(["run", "asks.yaml"]).on_a_terminal();
    session.sees("Type production to go on");
    session.presses("production");
    session.hangs_up();
    assert_ne!(session.ends(), Some(0));
    assert!(workspace.path("data/x").exists());
}

#[test]
fn what_was_typed_before_a_question_does_not_answer_it() {
    let workspace = Workspace::new().file(
        "asks.yaml",
        "kind: runbook/v1\nname: asks\nsteps:\n  - id: wait\n    shell: until test -e typed; do sleep 0.02; done\n  - id: wipe\n    exec: touch \
         wiped\n    confirm: true\n",
    );
    let mut session = workspace.runbook(["run", "asks.yaml"]).on_a_terminal();
    session.sees("wait");
    session.types("y");
    workspace.write("typed", "");
    session.sees("Go on? [y/N]");
    session.types("");
    session.exits(1);
    assert!(!workspace.path("wiped").exists());
}
