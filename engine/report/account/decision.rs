//! What people decided: every answer, approval, change and stop, with who and why.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::entry::{Entry, Record};
use crate::model::id::StepId;

/// Somebody decided something.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Decision {
    /// When.
    pub at: DateTime<Utc>,
    /// The step; none: the whole run.
    pub step: Option<StepId>,
    /// `confirm`, `manual`, `step`, `failed`, `unknown`, `approval`, `amend`, `pause`, `cancel`, `resume` or `rollback`.
    pub about: String,
    /// The answer, in a word.
    pub answer: String,
    /// Who.
    pub by: String,
    /// Of an approval: whether a signature was checked.
    pub verified: Option<bool>,
    /// In the person's words; may be empty.
    pub reason: String,
    /// Inputs, evidence, or changed parameters.
    pub values: Map<String, Value>,
}

/// All of a run, in order.
pub(super) fn of(records: &[Record]) -> Vec<Decision> {
    records.iter().filter_map(one).collect()
}

fn one(record: &Record) -> Option<Decision> {
    let new = |step: Option<&StepId>, about: &str, answer: &str, by: &str, reason: &str| Decision {
        at: record.at,
        step: step.cloned(),
        about: about.to_owned(),
        answer: answer.to_owned(),
        by: by.to_owned(),
        verified: None,
        reason: reason.to_owned(),
        values: Map::new(),
    };
    Some(match &record.entry {
        Entry::Answered { step, question, answer, by, values, .. } => {
            let mut values = values.clone();
            // Step mode asks why a step is skipped.
            let reason = match values.remove("why") {
                Some(Value::String(why)) => why,
                Some(other) => {
                    values.insert("why".to_owned(), other);
                    String::new()
                }
                None => String::new(),
            };
            Decision { values, ..new(Some(step), question, answer, by, &reason) }
        }
        Entry::Approved { step, verdict, by, verified, reason, refused, .. } => {
            let answer =
                if refused.is_empty() { verdict.clone() } else { format!("{verdict}, does not count: {refused}") };
            Decision { verified: Some(*verified), ..new(Some(step), "approval", &answer, by, reason) }
        }
        Entry::Amended { by, params, .. } => {
            Decision { values: params.clone(), ..new(None, "amend", "changed", by, "") }
        }
        Entry::Paused { by, why } => new(None, "pause", "paused", by, why),
        Entry::Cancelled { by, why } => new(None, "cancel", "given up", by, why),
        Entry::RunResumed { operator, changes, .. } => new(None, "resume", "resumed", operator, &changes.join("; ")),
        Entry::Resolved { step, verdict, by, why } => new(Some(step), "unknown", verdict, by, why),
        Entry::RollbackStarted { step, why, by, .. } => new(step.as_ref(), "rollback", "undo", by, why),
        _ => return None,
    })
}
