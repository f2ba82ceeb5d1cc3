//! What a summary makes of a run that was resumed, approved, amended, undone: the fold that `show`, `status` and `runs` read.

use chrono::{DateTime, TimeDelta, Utc};
use runbook::model::entry::{Entry, Record};
use runbook::model::id::{AttemptToken, StepId};
use runbook::model::outcome::{Outcome, RunOutcome, SkipReason};
use runbook::report::{Detail, Summary, closing, phrase};

use crate::support::recorded::{run_finished, run_started, step_finished, step_started};

const RUN: &str = "01KB7Q00000000000000000001";

fn id(step: &str) -> StepId {
    StepId(step.to_owned())
}

fn records(entries: Vec<Entry>) -> Vec<Record> {
    let begun: DateTime<Utc> = "2026-11-20T03:00:00Z".parse().unwrap();
    let all = [run_started(RUN)].into_iter().chain(entries).enumerate();
    all.map(|(seq, entry)| Record { seq: seq as u64, at: begun + TimeDelta::seconds(seq.try_into().unwrap()), entry })
        .collect()
}

fn fold(entries: Vec<Entry>) -> Summary {
    Summary::of(&records(entries))
}

fn skipped(step: &str, reason: SkipReason) -> Entry {
    match step_finished(step, Outcome::Skipped) {
        Entry::StepFinished { step, outcome, why, hint, outputs, elapsed_ms, attempts, .. } => {
            Entry::StepFinished { step, outcome, why, hint, outputs, elapsed_ms, attempts, skipped: Some(reason) }
        }
        other => other,
    }
}

fn resumed() -> Entry {
    Entry::RunResumed {
        operator: "eva@desk".to_owned(),
        engine: "0.1.0".to_owned(),
        core: 1,
        epoch: 2,
        plan_digest: "p2".to_owned(),
        source_digest: "s2".to_owned(),
        changes: vec!["a.yaml:2: changed".to_owned()],
        expected_ms: 50_000,
    }
}

fn last_lines(summary: &Summary) -> Vec<String> {
    closing::lines(summary, Detail::Normal, 80, false, Some(std::path::Path::new("kept/x")))
}

#[test]
fn a_resumed_run_forgets_what_does_not_stand() {
    let summary = fold(vec![
        step_started("a", "x"),
        step_finished("a", Outcome::Succeeded),
        step_started("b", "y"),
        step_finished("b", Outcome::Failed),
        skipped("c", SkipReason::Stopped { by: "b".to_owned() }),
        skipped("d", SkipReason::NotNeeded),
        run_finished(RunOutcome::Failed, 7000),
        resumed(),
    ]);
    let outcome = |step: &str| summary.step(&id(step)).unwrap().outcome;
    assert_eq!((outcome("a"), outcome("d")), (Some(Outcome::Succeeded), Some(Outcome::Skipped)));
    assert_eq!((outcome("b"), outcome("c")), (None, None));
    assert!(summary.step(&id("b")).unwrap().why.is_empty());
    assert!(summary.step(&id("c")).unwrap().skipped.is_none());
    assert_eq!((summary.outcome, summary.finished, summary.resumes), (None, None, 1));
    assert_eq!((summary.resumed_by.as_deref(), summary.rest_ms), (Some("eva@desk"), 50_000));
    assert_eq!(summary.source_digest, "s2");
    assert_eq!(summary.changes, ["a.yaml:2: changed"]);
    assert!(summary.under_way().is_empty(), "nothing has begun again: {:?}", summary.under_way());
}

#[test]
fn every_end_that_can_go_on_says_how() {
    for (outcome, goes_on) in [
        (RunOutcome::Failed, true),
        (RunOutcome::Interrupted, true),
        (RunOutcome::Unknown, true),
        (RunOutcome::Refused, true),
        (RunOutcome::Deadline, true),
        (RunOutcome::Paused, true),
        (RunOutcome::RollbackFailed, true),
        (RunOutcome::Succeeded, false),
        (RunOutcome::RolledBack, false),
        (RunOutcome::Cancelled, false),
    ] {
        let lines = last_lines(&fold(vec![run_finished(outcome, 7000)]));
        let expected = format!("resume: runbook resume {RUN} --runs-dir kept");
        assert_eq!(lines.contains(&expected), goes_on, "{outcome:?}: {lines:#?}");
        let undo = format!("or undo the rest: runbook rollback {RUN} --runs-dir kept");
        assert_eq!(lines.contains(&undo), outcome == RunOutcome::RollbackFailed, "{lines:#?}");
    }
    let waits = fold(vec![skipped("back", SkipReason::Failback), run_finished(RunOutcome::Succeeded, 7000)]);
    assert_eq!(phrase::next(&waits, None), [format!("fail back: runbook resume {RUN} --failback")]);
    assert_eq!(phrase::next(&fold(Vec::new()), None), [format!("resume: runbook resume {RUN}")], "its engine died");
}

