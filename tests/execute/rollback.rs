//! Undoing what was started: the order, where it stops, what is stuck, who asks.

use std::time::Duration;

use runbook::execute::{Answer, Event, Options, Question};
use runbook::model::entry::Entry;
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::work::{End, Purpose, Task, Work};

use super::world::{Course, History, Scripted, planned, simulate, yes};

fn words(work: &Work) -> String {
    match &work.task {
        Task::Program { argv, .. } => argv[1..].join(" "),
        _ => String::new(),
    }
}

fn run_with(yaml: &str, course: Course, red: &[&str], answer: impl FnMut(&Question) -> Answer) -> History {
    let script = |work: &Work| Scripted::exit(i32::from(red.contains(&words(work).as_str())));
    simulate(&planned(&format!("kind: runbook/v1\nname: rollback\n{yaml}")), course, script, answer)
}

fn run(yaml: &str, red: &[&str]) -> History {
    run_with(yaml, Course::default(), red, yes)
}

/// Steps that were undone (true) or are stuck, in order.
fn undone(history: &History) -> Vec<(&str, bool)> {
    let undone = history.entries.iter().filter_map(|entry| match entry {
        Entry::UndoFinished { step, undone, .. } => Some((step.0.as_str(), *undone)),
        _ => None,
    });
    undone.collect()
}

/// What stays, of the last rollback.
fn left(history: &History) -> Vec<String> {
    let left = history.entries.iter().rev().find_map(|entry| match entry {
        Entry::RollbackStarted { left, .. } => Some(left.iter().map(|step| step.0.clone()).collect()),
        _ => None,
    });
    left.unwrap_or_default()
}

fn commands(history: &History) -> Vec<String> {
    history.attempts.iter().map(|(_, argv, ..)| argv[1..].join(" ")).collect()
}

fn step(id: &str, more: &str) -> String {
    format!("  - id: {id}\n    exec: work {id}\n    rollback:\n      exec: undo back-{id}\n{more}")
}

#[test]
fn a_run_is_undone_backwards_the_failed_step_first_and_before_its_finally() {
    let yaml = format!(
        "on_failure: rollback\nsteps:\n{}{}  - id: look\n    effect: read\n    exec: work look\n{}{}finally:\n  - id: z\n    exec: work z ${{{{ run.outcome }}}}\n",
        step("a", ""),
        "  - id: keep\n    exec: work keep\n",
        step("b", ""),
        step("c", "")
    );
    let history = run(&yaml, &["b"]);
    assert_eq!(undone(&history), [("b", true), ("a", true)]);
    assert_eq!(left(&history), ["keep"], "reads are passed over silently");
    assert_eq!(history.outcome, Some(RunOutcome::RolledBack));
    assert_eq!(commands(&history).last().map(String::as_str), Some("z failed and rolled back"));
}

#[test]
fn a_destroy_is_a_point_of_no_return() {
    let destroy = "  - id: d\n    effect: destroy\n    confirm: true\n    exec: work d\n";
    let yaml = format!("on_failure: rollback\nsteps:\n{}{destroy}{}{}", step("a", ""), step("b", ""), step("c", ""));
    let history = run(&yaml, &["c"]);
    assert_eq!(undone(&history), [("c", true), ("b", true)]);
    assert_eq!(left(&history), ["d", "a"]);
    assert_eq!(history.outcome, Some(RunOutcome::RolledBack));
}

#[test]
fn a_stuck_step_does_not_keep_the_others_from_being_undone() {
    let yaml = format!("on_failure: rollback\nsteps:\n{}{}", step("a", ""), step("b", ""));
    let history = run(&yaml, &["b", "back-b"]);
    assert_eq!(history.outcome, Some(RunOutcome::RollbackFailed));
    assert_eq!(undone(&history), [("b", false), ("a", true)]);
}

#[test]
fn done_when_of_a_rollback_says_that_there_is_nothing_to_undo() {
    let yaml = "on_failure: rollback\nsteps:\n  - id: a\n    exec: work a\n    rollback:\n      done_when:\n        exec: is gone\n      exec: undo back\n";
    let history = run(yaml, &["a"]);
    assert_eq!(commands(&history), ["a", "gone"]);
    assert_eq!(history.outcome, Some(RunOutcome::RolledBack));
    let history = run(yaml, &["a", "gone"]);
    assert_eq!(commands(&history), ["a", "gone", "back"]);
}

