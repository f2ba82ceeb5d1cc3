//! Undoing what was started: backwards, one step after the other, as far as the last destroy.
//!
//! A step's way back: the rollback's `done_when` (holds: nothing to do) → identity and a person's word where it destroys → action →
//! expectation → gate. A step that cannot be undone is stuck; the others are still undone. A group with a `rollback` of its own is
//! undone by it instead of its members, unless a destroy was started inside it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::judge::{Judgement, judgement};
use super::list::Role;
use super::stage::{Stage, millis};
use super::state::{Asked, UndoRun};
use super::{Command, Core, Halt};
use crate::execute::operator::Question;
use crate::execute::render;
use crate::execute::result::ResultView;
use crate::execute::scope::StepValues;
use crate::model::effect::Effect;
use crate::model::entry::Entry;
use crate::model::id::AttemptToken;
use crate::model::outcome::Outcome;
use crate::model::status::{StepEvent, StepStatus};
use crate::model::work::{Completion, End, Purpose};
use crate::plan::{Action, Body, NodeIx, Operation};
use crate::template::Value;

/// Who asked, in the record, when the runbook itself says so.
pub(super) const BY_RUNBOOK: &str = "on_failure";

/// Undoing under way.
#[derive(Clone, Debug)]
pub(super) struct Undo {
    /// What is still to be undone, in order.
    queue: VecDeque<NodeIx>,
    /// One of them could not be undone.
    stuck: bool,
    /// The run was held back before the end.
    held_back: bool,
}

/// What a rollback would do.
pub(super) struct ToUndo {
    /// In this order.
    pub steps: Vec<NodeIx>,
    /// What stays.
    pub left: Vec<NodeIx>,
}

impl Core {
    /// What was started inside a step (in the whole run), backwards to the last destroy. A step that is stuck already is tried again
    /// only when a person asks.
    pub(super) fn to_undo(&self, owner: Option<NodeIx>, again: bool) -> ToUndo {
        // A step's own fallback comes after its rollback: what an earlier attempt left of it is no part of this one.
        let here = |ix: &NodeIx| {
            owner.is_none_or(|owner| {
                self.is_inside(*ix, owner)
                    && !self.plan.node(owner).fallback.members.iter().any(|at| self.is_inside(*ix, *at))
            })
        };
        let started: Vec<NodeIx> = self.started.iter().filter(here).collect();
        let destroys = |ix: &NodeIx| self.effect(*ix) == Effect::Destroy && !planted!(UndoesTooMuch);
        let last_destroy = started.iter().rposition(destroys);
        let mut first: BTreeMap<NodeIx, usize> = BTreeMap::new();
        for (at, ix) in started.iter().enumerate() {
            first.entry(*ix).or_insert(at);
        }
        // A group's own rollback undoes all of its members, so none of them may be beyond the point of no return.
        let whole = |ix: NodeIx| {
            self.plan.node(ix).rollback.is_some()
                && first.get(&ix).is_some_and(|at| last_destroy.is_none_or(|destroy| *at > destroy))
        };
        let mut to_undo = ToUndo { steps: Vec::new(), left: Vec::new() };
        let mut seen = BTreeSet::new();
        for (at, ix) in started.iter().copied().enumerate().rev() {
            if !seen.insert(ix) || self.enclosing(ix).any(|group| here(&group) && whole(group)) {
                continue;
            }
            let node = self.plan.node(ix);
            let group = matches!(node.body, Body::List { .. });
            let stays = last_destroy.is_some_and(|destroy| at <= destroy) || (self.stuck.contains(&ix) && !again);
            let undoes = if group { whole(ix) } else { node.rollback.is_some() };
            if undoes && !stays {
                to_undo.steps.push(ix);
            } else if !group && (node.rollback.is_some() || self.effect(ix) != Effect::Read) {
                to_undo.left.push(ix);
            }
        }
        to_undo
    }

    /// Whether something that is not undone may have taken effect.
    pub(super) fn leaves_unknown(&self, plan: &ToUndo) -> bool {
        plan.left.iter().any(|ix| self.nodes[ix.0 as usize].status == StepStatus::Ended(Outcome::Unknown))
    }

    pub(super) fn effect(&self, ix: NodeIx) -> Effect {
        match &self.plan.node(ix).body {
            Body::Operation(operation) if operation.action.is_some() => operation.effect.effect,
            Body::Operation(_) | Body::List { .. } => Effect::Read,
        }
    }

    pub(super) fn record_rollback(&mut self, owner: Option<NodeIx>, plan: &ToUndo, by: &str, why: String) {
        let ids = |steps: &[NodeIx]| steps.iter().map(|ix| self.plan.node(*ix).id.clone()).collect();
        let entry = Entry::RollbackStarted {
            step: owner.map(|ix| self.plan.node(ix).id.clone()),
            why,
            by: by.to_owned(),
            steps: ids(&plan.steps),
            left: ids(&plan.left),
            unknown: owner.is_some_and(|ix| self.nodes[ix.0 as usize].unknown),
        };
        self.record(entry);
    }

