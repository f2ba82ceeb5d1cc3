//! Groups: how members' ends become the group's, loops, limits, outputs.

use runbook::execute::Options;
use runbook::model::entry::Entry;
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::work::{Task, Work};

use super::world::{History, Scripted, planned, planned_with, simulate, yes};

fn last(work: &Work) -> &str {
    match &work.task {
        Task::Program { argv, .. } => argv.last().map_or("", String::as_str),
        _ => "",
    }
}

fn run(steps: &str, script: impl FnMut(&Work) -> Scripted) -> History {
    let plan = planned(&format!("kind: runbook/v1\nname: groups\nsteps:\n{steps}"));
    simulate(&plan, Options::default(), script, yes)
}

fn outputs(history: &History, id: &str) -> serde_json::Value {
    history
        .entries
        .iter()
        .find_map(|entry| match entry {
            Entry::StepFinished { step, outputs, .. } if step.0 == id => Some(outputs.clone().into()),
            _ => None,
        })
        .unwrap_or_default()
}

#[test]
fn a_group_fails_with_its_member_and_says_which() {
    let history = run(
        "  - id: g\n    steps:\n      - id: a\n        exec: work a\n      - id: b\n        exec: work b\n",
        |work| Scripted::exit(i32::from(last(work) == "a")),
    );
    assert_eq!(history.ended("g"), Some((Outcome::Failed, vec!["`g/a` failed".to_owned()])));
    assert_eq!(history.outcome_of("g/b"), Some(Outcome::Skipped));
}

#[test]
fn members_of_a_parallel_group_all_run_and_then_the_group_is_judged() {
    let history = run(
        "  - id: g\n    parallel: true\n    steps:\n      - id: a\n        exec: work a\n      - id: b\n        exec: work b\n  - id: c\n    exec: work c\n",
        |work| Scripted::exit(i32::from(last(work) == "a")),
    );
    assert_eq!(history.outcome_of("g/b"), Some(Outcome::Succeeded));
    assert_eq!(history.outcome_of("g"), Some(Outcome::Failed));
    assert_eq!(history.outcome_of("c"), Some(Outcome::Skipped));
}

#[test]
fn a_parallel_number_is_a_limit() {
    let member = |n: u32| format!("      - id: m{n}\n        exec: work m{n}\n");
    let members = (0..6).map(member).collect::<Vec<_>>().concat();
    let history = run(&format!("  - id: g\n    parallel: 2\n    steps:\n{members}"), |_| Scripted::exit(0));
    for (_, _, start, _) in &history.attempts {
        assert!(history.attempts.iter().filter(|(_, _, s, e)| s <= start && start < e).count() <= 2);
    }
    assert_eq!(history.elapsed.as_millis(), 300, "six of 100 ms, two at once");
}

#[test]
fn finally_of_a_group_runs_after_a_failure_and_its_own_failure_counts() {
    let steps = "  - id: g\n    steps:\n      - id: a\n        exec: work a\n    finally:\n      - id: tidy\n        exec: work tidy\n";
    let history = run(steps, |work| Scripted::exit(i32::from(last(work) == "a")));
    assert_eq!(history.outcome_of("g/tidy"), Some(Outcome::Succeeded));
    assert_eq!(history.outcome_of("g"), Some(Outcome::Failed));
    let history = run(steps, |work| Scripted::exit(i32::from(last(work) == "tidy")));
    assert_eq!(history.outcome_of("g"), Some(Outcome::Failed));
}

#[test]
fn a_loop_gives_maps_by_element_in_order() {
    let history = run(
        "  - id: each\n    for_each:\n      table: \"['users', 'messages']\"\n    exec: work ${{ table }}\n    outputs:\n      rows: stdout | int\n  - id: sum\n    exec: work ${{ steps.each.outputs.rows.users + steps.each.outputs.rows.messages }}\n",
        |work| Scripted::said(if last(work) == "users" { "3" } else { "4" }),
    );
    assert_eq!(history.started(), ["each", "each[users]", "each[messages]", "sum"]);
    assert_eq!(history.attempts.last().map(|(_, argv, ..)| argv[1].clone()), Some("7".to_owned()));
}

#[test]
fn an_include_has_its_own_names_and_gives_its_outputs() {
    let plan = planned_with(&[
        (
            "main.yaml",
            "kind: runbook/v1\nname: main\nsteps:\n  - id: ask\n    exec: work ask\n    outputs: { n: stdout | int }\n  - id: sub\n    include: sub.yaml\n    params:\n      n: ${{ steps.ask.outputs.n }}\n  - id: after\n    exec: work ${{ steps.sub.outputs.twice }}\n",
        ),
        (
            "sub.yaml",
            "kind: runbook/v1\nname: sub\nparams:\n  n: { type: int }\nsteps:\n  - id: double\n    exec: work ${{ params.n }}\n    outputs: { twice: stdout | int * 2 }\noutputs:\n  twice: steps.double.outputs.twice\n",
        ),
    ]);
    let history = simulate(&plan, Options::default(), |_| Scripted::said("21"), yes);
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded), "{:#?}", history.entries);
    let words: Vec<&str> = history.attempts.iter().map(|(_, argv, ..)| argv[1].as_str()).collect();
    assert_eq!(words, ["ask", "21", "42"]);
    assert_eq!(outputs(&history, "sub"), serde_json::json!({ "twice": 42 }));
}

#[test]
fn a_retried_group_runs_its_members_anew() {
    let mut tried = 0;
    let history = run(
        "  - id: g\n    retry: { attempts: 2, delay: 1s }\n    steps:\n      - id: a\n        exec: work a\n      - id: b\n        exec: work b\n",
        |work| {
            tried += u32::from(last(work) == "b");
            Scripted::exit(i32::from(last(work) == "b" && tried == 1))
        },
    );
    assert_eq!(history.started(), ["g", "g/a", "g/b", "g", "g/a", "g/b"]);
    assert_eq!(history.outcome_of("g"), Some(Outcome::Succeeded));
}
