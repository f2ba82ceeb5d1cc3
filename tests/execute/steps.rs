//! Step mode: every answer, before a step and after its failure.

use std::collections::VecDeque;

use runbook::execute::{Answer, Options, Question};
use runbook::model::entry::Entry;
use runbook::model::id::StepId;
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::work::{Task, Work};

use super::world::{History, Scripted, planned, simulate};

fn word(work: &Work) -> &str {
    match &work.task {
        Task::Program { argv, .. } => argv.get(1).map_or("", String::as_str),
        _ => "",
    }
}

fn go() -> Answer {
    Answer::Yes { inputs: Vec::new(), evidence: None }
}

fn skip() -> Answer {
    Answer::Skip { why: "done by hand".to_owned() }
}

/// Answers in this order, then yes (and stop, after a failure). What is in `red` fails.
fn run(yaml: &str, answers: impl IntoIterator<Item = Answer>, red: &[&str]) -> History {
    let mut answers: VecDeque<Answer> = answers.into_iter().collect();
    simulate(
        &planned(&format!("kind: runbook/v1\nname: steps\n{yaml}")),
        Options { step: true, ..Options::default() },
        |work| Scripted::exit(i32::from(red.contains(&word(work)))),
        |question| {
            let last = if matches!(question, Question::Failed { .. }) { Answer::Stop } else { go() };
            answers.pop_front().unwrap_or(last)
        },
    )
}

/// What was asked: `?a` before a step, `!a` after its failure.
fn asked(history: &History) -> Vec<String> {
    let name = |question: &Question| match question {
        Question::Step { view } => format!("?{}", view.step),
        Question::Failed { view, .. } => format!("!{}", view.step),
        other => format!("{other:?}"),
    };
    history.questions.iter().map(name).collect()
}

fn answers(history: &History) -> Vec<String> {
    let answers = history.entries.iter().filter_map(|entry| match entry {
        Entry::Answered { question, answer, by, .. } => Some(format!("{question} {answer} {by}")),
        _ => None,
    });
    answers.collect()
}

const ABC: &str = "steps:\n  - id: a\n    exec: work a\n  - id: b\n    exec: work b\n  - id: c\n    exec: work c\nfinally:\n  - id: z\n    exec: work z\n";

#[test]
fn every_leaf_is_asked_about_one_at_a_time() {
    let yaml = "parallel: true\nsteps:\n  - id: a\n    exec: work a\n  - id: g\n    parallel: true\n    steps:\n      - id: b\n        exec: work b\n      - id: c\n        exec: work c\n";
    let history = run(yaml, [], &[]);
    assert_eq!(asked(&history), ["?a", "?g/b", "?g/c"]);
    for pair in history.attempts.windows(2) {
        assert!(pair[0].3 <= pair[1].2, "one leaf at a time");
    }
}

#[test]
fn a_step_whose_when_is_false_is_not_asked_about() {
    let history = run("steps:\n  - id: a\n    when: 1 > 2\n    exec: work a\n  - id: b\n    exec: work b\n", [], &[]);
    assert_eq!(asked(&history), ["?b"]);
}

#[test]
fn skip_leaves_out_and_dependents_go_on() {
    let history = run(ABC, [skip()], &[]);
    assert_eq!(history.started(), ["b", "c", "z"]);
    assert_eq!(history.ended("a").map(|(_, why)| why), Some(vec!["left out by tester: done by hand".to_owned()]));
    assert_eq!(answers(&history)[..2], ["step skip tester", "step run tester"]);
}

#[test]
fn rest_runs_what_is_left_without_asking() {
    let history = run(ABC, [go(), Answer::Rest], &[]);
    assert_eq!(asked(&history), ["?a", "?b"]);
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded));
}

#[test]
fn pause_leaves_the_step_for_later() {
    let history = run(ABC, [go(), Answer::Pause], &[]);
    assert_eq!(history.started(), ["a"]);
    assert_eq!(history.outcome, Some(RunOutcome::Paused));
}

#[test]
fn edit_pauses_the_run_and_hands_over_the_change() {
    let edit = || Answer::Edit { param: "tag".to_owned(), value: "v2".to_owned() };
    let yaml = format!("params:\n  tag: {{ type: string, default: v1 }}\n{ABC}");
    let history = run(&yaml, [go(), edit()], &[]);
    assert_eq!(history.outcome, Some(RunOutcome::Paused));
    assert_eq!(history.amended, Some(("tag".to_owned(), "v2".to_owned())));
    let history = run(&yaml, [go(), edit()], &["a"]);
    assert_eq!(asked(&history), ["?a", "!a"]);
    assert_eq!(history.outcome, Some(RunOutcome::Paused), "the failure is what the change is about");
    assert!(history.amended.is_some());
    assert_eq!(history.outcome_of("a"), Some(Outcome::Failed), "it is walked from its beginning");
}

