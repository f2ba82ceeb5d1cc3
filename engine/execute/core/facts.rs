//! What a journal knows of each step: a fold over its records, before it is laid over a plan.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use crate::model::entry::{Entry, Record};
use crate::model::id::{AttemptToken, StepId};
use crate::model::outcome::{Outcome, SkipReason};
use crate::plan::{Body, List, NodeIx, Plan};

/// A whole journal.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    nodes: Vec<Fact>,
    /// A step has started.
    pub begun: bool,
}

/// One step.
#[derive(Clone, Debug, Default)]
pub(super) struct Fact {
    /// Attempts of the action so far.
    pub attempts: u32,
    /// The attempt that started and of whose end there is no record.
    pub open: Option<AttemptToken>,
    /// Its gate began after its action.
    pub gate: Option<GateFact>,
    /// When the next attempt is due.
    pub backoff: Option<DateTime<Utc>>,
    /// Why it failed: its fallback began.
    pub fallback: Option<String>,
    /// How it ended.
    pub finished: Option<Finished>,
}

/// The action is done; what it gave.
#[derive(Clone, Debug)]
pub(super) struct GateFact {
    pub outputs: Map<String, Value>,
    pub attention: Vec<String>,
    pub before: Option<Value>,
}

/// The end of a step.
#[derive(Clone, Debug)]
pub(super) struct Finished {
    pub outcome: Outcome,
    pub skipped: Option<SkipReason>,
    pub outputs: Map<String, Value>,
}

/// Where a resumed run takes a step up.
pub(super) enum Course<'fact> {
    /// It stands.
    Ended(&'fact Finished),
    /// Nothing of it counts.
    Pending,
    /// Its action started (a leaf: nobody saw its end; a group: its members go on).
    Open(&'fact AttemptToken),
    /// Its action is done, its gate is not.
    Gate(&'fact GateFact),
    /// It waits for its next attempt.
    Backoff(DateTime<Utc>),
    /// Its fallback runs.
    FallingBack(&'fact str),
}

impl Fact {
    pub(super) fn course(&self, group: bool) -> Course<'_> {
        match &self.finished {
            Some(finished) if finished.outcome.stands_on_resume(finished.skipped.as_ref()) => {
                return Course::Ended(finished);
            }
            Some(Finished { outcome: Outcome::Failed | Outcome::RolledBack | Outcome::Skipped, .. }) => {
                return Course::Pending;
            }
            // A group that a person or a signal stopped is confirmed again; what it has done stands.
            Some(Finished { outcome: Outcome::Interrupted, .. }) if group && self.fallback.is_none() => {
                return Course::Pending;
            }
            Some(_) | None => {}
        }
        match (&self.fallback, &self.gate, &self.open, self.backoff) {
            (Some(why), ..) => Course::FallingBack(why),
            (None, Some(gate), Some(_), _) => Course::Gate(gate),
            (None, None, Some(token), _) => Course::Open(token),
            (None, _, None, Some(due)) => Course::Backoff(due),
            (None, _, None, None) => Course::Pending,
        }
    }
}

impl Facts {
    /// The fold. Steps that the plan does not have are passed over.
    pub(super) fn of(plan: &Plan, records: &[Record]) -> Self {
        let by_id: HashMap<&StepId, NodeIx> = plan
            .nodes
            .iter()
            .enumerate()
            .map(|(at, node)| (&node.id, NodeIx(u32::try_from(at).unwrap_or(u32::MAX))))
            .collect();
        let mut facts = Self { nodes: vec![Fact::default(); plan.nodes.len()], begun: false };
        for record in records {
            facts.add(plan, &by_id, record);
        }
        facts
    }

    pub(super) fn get(&self, ix: NodeIx) -> &Fact {
        &self.nodes[ix.0 as usize]
    }

    fn add(&mut self, plan: &Plan, by_id: &HashMap<&StepId, NodeIx>, record: &Record) {
        let find = |step: &StepId| by_id.get(step).copied();
        match &record.entry {
            Entry::StepStarted { step, attempt, token, .. } => {
                self.begun = true;
                if let Some(ix) = find(step) {
                    let fact = &mut self.nodes[ix.0 as usize];
                    *fact = Fact { attempts: *attempt, open: Some(token.clone()), ..Fact::default() };
                }
            }
            Entry::GateStarted { step, outputs, attention, before, .. } => {
                if let Some(ix) = find(step) {
                    self.nodes[ix.0 as usize].gate = Some(GateFact {
                        outputs: outputs.clone(),
                        attention: attention.clone(),
                        before: before.clone(),
                    });
                }
            }
            Entry::AttemptFailed { step, attempt, delay_ms, .. } => {
                if let Some(ix) = find(step) {
                    let delay = TimeDelta::milliseconds(i64::try_from(*delay_ms).unwrap_or(i64::MAX));
                    self.nodes[ix.0 as usize] =
                        Fact { attempts: *attempt, backoff: record.at.checked_add_signed(delay), ..Fact::default() };
                    // A group's next attempt runs its members again.
                    self.forget_members(plan, ix);
                }
            }
            Entry::FallbackStarted { step, why } => {
                if let Some(ix) = find(step) {
                    self.nodes[ix.0 as usize].fallback = Some(why.clone());
                }
            }
            Entry::Resolved { step, verdict, .. } if verdict == "again" => {
                if let Some(ix) = find(step) {
                    self.nodes[ix.0 as usize] = Fact::default();
                }
            }
            Entry::StepFinished { step, outcome, skipped, outputs, .. } => {
                if let Some(ix) = find(step) {
                    let fact = &mut self.nodes[ix.0 as usize];
                    fact.finished =
                        Some(Finished { outcome: *outcome, skipped: skipped.clone(), outputs: outputs.clone() });
                }
            }
            _ => {}
        }
    }

    fn forget_members(&mut self, plan: &Plan, ix: NodeIx) {
        let Body::List { list, finally, .. } = &plan.node(ix).body else { return };
        for member in list.members.iter().chain(&finally.members) {
            self.forget(plan, *member);
        }
    }

    fn forget(&mut self, plan: &Plan, ix: NodeIx) {
        self.nodes[ix.0 as usize] = Fact::default();
        self.forget_members(plan, ix);
        for member in &plan.node(ix).fallback.members {
            self.forget(plan, *member);
        }
    }

    /// True when every member of a list stands.
    pub(super) fn all_stand(&self, list: &List) -> bool {
        list.members.iter().all(|member| matches!(self.get(*member).course(false), Course::Ended(_)))
    }
}
