//! Exit codes: what a script, a scheduler or a person on call can rely on. One match from how things end to a code.

use std::process::ExitCode;

use crate::model::outcome::RunOutcome;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Everything that was asked for is done.
    Success = 0,
    /// A step failed.
    RunFailed = 1,
    /// Usage or invalid input; nothing was changed.
    Invalid = 2,
    /// A bug of the program.
    Internal = 3,
    /// A guard or a person refused; nothing new was changed.
    Refused = 4,
    /// Another run holds this system and environment.
    Locked = 5,
    /// Waits for a person.
    Paused = 6,
    /// Nobody can say whether a step took effect.
    Unknown = 7,
    /// The journal or its storage failed.
    Storage = 8,
    /// All steps are fine, the recovery took longer than the objective.
    ObjectiveMissed = 9,
    /// Failed, and rolled back.
    RolledBack = 10,
    /// Failed, and the rollback failed too.
    RollbackFailed = 11,
    /// The run's own timeout passed.
    Deadline = 124,
    /// Ended because the connection was lost (128 + SIGHUP).
    HungUp = 129,
    /// Ended by an interrupt (128 + SIGINT).
    Interrupted = 130,
    /// Ended by a request to terminate (128 + SIGTERM).
    Terminated = 143,
}

impl Exit {
    /// Every code, in order.
    pub const ALL: [Self; 16] = [
        Self::Success,
        Self::RunFailed,
        Self::Invalid,
        Self::Internal,
        Self::Refused,
        Self::Locked,
        Self::Paused,
        Self::Unknown,
        Self::Storage,
        Self::ObjectiveMissed,
        Self::RolledBack,
        Self::RollbackFailed,
        Self::Deadline,
        Self::HungUp,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// Several at once, the gravest first.
    const GRAVEST: [Self; 15] = [
        Self::Storage,
        Self::Unknown,
        Self::RollbackFailed,
        Self::RolledBack,
        Self::RunFailed,
        Self::Deadline,
        Self::Internal,
        Self::Invalid,
        Self::Refused,
        Self::Locked,
        Self::Paused,
        Self::Terminated,
        Self::Interrupted,
        Self::HungUp,
        Self::ObjectiveMissed,
    ];

    /// The gravest of several; success where there is none.
    #[must_use]
    pub fn worst(exits: impl IntoIterator<Item = Self>) -> Self {
        let rank = |exit: &Self| Self::GRAVEST.iter().position(|one| one == exit).unwrap_or(Self::GRAVEST.len());
        exits.into_iter().min_by_key(rank).unwrap_or(Self::Success)
    }

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it means, in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::RunFailed => "the run failed",
            Self::Invalid => "usage or invalid input; nothing was changed",
            Self::Internal => "internal error: a bug of this program",
            Self::Refused => "refused by a guard or a person; nothing new was changed",
            Self::Locked => "another run holds this system and environment",
            Self::Paused => "paused, waiting for a person",
            Self::Unknown => "nobody can say whether a step took effect",
            Self::Storage => "the journal or its storage failed",
            Self::ObjectiveMissed => "all steps are fine, the recovery-time objective is missed",
            Self::RolledBack => "the run failed and was rolled back",
            Self::RollbackFailed => "the run failed and so did its rollback",
            Self::Deadline => "the run's own timeout passed",
            Self::HungUp => "the connection was lost (SIGHUP)",
            Self::Interrupted => "interrupted (SIGINT)",
            Self::Terminated => "asked to terminate (SIGTERM)",
        }
    }

    /// The code of a finished run. `rto_met` counts only where all steps are fine; `signal` is the last one that arrived, as a
    /// shell would give it had the program died of it.
    #[must_use]
    pub const fn of_run(outcome: RunOutcome, rto_met: Option<bool>, signal: Option<Self>) -> Self {
        match outcome {
            RunOutcome::Succeeded | RunOutcome::Warned => match rto_met {
                Some(false) => Self::ObjectiveMissed,
                Some(true) | None => Self::Success,
            },
            RunOutcome::Failed | RunOutcome::Cancelled => Self::RunFailed,
            RunOutcome::Paused => match signal {
                Some(signal) => signal,
                None => Self::Paused,
            },
            RunOutcome::RolledBack => Self::RolledBack,
            RunOutcome::RollbackFailed => Self::RollbackFailed,
            RunOutcome::Interrupted => match signal {
                Some(signal) => signal,
                None => Self::Interrupted,
            },
            RunOutcome::Unknown => Self::Unknown,
            RunOutcome::Refused => Self::Refused,
            RunOutcome::Deadline => Self::Deadline,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The table for help and manuals.
#[must_use]
pub fn table() -> String {
    let lines = Exit::ALL.iter().map(|exit| format!("  {:>3}  {}\n", exit.code(), exit.meaning()));
    format!("Exit codes:\n{}\nSeveral at once: 8 before 7, 11, 10, 1, 9.\n", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_objective_counts_only_when_all_steps_are_fine() {
        assert_eq!(Exit::of_run(RunOutcome::Succeeded, Some(false), None).code(), 9);
        assert_eq!(Exit::of_run(RunOutcome::Warned, Some(true), None).code(), 0);
        assert_eq!(Exit::of_run(RunOutcome::Failed, Some(false), None).code(), 1);
        assert_eq!(Exit::of_run(RunOutcome::Unknown, None, Some(Exit::Terminated)).code(), 7);
        assert_eq!(Exit::of_run(RunOutcome::Interrupted, None, Some(Exit::Terminated)).code(), 143);
    }
}
