//! How steps and runs end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// In what world a plan is carried out. The words for outcomes follow from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// In the real one.
    #[default]
    Run,
    /// In a lab: what happens is real, and nobody needs it.
    Drill,
    /// In a simulated one: nothing has happened.
    Rehearse,
}

impl Mode {
    /// The word in the journal's first record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Drill => "drill",
            Self::Rehearse => "rehearse",
        }
    }

    /// Back from that word; what is not known is taken for real.
    #[must_use]
    pub fn of(word: &str) -> Self {
        [Self::Drill, Self::Rehearse].into_iter().find(|mode| mode.as_str() == word).unwrap_or(Self::Run)
    }
}

/// How a step ended. A step that did not run says why beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything that was expected holds.
    Succeeded,
    /// Done, and needs attention.
    Warned,
    /// Not done.
    Failed,
    /// Did not run.
    Skipped,
    /// Ended by a signal to the engine.
    Interrupted,
    /// Nobody can say whether it took effect.
    Unknown,
    /// Failed or ended, and undone.
    RolledBack,
}

impl Outcome {
    /// True when what needs this step may go on: a skipped step counts as done.
    #[must_use]
    pub const fn lets_dependents_go_on(self) -> bool {
        matches!(self, Self::Succeeded | Self::Warned | Self::Skipped)
    }

    /// The word that people and records see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Warned => "warned",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Interrupted => "interrupted",
            Self::Unknown => "unknown",
            Self::RolledBack => "rolled back",
        }
    }

    /// The same, for what has only been rehearsed: nothing of it has happened.
    #[must_use]
    pub const fn word(self, mode: Mode) -> &'static str {
        match (mode, self) {
            (Mode::Run | Mode::Drill, outcome) => outcome.as_str(),
            (Mode::Rehearse, Self::Succeeded) => "rehearsed",
            (Mode::Rehearse, Self::Warned) => "would warn",
            (Mode::Rehearse, Self::Failed) => "would fail",
            (Mode::Rehearse, Self::Skipped) => "skipped",
            (Mode::Rehearse, Self::Interrupted) => "would stop",
            (Mode::Rehearse, Self::Unknown) => "unknown",
            (Mode::Rehearse, Self::RolledBack) => "undone",
        }
    }

    /// True when a resumed run leaves the step as it is. What failed, was interrupted, is unknown or was rolled back is walked again.
    #[must_use]
    pub fn stands_on_resume(self, skipped: Option<&SkipReason>) -> bool {
        match self {
            Self::Succeeded | Self::Warned => true,
            Self::Skipped => skipped.is_some_and(SkipReason::lets_dependents_go_on),
            Self::Failed | Self::Interrupted | Self::Unknown | Self::RolledBack => false,
        }
    }
}

/// Why a step did not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum SkipReason {
    /// `when` is false.
    When {
        /// The expression.
        expression: String,
    },
    /// `--skip` or not in `--only`.
    Selection {
        /// The flag as given.
        flag: String,
    },
    /// Its list stopped.
    Stopped {
        /// The step that failed.
        by: String,
    },
    /// Something it needs did not succeed.
    Needs {
        /// The step it needs.
        step: String,
    },
    /// A step that encloses it did not run.
    Parent {
        /// The enclosing step.
        step: String,
    },
    /// An optional service is not there.
    Absent {
        /// The service.
        service: String,
    },
    /// A fallback whose step did not fail.
    NotNeeded,
    /// A `for_each` over nothing, or a notification without a channel.
    Empty {
        /// What is empty.
        what: String,
    },
    /// The run was interrupted or paused before it.
    Interrupted,
    /// A person left it out, in step mode.
    Person {
        /// Who.
        by: String,
        /// In the person's words.
        said: String,
    },
    /// A person jumped over it, or `--from` begins behind it.
    Jumped {
        /// The step that the run went on with.
        to: String,
    },
    /// `phase: failback` waits for `resume --failback`.
    Failback,
    /// The run is being rolled back or was cancelled before it.
    Cancelled,
}

