//! What a run's records say about its steps and its people.

use chrono::{DateTime, TimeDelta, Utc};
use runbook::model::entry::{Entry, Record};
use runbook::model::id::StepId;
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::report::trend::{Filter, Found, History, Overdue, Row, Verdict, of_drill, of_run, text, waits};
use serde_json::Map;

use crate::support::recorded::{run_finished, run_started, step_finished, step_started};

const RUN: &str = "01KB7Q00000000000000000001";

fn records(entries: Vec<(i64, Entry)>) -> Vec<Record> {
    let begun: DateTime<Utc> = "2026-11-20T03:00:00Z".parse().unwrap();
    let all = std::iter::once((0, run_started(RUN))).chain(entries).enumerate();
    all.map(|(seq, (second, entry))| Record { seq: seq as u64, at: begun + TimeDelta::seconds(second), entry })
        .collect()
}

fn row(entries: Vec<(i64, Entry)>) -> Row {
    of_run(&records(entries)).unwrap()
}

fn answered(step: &str, question: &str, answer: &str) -> Entry {
    Entry::Answered {
        step: StepId(step.to_owned()),
        question: question.to_owned(),
        answer: answer.to_owned(),
        by: "ana@desk".to_owned(),
        values: Map::new(),
        waited_ms: None,
    }
}

fn asked(step: &str) -> Entry {
    Entry::ApprovalAsked {
        step: StepId(step.to_owned()),
        digest: "d".to_owned(),
        command: "rm".to_owned(),
        people: vec!["ben".to_owned()],
        min: 1,
        not_requester: true,
        expires: "2026-12-01T00:00:00Z".parse().unwrap(),
    }
}

fn resumed() -> Entry {
    Entry::RunResumed {
        operator: "eva@desk".to_owned(),
        engine: "0.1.0".to_owned(),
        core: 1,
        epoch: 2,
        plan_digest: "p".to_owned(),
        source_digest: "s".to_owned(),
        changes: Vec::new(),
        expected_ms: 1,
    }
}

#[test]
fn waiting_for_people_is_told_apart_from_working() {
    let row = row(vec![
        (1, step_started("a", "x")),
        (11, step_finished("a", Outcome::Succeeded)),
        (31, answered("b", "confirm", "yes")), // 20 s
        (31, step_started("b", "y")),
        (40, step_finished("b", Outcome::Succeeded)),
        (40, step_started("c", "")),
        (100, answered("c", "manual", "yes")), // 60 s
        (100, step_finished("c", Outcome::Succeeded)),
        (100, asked("d")),
        (130, step_started("d", "z")), // 30 s
        (131, step_finished("d", Outcome::Succeeded)),
        (131, run_finished(RunOutcome::Succeeded, 131_000)),
    ]);
    assert_eq!((row.people_ms, row.recovery_ms, row.without_people_ms), (110_000, Some(131_000), Some(21_000)));
    let step = |id: &str| row.steps.iter().find(|step| step.step == id).unwrap().clone();
    assert_eq!((step("a").asked, step("a").manual, step("a").waited_ms), (false, false, 0));
    assert_eq!((step("b").asked, step("b").manual, step("b").waited_ms), (true, false, 20_000));
    assert_eq!((step("c").asked, step("c").manual, step("c").waited_ms), (true, true, 60_000));
    assert_eq!((step("d").asked, step("d").manual, step("d").waited_ms), (true, false, 30_000));
}

#[test]
fn what_nobody_was_waited_for_is_no_waiting() {
    let yes = row(vec![
        (5, answered("a", "confirm", "--yes")),
        (5, step_started("a", "x")),
        (6, step_finished("a", Outcome::Succeeded)),
        (6, run_finished(RunOutcome::Succeeded, 6_000)),
    ]);
    assert_eq!((yes.people_ms, yes.steps[0].asked), (0, false));
}

#[test]
fn waits_beside_each_other_count_once() {
    let records = records(vec![
        (0, step_started("a", "")),
        (0, step_started("b", "")),
        (40, answered("a", "manual", "yes")),
        (60, answered("b", "manual", "yes")),
        (61, run_finished(RunOutcome::Succeeded, 61_000)),
    ]);
    assert_eq!(waits(&records).iter().map(runbook::report::trend::Wait::ms).collect::<Vec<_>>(), [40_000, 60_000]);
    assert_eq!(of_run(&records).unwrap().people_ms, 60_000);
}

