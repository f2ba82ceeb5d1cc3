//! Lists: who may start, when a list stops, when it is over, and how it ended.

use std::sync::Arc;

use super::Core;
use super::stage::Stage;
use super::state::NodeState;
use crate::model::entry::Entry;
use crate::model::outcome::{Outcome, SkipReason};
use crate::model::runbook::Phase;
use crate::model::status::{StepEvent, StepStatus};
use crate::plan::{Body, List, NodeIx, Plan};

/// Index of a list in the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListIx(pub usize);

/// What a list is to its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Main,
    RunFinally,
    Members(NodeIx),
    Finally(NodeIx),
    Fallback(NodeIx),
}

impl Role {
    /// The step whose list it is.
    pub(super) fn owner(self) -> Option<NodeIx> {
        match self {
            Self::Main | Self::RunFinally => None,
            Self::Members(ix) | Self::Finally(ix) | Self::Fallback(ix) => Some(ix),
        }
    }
}

/// One list while it runs.
#[derive(Clone, Debug)]
pub(super) struct ListState {
    pub role: Role,
    pub members: Arc<[NodeIx]>,
    pub independent: bool,
    pub limit: Option<u32>,
    /// Members that have started and not ended.
    pub active: u32,
    /// Members that have not ended.
    pub open: usize,
    pub begun: bool,
    /// The member whose failure stopped the list.
    pub stopped_by: Option<NodeIx>,
    /// Why the owner failed: what `failure` is inside a fallback.
    pub failure: Option<String>,
}

/// Every list of a plan, and which one each step is in.
pub(super) fn lists(plan: &Plan) -> (Vec<ListState>, ListIx, ListIx, Vec<ListIx>) {
    let mut all = Vec::new();
    let mut membership = vec![ListIx(0); plan.nodes.len()];
    let mut add = |role: Role, list: &List| {
        let ix = ListIx(all.len());
        for member in &list.members {
            membership[member.0 as usize] = ix;
        }
        all.push(ListState {
            role,
            members: list.members.clone().into(),
            independent: list.independent,
            limit: list.limit,
            active: 0,
            open: list.members.len(),
            begun: false,
            stopped_by: None,
            failure: None,
        });
        ix
    };
    let main = add(Role::Main, &plan.steps);
    let last = add(Role::RunFinally, &plan.finally);
    for (at, node) in plan.nodes.iter().enumerate() {
        let ix = NodeIx(u32::try_from(at).unwrap_or(u32::MAX));
        if let Body::List { list, finally, .. } = &node.body {
            add(Role::Members(ix), list);
            add(Role::Finally(ix), finally);
        }
        if !node.fallback.members.is_empty() {
            add(Role::Fallback(ix), &node.fallback);
        }
    }
    (all, main, last, membership)
}

impl Core {
    /// The list of a role, if the plan has one.
    pub(super) fn list_of(&self, role: Role) -> Option<ListIx> {
        match role {
            Role::Main => Some(self.main),
            Role::RunFinally => Some(self.finally),
            // Lists of steps are few beside steps; they are in plan order, so this is a search in a sorted sequence.
            Role::Members(ix) | Role::Finally(ix) | Role::Fallback(ix) => {
                let owner = |list: &ListState| list.role.owner();
                let first = self.lists.partition_point(|list| owner(list) < Some(ix));
                (first..self.lists.len())
                    .take_while(|at| owner(&self.lists[*at]) == Some(ix))
                    .find(|at| self.lists[*at].role == role)
                    .map(ListIx)
            }
        }
    }

    /// Releases the members that wait for nothing. An empty list is over at once.
    pub(super) fn begin_list(&mut self, list: ListIx) {
        self.lists[list.0].begun = true;
        if self.lists[list.0].open == 0 {
            self.list_over(list);
            return;
        }
        let members = Arc::clone(&self.lists[list.0].members);
        for member in members.iter().copied() {
            if self.nodes[member.0 as usize].waiting == 0 {
                self.releasing.push_back(member);
            }
        }
    }

