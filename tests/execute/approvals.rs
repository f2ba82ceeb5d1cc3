//! Approvals: who counts, what they are bound to, when they expire.

use std::sync::Arc;
use std::time::Duration;

use runbook::execute::{Event, Options, Question};
use runbook::model::entry::Entry;
use runbook::model::id::StepId;
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::system::EnvironmentClass;
use runbook::model::work::{Purpose, Task, Work};
use runbook::plan::{Approve, Plan, PlannedEnvironment};

use super::world::{Course, History, Scripted, planned, simulate, yes};

const MINUTE: Duration = Duration::from_mins(1);

fn approve(people: &[&str], min: u32) -> Approve {
    let people = people.iter().map(|person| (*person).to_owned()).collect();
    Approve { people, min, not_requester: true, within: 30 * MINUTE }
}

/// The step `a` of a runbook needs approval.
fn plan(steps: &str, approve: Approve) -> Arc<Plan> {
    let mut plan = planned(&format!("kind: runbook/v1\nname: approvals\nsteps:\n{steps}"));
    let of = Arc::make_mut(&mut plan);
    of.nodes.iter_mut().find(|node| node.id.0 == "a").expect("a step a").approve = Some(approve);
    plan
}

const STEP: &str = "  - id: a\n    exec: work a\n  - id: b\n    exec: work b\n";

/// One letter: who, whether yes, whether for what was asked.
fn letter(question: &Question, by: &str, approve: bool) -> Event {
    let Question::Approval { step, digest, .. } = question else { panic!("an approval was asked") };
    Event::Approval {
        step: step.clone(),
        digest: digest.clone(),
        approve,
        by: by.to_owned(),
        verified: false,
        reason: String::new(),
    }
}

/// Letters a minute apart: `-` before a name rejects.
fn letters(names: &'static [&'static str]) -> Course {
    Course {
        letters: Some(Box::new(move |question| {
            let events = names.iter().map(|name| match name.strip_prefix('-') {
                Some(name) => letter(question, name, false),
                None => letter(question, name, true),
            });
            (1..).map(|minute| minute * MINUTE).zip(events).collect()
        })),
        ..Course::default()
    }
}

fn run(plan: &Arc<Plan>, course: Course) -> History {
    simulate(plan, course, |_| Scripted::exit(0), yes)
}

/// Why each letter did not count; empty where it did.
fn refused(history: &History) -> Vec<&str> {
    let refused = history.entries.iter().filter_map(|entry| match entry {
        Entry::Approved { refused, .. } => Some(refused.as_str()),
        _ => None,
    });
    refused.collect()
}

#[test]
fn a_step_waits_until_enough_people_have_approved() {
    let history = run(&plan(STEP, approve(&["ann", "bob", "cleo"], 2)), letters(&["ann@x", "bob@y"]));
    assert_eq!(refused(&history), ["", ""]);
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded));
    assert!(history.attempts[0].2 >= 2 * MINUTE, "after the second approval");
    let took = history.entries.iter().find_map(|entry| match entry {
        Entry::StepFinished { step, elapsed_ms, .. } if step.0 == "a" => Some(*elapsed_ms),
        _ => None,
    });
    assert!(took.is_some_and(|took| took < 60_000), "the wait for people is no time of the step: {took:?}");
}

#[test]
fn letters_that_do_not_count_say_why() {
    let names = &["eve@x", "ann@x", "ann@y", "tester@elsewhere", "bob@x"];
    let history = run(&plan(STEP, approve(&["ann", "bob", "tester"], 2)), letters(names));
    let expected = [
        "eve@x is none of those who may",
        "",
        "ann@y has approved already",
        "who started or resumed the run may not approve it",
        "",
    ];
    assert_eq!(refused(&history), expected);
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded));
}

#[test]
fn an_entry_with_a_host_is_that_person_there_only() {
    let history = run(&plan(STEP, approve(&["ann@x"], 1)), letters(&["ann@y", "ann", "ann@x"]));
    assert_eq!(refused(&history).iter().filter(|why| why.is_empty()).count(), 1);
    assert!(refused(&history)[2].is_empty());
}

#[test]
fn who_started_the_run_may_approve_unless_that_is_excluded() {
    let mut open = approve(&["tester"], 1);
    open.not_requester = false;
    let history = run(&plan(STEP, open), letters(&["tester@here"]));
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded));
}

#[test]
fn a_letter_for_another_digest_or_step_does_not_count() {
    let wrong = |step: &str, digest: &str| Event::Approval {
        step: StepId(step.to_owned()),
        digest: digest.to_owned(),
        approve: true,
        by: "ann@x".to_owned(),
        verified: true,
        reason: String::new(),
    };
    let course = Course {
        events: vec![(MINUTE, wrong("a", "00")), (MINUTE, wrong("nowhere", "00")), (MINUTE, wrong("b", "00"))],
        ..Course::default()
    };
    let history = run(&plan(STEP, approve(&["ann"], 1)), course);
    assert_eq!(refused(&history).len(), 3);
    assert!(refused(&history).iter().all(|why| !why.is_empty()), "{:?}", refused(&history));
    assert!(history.started().is_empty());
}

#[test]
fn a_rejection_is_a_no_and_starts_no_fallback() {
    let steps = "  - id: a\n    exec: work a\n    fallback:\n      - id: f\n        exec: work f\n";
    let history = run(&plan(steps, approve(&["ann", "bob"], 2)), letters(&["ann@x", "-bob@x"]));
    assert!(history.started().is_empty());
    assert_eq!(history.ended("a"), Some((Outcome::Failed, vec!["rejected by bob@x".to_owned()])));
}

