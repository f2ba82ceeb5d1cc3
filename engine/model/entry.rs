//! Journal entries: the durable facts of a run, and what observers see. Unknown kinds are kept by readers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::id::{AttemptToken, RunId, StepId};
use super::outcome::{Outcome, RunOutcome, SkipReason};

/// One fact. Each variant says when it may follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// First in every journal.
    RunStarted {
        /// The run.
        run: RunId,
        /// `run`; later also `drill`, `rehearse`.
        mode: String,
        /// The runbook's name and title.
        runbook: String,
        /// For people.
        title: String,
        /// The system's name, if any.
        system: Option<String>,
        /// The environment's name, if any.
        environment: Option<String>,
        /// Digest of the sealed plan.
        plan_digest: String,
        /// Digest of documents, parameters, environment and names of secrets.
        source_digest: String,
        /// Who ran it, as `user@host`.
        operator: String,
        /// This program's version.
        engine: String,
        /// Version of the scheduler's rules.
        core: u32,
        /// Recovery-time objective, ms.
        rto_ms: Option<u64>,
        /// Expected duration from estimates, ms.
        expected_ms: u64,
        /// Leaf steps in the plan.
        steps: usize,
    },
    /// Before an effect: the intent. Only the action of a step writes it; probes do not.
    StepStarted {
        /// The step.
        step: StepId,
        /// For people.
        title: String,
        /// Attempt, from 1.
        attempt: u32,
        /// Travels with the work.
        token: AttemptToken,
        /// SHA-256 of the rendered work.
        work_digest: String,
        /// What it may do.
        effect: Effect,
        /// The command as people read it, secrets as `***`; empty for a group.
        command: String,
    },
    /// Process identity, as soon as known; a note, not synced.
    StepNoted {
        /// The step.
        step: StepId,
        /// The attempt.
        token: AttemptToken,
        /// Process id (also the process group).
        pid: u32,
        /// Start time of the process, clock ticks since boot.
        started_ticks: u64,
        /// The machine's boot.
        boot_id: String,
    },
    /// A gate began.
    GateStarted {
        /// The step.
        step: StepId,
        /// At most this long, ms.
        within_ms: u64,
    },
    /// An attempt failed and there is another.
    AttemptFailed {
        /// The step.
        step: StepId,
        /// The attempt that failed.
        attempt: u32,
        /// Why.
        why: String,
        /// Until the next, ms.
        delay_ms: u64,
    },
    /// A person answered.
    Answered {
        /// The step.
        step: StepId,
        /// What was asked: `confirm` or `manual`.
        question: String,
        /// `yes`, `no`, or `--yes`.
        answer: String,
        /// Who.
        by: String,
        /// Inputs of a manual step and its evidence.
        values: serde_json::Map<String, serde_json::Value>,
    },
    /// The step failed and its fallback begins.
    FallbackStarted {
        /// The step.
        step: StepId,
        /// Why it failed.
        why: String,
    },
    /// The step is over.
    StepFinished {
        /// The step.
        step: StepId,
        /// How.
        outcome: Outcome,
        /// Why it was skipped.
        skipped: Option<SkipReason>,
        /// What failed or needs attention, with the values seen; empty when all is well.
        why: Vec<String>,
        /// The author's hint, on failure.
        hint: Option<String>,
        /// Values for later steps.
        outputs: serde_json::Map<String, serde_json::Value>,
        /// From release to end, ms.
        elapsed_ms: u64,
        /// Attempts of the action.
        attempts: u32,
    },
    /// A signal arrived.
    Interrupted {
        /// 1: start nothing new · 2: end what runs.
        level: u8,
    },
    /// Last.
    RunFinished {
        /// How.
        outcome: RunOutcome,
        /// In one line, why, if not well.
        why: Option<String>,
        /// Values of the run.
        outputs: serde_json::Map<String, serde_json::Value>,
        /// From start to end, ms.
        elapsed_ms: u64,
    },
    /// A kind of a later version.
    #[serde(other)]
    Unknown,
}

/// An entry with its place in the journal, as observers get it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// From 0.
    pub seq: u64,
    /// When it was appended.
    pub at: DateTime<Utc>,
    /// The fact.
    #[serde(flatten)]
    pub entry: Entry,
}