#[test]
fn an_unknown_step_is_undone_and_its_done_when_decides() {
    let yaml = "on_failure: rollback\nsteps:\n  - id: a\n    exec: work a\n    rollback:\n      done_when:\n        exec: is gone\n      exec: undo back\n";
    let plan = planned(&format!("kind: runbook/v1\nname: rollback\n{yaml}"));
    let history = simulate(
        &plan,
        Options::default(),
        |work| match words(work).as_str() {
            "a" => {
                Scripted { end: End::Unreachable { why: "reset".to_owned(), may_have_run: true }, ..Scripted::exit(0) }
            }
            "gone" => Scripted::exit(1),
            _ => Scripted::exit(0),
        },
        yes,
    );
    assert_eq!(commands(&history), ["a", "gone", "back"]);
    assert_eq!(history.outcome, Some(RunOutcome::RolledBack));
}

#[test]
fn a_gate_of_a_rollback_is_waited_for() {
    let yaml = "on_failure: rollback\nsteps:\n  - id: a\n    exec: work a\n    rollback:\n      exec: undo back\n      gate:\n        exec: is healthy\n        within: 1m\n";
    let plan = planned(&format!("kind: runbook/v1\nname: rollback\n{yaml}"));
    for passes_at in [3, 9999] {
        let mut asked = 0;
        let history = simulate(
            &plan,
            Options::default(),
            |work| {
                asked += u32::from(work.attempt.purpose == Purpose::RollbackGate);
                Scripted::exit(i32::from(words(work) == "a" || (words(work) == "healthy" && asked < passes_at)))
            },
            yes,
        );
        let passes = passes_at == 3;
        assert_eq!(undone(&history), [("a", passes)]);
        let outcome = if passes { RunOutcome::RolledBack } else { RunOutcome::RollbackFailed };
        assert_eq!(history.outcome, Some(outcome));
    }
}

#[test]
fn one_step_is_undone_after_its_retries_and_before_its_fallback() {
    let more = "    on_failure: rollback\n    retry: { attempts: 2, delay: 1s }\n    fallback:\n      - id: f\n        exec: work f\n";
    let history = run(&format!("steps:\n{}{}", step("a", more), step("b", "")), &["a"]);
    assert_eq!(commands(&history), ["a", "a", "back-a", "f", "b"]);
    assert_eq!(history.outcome_of("a"), Some(Outcome::Warned));
    assert_eq!(history.outcome, Some(RunOutcome::Warned));
}

#[test]
fn a_step_that_is_undone_stops_its_list_and_the_run_is_rolled_back() {
    let yaml = format!(
        "steps:\n{}  - id: b\n    on_failure: rollback\n    exec: work b\n    rollback:\n      exec: undo back\n{}",
        step("a", ""),
        step("c", "")
    );
    let history = run(&yaml, &["b"]);
    assert_eq!(undone(&history), [("b", true)]);
    assert_eq!(history.outcome_of("b"), Some(Outcome::RolledBack));
    assert_eq!(history.outcome_of("c"), Some(Outcome::Skipped));
    assert_eq!(history.outcome, Some(RunOutcome::RolledBack));
    let history = run(&yaml, &["b", "back"]);
    assert_eq!(history.outcome_of("b"), Some(Outcome::Failed));
    assert_eq!(history.outcome, Some(RunOutcome::RollbackFailed));
}

#[test]
fn a_group_is_undone_by_its_own_rollback_or_by_its_members() {
    let members = "    steps:\n      - id: a\n        exec: work a\n        rollback:\n          exec: undo back-a\n      - id: b\n        exec: work b\n        rollback:\n          exec: undo back-b\n";
    let by_members = format!("steps:\n  - id: g\n    on_failure: rollback\n{members}");
    let history = run(&by_members, &["b"]);
    assert_eq!(undone(&history), [("g/b", true), ("g/a", true)]);
    assert_eq!(history.outcome_of("g"), Some(Outcome::RolledBack));
    assert_eq!(history.outcome, Some(RunOutcome::RolledBack));
    let whole =
        format!("steps:\n  - id: g\n    on_failure: rollback\n    rollback:\n      exec: undo whole\n{members}");
    let history = run(&whole, &["b"]);
    assert_eq!(undone(&history), [("g", true)]);
    assert_eq!(commands(&history), ["a", "b", "whole"]);
}

#[test]
fn nothing_is_undone_twice() {
    let yaml = format!(
        "on_failure: rollback\nsteps:\n{}  - id: g\n    on_failure: rollback\n    steps:\n      - id: b\n        exec: work b\n        rollback:\n          exec: undo back\n      - id: c\n        exec: work c\n",
        step("a", "")
    );
    let history = run(&yaml, &["c"]);
    assert_eq!(undone(&history), [("g/b", true), ("a", true)]);
}

