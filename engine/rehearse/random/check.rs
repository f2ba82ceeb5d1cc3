//! What must hold for every plan and every course of events: by the journal, and by what is left in the world.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::effect::Effect;
use crate::model::entry::{Entry, Record};
use crate::model::id::StepId;
use crate::model::outcome::{Outcome, RunOutcome};
use crate::plan::{Body, Node, NodeIx, Plan};
use crate::runner::sim::World;

/// The records of one engine end here.
pub struct Leg {
    /// So many records are durable at its end.
    pub records: usize,
    /// It was killed.
    pub killed: bool,
}

/// Checks everything.
///
/// # Errors
/// What does not hold.
pub fn all(
    plan: &Plan,
    records: &[Arc<Record>],
    legs: &[Leg],
    limit: Option<u32>,
    outcome: RunOutcome,
    world: &World,
) -> Result<(), String> {
    let view = View { plan, ids: plan.nodes.iter().map(|node| (&node.id, node)).collect() };
    view.order(records, legs)?;
    view.limits(records, legs, limit)?;
    view.nothing_runs_twice(records, legs)?;
    view.rollbacks(records)?;
    view.finally(records, outcome)?;
    view.effects(records, world)
}

struct View<'p> {
    plan: &'p Plan,
    ids: BTreeMap<&'p StepId, &'p Node>,
}

fn inside(id: &StepId, outer: &StepId) -> bool {
    id == outer || id.0.strip_prefix(&outer.0).is_some_and(|rest| rest.starts_with('/'))
}

