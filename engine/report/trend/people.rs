//! When a run stood still for a person, from its records alone.
//!
//! A manual step waits from its start to its answer, an approval from the question to the step's start, a stopped run from its last
//! record until somebody resumed it. Every other answer says itself how long its question stood; in journals of before it did, the wait
//! counts from the record before the answer, so with steps under way beside it, it is the time in which nothing else happened.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::entry::{Entry, Record};
use crate::model::id::StepId;

/// Somebody was waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait<'r> {
    /// The step; none: the whole run.
    pub step: Option<&'r StepId>,
    /// `manual`, `confirm`, `step`, `failed`, `unknown`, `approval`, `resume`.
    pub question: &'r str,
    /// Since then.
    pub from: DateTime<Utc>,
    /// Until then.
    pub until: DateTime<Utc>,
}

impl Wait<'_> {
    /// How long, ms.
    #[must_use]
    pub fn ms(&self) -> u64 {
        u64::try_from((self.until - self.from).num_milliseconds()).unwrap_or(0)
    }
}

/// False for the answers that the engine gives: on a person's word before the run, or in a lab.
#[must_use]
pub fn by_somebody(answer: &str) -> bool {
    !matches!(answer, "--yes" | "lab")
}

/// A span of a journal.
#[must_use]
pub fn milliseconds(ms: u64) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(ms).unwrap_or(0))
}

/// Every wait of a run, in the order in which they ended.
#[must_use]
pub fn waits(records: &[Record]) -> Vec<Wait<'_>> {
    let mut found = Vec::new();
    let mut started: HashMap<&StepId, DateTime<Utc>> = HashMap::new();
    let mut asked: HashMap<&StepId, DateTime<Utc>> = HashMap::new();
    let mut last = records.first().map_or(DateTime::UNIX_EPOCH, |record| record.at);
    for record in records {
        let until = record.at;
        match &record.entry {
            Entry::ApprovalAsked { step, .. } => drop(asked.insert(step, until)),
            Entry::StepStarted { step, .. } | Entry::StepFinished { step, .. } => {
                if let Some(from) = asked.remove(step) {
                    found.push(Wait { step: Some(step), question: "approval", from, until });
                }
                started.insert(step, until);
            }
            Entry::Answered { step, question, answer, waited_ms, .. } if by_somebody(answer) => {
                let from = match waited_ms {
                    Some(ms) => until - milliseconds(*ms),
                    None if question == "manual" => started.get(step).copied().unwrap_or(last),
                    None => last,
                };
                found.push(Wait { step: Some(step), question, from, until });
            }
            Entry::RunResumed { .. } => {
                // What was asked before is asked anew.
                asked.clear();
                found.push(Wait { step: None, question: "resume", from: last, until });
            }
            _ => {}
        }
        last = last.max(until);
    }
    found
}

/// The time in which anybody was waited for, ms: waits beside each other count once.
#[must_use]
pub fn total_ms(waits: &[Wait<'_>]) -> u64 {
    let mut spans: Vec<(DateTime<Utc>, DateTime<Utc>)> = waits.iter().map(|wait| (wait.from, wait.until)).collect();
    spans.sort_unstable();
    let mut total = 0;
    let mut reached = DateTime::<Utc>::MIN_UTC;
    for (from, until) in spans {
        let from = from.max(reached);
        total += u64::try_from((until - from).num_milliseconds()).unwrap_or(0);
        reached = reached.max(until);
    }
    total
}