#[test]
fn jump_leaves_out_what_must_come_before_and_goes_on_there() {
    let to = || Answer::Jump { to: StepId("c".to_owned()) };
    let history = run(ABC, [to()], &[]);
    assert_eq!(history.started(), ["c", "z"]);
    assert_eq!(history.ended("b").map(|(_, why)| why), Some(vec!["jumped over, to `c`".to_owned()]));
    let yaml = "parallel: true\nsteps:\n  - id: a\n    exec: work a\n  - id: b\n    exec: work b\n  - id: c\n    exec: work c\n";
    let history = run(yaml, [to()], &[]);
    assert_eq!(asked(&history), ["?a", "?c", "?a", "?b"], "what need not come before is asked about afterwards");
    assert_eq!(history.started(), ["c", "a", "b"]);
    let nowhere = Answer::Jump { to: StepId("nowhere".to_owned()) };
    assert_eq!(asked(&run(ABC, [nowhere], &[]))[..2], ["?a", "?a"]);
}

#[test]
fn jump_into_a_group_leaves_out_its_first_members() {
    let yaml = "steps:\n  - id: a\n    exec: work a\n  - id: g\n    steps:\n      - id: b\n        exec: work b\n      - id: c\n        exec: work c\n  - id: d\n    exec: work d\n";
    let history = run(yaml, [Answer::Jump { to: StepId("g/c".to_owned()) }], &[]);
    assert_eq!(history.started(), ["g", "g/c", "d"]);
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded));
}

#[test]
fn rollback_undoes_the_whole_run() {
    let yaml =
        "steps:\n  - id: a\n    exec: work a\n    rollback:\n      exec: undo back\n  - id: b\n    exec: work b\n";
    let history = run(yaml, [go(), Answer::Rollback], &[]);
    assert_eq!(history.started(), ["a"]);
    assert_eq!(history.attempts.len(), 2);
    assert_eq!(history.outcome, Some(RunOutcome::RolledBack));
}

#[test]
fn after_a_failure_retry_goes_on_beyond_the_attempts() {
    let history = run(ABC, [go(), Answer::Retry, Answer::Retry], &["a"]);
    assert_eq!(history.started(), ["a", "a", "a", "z"]);
    assert_eq!(asked(&history)[..4], ["?a", "!a", "!a", "!a"]);
    assert_eq!(history.outcome, Some(RunOutcome::Failed));
}

#[test]
fn after_a_failure_skip_accepts_it() {
    let history = run(ABC, [go(), skip()], &["a"]);
    assert_eq!(history.outcome_of("a"), Some(Outcome::Skipped));
    assert_eq!(history.started(), ["a", "b", "c", "z"]);
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded));
}

#[test]
fn after_a_failure_stop_lets_it_take_its_course() {
    let yaml = "steps:\n  - id: a\n    exec: work a\n    fallback:\n      - id: f\n        exec: work f\n";
    let history = run(yaml, [go(), Answer::Stop], &["a"]);
    assert_eq!(asked(&history), ["?a", "!a", "?a/f"]);
    assert_eq!(history.outcome, Some(RunOutcome::Warned));
}

#[test]
fn after_a_failure_pause_is_a_pause() {
    let history = run(ABC, [go(), Answer::Pause], &["a"]);
    assert_eq!(history.outcome, Some(RunOutcome::Paused));
    assert_eq!(answers(&history), ["step run tester", "failed pause tester"]);
}

#[test]
fn without_anybody_to_ask_nothing_runs() {
    let no = || Answer::No { why: "no terminal".to_owned() };
    let history = run(ABC, [no(), no()], &[]);
    assert_eq!(history.outcome, Some(RunOutcome::Failed));
    assert!(!history.started().contains(&"a"));
}

#[test]
fn a_person_sees_what_would_run_and_where_one_can_go() {
    let yaml = "params:\n  tag: { type: string, default: v1 }\nsteps:\n  - id: a\n    title: Deploy\n    exec: work ${{ params.tag }}\n    expect: exit == 0\n    gate:\n      exec: is healthy\n      within: 1m\n    retry: { attempts: 3, delay: 5s }\n    on_failure: rollback\n    rollback:\n      exec: undo back\n  - id: b\n    exec: work b\n";
    let history = run(yaml, [], &[]);
    let Question::Step { view } = &history.questions[0] else { panic!("a step question") };
    assert_eq!((view.title.as_str(), &view.command[..]), ("Deploy", &["work v1".to_owned()][..]));
    assert_eq!(view.params, [("tag".to_owned(), "v1".to_owned())]);
    assert_eq!(view.jumps, [(StepId("b".to_owned()), vec![StepId("a".to_owned())])]);
    let details: Vec<String> = view.details.iter().map(|(name, text)| format!("{name}: {text}")).collect();
    let expected = [
        "expect: exit == 0",
        "gate: is healthy, within 1m",
        "retry: 3 attempts, 5s before the second",
        "on_failure: rollback",
        "rollback: undo back",
    ];
    assert_eq!(details, expected);
}

#[test]
fn a_jump_starts_nothing_inside_a_group_before_the_group() {
    let yaml = "steps:\n  - id: f\n    steps:\n      - id: a\n        exec: work a\n    finally:\n      - id: tidy\n        exec: work tidy\n  - id: g\n    steps:\n      - id: b\n        exec: work b\n      - id: c\n        exec: work c\n";
    // Asked about `f/tidy`, the person jumps to `g/c`; its group still waits for `f`, which has failed.
    let history = run(yaml, [go(), Answer::Stop, Answer::Jump { to: StepId("g/c".to_owned()) }], &["a"]);
    assert_eq!(history.started(), ["f", "f/a", "f/tidy"]);
    assert_eq!(history.outcome_of("g/c"), Some(Outcome::Skipped));
}