#[test]
fn a_rollback_lists_what_is_undone_stuck_and_left() {
    let token = AttemptToken("t".to_owned());
    let undo = |step: &str| Entry::UndoStarted { step: id(step), token: token.clone(), command: "undo".to_owned() };
    let undone = |step: &str, undone: bool, why: &str| Entry::UndoFinished {
        step: id(step),
        undone,
        why: if why.is_empty() { Vec::new() } else { vec![why.to_owned()] },
        elapsed_ms: 5,
    };
    let summary = fold(vec![
        step_started("a", "x"),
        step_finished("a", Outcome::Succeeded),
        step_started("b", "y"),
        step_finished("b", Outcome::Failed),
        Entry::RollbackStarted {
            step: None,
            why: "`b` failed".to_owned(),
            by: "on_failure".to_owned(),
            steps: vec![id("b"), id("a")],
            left: vec![id("z")],
            unknown: false,
        },
        undo("b"),
        undone("b", true, ""),
        undo("a"),
        undone("a", false, "exit 1"),
        run_finished(RunOutcome::RollbackFailed, 7000),
    ]);
    let rollback = &summary.rollbacks[0];
    assert_eq!((&rollback.undone, &rollback.stuck, &rollback.left), (&vec![id("b")], &vec![id("a")], &vec![id("z")]));
    assert_eq!(summary.step(&id("b")).unwrap().outcome, Some(Outcome::RolledBack));
    let lines = last_lines(&summary);
    for line in ["undone: b", "stuck: a", "left as they are: z"] {
        assert!(lines.iter().any(|one| one == line), "no `{line}` in {lines:#?}");
    }
    assert!(lines.iter().any(|line| line.contains("its rollback is stuck: exit 1")), "{lines:#?}");
}

#[test]
fn people_and_lost_attempts_are_said_beside_their_step() {
    let answer = |by: &str, verified: bool, refused: &str| Entry::Approved {
        step: id("a"),
        digest: "d".to_owned(),
        verdict: "approve".to_owned(),
        by: by.to_owned(),
        verified,
        reason: "CHG-1".to_owned(),
        refused: refused.to_owned(),
    };
    let asked = Entry::ApprovalAsked {
        step: id("a"),
        digest: "d".to_owned(),
        command: "rm".to_owned(),
        people: vec!["ben".to_owned(), "eva".to_owned()],
        min: 2,
        not_requester: true,
        expires: "2026-12-01T00:00:00Z".parse().unwrap(),
    };
    let mut entries = vec![asked, answer("ana", false, "who runs it"), answer("ben", true, "")];
    let summary = fold(entries.clone());
    let (step, approval) = summary.approvals()[0];
    assert_eq!((approval.missing(), approval.agreed()), (1, vec!["ben"]));
    assert!(phrase::why(step).contains("waits for 1 of 2 approvals (any of ben, eva)"), "{}", phrase::why(step));
    entries.extend([
        answer("eva", false, ""),
        step_started("a", "rm"),
        Entry::Resolved {
            step: id("a"),
            verdict: "done".to_owned(),
            by: "done_when".to_owned(),
            why: "exit 0".to_owned(),
        },
        step_finished("a", Outcome::Succeeded),
    ]);
    let summary = fold(entries);
    assert!(summary.approvals().is_empty());
    let why = phrase::why(summary.step(&id("a")).unwrap());
    assert!(why.contains("approved by ben, eva (unverified)"), "{why}");
    assert!(why.contains("nobody saw it end; it had taken effect (done_when): exit 0"), "{why}");
}

#[test]
fn amendments_pauses_and_cancels_stand_in_the_summary() {
    let params = serde_json::json!({ "service": "db" }).as_object().unwrap().clone();
    let amended = Entry::Amended {
        by: "eva@desk".to_owned(),
        params: params.clone(),
        plan_digest: "p3".to_owned(),
        source_digest: "s3".to_owned(),
    };
    let paused = Entry::Paused { by: "eva@desk".to_owned(), why: "shift".to_owned() };
    let summary = fold(vec![amended, paused.clone()]);
    assert_eq!((summary.amendments[0].params.clone(), summary.plan_digest.as_str()), (params, "p3"));
    assert_eq!(summary.paused.as_ref().unwrap().why, "shift");
    assert!(fold(vec![paused, resumed()]).paused.is_none(), "it goes on");
    let cancelled = Entry::Cancelled { by: "eva@desk".to_owned(), why: "false alarm".to_owned() };
    assert_eq!(fold(vec![cancelled]).cancelled.unwrap().why, "false alarm");
}