    /// Everything a step waits for has ended: it is skipped, or becomes ready.
    pub(super) fn release(&mut self, ix: NodeIx) {
        if self.nodes[ix.0 as usize].status != StepStatus::Pending {
            return;
        }
        if let Some(reason) = self.not_to_run(ix) {
            self.skip(ix, &reason);
            return;
        }
        let elapsed = self.now.elapsed;
        let state = self.state(ix);
        state.released = elapsed;
        state.event(StepEvent::Release);
        self.ready.insert(ix);
    }

    fn not_to_run(&self, ix: NodeIx) -> Option<SkipReason> {
        let node = self.plan.node(ix);
        let list = &self.lists[self.nodes[ix.0 as usize].list.0];
        if let Some(reason) = self.held_back_because(ix) {
            return Some(reason);
        }
        if let Some(by) = list.stopped_by {
            return Some(SkipReason::Stopped { by: self.plan.node(by).id.0.clone() });
        }
        let open = |needed: &&NodeIx| !self.nodes[needed.0 as usize].lets_go_on && !planted!(ForgetsNeeds);
        if let Some(needed) = node.needs.iter().find(open) {
            return Some(SkipReason::Needs { step: self.plan.node(*needed).id.0.clone() });
        }
        let waits = node.phase == Some(Phase::Failback) && !self.options.failback;
        node.pruned.clone().or_else(|| waits.then_some(SkipReason::Failback))
    }

    /// A ready step starts: it takes its places and walks.
    pub(super) fn admit(&mut self, ix: NodeIx) {
        self.ready.remove(&ix);
        if let Some(reason) = self.not_to_run(ix) {
            self.skip(ix, &reason);
            return;
        }
        let NodeState { list, leaf, .. } = *self.nodes[ix.0 as usize];
        self.lists[list.0].active += 1;
        self.active += u32::from(leaf);
        self.enter(ix);
    }

    /// A step that only waits for its fallback leaves its place to it, or `--max-parallel 1` would wait for ever.
    pub(super) fn give_up_place(&mut self, ix: NodeIx) {
        if std::mem::replace(&mut self.state(ix).leaf, false) {
            self.active -= 1;
        }
    }

    /// Ends a step that does not run, and everything inside it.
    pub(super) fn skip(&mut self, ix: NodeIx, reason: &SkipReason) {
        let admitted = self.nodes[ix.0 as usize].status != StepStatus::Pending && !self.ready.remove(&ix);
        self.state(ix).event(StepEvent::Skip);
        self.record_skip(ix, reason);
        self.skip_inside(ix);
        // What waits for its failback holds nobody up: only a further run walks it.
        self.state(ix).lets_go_on = reason.lets_dependents_go_on() || *reason == SkipReason::Failback;
        self.state(ix).held_back = matches!(reason, SkipReason::Interrupted | SkipReason::Cancelled);
        self.leave(ix, admitted);
    }

    /// Members, fallbacks and finally-steps of a step that did not run them.
    fn skip_inside(&mut self, ix: NodeIx) {
        let parent = self.plan.node(ix).id.0.clone();
        for role in [Role::Members(ix), Role::Finally(ix), Role::Fallback(ix)] {
            self.skip_list(role, &SkipReason::Parent { step: parent.clone() });
        }
    }

    /// Ends every pending member of a list that never began.
    pub(super) fn skip_list(&mut self, role: Role, reason: &SkipReason) {
        let Some(list) = self.list_of(role) else { return };
        if self.lists[list.0].begun {
            return;
        }
        let members = Arc::clone(&self.lists[list.0].members);
        for member in members.iter().copied() {
            if self.nodes[member.0 as usize].status == StepStatus::Pending {
                self.state(member).event(StepEvent::Skip);
                self.record_skip(member, reason);
                self.skip_inside(member);
            }
        }
    }

    fn record_skip(&mut self, ix: NodeIx, reason: &SkipReason) {
        let outputs = self.store.get(ix).outputs;
        self.store
            .set(ix, super::super::scope::StepValues { outputs, outcome: Some(Outcome::Skipped), unknown: false });
        self.record(Entry::StepFinished {
            step: self.plan.node(ix).id.clone(),
            outcome: Outcome::Skipped,
            skipped: Some(reason.clone()),
            why: Vec::new(),
            hint: None,
            outputs: serde_json::Map::new(),
            elapsed_ms: 0,
            attempts: 0,
        });
    }