    /// Undoes one after the other. A step that owns the undoing is in its `RollingBack` status already.
    pub(super) fn begin_undo(&mut self, owner: Option<NodeIx>, plan: ToUndo) {
        self.undos.insert(owner, Undo { queue: plan.steps.into(), stuck: false, held_back: false });
        self.next_undo(owner);
    }

    /// `on_failure: rollback` of one step; false where there is nothing to undo.
    pub(super) fn roll_back_step(&mut self, ix: NodeIx) -> bool {
        if self.nodes[ix.0 as usize].rolled_back.is_some() {
            return false;
        }
        let plan = self.to_undo(Some(ix), false);
        let why = self.nodes[ix.0 as usize].why.join("; ");
        if plan.steps.is_empty() {
            if !plan.left.is_empty() {
                self.record_rollback(Some(ix), &plan, BY_RUNBOOK, why);
            }
            return false;
        }
        self.record_rollback(Some(ix), &plan, BY_RUNBOOK, why);
        let state = self.state(ix);
        state.event(StepEvent::Undo);
        state.stage = Stage::Members;
        // Its rollback may read what it gave so far.
        let outputs = Value::from_pairs(state.outputs.clone());
        self.store.set(ix, StepValues { outputs: Some(outputs), outcome: Some(Outcome::Failed), unknown: false });
        self.begin_undo(Some(ix), plan);
        true
    }

    fn undo_holds_back(&self, owner: Option<NodeIx>) -> bool {
        match (owner, &self.halt) {
            // Whoever asked for the whole run to be undone has asked for this, too.
            (_, Halt::Rollback { .. }) => self.interrupted > 0,
            (Some(owner), _) => self.holds_back(owner),
            (None, halt) => self.interrupted > 0 || *halt != Halt::No,
        }
    }

    fn next_undo(&mut self, owner: Option<NodeIx>) {
        let held_back = self.undo_holds_back(owner);
        let Some(undo) = self.undos.get_mut(&owner) else { return };
        if held_back {
            undo.held_back |= !undo.queue.is_empty();
            undo.queue.clear();
        }
        let Some(ix) = undo.queue.pop_front() else {
            self.undo_over(owner);
            return;
        };
        let started = self.now.elapsed;
        let state = self.state(ix);
        if owner != Some(ix) {
            state.event(StepEvent::Undo);
        }
        state.gate = None;
        state.undo = Some(UndoRun { owner, started, begun: false, why: Vec::new() });
        self.go_on(ix, Stage::UndoDoneWhen);
    }