#[test]
fn a_run_whose_approval_does_not_come_pauses() {
    let history = run(&plan(STEP, approve(&["ann"], 1)), Course::default());
    assert_eq!(history.outcome, Some(RunOutcome::Paused));
    assert_eq!(history.elapsed, 30 * MINUTE);
    let paused = history.entries.iter().any(|entry| matches!(entry, Entry::Paused { by, .. } if by == "approval"));
    assert!(paused);
}

#[test]
fn a_letter_that_comes_too_late_does_not_count() {
    let late = Course {
        letters: Some(Box::new(|question| vec![(30 * MINUTE, letter(question, "ann@x", true))])),
        ..Course::default()
    };
    let history = run(&plan(STEP, approve(&["ann"], 1)), late);
    assert!(history.started().is_empty());
}

#[test]
fn what_is_no_longer_what_was_approved_is_asked_for_again_and_then_refused() {
    let first = |work: &Work| match &work.task {
        Task::Program { argv, .. } => argv.join(" "),
        _ => String::new(),
    };
    // The time of day is in the command: nobody can approve that.
    let steps = "  - id: a\n    exec: work ${{ run.elapsed }}\n    require:\n      exec: work require\n";
    let history = run(&plan(steps, approve(&["ann"], 1)), letters(&["ann@x"]));
    assert_eq!(history.questions.len(), 2);
    assert_eq!(refused(&history), ["", ""]);
    assert!(history.started().is_empty());
    assert_eq!(history.outcome, Some(RunOutcome::Failed));
    let mut words = Vec::new();
    let same = "  - id: a\n    exec: work same\n    require:\n      exec: work require\n";
    let plan = plan(same, approve(&["ann"], 1));
    let history = simulate(
        &plan,
        letters(&["ann@x"]),
        |work| {
            words.push((work.attempt.purpose, first(work)));
            Scripted::exit(0)
        },
        yes,
    );
    assert_eq!(history.questions.len(), 1);
    let order: Vec<Purpose> = words.iter().map(|(purpose, _)| *purpose).collect();
    assert_eq!(order, [Purpose::Require, Purpose::RequireAgain, Purpose::Action], "`require` is read again");
}

#[test]
fn an_approval_covers_the_retries_of_the_same_work() {
    let steps = "  - id: a\n    retry: { attempts: 3, delay: 1s }\n    exec: work a\n";
    let plan = plan(steps, approve(&["ann"], 1));
    let history = simulate(&plan, letters(&["ann@x"]), |_| Scripted::exit(1), yes);
    assert_eq!((history.attempts.len(), history.questions.len()), (3, 1));
}

#[test]
fn a_group_is_approved_as_a_whole() {
    let steps = "  - id: a\n    steps:\n      - id: m\n        exec: work m\n      - id: n\n        exec: work n\n";
    let history = run(&plan(steps, approve(&["ann"], 1)), letters(&["ann@x"]));
    assert!(matches!(&history.questions[..], [Question::Approval { command, .. }] if command == "work m\nwork n"));
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded));
}

#[test]
fn a_lab_approves_by_itself() {
    let mut plan = plan(STEP, approve(&["ann"], 1));
    Arc::make_mut(&mut plan).environment = Some(PlannedEnvironment {
        name: "lab".to_owned(),
        class: EnvironmentClass::Lab,
        identity: None,
        env: Vec::new(),
    });
    let history = run(&plan, Course::default());
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded));
    let answered = history.entries.iter().any(
        |entry| matches!(entry, Entry::Answered { question, answer, .. } if question == "approve" && answer == "lab"),
    );
    assert!(answered);
}

#[test]
fn a_wait_for_approval_can_be_paused_and_cancelled() {
    let plan = plan(STEP, approve(&["ann"], 1));
    for (event, outcome) in [
        (Event::Pause { by: "kim".to_owned(), why: String::new() }, RunOutcome::Paused),
        (Event::Cancel { by: "kim".to_owned(), why: String::new() }, RunOutcome::Cancelled),
    ] {
        let course = Course { events: vec![(MINUTE, event)], core: Options::default(), ..Course::default() };
        let history = run(&plan, course);
        assert_eq!(history.outcome, Some(outcome));
        assert_eq!(history.elapsed, MINUTE);
    }
}

/// Digests that were asked for, in order.
fn asked(history: &History) -> Vec<String> {
    let asked = history.records.iter().filter_map(|record| match &record.entry {
        Entry::ApprovalAsked { digest, .. } => Some(digest.clone()),
        _ => None,
    });
    asked.collect()
}

#[test]
fn an_old_approval_of_the_same_work_approves_nothing() {
    let plan = plan(STEP, approve(&["ann", "bob"], 1));
    let paused = run(&plan, Course::default());
    assert_eq!(paused.outcome, Some(RunOutcome::Paused));
    let course = Course { journal: paused.records.clone(), ..letters(&["ann@x"]) };
    let resumed = run(&plan, course);
    assert_eq!(resumed.outcome, Some(RunOutcome::Succeeded));
    let digests = asked(&resumed);
    assert!(digests.len() == 2 && digests[0] != digests[1], "{digests:?}");
}

#[test]
fn who_resumes_a_run_may_not_approve_it_either() {
    let plan = plan(STEP, approve(&["ann", "bob"], 1));
    let paused = run(&plan, Course::default());
    let mut course = Course { journal: paused.records.clone(), ..letters(&["ann@x", "bob@x"]) };
    course.core.operator = "ann@x".to_owned();
    let resumed = run(&plan, course);
    let refused = resumed.entries.iter().filter_map(|entry| match entry {
        Entry::Approved { by, refused, .. } => Some((by.as_str(), refused.is_empty())),
        _ => None,
    });
    assert_eq!(refused.collect::<Vec<_>>(), [("ann@x", false), ("bob@x", true)]);
}
