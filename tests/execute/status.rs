//! The step state machine by itself.

use runbook::model::outcome::Outcome;
use runbook::model::status::{StepEvent, StepStatus};

const EVENTS: [StepEvent; 13] = [
    StepEvent::Release,
    StepEvent::Skip,
    StepEvent::Ask,
    StepEvent::Confirm,
    StepEvent::Start,
    StepEvent::Gate,
    StepEvent::Succeed,
    StepEvent::Warn,
    StepEvent::Fail,
    StepEvent::Retry,
    StepEvent::FallBack,
    StepEvent::LoseTrack,
    StepEvent::Interrupt,
];

/// Every status that some course of events leads to.
fn reachable() -> Vec<StepStatus> {
    let mut seen = vec![StepStatus::Pending];
    let mut at = 0;
    while let Some(status) = seen.get(at).copied() {
        for next in EVENTS.iter().filter_map(|event| status.next(*event)) {
            if !seen.contains(&next) {
                seen.push(next);
            }
        }
        at += 1;
    }
    seen
}

#[test]
fn every_status_and_every_outcome_can_be_reached() {
    let outcomes = [
        Outcome::Succeeded,
        Outcome::Warned,
        Outcome::Failed,
        Outcome::Skipped,
        Outcome::Interrupted,
        Outcome::Unknown,
    ];
    let seen = reachable();
    assert!(outcomes.iter().all(|outcome| seen.contains(&StepStatus::Ended(*outcome))));
    assert_eq!(seen.len(), 7 + outcomes.len());
}

#[test]
fn what_has_ended_stays_as_it_is() {
    for status in reachable().into_iter().filter(|status| status.is_ended()) {
        assert!(EVENTS.iter().all(|event| status.next(*event).is_none()), "{status:?} goes on");
    }
}

#[test]
fn whatever_has_begun_can_fail_and_can_be_interrupted() {
    for status in reachable().into_iter().filter(|status| !status.is_ended() && *status != StepStatus::Pending) {
        assert_eq!(status.next(StepEvent::Fail), Some(StepStatus::Ended(Outcome::Failed)), "{status:?}");
        assert_eq!(status.next(StepEvent::Interrupt), Some(StepStatus::Ended(Outcome::Interrupted)), "{status:?}");
    }
}

#[test]
fn nothing_succeeds_without_having_been_ready() {
    assert_eq!(StepStatus::Pending.next(StepEvent::Succeed), None);
    assert_eq!(StepStatus::Pending.next(StepEvent::Start), None);
    assert_eq!(StepStatus::AwaitingConfirmation.next(StepEvent::Start), None, "a person has not answered");
}