#[test]
fn a_rollback_sees_what_its_step_gave() {
    let yaml = "on_failure: rollback\nsteps:\n  - id: a\n    exec: work a\n    outputs: { disk: stdout }\n    rollback:\n      exec: undo ${{ steps.a.outputs.disk | default('none') }}\n  - id: b\n    exec: work b\n";
    let plan = planned(&format!("kind: runbook/v1\nname: rollback\n{yaml}"));
    let script = |work: &Work| if words(work) == "b" { Scripted::exit(1) } else { Scripted::said("sdb") };
    let history = simulate(&plan, Options::default(), script, yes);
    assert_eq!(commands(&history).last().map(String::as_str), Some("sdb"));
}

#[test]
fn a_rollback_that_destroys_asks_for_a_typed_name_unless_yes() {
    let yaml = "on_failure: rollback\nsteps:\n  - id: a\n    exec: work a\n    rollback:\n      effect: destroy\n      exec: undo wipe\n";
    let mut asked = Vec::new();
    let history = run_with(yaml, Course::default(), &["a"], |question| {
        asked.push(question.clone());
        Answer::No { why: "better not".to_owned() }
    });
    assert!(matches!(&asked[..], [Question::Confirm { typed: Some(typed), .. }] if typed == "a"), "{asked:?}");
    assert_eq!(commands(&history), ["a"]);
    assert_eq!(history.outcome, Some(RunOutcome::RollbackFailed));
    let history = run_with(yaml, Options { yes: true, ..Options::default() }.into(), &["a"], yes);
    assert!(history.questions.is_empty());
    assert_eq!(commands(&history), ["a", "wipe"]);
}

#[test]
fn a_no_starts_no_rollback() {
    let yaml =
        format!("on_failure: rollback\nsteps:\n{}  - id: b\n    confirm: true\n    exec: work b\n", step("a", ""));
    let history = run_with(&yaml, Course::default(), &[], |_| Answer::No { why: String::new() });
    assert_eq!(undone(&history), []);
    assert_eq!(history.outcome, Some(RunOutcome::Failed));
}

fn person() -> Event {
    Event::Rollback { by: "kim".to_owned(), why: "wrong image".to_owned() }
}

#[test]
fn a_person_can_have_the_whole_run_undone_once_nothing_runs() {
    let yaml =
        format!("steps:\n{}{}{}finally:\n  - id: z\n    exec: work z\n", step("a", ""), step("b", ""), step("c", ""));
    let course = Course { events: vec![(Duration::from_millis(150), person())], ..Course::default() };
    let history = run_with(&yaml, course, &[], yes);
    assert_eq!(history.started(), ["a", "b", "z"]);
    assert_eq!(undone(&history), [("b", true), ("a", true)]);
    assert_eq!(history.ended("c").map(|(_, why)| why), Some(vec!["the run was cancelled".to_owned()]));
    assert_eq!(history.outcome, Some(RunOutcome::RolledBack));
}

#[test]
fn a_signal_lets_the_current_undo_finish_and_a_second_one_ends_it() {
    let yaml = format!("on_failure: rollback\nsteps:\n{}{}", step("a", ""), step("b", ""));
    let plan = planned(&format!("kind: runbook/v1\nname: rollback\n{yaml}"));
    let script = |work: &Work| match work.attempt.purpose {
        Purpose::Action => Scripted::exit(i32::from(words(work) == "b")),
        _ => Scripted::exit(0).after(Duration::from_secs(10)),
    };
    let course = |signals: &[u64]| Course {
        signals: signals.iter().map(|at| Duration::from_secs(*at)).collect(),
        ..Course::default()
    };
    let history = simulate(&plan, course(&[3]), script, yes);
    assert_eq!(undone(&history), [("b", true)]);
    assert_eq!(history.outcome, Some(RunOutcome::Interrupted));
    let history = simulate(&plan, course(&[3, 4]), script, yes);
    assert_eq!(undone(&history), [("b", false)]);
    assert_eq!(history.elapsed, Duration::from_secs(4));
    let pause = Event::Pause { by: "kim".to_owned(), why: String::new() };
    let course = Course { events: vec![(Duration::from_secs(3), pause)], ..Course::default() };
    let history = simulate(&plan, course, script, yes);
    assert_eq!(undone(&history), [("b", true)]);
    assert_eq!(history.outcome, Some(RunOutcome::Paused));
}
