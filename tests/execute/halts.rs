//! Pause and cancel, in every state of a run; steps that wait for their failback.

use std::time::Duration;

use runbook::execute::{Answer, Event, Options, Question};
use runbook::model::entry::Entry;
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::work::{Task, Work};

use super::world::{Course, History, Scripted, planned, simulate, yes};

fn word(work: &Work) -> &str {
    match &work.task {
        Task::Program { argv, .. } => argv.get(1).map_or("", String::as_str),
        _ => "",
    }
}

fn pause() -> Event {
    Event::Pause { by: "kim".to_owned(), why: "lunch".to_owned() }
}

fn cancel() -> Event {
    Event::Cancel { by: "kim".to_owned(), why: "wrong town".to_owned() }
}

fn at(seconds: u64, event: Event) -> Course {
    Course { events: vec![(Duration::from_secs(seconds), event)], ..Course::default() }
}

/// Every command takes ten seconds; those in `red` fail.
fn run(yaml: &str, course: Course, red: &[&str]) -> History {
    let script = |work: &Work| Scripted::exit(i32::from(red.contains(&word(work)))).after(Duration::from_secs(10));
    simulate(&planned(&format!("kind: runbook/v1\nname: halts\n{yaml}")), course, script, yes)
}

const CHAIN: &str =
    "steps:\n  - id: a\n    exec: work a\n  - id: b\n    exec: work b\nfinally:\n  - id: z\n    exec: work z\n";

#[test]
fn a_pause_lets_what_runs_finish_and_keeps_finally_for_later() {
    let history = run(CHAIN, at(3, pause()), &[]);
    assert_eq!(history.started(), ["a"]);
    assert_eq!(history.outcome_of("a"), Some(Outcome::Succeeded));
    assert_eq!(history.outcome_of("z"), Some(Outcome::Skipped));
    assert_eq!(history.outcome, Some(RunOutcome::Paused));
    assert_eq!(history.elapsed, Duration::from_secs(10));
    assert!(history.entries.contains(&Entry::Paused { by: "kim".to_owned(), why: "lunch".to_owned() }));
}

#[test]
fn a_step_that_fails_while_the_run_pauses_makes_it_failed() {
    let history = run(CHAIN, at(3, pause()), &["a"]);
    assert_eq!(history.outcome, Some(RunOutcome::Failed));
    assert_eq!(history.started(), ["a"], "finally-steps wait for the resumed run");
}

#[test]
fn a_cancel_ends_what_runs_and_runs_the_finally_steps() {
    let history = run(CHAIN, at(3, cancel()), &[]);
    assert_eq!(history.outcome_of("a"), Some(Outcome::Interrupted));
    assert_eq!(history.ended("b"), Some((Outcome::Skipped, vec!["the run was cancelled".to_owned()])));
    assert_eq!(history.outcome_of("z"), Some(Outcome::Succeeded));
    assert_eq!(history.outcome, Some(RunOutcome::Cancelled));
    assert_eq!(history.elapsed, Duration::from_secs(13));
}

#[test]
fn a_cancel_runs_the_finally_steps_of_groups_that_were_started() {
    let yaml = "steps:\n  - id: g\n    steps:\n      - id: a\n        exec: work a\n    finally:\n      - id: tidy\n        exec: work tidy\n  - id: h\n    steps:\n      - id: b\n        exec: work b\n    finally:\n      - id: never\n        exec: work never\n";
    let history = run(yaml, at(3, cancel()), &[]);
    assert_eq!(history.started(), ["g", "g/a", "g/tidy"]);
    assert_eq!(history.outcome_of("g"), Some(Outcome::Interrupted));
}

#[test]
fn a_signal_during_a_cancel_stops_the_finally_steps_too() {
    let two = CHAIN.replace("    exec: work z\n", "    exec: work z\n  - id: zz\n    exec: work zz\n");
    let mut course = at(3, cancel());
    course.signals = vec![Duration::from_secs(5)];
    let history = run(&two, course, &[]);
    assert_eq!(history.outcome_of("z"), Some(Outcome::Succeeded));
    assert_eq!(history.outcome_of("zz"), Some(Outcome::Skipped));
    assert_eq!(history.outcome, Some(RunOutcome::Cancelled));
    let mut course = at(3, cancel());
    course.signals = vec![Duration::from_secs(5), Duration::from_secs(6)];
    let history = run(&two, course, &[]);
    assert_eq!(history.elapsed, Duration::from_secs(6));
}

