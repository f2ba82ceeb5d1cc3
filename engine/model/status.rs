//! The step state machine: one match is the whole truth about a step. What it does not name is impossible.

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
    /// Approvals are collected.
    AwaitingApproval,
    /// Its action (or its members) run.
    Running,
    /// Its action is done; its gate has not passed yet.
    Gating,
    /// Waiting for the next attempt.
    Backoff,
    /// Its fallback runs.
    FallingBack,
    /// It is being undone.
    RollingBack,
    /// Over.
    Ended(Outcome),
}

/// What happens to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepEvent {
    /// Everything it needs has ended well.
    Release,
    /// It will not run, or a person accepts that it failed.
    Skip,
    /// `confirm` or step mode asks.
    Ask,
    /// `approve` asks.
    AskApproval,
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
    /// Undoing begins; also for a step that is over, when the whole run is rolled back.
    Undo,
    /// It is undone.
    Undone,
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
            (S::Pending, E::Release) | (S::AwaitingConfirmation | S::AwaitingApproval, E::Confirm) => S::Ready,
            (S::Pending | S::Ready | S::AwaitingConfirmation | S::Running | S::Gating | S::Backoff, E::Skip)
            | (S::Pending, E::Interrupt) => S::Ended(Outcome::Skipped),
            (S::Ready | S::Backoff, E::Ask) => S::AwaitingConfirmation,
            (S::Ready | S::Backoff, E::AskApproval) => S::AwaitingApproval,
            (S::Ready | S::Backoff, E::Start) => S::Running,
            (S::Ready | S::Running | S::Backoff, E::Gate) => S::Gating,
            (S::Ready | S::Running | S::Gating | S::Backoff, E::Succeed) => S::Ended(Outcome::Succeeded),
            (S::Ready | S::Running | S::Gating | S::Backoff | S::FallingBack, E::Warn) => S::Ended(Outcome::Warned),
            (S::Running | S::Gating | S::Ready, E::Retry) => S::Backoff,
            (
                S::Ready
                | S::AwaitingConfirmation
                | S::AwaitingApproval
                | S::Running
                | S::Gating
                | S::Backoff
                | S::RollingBack,
                E::FallBack,
            ) => S::FallingBack,
            (
                S::Ready
                | S::AwaitingConfirmation
                | S::AwaitingApproval
                | S::Running
                | S::Gating
                | S::Backoff
                | S::FallingBack
                | S::RollingBack,
                E::Fail,
            ) => S::Ended(Outcome::Failed),
            (
                S::Running | S::Gating | S::Ready | S::AwaitingConfirmation | S::FallingBack | S::RollingBack,
                E::LoseTrack,
            ) => S::Ended(Outcome::Unknown),
            (
                S::Ready
                | S::AwaitingConfirmation
                | S::AwaitingApproval
                | S::Running
                | S::Gating
                | S::Backoff
                | S::FallingBack
                | S::RollingBack,
                E::Interrupt,
            ) => S::Ended(Outcome::Interrupted),
            (
                S::Ready
                | S::AwaitingConfirmation
                | S::AwaitingApproval
                | S::Running
                | S::Gating
                | S::Backoff
                | S::FallingBack
                | S::Ended(_),
                E::Undo,
            ) => S::RollingBack,
            (S::RollingBack, E::Undone) => S::Ended(Outcome::RolledBack),
            _ => return None,
        })
    }
}
