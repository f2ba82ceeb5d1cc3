//! The step state machine: one exhaustive match is the whole truth about a step.

use serde::{Deserialize, Serialize};

use super::outcome::Outcome;

/// Where a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Something it needs has not ended.
    Pending,
    /// Its conditions and requirements are being read.
    Ready,
    /// A person is asked.
    AwaitingConfirmation,
    /// Its action (or its members) run.
    Running,
    /// Its action is done; its gate has not passed yet.
    Gating,
    /// Waiting for the next attempt.
    Backoff,
    /// Its fallback runs.
    FallingBack,
    /// Over.
    Ended(Outcome),
}

/// What happens to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepEvent {
    /// Everything it needs has ended well.
    Release,
    /// It will not run.
    Skip,
    /// `confirm` asks.
    Ask,
    /// A person said yes.
    Confirm,
    /// The action starts.
    Start,
    /// `done_when` holds, or the action is done: the gate (if any) is next.
    Gate,
    /// All that is expected holds.
    Succeed,
    /// The same, but something needs attention.
    Warn,
    /// A judgement, a guard or a person said no.
    Fail,
    /// There is a further attempt.
    Retry,
    /// There is a fallback.
    FallBack,
    /// Nobody can say whether the action took effect.
    LoseTrack,
    /// The engine was told to stop.
    Interrupt,
}

impl StepStatus {
    /// True once nothing more happens to the step.
    #[must_use]
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Ended(_))
    }

    /// The status after an event, or `None` where the event is impossible: a bug of ours.
    #[must_use]
    pub const fn next(self, event: StepEvent) -> Option<Self> {
        use StepEvent as E;
        use StepStatus as S;
        Some(match (self, event) {
            (S::Pending, E::Release) | (S::AwaitingConfirmation, E::Confirm) => S::Ready,
            (S::Pending | S::Ready, E::Skip) | (S::Pending, E::Interrupt) => S::Ended(Outcome::Skipped),
            (S::Ready, E::Ask) => S::AwaitingConfirmation,
            (S::Ready | S::Backoff, E::Start) => S::Running,
            (S::Ready | S::Running | S::Backoff, E::Gate) => S::Gating,
            (S::Ready | S::Running | S::Gating | S::Backoff, E::Succeed) => S::Ended(Outcome::Succeeded),
            (S::Ready | S::Running | S::Gating | S::Backoff | S::FallingBack, E::Warn) => S::Ended(Outcome::Warned),
            (S::Running | S::Gating | S::Ready, E::Retry) => S::Backoff,
            (S::Ready | S::AwaitingConfirmation | S::Running | S::Gating | S::Backoff, E::FallBack) => S::FallingBack,
            (S::Ready | S::AwaitingConfirmation | S::Running | S::Gating | S::Backoff | S::FallingBack, E::Fail) => {
                S::Ended(Outcome::Failed)
            }
            (S::Running | S::Gating, E::LoseTrack) => S::Ended(Outcome::Unknown),
            (
                S::Ready | S::AwaitingConfirmation | S::Running | S::Gating | S::Backoff | S::FallingBack,
                E::Interrupt,
            ) => S::Ended(Outcome::Interrupted),
            (
                S::Pending,
                E::Ask
                | E::Confirm
                | E::Start
                | E::Gate
                | E::Succeed
                | E::Warn
                | E::Fail
                | E::Retry
                | E::FallBack
                | E::LoseTrack,
            )
            | (S::Ready, E::Release | E::Confirm | E::LoseTrack)
            | (
                S::AwaitingConfirmation,
                E::Release | E::Skip | E::Ask | E::Start | E::Gate | E::Succeed | E::Warn | E::Retry | E::LoseTrack,
            )
            | (S::Running, E::Release | E::Skip | E::Ask | E::Confirm | E::Start)
            | (S::Gating, E::Release | E::Skip | E::Ask | E::Confirm | E::Start | E::Gate)
            | (S::Backoff, E::Release | E::Skip | E::Ask | E::Confirm | E::Retry | E::LoseTrack)
            | (
                S::FallingBack,
                E::Release
                | E::Skip
                | E::Ask
                | E::Confirm
                | E::Start
                | E::Gate
                | E::Succeed
                | E::Retry
                | E::FallBack
                | E::LoseTrack,
            )
            | (S::Ended(_), _) => return None,
        })
    }
}
