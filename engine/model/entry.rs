//! Journal entries: the durable facts of a run, and what observers see. Unknown kinds are kept by readers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::drill::DrillFact;
use super::effect::Effect;
use super::id::{AttemptToken, RunId, StepId};
use super::outcome::{Outcome, RunOutcome, SkipReason};
use super::surroundings::Surroundings;

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
    /// Where and with what an engine drives the run; right behind its first record.
    Surroundings(Box<Surroundings>),
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
        /// What the action gave so far: a resumed run goes on at the gate without it.
        #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
        outputs: serde_json::Map<String, serde_json::Value>,
        /// What needs attention so far.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attention: Vec<String>,
        /// The gate's probe before the action, as `before`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<serde_json::Value>,
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
        /// What was asked: `confirm`, `manual`, `step`, `failed` or `unknown`.
        question: String,
        /// `yes`, `no`, `--yes`; in step mode `run`, `skip`, `retry`, `edit`, `jump`, `rest`, `rollback`, `pause`, `stop`.
        answer: String,
        /// Who.
        by: String,
        /// Inputs of a manual step and its evidence.
        values: serde_json::Map<String, serde_json::Value>,
        /// How long the question stood, ms; none where nobody was asked, and in journals of before it was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        waited_ms: Option<u64>,
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
    /// An engine took the run over, after a pause, an interrupt, a failure or a crash. Steps that do not stand
    /// ([`Outcome::stands_on_resume`]) are walked again.
    RunResumed {
        /// Who, as `user@host`.
        operator: String,
        /// This program's version.
        engine: String,
        /// Version of the scheduler's rules.
        core: u32,
        /// Counts the engines that owned this run, from 1; a stale owner's next write fails.
        epoch: u64,
        /// Digest of the sealed plan it goes on with.
        plan_digest: String,
        /// Digest of the documents, parameters, environment and names of secrets it goes on with.
        source_digest: String,
        /// What differs from the run so far and was accepted, a line each; empty when nothing does.
        changes: Vec<String>,
        /// Time in all expected from now, ms.
        expected_ms: u64,
    },
    /// What became of an attempt that nobody saw end.
    Resolved {
        /// The step.
        step: StepId,
        /// `done` (its gate is next), `again` (it runs once more) or `open` (a person has to decide).
        verdict: String,
        /// `done_when`, `idempotent`, `read`, `reattached`, or a person.
        by: String,
        /// In a few words.
        why: String,
    },
    /// An approval is needed; it arrives through the inbox.
    ApprovalAsked {
        /// The step.
        step: StepId,
        /// What is approved: SHA-256 over the run, the step, the time of asking and the rendered step. Never the same twice.
        digest: String,
        /// The command as people read it.
        command: String,
        /// Who may.
        people: Vec<String>,
        /// How many of them.
        min: u32,
        /// Not who started the run.
        not_requester: bool,
        /// Until then.
        expires: DateTime<Utc>,
    },
    /// An answer to an approval arrived.
    Approved {
        /// The step.
        step: StepId,
        /// What was approved.
        digest: String,
        /// `approve` or `reject`.
        verdict: String,
        /// Who.
        by: String,
        /// True: a signature over the digest was checked; false: the identity is what the machine says.
        verified: bool,
        /// In the person's words.
        reason: String,
        /// Why it does not count; empty when it does.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        refused: String,
    },
    /// A person changed parameters in the middle of a run; the plan was made anew.
    Amended {
        /// Who.
        by: String,
        /// Name and new value as typed.
        params: serde_json::Map<String, serde_json::Value>,
        /// Digest of the sealed plan it goes on with.
        plan_digest: String,
        /// The source digest it goes on with.
        source_digest: String,
    },
    /// The run stops here and can be resumed.
    Paused {
        /// Who or what.
        by: String,
        /// Why.
        why: String,
    },
    /// Undoing begins.
    RollbackStarted {
        /// The step whose failure asks for it; none: the whole run.
        step: Option<StepId>,
        /// Why.
        why: String,
        /// Who or what asked: `on_failure` or a person.
        by: String,
        /// What will be undone, in this order.
        steps: Vec<StepId>,
        /// Started steps that have no `rollback` and change something, or lie before a destroy: they stay.
        left: Vec<StepId>,
        /// Nobody can say whether what failed took effect: undone or not, it is not simply run again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unknown: bool,
    },
    /// Before the effect of undoing one step.
    UndoStarted {
        /// The step.
        step: StepId,
        /// Travels with the work.
        token: AttemptToken,
        /// The command as people read it.
        command: String,
    },
    /// One step is undone, or stuck.
    UndoFinished {
        /// The step.
        step: StepId,
        /// False: stuck.
        undone: bool,
        /// What failed, or how it was known to be undone already.
        why: Vec<String>,
        /// Start to end, ms.
        elapsed_ms: u64,
    },
    /// A person gave the run up: what runs is ended, finally-steps run, nothing else.
    Cancelled {
        /// Who.
        by: String,
        /// In the person's words.
        why: String,
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
    /// A fact of a drill.
    Drill {
        /// Which.
        fact: Box<DrillFact>,
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