    /// Carries out one stage of the way back.
    pub(super) fn undo_stage(&mut self, ix: NodeIx, stage: Stage) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let Some(rollback) = &plan.node(ix).rollback else { return Some(Stage::Fail) };
        let destroys = rollback.operation.effect.effect == Effect::Destroy;
        match stage {
            Stage::UndoDoneWhen => match &rollback.done_when {
                Some(probe) => self.undo_probe(ix, &probe.operation, Purpose::RollbackDoneWhen),
                None => Some(Stage::UndoIdentity),
            },
            Stage::UndoIdentity => {
                match plan.environment.as_ref().and_then(|environment| environment.identity.as_ref()) {
                    Some(probe) if destroys => self.undo_probe(ix, &probe.operation, Purpose::Identity),
                    _ => Some(Stage::UndoConfirm),
                }
            }
            Stage::UndoConfirm if destroys => self.ask_about_undo(ix, &rollback.operation),
            Stage::UndoConfirm => Some(Stage::UndoAction),
            _ => self.undo_action(ix, &rollback.operation),
        }
    }

    fn undo_probe(&mut self, ix: NodeIx, operation: &Operation, purpose: Purpose) -> Option<Stage> {
        if operation.action.is_none() {
            let scope = self.scope(ix);
            return Some(self.undo_probed(ix, purpose, judgement(&operation.judge, None, &scope)));
        }
        match self.dispatch(ix, operation, purpose, None) {
            Ok(()) => {
                self.state(ix).stage = Stage::Away;
                None
            }
            Err(why) => Some(self.undo_probed(ix, purpose, Judgement::Fails(vec![why]))),
        }
    }

    fn undo_probed(&mut self, ix: NodeIx, purpose: Purpose, judged: Judgement) -> Stage {
        match (purpose, judged) {
            (Purpose::RollbackDoneWhen, Judgement::Holds) => {
                self.complain(ix, "nothing to undo: `done_when` holds".to_owned());
                Stage::Succeed
            }
            (Purpose::RollbackDoneWhen, Judgement::Fails(_)) => Stage::UndoIdentity,
            (_, Judgement::Holds) => Stage::UndoConfirm,
            (_, Judgement::Fails(why)) => {
                self.complain(ix, format!("the environment's identity is not proved: {}", why.join("; ")));
                Stage::Fail
            }
        }
    }

    /// What destroys is never undone with without a person's word.
    fn ask_about_undo(&mut self, ix: NodeIx, operation: &Operation) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        if self.options.yes {
            self.record_answer(ix, "confirm", "--yes", &plan.run.operator, serde_json::Map::new());
            return Some(Stage::UndoAction);
        }
        if self.undo_holds_back(self.undo_owner(ix)) {
            self.undo_interrupted(ix);
            return None;
        }
        let node = plan.node(ix);
        let scope = self.scope(ix);
        let named = plan.environment.as_ref().map_or(&node.name, |environment| &environment.name);
        let question = Question::Confirm {
            step: node.id.clone(),
            title: format!("roll back: {}", node.title.preview(&scope)),
            show: Some(render::preview(operation, &scope).join("\n")),
            typed: Some(named.clone()),
        };
        self.ask(ix, Asked::Confirm, question);
        None
    }

    fn undo_owner(&self, ix: NodeIx) -> Option<NodeIx> {
        self.nodes[ix.0 as usize].undo.as_ref().and_then(|undo| undo.owner)
    }

    fn undo_action(&mut self, ix: NodeIx, operation: &Operation) -> Option<Stage> {
        match &operation.action {
            None => {
                self.record_undo(ix, operation, None);
                let scope = self.scope(ix);
                Some(self.judge_undo_action(ix, operation, None, &scope))
            }
            Some(Action::Manual { text, inputs, evidence }) => {
                self.record_undo(ix, operation, None);
                self.ask_manual(ix, text, inputs, *evidence)
            }
            Some(_) => match self.rendered(ix, operation, Purpose::Rollback, None) {
                Ok(work) => {
                    self.record_undo(ix, operation, Some(work.attempt.token.clone()));
                    self.state(ix).stage = Stage::Away;
                    self.out.push(Command::Start(work));
                    None
                }
                Err(why) => {
                    self.complain(ix, why);
                    Some(Stage::Fail)
                }
            },
        }
    }

    fn record_undo(&mut self, ix: NodeIx, operation: &Operation, token: Option<AttemptToken>) {
        let scope = self.scope(ix);
        let step = self.plan.node(ix).id.clone();
        let token = token.unwrap_or_else(|| AttemptToken(format!("{}-undo-{step}", self.plan.run.id)));
        let command = render::preview(operation, &scope).join("\n");
        if let Some(undo) = &mut self.state(ix).undo {
            undo.begun = true;
        }
        self.record(Entry::UndoStarted { step, token, command });
    }

    fn judge_undo_action(
        &mut self,
        ix: NodeIx,
        operation: &Operation,
        completion: Option<&Completion>,
        scope: &crate::template::Scope,
    ) -> Stage {
        match judgement(&operation.judge, completion, scope) {
            Judgement::Holds => Stage::Gate,
            Judgement::Fails(why) => {
                for why in why {
                    self.complain(ix, why);
                }
                Stage::Fail
            }
        }
    }

    /// An attempt on the way back is over.
    pub(super) fn judge_undo(&mut self, ix: NodeIx, purpose: Purpose, completion: &Completion) {
        if matches!(completion.end, End::Cancelled) && self.ends_now(ix) {
            self.undo_interrupted(ix);
            return;
        }
        let plan = Arc::clone(&self.plan);
        let Some(rollback) = &plan.node(ix).rollback else { return };
        let probe = match purpose {
            Purpose::RollbackDoneWhen => rollback.done_when.as_ref(),
            Purpose::Identity => plan.environment.as_ref().and_then(|environment| environment.identity.as_ref()),
            _ => None,
        };
        let next = match (purpose, probe, &rollback.gate) {
            (Purpose::RollbackGate, _, Some(gate)) => self.judge_gate(ix, gate, completion),
            (Purpose::Rollback, ..) => {
                let scope = ResultView::of(completion).over(&self.scope(ix));
                Some(self.judge_undo_action(ix, &rollback.operation, Some(completion), &scope))
            }
            (_, Some(probe), _) => {
                let scope = ResultView::of(completion).over(&self.scope(ix));
                let judged = judgement(&probe.operation.judge, Some(completion), &scope);
                Some(self.undo_probed(ix, purpose, judged))
            }
            _ => None,
        };
        if let Some(stage) = next {
            self.go_on(ix, stage);
        }
    }

    /// A person answered while a step is being undone: about its destroying, or a manual way back.
    pub(super) fn undo_answered(&mut self, ix: NodeIx, yes: bool, why: &str, by: &str) -> Stage {
        let confirming = self.nodes[ix.0 as usize].question == Some(Asked::Confirm);
        let mut values = serde_json::Map::new();
        if !why.is_empty() {
            values.insert("why".to_owned(), why.into());
        }
        let question = if confirming { "confirm" } else { "manual" };
        self.record_answer(ix, question, if yes { "yes" } else { "no" }, by, values);
        if !yes {
            self.complain(ix, if why.is_empty() { format!("{by} said no") } else { format!("{by} said no: {why}") });
            return Stage::Fail;
        }
        if confirming {
            return Stage::UndoAction;
        }
        let plan = Arc::clone(&self.plan);
        let Some(rollback) = &plan.node(ix).rollback else { return Stage::Fail };
        let scope = self.scope(ix);
        self.judge_undo_action(ix, &rollback.operation, None, &scope)
    }

    /// One step is undone, or stuck.
    pub(super) fn undo_finished(&mut self, ix: NodeIx, undone: bool) {
        let Some(run) = self.state(ix).undo.take() else { return };
        self.state(ix).gate = None;
        self.state(ix).stage = Stage::Members;
        self.record_undone(ix, &run, undone);
        if undone {
            let with = |at: &NodeIx| self.enclosing(*at).any(|group| group == ix);
            let contains = self.plan.node(ix).contains();
            let members = contains.then(|| self.started.iter().filter(with)).into_iter().flatten();
            let inside: BTreeSet<NodeIx> = members.chain([ix]).collect();
            for member in inside {
                self.started.remove(member);
                self.stuck.remove(&member);
                if member == ix {
                    continue;
                }
                // Undone with its group.
                if self.nodes[member.0 as usize].status.next(StepEvent::Undo).is_some() {
                    self.state(member).event(StepEvent::Undo);
                    self.state(member).event(StepEvent::Undone);
                    self.note_rolled_back(member);
                }
            }
        } else {
            self.stuck.insert(ix);
            if let Some(undo) = self.undos.get_mut(&run.owner) {
                undo.stuck = true;
            }
        }
        if run.owner != Some(ix) {
            self.state(ix).event(if undone { StepEvent::Undone } else { StepEvent::Fail });
            if undone {
                self.note_rolled_back(ix);
            }
        }
        self.next_undo(run.owner);
    }

    fn note_rolled_back(&mut self, ix: NodeIx) {
        let outputs = self.store.get(ix).outputs;
        self.store.set(ix, StepValues { outputs, outcome: Some(Outcome::RolledBack), unknown: false });
    }

    fn record_undone(&mut self, ix: NodeIx, run: &UndoRun, undone: bool) {
        let elapsed = self.now.elapsed.saturating_sub(run.started);
        let step = self.plan.node(ix).id.clone();
        self.record(Entry::UndoFinished { step, undone, why: run.why.clone(), elapsed_ms: millis(elapsed) });
    }

    /// The run is held back while a step is being undone: whatever had begun is stuck, what had not simply stays.
    pub(super) fn undo_interrupted(&mut self, ix: NodeIx) {
        let Some(mut run) = self.state(ix).undo.take() else { return };
        if run.begun {
            run.why.push("interrupted".to_owned());
            self.record_undone(ix, &run, false);
            self.stuck.insert(ix);
        }
        let state = self.state(ix);
        state.gate = None;
        state.stage = Stage::Away;
        if run.owner != Some(ix) {
            state.event(StepEvent::Interrupt);
        }
        if let Some(undo) = self.undos.get_mut(&run.owner) {
            undo.queue.clear();
            undo.held_back = true;
        }
        self.undo_over(run.owner);
    }

    /// Nothing is left to undo: the step that asked for it goes on with its fallback, or ends.
    fn undo_over(&mut self, owner: Option<NodeIx>) {
        let Some(undo) = self.undos.remove(&owner) else { return };
        let Some(ix) = owner else { return };
        self.state(ix).rolled_back = Some(!undo.stuck);
        if undo.held_back || (self.holds_back(ix) && !self.plan.node(ix).fallback.members.is_empty()) {
            self.end(ix, StepEvent::Interrupt);
        } else if self.nodes[ix.0 as usize].status == StepStatus::RollingBack {
            self.fall_back(ix);
        }
    }

    /// The groups that a step is part of, from the inside out. A fallback is no part of the step it stands in for.
    fn enclosing(&self, ix: NodeIx) -> impl Iterator<Item = NodeIx> + '_ {
        let role = |ix: NodeIx| self.lists[self.nodes[ix.0 as usize].list.0].role;
        std::iter::successors(Some(role(ix)), move |at| at.owner().map(role)).filter_map(|role| match role {
            Role::Members(group) | Role::Finally(group) => Some(group),
            Role::Main | Role::RunFinally | Role::Fallback(_) => None,
        })
    }
}