impl View<'_> {
    fn node(&self, id: &StepId) -> Result<&Node, String> {
        self.ids.get(id).copied().ok_or_else(|| format!("`{id}` is no step of the plan"))
    }

    fn id(&self, ix: NodeIx) -> &StepId {
        &self.plan.node(ix).id
    }

    /// Where the records of a leg begin after its engine was gone.
    fn starts(legs: &[Leg]) -> BTreeMap<usize, bool> {
        legs.iter().map(|leg| (leg.records, leg.killed)).collect()
    }

    /// What a step needs has ended well before it starts, and what it comes after has ended.
    fn order(&self, records: &[Arc<Record>], legs: &[Leg]) -> Result<(), String> {
        let starts = Self::starts(legs);
        let mut well: BTreeMap<&StepId, bool> = BTreeMap::new();
        for (at, record) in records.iter().enumerate() {
            if starts.contains_key(&at) {
                // What did not end well is walked again.
                well.retain(|_, well| *well);
            }
            match &record.entry {
                Entry::StepStarted { step, .. } => {
                    let node = self.node(step)?;
                    for needed in node.needs.iter().map(|ix| self.id(*ix)) {
                        if well.get(needed) != Some(&true) {
                            return Err(format!("`{step}` started before `{needed}`, which it needs, had ended well"));
                        }
                    }
                    for earlier in node.after.iter().map(|ix| self.id(*ix)) {
                        if !well.contains_key(earlier) {
                            return Err(format!("`{step}` started before `{earlier}` had ended"));
                        }
                    }
                }
                Entry::StepFinished { step, outcome, skipped, .. } => {
                    let fine = match skipped {
                        Some(reason) => reason.lets_dependents_go_on(),
                        None => outcome.lets_dependents_go_on(),
                    };
                    well.insert(step, fine);
                }
                Entry::AttemptFailed { step, .. } => well.retain(|id, _| *id == step || !inside(id, step)),
                _ => {}
            }
        }
        Ok(())
    }

    /// No more at once than the command line and each list allow.
    fn limits(&self, records: &[Arc<Record>], legs: &[Leg], limit: Option<u32>) -> Result<(), String> {
        let starts = Self::starts(legs);
        let mut open: BTreeSet<&StepId> = BTreeSet::new();
        for (at, record) in records.iter().enumerate() {
            if starts.contains_key(&at) {
                open.clear();
            }
            match &record.entry {
                Entry::StepStarted { step, .. } => {
                    open.insert(step);
                    let leaves = open
                        .iter()
                        .filter(|id| self.ids.get(*id).is_some_and(|node| matches!(node.body, Body::Operation(_))));
                    let leaves = leaves.count();
                    if limit.is_some_and(|limit| leaves > limit as usize) {
                        return Err(format!("{leaves} steps at once, {} allowed, at `{step}`", limit.unwrap_or(0)));
                    }
                    self.list_limit(step, &open)?;
                }
                Entry::StepFinished { step, .. } | Entry::FallbackStarted { step, .. } => {
                    open.remove(step);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn list_limit(&self, step: &StepId, open: &BTreeSet<&StepId>) -> Result<(), String> {
        let Some(parent) = self.node(step)?.parent else { return Ok(()) };
        let Body::List { list, .. } = &self.plan.node(parent).body else { return Ok(()) };
        let Some(limit) = list.limit else { return Ok(()) };
        let members = list.members.iter().filter(|ix| open.contains(self.id(**ix))).count();
        if members > limit as usize {
            return Err(format!("{members} members of `{}` at once, {limit} allowed", self.id(parent)));
        }
        Ok(())
    }

    /// What has ended well never starts again; what nobody saw end only where something allows it.
    fn nothing_runs_twice(&self, records: &[Arc<Record>], legs: &[Leg]) -> Result<(), String> {
        let starts = Self::starts(legs);
        let mut done: BTreeSet<&StepId> = BTreeSet::new();
        let mut open: BTreeSet<&StepId> = BTreeSet::new();
        let mut lost: BTreeSet<&StepId> = BTreeSet::new();
        let mut fine: BTreeSet<&StepId> = BTreeSet::new();
        for (at, record) in records.iter().enumerate() {
            if let Some(killed) = starts.get(&at) {
                if *killed {
                    lost.append(&mut open);
                }
                open.clear();
                // What did not end well is walked again, and then its finally-steps are owed again.
                let owed = self.owed_again(&fine);
                done.retain(|id| !owed.iter().any(|outer| inside(id, outer)));
            }
            match &record.entry {
                Entry::StepStarted { step, .. } => {
                    let node = self.node(step)?;
                    if done.contains(step) {
                        return Err(format!("`{step}` had ended well and started again"));
                    }
                    if !open.insert(step) {
                        return Err(format!("`{step}` runs beside itself"));
                    }
                    if lost.contains(step) && !may_be_repeated(node) {
                        return Err(format!("nobody saw `{step}` end, nothing decided it, and it ran again"));
                    }
                }
                Entry::Resolved { step, verdict, by, .. } => {
                    let decided = matches!(by.as_str(), "done_when" | "idempotent" | "read" | "reattached");
                    if verdict != "open" && decided {
                        lost.remove(step);
                    }
                }
                // Its action is done: the gate alone is asked again.
                Entry::GateStarted { step, .. } => drop(open.remove(step)),
                Entry::StepFinished { step, outcome, skipped, .. } => {
                    open.remove(step);
                    if outcome.stands_on_resume(skipped.as_ref()) {
                        fine.insert(step);
                    } else {
                        fine.remove(step);
                    }
                    if skipped.is_none() && matches!(outcome, Outcome::Succeeded | Outcome::Warned) {
                        done.insert(step);
                    }
                }
                Entry::AttemptFailed { step, .. } => {
                    open.retain(|id| !inside(id, step));
                    // What a group says of itself decides about everything inside it.
                    let group = self.node(step)?;
                    if group.done_when.is_some() || group.idempotent {
                        lost.retain(|id| !inside(id, step));
                    }
                    done.retain(|id| !inside(id, step) || *id == step);
                }
                // It had failed: somebody saw it end.
                Entry::RollbackStarted { step: Some(step), .. } => open.retain(|id| !inside(id, step)),
                Entry::FallbackStarted { step, .. } => {
                    open.retain(|id| !inside(id, step));
                    // It failed once more, so its fallback runs once more: what was done for it before lies under what came since.
                    let fallback: Vec<&StepId> =
                        self.node(step)?.fallback.members.iter().map(|ix| self.id(*ix)).collect();
                    done.retain(|id| !fallback.iter().any(|outer| inside(id, outer)));
                }
                // Whether it took effect or not: it is undone.
                Entry::UndoFinished { step, undone: true, .. } => {
                    done.retain(|id| !inside(id, step));
                    lost.retain(|id| !inside(id, step));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Finally-steps of groups that did not end well, and of the run unless its whole main list did. What only reads is read again, too,
    /// where its group failed by its own judgement.
    fn owed_again(&self, fine: &BTreeSet<&StepId>) -> Vec<&StepId> {
        let mut owed = Vec::new();
        if !self.plan.steps.members.iter().all(|ix| fine.contains(self.id(*ix))) {
            owed.extend(self.plan.finally.members.iter().map(|ix| self.id(*ix)));
        }
        for node in &self.plan.nodes {
            if let Body::List { list, finally, .. } = &node.body
                && !fine.contains(&node.id)
            {
                owed.extend(finally.members.iter().map(|ix| self.id(*ix)));
                let reads = list.members.iter().filter(|ix| only_reads(self.plan.node(**ix)));
                owed.extend(reads.map(|ix| self.id(*ix)));
            }
        }
        owed
    }

    /// Nothing is undone that did not start, and nothing from before a destroy inside what is undone.
    fn rollbacks(&self, records: &[Arc<Record>]) -> Result<(), String> {
        let mut started: Vec<&StepId> = Vec::new();
        let mut scope: Option<&StepId> = None;
        for record in records {
            match &record.entry {
                Entry::StepStarted { step, .. } => started.push(step),
                Entry::RollbackStarted { step, .. } => scope = step.as_ref(),
                Entry::UndoStarted { step, .. } => {
                    let Some(at) = started.iter().rposition(|known| *known == step) else {
                        return Err(format!("`{step}` is undone and did not start, or is undone twice"));
                    };
                    for later in &started[at..] {
                        let destroys = matches!(&self.node(later)?.body,
                            Body::Operation(operation) if operation.effect.effect == Effect::Destroy);
                        let within = scope.is_none_or(|scope| inside(later, scope));
                        if destroys && within && *later != step {
                            return Err(format!("`{step}` is undone, and `{later}` destroyed something after it"));
                        }
                    }
                }
                Entry::UndoFinished { step, undone: true, .. } => {
                    let fallback: Vec<&StepId> =
                        self.node(step)?.fallback.members.iter().map(|ix| self.id(*ix)).collect();
                    started.retain(|id| !inside(id, step) || fallback.iter().any(|outer| inside(id, outer)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Finally-steps of the run run at its end, and not where it goes on later.
    fn finally(&self, records: &[Arc<Record>], outcome: RunOutcome) -> Result<(), String> {
        for member in self.plan.finally.members.iter().map(|ix| self.plan.node(*ix)) {
            let ended = records.iter().rev().find_map(|record| match &record.entry {
                Entry::StepFinished { step, outcome, skipped, .. } if *step == member.id => Some((outcome, skipped)),
                _ => None,
            });
            let ran = ended.is_some_and(|(outcome, _)| *outcome != Outcome::Skipped);
            let good = matches!(outcome, RunOutcome::Succeeded | RunOutcome::Warned | RunOutcome::RolledBack);
            if good && !ran && member.needs.is_empty() && member.when.is_empty() {
                return Err(format!(
                    "the run is over ({}), and `{}` of its finally did not run",
                    outcome.as_str(),
                    member.id
                ));
            }
        }
        Ok(())
    }

    /// Every run of a script has left its line: no more of them than the journal knows of.
    fn effects(&self, records: &[Arc<Record>], world: &World) -> Result<(), String> {
        let mut starts: BTreeMap<&StepId, usize> = BTreeMap::new();
        for record in records {
            if let Entry::StepStarted { step, .. } = &record.entry {
                *starts.entry(step).or_default() += 1;
            }
        }
        for node in &self.plan.nodes {
            let lines = world.text_of("local", &format!("/tmp/{}", node.name)).map_or(0, |text| text.lines().count());
            let known = starts.get(&node.id).copied().unwrap_or(0);
            if lines > known {
                return Err(format!("`{}` had {lines} effects, the journal knows of {known} starts", node.id));
            }
        }
        Ok(())
    }
}

fn only_reads(node: &Node) -> bool {
    matches!(&node.body, Body::Operation(operation) if operation.effect.effect == Effect::Read)
}

fn may_be_repeated(node: &Node) -> bool {
    let reads = only_reads(node);
    let group = matches!(node.body, Body::List { .. });
    let works = matches!(&node.body, Body::Operation(operation) if operation.has_work());
    node.idempotent || node.done_when.is_some() || reads || group || !works
}
