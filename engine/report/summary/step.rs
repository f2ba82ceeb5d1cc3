//! What is known of one step of a run.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::effect::Effect;
use crate::model::id::StepId;
use crate::model::outcome::{Outcome, SkipReason};

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StepSummary {
    /// Its id.
    pub step: StepId,
    /// For people; the id where it never began.
    pub title: String,
    /// What it might do.
    pub effect: Option<Effect>,
    /// As people read it; empty for a group.
    pub command: String,
    /// How it ended; none: it has not.
    pub outcome: Option<Outcome>,
    /// Why it did not run.
    pub skipped: Option<SkipReason>,
    /// What failed or needs attention.
    pub why: Vec<String>,
    /// The author's hint.
    pub hint: Option<String>,
    /// Values.
    pub outputs: Map<String, Value>,
    /// When its first attempt began.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// Release to end, ms.
    pub elapsed_ms: Option<u64>,
    /// Attempts of the action.
    pub attempts: u32,
    /// Attempts that failed and were repeated.
    pub failures: Vec<String>,
    /// What people answered.
    pub answers: Vec<Answered>,
    /// What became of attempts that nobody saw end.
    pub resolved: Vec<Resolution>,
    /// The approval it needs, asked last.
    pub approval: Option<Approval>,
    /// How it was undone.
    pub undo: Option<Undo>,
    /// When the attempt under way began.
    pub current: Option<DateTime<Utc>>,
    /// The gate it is at.
    pub gate: Option<GateSummary>,
    /// Between attempts: when the next is due.
    pub waits_until: Option<DateTime<Utc>>,
    /// Why its fallback ran.
    pub fallback: Option<String>,
    /// True when it has members.
    pub group: bool,
}

/// An answer of a person.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Answered {
    /// `confirm`, `manual`, `step`, `failed` or `unknown`.
    pub question: String,
    /// `yes`, `no`, `--yes`; in step mode the key's word.
    pub answer: String,
    /// Who.
    pub by: String,
    /// Inputs and evidence.
    pub values: Map<String, Value>,
}

impl StepSummary {
    pub(super) fn new(step: StepId) -> Self {
        Self {
            title: step.0.clone(),
            step,
            effect: None,
            command: String::new(),
            outcome: None,
            skipped: None,
            why: Vec::new(),
            hint: None,
            outputs: Map::new(),
            started: None,
            finished: None,
            elapsed_ms: None,
            attempts: 0,
            failures: Vec::new(),
            answers: Vec::new(),
            resolved: Vec::new(),
            approval: None,
            undo: None,
            current: None,
            gate: None,
            waits_until: None,
            fallback: None,
            group: false,
        }
    }

    /// True between its beginning and its end, as far as records say.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        let undoing = self.undo.as_ref().is_some_and(|undo| undo.undone.is_none());
        let asked = self.approval.as_ref().is_some_and(|approval| approval.open);
        undoing || (self.outcome.is_none() && (self.started.is_some() || asked))
    }

    /// False also for what an interrupt or a pause held back.
    pub(super) fn has_ended(&self) -> bool {
        let held_back = self.outcome == Some(Outcome::Interrupted) || self.skipped == Some(SkipReason::Interrupted);
        self.outcome.is_some() && !held_back
    }

    /// A resumed run walks it again unless it stands.
    pub(super) fn walk_again(&mut self) {
        if self.outcome.is_some_and(|outcome| outcome.stands_on_resume(self.skipped.as_ref())) {
            return;
        }
        if self.outcome.is_some() {
            (self.started, self.current, self.gate, self.waits_until) = (None, None, None, None);
            (self.outcome, self.finished, self.elapsed_ms) = (None, None, None);
            (self.skipped, self.hint, self.undo) = (None, None, None);
            self.why.clear();
            self.outputs = Map::new();
        }
        if let Some(approval) = &mut self.approval {
            approval.open = false;
        }
    }
}

/// What became of an attempt that nobody saw end.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Resolution {
    /// `done`, `again` or `open`.
    pub verdict: String,
    /// What or who decided.
    pub by: String,
    /// In a few words.
    pub why: String,
}

/// An approval that a step needs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Approval {
    /// What is approved: SHA-256 of the rendered step.
    pub digest: String,
    /// The command as people read it.
    pub command: String,
    /// Who may.
    pub people: Vec<String>,
    /// How many of them.
    pub min: u32,
    /// Not who started the run.
    pub not_requester: bool,
    /// Until then.
    pub expires: DateTime<Utc>,
    /// When it was asked.
    pub asked: DateTime<Utc>,
    /// True until the step goes on or ends.
    pub open: bool,
    /// What came, in order.
    pub answers: Vec<ApprovalAnswer>,
}

impl Approval {
    /// Who has agreed, as far as it counts.
    #[must_use]
    pub fn agreed(&self) -> Vec<&str> {
        let counts = |answer: &&ApprovalAnswer| {
            answer.verdict == "approve" && answer.refused.is_empty() && answer.digest == self.digest
        };
        self.answers.iter().filter(counts).map(|answer| answer.by.as_str()).collect()
    }

    /// How many are missing.
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.min.saturating_sub(u32::try_from(self.agreed().len()).unwrap_or(u32::MAX))
    }
}

/// An answer to an approval.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ApprovalAnswer {
    /// Its record.
    pub seq: u64,
    /// What was approved.
    pub digest: String,
    /// `approve` or `reject`.
    pub verdict: String,
    /// Who.
    pub by: String,
    /// A signature was checked.
    pub verified: bool,
    /// In the person's words.
    pub reason: String,
    /// Why it does not count; empty when it does.
    pub refused: String,
}

/// A gate under way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct GateSummary {
    /// When it began.
    pub since: DateTime<Utc>,
    /// At most this long, ms.
    pub within_ms: u64,
}

/// How a step was undone.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Undo {
    /// As people read it.
    pub command: String,
    /// When it began.
    pub since: DateTime<Utc>,
    /// False: stuck; none: under way.
    pub undone: Option<bool>,
    /// What failed, or how it was known to be undone already.
    pub why: Vec<String>,
}