impl SkipReason {
    /// True when what needs the step may go on as if it were done.
    #[must_use]
    pub const fn lets_dependents_go_on(&self) -> bool {
        match self {
            Self::When { .. }
            | Self::Selection { .. }
            | Self::Absent { .. }
            | Self::NotNeeded
            | Self::Empty { .. }
            | Self::Person { .. }
            | Self::Jumped { .. } => true,
            Self::Stopped { .. }
            | Self::Needs { .. }
            | Self::Parent { .. }
            | Self::Interrupted
            | Self::Failback
            | Self::Cancelled => false,
        }
    }

    /// A few words for people.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::When { expression } => format!("when is false: {expression}"),
            Self::Selection { flag } => format!("left out by {flag}"),
            Self::Stopped { by } => format!("not started: `{by}` failed"),
            Self::Needs { step } => format!("needs `{step}`, which did not succeed"),
            Self::Parent { step } => format!("`{step}` did not run"),
            Self::Absent { service } => format!("optional service `{service}` is not there"),
            Self::NotNeeded => "fallback not needed".to_owned(),
            Self::Empty { what } => format!("nothing to do: {what}"),
            Self::Interrupted => "the run was interrupted".to_owned(),
            Self::Person { by, said } => format!("left out by {by}: {said}"),
            Self::Jumped { to } => format!("jumped over, to `{to}`"),
            Self::Failback => "waits for `runbook resume --failback`".to_owned(),
            Self::Cancelled => "the run was cancelled".to_owned(),
        }
    }
}

/// How a run ended; `cli` maps it to an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every step succeeded or was skipped for a good reason.
    Succeeded,
    /// As succeeded, but something needs attention.
    Warned,
    /// A step failed.
    Failed,
    /// A signal.
    Interrupted,
    /// A step's outcome is unknown.
    Unknown,
    /// A guard refused; no new effects.
    Refused,
    /// The run's own timeout passed.
    Deadline,
    /// A person, a lost connection or a waiting approval paused it; it goes on with `resume`.
    Paused,
    /// Failed, and everything that was started is undone as far as the last destroy.
    RolledBack,
    /// Failed, and a step could not be undone.
    RollbackFailed,
    /// Given up by a person; its finally-steps have run.
    Cancelled,
}

impl RunOutcome {
    /// True when there is nothing left to resume.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Warned | Self::RolledBack | Self::Cancelled)
    }

    /// The same, for what has only been rehearsed: nothing of it has happened.
    #[must_use]
    pub const fn word(self, mode: Mode) -> &'static str {
        match (mode, self) {
            (Mode::Run | Mode::Drill, outcome) => outcome.as_str(),
            (Mode::Rehearse, Self::Succeeded) => "would succeed",
            (Mode::Rehearse, Self::Warned) => "would succeed with warnings",
            (Mode::Rehearse, Self::Failed) => "would fail",
            (Mode::Rehearse, Self::Interrupted) => "would be interrupted",
            (Mode::Rehearse, Self::Unknown) => "would end unknown",
            (Mode::Rehearse, Self::Refused) => "would be refused",
            (Mode::Rehearse, Self::Deadline) => "would pass its deadline",
            (Mode::Rehearse, Self::Paused) => "would pause",
            (Mode::Rehearse, Self::RolledBack) => "would fail and be rolled back",
            (Mode::Rehearse, Self::RollbackFailed) => "would fail, and so would its rollback",
            (Mode::Rehearse, Self::Cancelled) => "would be cancelled",
        }
    }

    /// The word that people and records see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Warned => "succeeded with warnings",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::Deadline => "deadline passed",
            Self::Paused => "paused",
            Self::RolledBack => "failed and rolled back",
            Self::RollbackFailed => "failed; the rollback failed too",
            Self::Cancelled => "cancelled",
        }
    }
}
