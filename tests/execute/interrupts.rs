//! Signals and deadlines: nothing new starts, what runs may finish or is ended, and the run says so.

use std::time::Duration;

use runbook::model::outcome::{Outcome, RunOutcome};

use super::world::{Course, Scripted, planned, simulate, yes};

const CHAIN: &str = "kind: runbook/v1\nname: chain\nsteps:\n  - id: a\n    exec: work a\n  - id: b\n    exec: work b\nfinally:\n  - id: z\n    exec: work z\n";

fn course(signals: &[u64]) -> Course {
    Course { signals: signals.iter().map(|at| Duration::from_secs(*at)).collect(), ..Course::default() }
}

fn slow() -> Scripted {
    Scripted::exit(0).after(Duration::from_secs(10))
}

#[test]
fn the_first_signal_lets_running_steps_finish_and_starts_nothing_new() {
    let history = simulate(&planned(CHAIN), course(&[3]), |_| slow(), yes);
    assert_eq!(history.outcome_of("a"), Some(Outcome::Succeeded));
    assert_eq!(history.outcome_of("b"), Some(Outcome::Skipped));
    assert_eq!(history.outcome, Some(RunOutcome::Interrupted));
    assert_eq!(history.elapsed, Duration::from_secs(10));
    assert_eq!(
        history.outcome_of("z"),
        Some(Outcome::Skipped),
        "an interrupt is not the end: finally-steps wait for it"
    );
}

#[test]
fn the_second_signal_ends_what_runs() {
    let history = simulate(&planned(CHAIN), course(&[3, 4]), |_| slow(), yes);
    assert_eq!(history.outcome_of("a"), Some(Outcome::Interrupted));
    assert_eq!(history.elapsed, Duration::from_secs(4));
}

#[test]
fn the_run_s_own_timeout_ends_what_runs() {
    let yaml = CHAIN.replace("name: chain\n", "name: chain\ntimeout: 15s\n");
    let history = simulate(&planned(&yaml), Course::default(), |_| slow(), yes);
    assert_eq!(history.outcome, Some(RunOutcome::Deadline));
    assert_eq!(history.outcome_of("b"), Some(Outcome::Interrupted));
    assert_eq!(history.elapsed, Duration::from_secs(15));
}

#[test]
fn a_step_that_waits_for_its_next_attempt_is_interrupted_at_once() {
    let yaml = "kind: runbook/v1\nname: chain\nsteps:\n  - id: a\n    exec: work a\n    retry:\n      attempts: 9\n      delay: 50s\n";
    let history = simulate(&planned(yaml), course(&[20]), |_| Scripted::exit(1), yes);
    assert_eq!(history.outcome_of("a"), Some(Outcome::Interrupted));
    assert_eq!(history.elapsed, Duration::from_secs(20));
}
