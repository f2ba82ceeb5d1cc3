//! The order of judgement in a step, one case a rule.

use std::time::Duration;

use runbook::execute::{Answer, Options, Question};
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::work::{End, Purpose, Task, Work};

use super::world::{History, Scripted, planned, simulate, yes};

fn word(work: &Work) -> &str {
    match &work.task {
        Task::Program { argv, .. } => argv.get(1).map_or("", String::as_str),
        _ => "",
    }
}

fn run(steps: &str, script: impl FnMut(&Work) -> Scripted) -> History {
    let plan = planned(&format!("kind: runbook/v1\nname: semantics\nsteps:\n{steps}"));
    simulate(&plan, Options::default(), script, yes)
}

#[test]
fn when_false_skips_and_dependents_go_on() {
    let history = run(
        "  - id: a\n    exec: work a\n    outputs:\n      n: exit\n  - id: b\n    when: steps.a.outputs.n > 3\n    exec: work b\n  - id: c\n    exec: work c\n",
        |_| Scripted::exit(0),
    );
    assert_eq!(history.started(), ["a", "c"]);
    assert_eq!(history.ended("b").map(|(_, why)| why), Some(vec!["when is false: steps.a.outputs.n > 3".to_owned()]));
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded));
}

#[test]
fn done_when_holds_and_the_action_is_not_run() {
    let history = run(
        "  - id: a\n    exec: work act\n    done_when:\n      exec: work done\n    gate:\n      exec: work gate\n",
        |_| Scripted::exit(0),
    );
    let words: Vec<&str> = history.attempts.iter().map(|(_, argv, ..)| argv[1].as_str()).collect();
    assert_eq!(words, ["done", "gate"]);
    assert_eq!(history.outcome_of("a"), Some(Outcome::Succeeded));
}

#[test]
fn require_is_read_again_after_a_person_was_asked() {
    let mut read = 0;
    let history =
        run("  - id: a\n    require:\n      exec: work require\n    confirm: really\n    exec: work act\n", |work| {
            if word(work) == "require" {
                read += 1;
                return Scripted::exit(i32::from(read == 2));
            }
            Scripted::exit(0)
        });
    assert_eq!(read, 2);
    assert!(history.started().is_empty(), "the action must not start on stale proof");
    assert_eq!(history.outcome_of("a"), Some(Outcome::Failed));
}

#[test]
fn a_gate_holds_dependents_until_it_passes_often_enough() {
    let mut asked = 0;
    let history = run(
        "  - id: a\n    exec: work act\n    gate:\n      exec: work gate\n      every: 1s\n      successes: 2\n  - id: b\n    exec: work b\n",
        |work| {
            if word(work) == "gate" {
                asked += 1;
                // red, green, red, green, green
                return Scripted::exit(i32::from(asked == 1 || asked == 3));
            }
            Scripted::exit(0)
        },
    );
    assert_eq!(asked, 5);
    let last_gate = history.attempts.iter().filter(|(_, argv, ..)| argv[1] == "gate").map(|(.., end)| *end).max();
    let b = history.attempts.iter().find(|(step, ..)| step == "b").map(|(_, _, start, _)| *start);
    assert!(b >= last_gate);
}

#[test]
fn a_gate_that_never_passes_fails_after_within() {
    let history = run("  - id: a\n    exec: work act\n    gate:\n      exec: work gate\n      within: 30s\n", |work| {
        Scripted::exit(i32::from(word(work) == "gate"))
    });
    assert_eq!(history.outcome_of("a"), Some(Outcome::Failed));
    assert!(
        history.elapsed >= Duration::from_secs(30) && history.elapsed < Duration::from_secs(40),
        "{:?}",
        history.elapsed
    );
}

