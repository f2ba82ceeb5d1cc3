//! Signals in every state of a run, through the real program: how it ends, what it says, what is left, and that it goes on.

use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::running::{Running, journal, processes_of, say, waits_for};
use crate::support::Workspace;

/// Waits until somebody lets it go on.
const HOLD: &str = "echo held >>held; until test -e go; do sleep 0.02; done";

/// A runbook that is held in one state, and the steps that have taken effect when it is over.
struct State {
    name: &'static str,
    runbook: String,
    /// What `effects` holds at the end.
    effects: &'static str,
    /// How the resumed run ends.
    resumed: i32,
}

fn states() -> Vec<State> {
    let state = |name, body: String, effects, resumed| State {
        name,
        runbook: format!("kind: runbook/v1\nname: signals\n{body}"),
        effects,
        resumed,
    };
    let first = "steps:\n  - id: a\n    shell: echo a >>effects\n";
    vec![
        state("guard", format!("preflight:\n  - shell: {HOLD}\n{first}"), "a\n", 0),
        state(
            "step",
            format!("{first}  - id: b\n    idempotent: true\n    shell: {HOLD}; echo b >>effects\n"),
            "a\nb\n",
            0,
        ),
        state("gate", format!("{first}    gate:\n      shell: {HOLD}\n      within: 30s\n"), "a\n", 0),
        state(
            "backoff",
            format!(
                "{first}  - id: b\n    idempotent: true\n    shell: echo held >>held; test -e go; echo b >>effects\n    retry: {{ attempts: 9, delay: 2s, factor: 1 }}\n"
            ),
            "a\nb\n",
            0,
        ),
        state(
            "finally",
            format!("{first}finally:\n  - id: f\n    idempotent: true\n    shell: {HOLD}; echo f >>effects\n"),
            "a\nf\n",
            0,
        ),
        state(
            "rollback",
            format!(
                "on_failure: rollback\n{first}    rollback:\n      shell: {HOLD}; echo undone >>effects\n      done_when: {{ shell: grep -q undone effects }}\n  - id: b\n    exec: \"false\"\n"
            ),
            "a\nundone\n",
            10,
        ),
    ]
}

fn held(workspace: &Workspace, book: &State) -> Running {
    workspace.write("book.yaml", &book.runbook);
    let running = Running::start(workspace.runbook(["run", "book.yaml"]));
    waits_for(book.name, || workspace.path("held").exists());
    running
}

/// One cell of the matrix.
fn cell(book: &State, signal: Signal, times: usize) -> String {
    let workspace = Workspace::new();
    let running = held(&workspace, book);
    for _ in 0..times {
        running.signals(signal);
        sleep(Duration::from_millis(150));
    }
    if times == 1 {
        // What runs may end by itself.
        workspace.write("go", "");
    }
    let ran = running.ends();
    let place = format!("{} {signal} x{times}: {ran:?}", book.name);
    let path = journal(&workspace.path("runs")).expect("a journal");
    let run = path.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    let loaded = runbook::journal::load(&path).unwrap_or_else(|error| panic!("{place}: {error}"));
    assert!(loaded.torn.is_none(), "{place}");
    if times < 3 {
        waits_for(&place, || processes_of(&run).is_empty());
    }
    let said = format!("{}{}", ran.stdout, ran.stderr);
    let code = ran.code.expect("a code");
    let own = [0, book.resumed, 128 + signal as i32];
    assert!(own.contains(&code), "{place}");
    if code != 0 && code != book.resumed {
        assert!(said.contains("runbook resume") || times == 3, "{place}");
        workspace.write("go", "");
        let resumed = workspace.runbook(["resume"]).run();
        assert_eq!(resumed.code, Some(book.resumed), "{place}\n{resumed:?}");
    }
    assert!(processes_of(&run).is_empty(), "{place}");
    assert_eq!(workspace.read("effects"), book.effects, "{place}");
    format!("{} {signal} x{times}: {code}", book.name)
}

fn row(signal: Signal, times: usize) {
    let books = states();
    let cells: Vec<String> = std::thread::scope(|scope| {
        let cells: Vec<_> = books.iter().map(|book| scope.spawn(move || cell(book, signal, times))).collect();
        cells.into_iter().map(|cell| cell.join().expect("a cell that holds")).collect()
    });
    say(&cells.join("\n"));
}

#[test]
fn one_interrupt_lets_what_runs_end() {
    row(Signal::SIGINT, 1);
}

#[test]
fn two_interrupts_end_what_runs() {
    row(Signal::SIGINT, 2);
}

#[test]
fn three_interrupts_leave_at_once_and_the_run_goes_on() {
    row(Signal::SIGINT, 3);
}

#[test]
fn one_request_to_terminate_lets_what_runs_end() {
    row(Signal::SIGTERM, 1);
}

#[test]
fn two_requests_to_terminate_end_what_runs() {
    row(Signal::SIGTERM, 2);
}

#[test]
fn three_requests_to_terminate_leave_at_once_and_the_run_goes_on() {
    row(Signal::SIGTERM, 3);
}

#[test]
fn a_lost_connection_pauses_in_every_state() {
    row(Signal::SIGHUP, 1);
}

#[test]
fn a_stopped_engine_goes_on_in_every_state() {
    for book in states() {
        let workspace = Workspace::new();
        let running = held(&workspace, &book);
        for signal in [Signal::SIGTSTP, Signal::SIGCONT, Signal::SIGSTOP, Signal::SIGCONT] {
            running.signals(signal);
            sleep(Duration::from_millis(50));
        }
        workspace.write("go", "");
        let ran = running.ends();
        assert_eq!(ran.code, Some(book.resumed), "{}: {ran:?}", book.name);
        assert_eq!(workspace.read("effects"), book.effects, "{}", book.name);
    }
}

#[test]
fn nobody_reading_its_output_stops_no_run() {
    for book in states() {
        let workspace = Workspace::new().file("go", "").file("book.yaml", &book.runbook);
        for json in [&[][..], &["--json"]] {
            workspace.write("effects", "");
            let mut command = workspace.runbook(["run", "book.yaml", "-vv"]).args(json).into_command();
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let status = command.stdout(writer.try_clone().unwrap()).stderr(writer).status().unwrap();
            assert_eq!(status.code(), Some(book.resumed), "{} {json:?}", book.name);
            assert_eq!(workspace.read("effects"), book.effects, "{}", book.name);
        }
    }
}