/// One runbook a state in which a run can be met; `work slow` is met in its middle.
const STATES: [(&str, &str, &[&str]); 6] = [
    ("guards", "preflight:\n  - exec: work slow\nsteps:\n  - id: a\n    exec: work a\n", &[]),
    ("gate", "steps:\n  - id: a\n    gate:\n      exec: work slow\n      within: 5m\n    exec: work a\n", &["slow"]),
    ("backoff", "steps:\n  - id: a\n    retry: { attempts: 3, delay: 1h, max_delay: 1h }\n    exec: work a\n", &["a"]),
    (
        "fallback",
        "steps:\n  - id: a\n    exec: work a\n    fallback:\n      - id: f\n        exec: work slow\n      - id: g\n        exec: work g\n",
        &["a"],
    ),
    ("question", "steps:\n  - id: a\n    confirm: true\n    exec: work a\n", &[]),
    (
        "undo",
        "steps:\n  - id: a\n    on_failure: rollback\n    exec: work a\n    rollback:\n      exec: work slow\n",
        &["a"],
    ),
];

#[test]
fn pause_and_cancel_end_every_state() {
    for (state, yaml, red) in STATES {
        for seconds in [3, 13, 15] {
            for (event, outcome) in [(pause(), RunOutcome::Paused), (cancel(), RunOutcome::Cancelled)] {
                let paused = outcome == RunOutcome::Paused;
                let mut course = at(seconds, event);
                course.silent = true;
                let history = run(&format!("{yaml}finally:\n  - id: z\n    exec: work z\n"), course, red);
                let over = history.outcome.expect("it ends");
                // A gate may go on to its end, and what fails in the middle of a pause is worse than the pause.
                let worse = paused && matches!(over, RunOutcome::Failed | RunOutcome::RolledBack);
                assert!(over == outcome || worse, "{state} at {seconds} s: {over:?}");
                let finally = history.started().contains(&"z");
                if paused {
                    assert!(!finally, "{state} at {seconds} s");
                } else {
                    assert_eq!(finally, state != "guards" || seconds > 10, "{state} at {seconds} s");
                }
            }
        }
    }
}

#[test]
fn a_group_that_was_held_back_has_not_succeeded() {
    let yaml =
        "steps:\n  - id: g\n    steps:\n      - id: a\n        exec: work a\n      - id: b\n        exec: work b\n";
    for event in [pause(), Event::Interrupt { level: 1 }] {
        let history = run(yaml, at(3, event), &[]);
        assert_eq!(history.outcome_of("g/a"), Some(Outcome::Succeeded));
        assert_eq!(history.outcome_of("g"), Some(Outcome::Interrupted), "its second member has not run");
    }
}

#[test]
fn a_person_can_pause_at_any_question() {
    let history = simulate(
        &planned("kind: runbook/v1\nname: halts\nsteps:\n  - id: a\n    confirm: true\n    exec: work a\n"),
        Options::default(),
        |_| Scripted::exit(0),
        |_: &Question| Answer::Pause,
    );
    assert_eq!(history.outcome, Some(RunOutcome::Paused));
    assert!(history.started().is_empty());
}

#[test]
fn failback_waits_and_neither_fails_the_run_nor_holds_it_up() {
    let yaml = "steps:\n  - id: a\n    exec: work a\n  - id: back\n    phase: failback\n    exec: work back\n  - id: tell\n    needs: [a]\n    exec: work tell\n";
    let history = run(yaml, Course::default(), &[]);
    assert_eq!(history.started(), ["a", "tell"]);
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded));
    let options = Options { failback: true, ..Options::default() };
    let history = run(yaml, options.into(), &[]);
    assert_eq!(history.started(), ["a", "back", "tell"]);
}