    /// A step has ended: its places are free, its dependents may be released, its list may be over.
    pub(super) fn leave(&mut self, ix: NodeIx, admitted: bool) {
        let NodeState { list, leaf, .. } = *self.nodes[ix.0 as usize];
        if admitted {
            self.lists[list.0].active -= 1;
            self.active -= u32::from(leaf);
        }
        self.lists[list.0].open -= 1;
        // A list that has not begun (a jump leaves out members of it) releases its members when it begins.
        let begun = self.lists[list.0].begun;
        for dependent in std::mem::take(&mut self.dependents[ix.0 as usize]).iter().copied() {
            let state = self.state(dependent);
            state.waiting -= 1;
            if state.waiting == 0 && begun {
                self.releasing.push_back(dependent);
            }
        }
        if self.lists[list.0].open == 0 && self.lists[list.0].begun {
            self.list_over(list);
        }
    }

    /// A failed member stops its list unless the members are independent.
    pub(super) fn stop_list(&mut self, ix: NodeIx) {
        let list = self.nodes[ix.0 as usize].list;
        let state = &mut self.lists[list.0];
        if state.independent || state.stopped_by.is_some() {
            return;
        }
        state.stopped_by = Some(ix);
        let members = Arc::clone(&state.members);
        for member in members.iter().copied() {
            let waits = matches!(self.nodes[member.0 as usize].status, StepStatus::Pending)
                && self.nodes[member.0 as usize].waiting == 0;
            if self.ready.contains(&member) || waits {
                let stopped = || SkipReason::Stopped { by: self.plan.node(ix).id.0.clone() };
                let reason = self.held_back_because(member).unwrap_or_else(stopped);
                self.skip(member, &reason);
            }
        }
    }

    fn list_over(&mut self, list: ListIx) {
        match self.lists[list.0].role {
            Role::Main | Role::RunFinally => {}
            Role::Members(owner) => self.go_on(owner, Stage::Finally),
            Role::Finally(owner) => self.go_on(owner, Stage::JudgeGroup),
            Role::Fallback(owner) => self.go_on(owner, Stage::JudgeFallback),
        }
    }

    /// The worst that happened in a list.
    pub(super) fn list_outcome(&self, list: ListIx) -> Outcome {
        let mut worst = Outcome::Succeeded;
        for member in self.lists[list.0].members.iter() {
            let state = &self.nodes[member.0 as usize];
            let StepStatus::Ended(outcome) = state.status else { continue };
            let outcome = if state.held_back && outcome == Outcome::Skipped { Outcome::Interrupted } else { outcome };
            let rank = |outcome: Outcome| match outcome {
                Outcome::Succeeded | Outcome::Skipped => 0,
                Outcome::Warned => 1,
                Outcome::Interrupted => 2,
                Outcome::RolledBack => 3,
                Outcome::Failed => 4,
                Outcome::Unknown => 5,
            };
            if rank(outcome) > rank(worst) {
                worst = outcome;
            }
        }
        worst
    }

    /// Members of a list that ended in this way, for messages.
    pub(super) fn members_that(&self, list: ListIx, outcome: Outcome) -> Vec<NodeIx> {
        let ended = StepStatus::Ended(outcome);
        self.lists[list.0].members.iter().copied().filter(|m| self.nodes[m.0 as usize].status == ended).collect()
    }

    /// Makes a list as new, for a retry of its group.
    pub(super) fn reset_list(&mut self, role: Role) {
        let Some(list) = self.list_of(role) else { return };
        let members = Arc::clone(&self.lists[list.0].members);
        let state = &mut self.lists[list.0];
        state.open = members.len();
        state.begun = false;
        state.stopped_by = None;
        for member in members.iter() {
            self.dependents[member.0 as usize] = Arc::default();
        }
        for member in members.iter().copied() {
            let fresh = NodeState::new(self.plan.node(member), list);
            self.nodes[member.0 as usize] = Arc::new(fresh);
            let plan = Arc::clone(&self.plan);
            let node = plan.node(member);
            for needed in node.needs.iter().chain(&node.after) {
                Arc::make_mut(&mut self.dependents[needed.0 as usize]).push(member);
            }
            for role in [Role::Members(member), Role::Finally(member), Role::Fallback(member)] {
                self.reset_list(role);
            }
        }
    }
}