#[test]
fn retry_repeats_and_counts() {
    let mut tried = 0;
    let history = run("  - id: a\n    exec: work act\n    retry:\n      attempts: 3\n      delay: 10s\n", |_| {
        tried += 1;
        Scripted::exit(i32::from(tried < 3))
    });
    assert_eq!(history.attempts.len(), 3);
    assert_eq!(history.outcome_of("a"), Some(Outcome::Succeeded));
    assert!(history.elapsed >= Duration::from_secs(30), "10 s and 20 s of delay: {:?}", history.elapsed);
}

#[test]
fn an_unknown_attempt_is_not_repeated_without_done_when_or_idempotent() {
    let lost = || Scripted {
        end: End::Unreachable { why: "connection reset".to_owned(), may_have_run: true },
        ..Scripted::exit(0)
    };
    let history = run("  - id: a\n    exec: work act\n    retry:\n      attempts: 3\n", |_| lost());
    assert_eq!(history.attempts.len(), 1);
    assert_eq!(history.outcome, Some(RunOutcome::Unknown));
    let history =
        run("  - id: a\n    exec: work act\n    idempotent: true\n    retry:\n      attempts: 3\n", |_| lost());
    assert_eq!(history.attempts.len(), 3);
}

#[test]
fn a_transport_failure_never_reaches_expect() {
    let history = run("  - id: a\n    exec: work act\n    effect: read\n    expect: exit == 1\n", |_| Scripted {
        end: End::Unreachable { why: "no daemon".to_owned(), may_have_run: false },
        ..Scripted::exit(1)
    });
    let (outcome, why) = history.ended("a").expect("it ended");
    assert_eq!(outcome, Outcome::Failed);
    assert!(why[0].starts_with("unreachable: no daemon"), "{why:?}");
}

#[test]
fn fallback_recovers_and_warns_but_never_after_a_no() {
    let steps = "  - id: a\n    confirm: go\n    exec: work act\n    fallback:\n      - id: b\n        exec: work b\n  - id: c\n    exec: work c\n";
    let history = run(steps, |work| Scripted::exit(i32::from(word(work) == "act")));
    assert_eq!(history.started(), ["a", "a/b", "c"]);
    assert_eq!(history.outcome, Some(RunOutcome::Warned));

    let plan = planned(&format!("kind: runbook/v1\nname: semantics\nsteps:\n{steps}"));
    let no = |_: &Question| Answer::No { why: "not today".to_owned() };
    let history = simulate(&plan, Options::default(), |_| Scripted::exit(0), no);
    assert!(history.started().is_empty());
    assert_eq!(history.outcome, Some(RunOutcome::Failed));
}

#[test]
fn continue_lets_the_independent_go_on_and_fails_the_list() {
    let history = run(
        "  - id: a\n    on_failure: continue\n    exec: work a\n  - id: b\n    needs: []\n    exec: work b\n  - id: c\n    needs: [a]\n    exec: work c\n",
        |work| Scripted::exit(i32::from(word(work) == "a")),
    );
    assert_eq!(history.outcome_of("b"), Some(Outcome::Succeeded));
    assert_eq!(history.outcome_of("c"), Some(Outcome::Skipped));
    assert_eq!(history.outcome, Some(RunOutcome::Failed));
}

#[test]
fn finally_runs_after_a_failure() {
    let plan = planned(
        "kind: runbook/v1\nname: semantics\nsteps:\n  - id: a\n    exec: work a\nfinally:\n  - id: z\n    exec: work ${{ run.outcome }}\n",
    );
    let history = simulate(&plan, Options::default(), |work| Scripted::exit(i32::from(word(work) == "a")), yes);
    assert_eq!(history.attempts.last().map(|(_, argv, ..)| argv[1].clone()), Some("failed".to_owned()));
}

#[test]
fn a_failed_probe_of_done_when_runs_the_action() {
    let mut purposes = Vec::new();
    run("  - id: a\n    exec: work act\n    done_when:\n      exec: work done\n", |work| {
        purposes.push(work.attempt.purpose);
        Scripted::exit(i32::from(word(work) == "done"))
    });
    assert_eq!(purposes, [Purpose::DoneWhen, Purpose::Action]);
}
