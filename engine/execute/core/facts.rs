//! What a journal knows of each step: a fold over its records, before it is laid over a plan.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use crate::model::entry::{Entry, Record};
use crate::model::id::{AttemptToken, StepId};
use crate::model::outcome::{Outcome, RunOutcome, SkipReason};
use crate::plan::{Body, List, NodeIx, Plan};

use super::resume::Lost;
use super::started::Started;

/// A whole journal.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    nodes: Vec<Fact>,
    /// A step has started.
    pub begun: bool,
    /// Steps whose action was started, in order, once for each attempt; without those that are undone.
    pub started: Started,
    /// Steps that could not be undone.
    pub stuck: BTreeSet<NodeIx>,
    /// The whole run was being undone: by whom, and why.
    pub undoing: Option<(String, String)>,
    /// Something was undone already by the rollback that is under way.
    pub undone: bool,
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
    /// Why it failed: what it started was being undone; true: nobody can say whether it took effect.
    pub undoing: Option<(String, bool)>,
    /// The attempt to undo it of whose end there is no record.
    pub open_undo: Option<AttemptToken>,
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
    /// It failed for good, and undoing it had begun; true: nobody can say whether it took effect.
    Undoing(&'fact str, bool),
    /// Its fallback runs.
    FallingBack(&'fact str),
}

impl Fact {
    /// `given_up`: the run is only brought to its end, so a group that was stopped still owes its finally-steps.
    pub(super) fn course(&self, group: bool, given_up: bool) -> Course<'_> {
        match &self.finished {
            Some(finished) if finished.outcome.stands_on_resume(finished.skipped.as_ref()) => {
                return Course::Ended(finished);
            }
            Some(Finished { outcome: Outcome::Failed | Outcome::RolledBack | Outcome::Skipped, .. }) => {
                return Course::Pending;
            }
            // A group that a person or a signal stopped is confirmed again; what it has done stands.
            Some(Finished { outcome: Outcome::Interrupted, .. }) if group && !given_up && self.fallback.is_none() => {
                return Course::Pending;
            }
            Some(_) | None => {}
        }
        if let Some(why) = &self.fallback {
            return Course::FallingBack(why);
        }
        // Where it ended, its undoing is over, too: what became of it is still to be found out.
        if let (Some((why, unknown)), None) = (&self.undoing, &self.finished) {
            return Course::Undoing(why, *unknown);
        }
        match (&self.gate, &self.open, self.backoff) {
            (Some(gate), Some(_), _) => Course::Gate(gate),
            (None, Some(token), _) => Course::Open(token),
            (_, None, Some(due)) => Course::Backoff(due),
            (_, None, None) => Course::Pending,
        }
    }
}

impl Facts {
    /// The fold. Steps that the plan does not have are passed over.
    pub(super) fn of(plan: &Plan, records: &[&Record]) -> Self {
        let by_id: HashMap<&StepId, NodeIx> = plan
            .nodes
            .iter()
            .enumerate()
            .map(|(at, node)| (&node.id, NodeIx(u32::try_from(at).unwrap_or(u32::MAX))))
            .collect();
        let mut facts = Self { nodes: vec![Fact::default(); plan.nodes.len()], ..Self::default() };
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
                    self.started.push(ix);
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
            Entry::RollbackStarted { step: None, why, by, .. } => {
                self.undoing = Some((by.clone(), why.clone()));
                self.undone = false;
            }
            Entry::RollbackStarted { step: Some(step), why, unknown, .. } => {
                if let Some(ix) = find(step) {
                    self.nodes[ix.0 as usize].undoing = Some((why.clone(), *unknown));
                }
            }
            Entry::UndoStarted { step, token, .. } => {
                if let Some(ix) = find(step) {
                    self.nodes[ix.0 as usize].open_undo = Some(token.clone());
                }
            }
            Entry::UndoFinished { step, undone, .. } => {
                if let Some(ix) = find(step) {
                    self.undo_finished(plan, ix, *undone);
                }
            }
            // A rollback that was interrupted or paused goes on: nothing runs forwards over what is half undone.
            Entry::RunFinished { outcome, .. } if !matches!(outcome, RunOutcome::Interrupted | RunOutcome::Paused) => {
                self.undoing = None;
                self.undone = false;
            }
            Entry::FallbackStarted { step, why } => {
                if let Some(ix) = find(step) {
                    let fact = &mut self.nodes[ix.0 as usize];
                    fact.fallback = Some(why.clone());
                    // That it was rolled back is not its end.
                    fact.finished = None;
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

    /// With a group everything inside it is undone.
    fn undo_finished(&mut self, plan: &Plan, ix: NodeIx, undone: bool) {
        self.nodes[ix.0 as usize].open_undo = None;
        if !undone {
            self.stuck.insert(ix);
            return;
        }
        self.undone = true;
        let inside = |at: NodeIx| std::iter::successors(Some(at), |at| plan.node(*at).parent).any(|at| at == ix);
        let members =
            plan.node(ix).contains().then(|| self.started.iter().filter(|at| inside(*at))).into_iter().flatten();
        let undone: BTreeSet<NodeIx> = members.chain([ix]).collect();
        for at in undone {
            self.started.remove(at);
        }
        self.stuck.retain(|at| !inside(*at));
        let rolled_back = Finished { outcome: Outcome::RolledBack, skipped: None, outputs: self.outputs(ix) };
        self.nodes[ix.0 as usize] = Fact { finished: Some(rolled_back), ..Fact::default() };
    }

    fn outputs(&self, ix: NodeIx) -> Map<String, Value> {
        self.nodes[ix.0 as usize].finished.as_ref().map(|finished| finished.outputs.clone()).unwrap_or_default()
    }

    /// Attempts of whose end there is no record; only those of rollbacks, where the run goes on.
    pub(super) fn lost(&self, all: bool) -> Vec<Lost> {
        let mut lost = Vec::new();
        for (at, fact) in self.nodes.iter().enumerate() {
            let ix = NodeIx(u32::try_from(at).unwrap_or(u32::MAX));
            let of = |token: &AttemptToken, undo: bool| Lost { ix, token: token.clone(), undo };
            lost.extend(fact.open_undo.iter().map(|token| of(token, true)));
            let over = fact.finished.as_ref().is_some_and(|it| it.outcome.stands_on_resume(it.skipped.as_ref()));
            if all && !over && fact.gate.is_none() {
                lost.extend(fact.open.iter().map(|token| of(token, false)));
            }
        }
        lost
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
        list.members.iter().all(|member| matches!(self.get(*member).course(false, false), Course::Ended(_)))
    }
}