#[test]
fn a_run_that_stood_still_waited_for_somebody_to_resume_it() {
    let row = row(vec![
        (1, step_started("a", "x")),
        (11, step_finished("a", Outcome::Failed)),
        (11, run_finished(RunOutcome::Failed, 11_000)),
        (611, resumed()),
        (611, step_started("a", "x")),
        (621, step_finished("a", Outcome::Succeeded)),
        (621, run_finished(RunOutcome::Succeeded, 621_000)),
    ]);
    assert_eq!((row.verdict, row.ended.as_str(), row.why), (Verdict::ObjectiveMissed, "succeeded", None));
    assert_eq!((row.people_ms, row.without_people_ms), (600_000, Some(21_000)));
    assert_eq!((row.steps[0].attempts, row.steps[0].failed_attempts), (2, 1));
    assert_eq!(row.steps[0].outcome, Some(Outcome::Succeeded));
}

#[test]
fn groups_are_left_out_and_attempts_counted() {
    let retried = |attempt| Entry::AttemptFailed {
        step: StepId("g/a".to_owned()),
        attempt,
        why: "exit 1".to_owned(),
        delay_ms: 0,
    };
    let row = row(vec![
        (1, step_started("g", "")),
        (1, step_started("g/a", "x")),
        (2, retried(1)),
        (2, step_started("g/a", "x")),
        (3, retried(2)),
        (3, step_started("g/a", "x")),
        (4, step_finished("g/a", Outcome::Failed)),
        (4, step_started("g/each[one]", "x")),
        (5, step_finished("g/each[one]", Outcome::Succeeded)),
        (5, step_finished("g/each", Outcome::Succeeded)),
        (5, step_finished("g", Outcome::Failed)),
        (5, step_finished("z", Outcome::Skipped)),
        (5, run_finished(RunOutcome::Failed, 5_000)),
    ]);
    let steps: Vec<(&str, u32, u32)> =
        row.steps.iter().map(|step| (step.step.as_str(), step.attempts, step.failed_attempts)).collect();
    assert_eq!(steps, [("g/a", 3, 3), ("g/each[one]", 1, 0)]);
    assert_eq!((row.verdict, row.recovery_ms, row.rto_met), (Verdict::NotRecovered, None, None));
}

#[test]
fn a_run_without_an_end_has_no_result() {
    let row = row(vec![(1, step_started("a", "x")), (9, step_finished("a", Outcome::Succeeded))]);
    assert_eq!((row.verdict, row.ended.as_str(), row.elapsed_ms), (Verdict::NoResult, "no end", 9_000));
    for (outcome, verdict) in [
        (RunOutcome::Warned, Verdict::Recovered),
        (RunOutcome::RolledBack, Verdict::NotRecovered),
        (RunOutcome::Unknown, Verdict::NotRecovered),
        (RunOutcome::Deadline, Verdict::NotRecovered),
        (RunOutcome::Paused, Verdict::NoResult),
        (RunOutcome::Cancelled, Verdict::NoResult),
    ] {
        assert_eq!(self::row(vec![(1, run_finished(outcome, 1_000))]).verdict, verdict, "{outcome:?}");
    }
}

#[test]
fn records_of_something_else_are_no_drill() {
    assert!(of_drill(&records(Vec::new()), None).is_none());
    assert!(of_drill(&[], None).is_none() && of_run(&[]).is_none());
}

#[test]
fn what_a_calendar_says_is_late_joins_the_history() {
    let late = |scenario: &str, day: u32| Overdue {
        calendar: "monthly".to_owned(),
        name: format!("drill {scenario}"),
        scenario: scenario.to_owned(),
        system: Some("shop".to_owned()),
        due: format!("2026-11-{day:02}T02:00:00Z").parse().unwrap(),
        missed: 2,
        command: format!("runbook drill run runbooks/{scenario}.yaml"),
    };
    let now = "2026-11-20T03:00:00Z".parse().unwrap();
    let shown = |overdue: Option<Vec<Overdue>>, filter: Filter| {
        let found = Found { overdue, ..Found::default() };
        text(&History::of(found, filter, now), 100, false).join("\n")
    };
    let all = shown(Some(vec![late("b", 9), late("a", 2)]), Filter::default());
    let first =
        "overdue\na on shop: due 2026-11-02 02:00 UTC, missed 2 times: runbook drill run runbooks/a.yaml\nb on shop";
    assert!(all.contains(first), "{all}");
    let some = shown(Some(vec![late("b", 9)]), Filter { scenario: Some("a".to_owned()), ..Filter::default() });
    assert!(some.contains("overdue\nnothing"), "{some}");
    assert!(!shown(None, Filter::default()).contains("overdue"), "there is no calendar");
}
