//! Going on with a run: what the journal knows is laid over a fresh core, a pure function of plan and records. What nobody saw end
//! is found out first: by the runner, by `done_when`, by `idempotent`, at last by a person.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Map;

use super::facts::{Course, Facts, Finished, GateFact};
use super::list::Role;
use super::stage::{Stage, millis};
use super::{CORE_VERSION, Core, Options};
use crate::execute::result::ResultView;
use crate::execute::scope::StepValues;
use crate::model::effect::Effect;
use crate::model::entry::{Entry, Record};
use crate::model::id::AttemptToken;
use crate::model::outcome::{Outcome, SkipReason};
use crate::model::port::Now;
use crate::model::status::{StepEvent, StepStatus};
use crate::plan::{Body, ListKind, NodeIx, Plan};
use crate::template::value;

/// What a resumed run goes on from.
#[derive(Clone, Debug)]
pub struct Resume<'run> {
    /// The whole journal so far.
    pub records: Vec<&'run Record>,
    /// Counts the engines that owned the run; 2 for the first resume.
    pub epoch: u64,
    /// What differs from the run so far and was accepted, a line each.
    pub changes: Vec<String>,
    /// What it is taken up for.
    pub intent: Intent,
    /// In step mode: the parameter that a person changed; then no engine took anything over.
    pub amended: Option<Amendment>,
}

/// What a run is taken up for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Intent {
    /// To its end.
    #[default]
    GoOn,
    /// To give it up: only finally-steps run.
    Cancel {
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
    /// To undo what was started.
    Rollback {
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
}

/// An attempt that is only ended.
#[derive(Clone, Debug)]
pub(super) struct Lost {
    pub ix: NodeIx,
    pub token: AttemptToken,
    /// It was to undo the step.
    pub undo: bool,
}

/// A parameter changed in the middle of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// Who.
    pub by: String,
    /// The parameter.
    pub param: String,
    /// Its new value, as typed.
    pub value: String,
}

/// Where a step that was under way goes on, once it is admitted.
#[derive(Clone, Debug)]
pub(super) enum Enter {
    /// What became of this attempt?
    Recover(AttemptToken),
    /// Its gate.
    Gate,
    /// Its next attempt, then.
    Backoff(DateTime<Utc>),
    /// It failed for good: it is undone; true: nobody can say whether it took effect.
    Fail(String, bool),
}

/// The same, inside the core, until it is laid over the plan.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    pub facts: Facts,
    intent: Intent,
    epoch: u64,
    changes: Vec<String>,
    amended: Option<Amendment>,
}

impl Opening {
    /// Attempts that are ended before anything else.
    pub(super) fn lost(&self) -> Vec<Lost> {
        self.facts.lost(self.intent != Intent::GoOn)
    }

    /// What is expected from now on: what stands takes no more time. Where another chain than the critical path is what is left, this
    /// is too little.
    fn rest(&self, plan: &Plan) -> Duration {
        let stand = plan.nodes.iter().zip(0..).filter(|(node, at)| {
            let finished = &self.facts.get(NodeIx(*at)).finished;
            finished.as_ref().is_some_and(|it| it.outcome.stands_on_resume(it.skipped.as_ref()))
                && plan.budget.critical_path.contains(&node.id)
        });
        let done = stand.filter_map(|(node, _)| plan.budget.steps.get(&node.id)).map(|step| step.p50);
        plan.budget.expected.saturating_sub(done.sum())
    }

    /// This engine's first record.
    pub(super) fn entry(&mut self, plan: &Plan, options: &Options) -> Entry {
        let (plan_digest, source_digest) = (plan.plan_digest.clone(), plan.source_digest.clone());
        match self.amended.take() {
            Some(Amendment { by, param, value }) => {
                let params = Map::from_iter([(param, value.into())]);
                Entry::Amended { by, params, plan_digest, source_digest }
            }
            None => Entry::RunResumed {
                operator: options.operator.clone(),
                engine: options.engine.clone(),
                core: CORE_VERSION,
                epoch: self.epoch,
                plan_digest,
                source_digest,
                changes: std::mem::take(&mut self.changes),
                expected_ms: millis(self.rest(plan)),
            },
        }
    }
}

impl Core {
    /// A core that goes on with a run. The first event is [`super::Event::Begin`], as for a new one.
    #[must_use]
    pub fn resume(plan: Arc<Plan>, options: Options, now: Now, resume: Resume<'_>) -> Self {
        let mut core = Self::new(plan, options, now);
        let legs = resume
            .records
            .iter()
            .filter(|record| matches!(record.entry, Entry::RunResumed { .. } | Entry::Amended { .. }));
        core.leg = 2 + legs.count() as u64;
        let facts = Facts::of(&core.plan, &resume.records);
        // A rollback of the whole run goes on, whoever takes the run up.
        let intent = match (&resume.intent, &facts.undoing) {
            (Intent::GoOn, Some((by, why))) => Intent::Rollback { by: by.clone(), why: why.clone() },
            (intent, _) => intent.clone(),
        };
        core.opening =
            Some(Opening { facts, intent, epoch: resume.epoch, changes: resume.changes, amended: resume.amended });
        core
    }

    /// Lays the facts over the plan and goes on.
    pub(super) fn restore(&mut self, opening: Opening) {
        let Opening { facts, intent, .. } = opening;
        self.started.clone_from(&facts.started);
        self.stuck.clone_from(&facts.stuck);
        self.undone = facts.undone;
        self.given_up = matches!(intent, Intent::Cancel { .. });
        self.leave_out_finally();
        if let Intent::Rollback { by, why } = &intent {
            self.close_list(Role::Main, &facts);
            if facts.undoing.is_some() {
                self.restore_list(Role::RunFinally, &facts);
            } else {
                self.restore_lost(Role::RunFinally, &facts);
            }
            self.roll_back(by, why);
            return;
        }
        self.restore_list(Role::Main, &facts);
        if self.lists[self.main.0].open == 0 {
            self.restore_list(Role::RunFinally, &facts);
        } else {
            self.restore_lost(Role::RunFinally, &facts);
        }
        self.begin_list(self.main);
        if let Intent::Cancel { by, why } = &intent {
            self.cancel(by, why);
        }
    }

    /// The run's finally-steps belong to its end, and this end has its own: a rollback does not undo those of an earlier one. What
    /// one of them destroyed stays in its way.
    fn leave_out_finally(&mut self) {
        let started: Vec<NodeIx> = self.started.iter().collect();
        for ix in started {
            if self.is_in_run_finally(ix) && self.effect(ix) != Effect::Destroy {
                self.started.remove(ix);
                self.stuck.remove(&ix);
            }
        }
    }

    /// A list that runs anew: only what nobody saw end is not simply run again.
    fn restore_lost(&mut self, role: Role, facts: &Facts) {
        let Some(list) = self.list_of(role) else { return };
        for ix in Arc::clone(&self.lists[list.0].members).iter().copied() {
            let fact = facts.get(ix);
            let leaf = matches!(self.plan.node(ix).body, Body::Operation(_));
            if let (Course::Open(token), true) = (fact.course(!leaf, self.given_up), leaf) {
                self.enter_later(ix, Enter::Recover(token.clone()), fact.attempts);
            }
            for role in [Role::Members(ix), Role::Finally(ix), Role::Fallback(ix)] {
                self.restore_lost(role, facts);
            }
        }
    }

    fn restore_list(&mut self, role: Role, facts: &Facts) {
        let Some(list) = self.list_of(role) else { return };
        for member in Arc::clone(&self.lists[list.0].members).iter().copied() {
            self.restore_node(member, facts);
        }
    }

    fn restore_node(&mut self, ix: NodeIx, facts: &Facts) {
        let fact = facts.get(ix);
        let group = matches!(self.plan.node(ix).body, Body::List { .. });
        let course = fact.course(group, self.given_up);
        match course {
            _ if planted!(ForgetsWhatEnded) && matches!(course, Course::Ended(_)) => self.restore_members(ix, facts),
            _ if planted!(ForgetsWhatStarted) && matches!(course, Course::Open(_)) => self.restore_members(ix, facts),
            Course::Ended(_) if self.options.failback && self.waits_for_failback(ix, facts) => {
                self.restore_members(ix, facts);
            }
            Course::Ended(finished) => self.restore_ended(ix, finished, facts),
            Course::Pending => self.restore_members(ix, facts),
            Course::Open(token) if !group => self.enter_later(ix, Enter::Recover(token.clone()), fact.attempts),
            Course::Open(_) => {
                self.take_place(ix, StepStatus::Running, fact.attempts);
                self.state(ix).stage = Stage::Members;
                self.restore_members(ix, facts);
                if let Some(list) = self.list_of(Role::Members(ix)) {
                    if self.lists[list.0].open == 0 {
                        self.restore_list(Role::Finally(ix), facts);
                    } else {
                        self.restore_lost(Role::Finally(ix), facts);
                    }
                    self.begin_list(list);
                }
            }
            Course::Gate(gate) => {
                self.close_inside(ix, facts);
                self.restore_gate(ix, gate);
                self.enter_later(ix, Enter::Gate, fact.attempts);
            }
            Course::Undoing(why, unknown) => {
                self.close_inside(ix, facts);
                self.enter_later(ix, Enter::Fail(why.to_owned(), unknown), fact.attempts);
            }
            Course::Backoff(due) => self.enter_later(ix, Enter::Backoff(due), fact.attempts),
            Course::FallingBack(why) => self.restore_fallback(ix, why, fact.attempts, facts),
        }
    }

    /// A group that stands although members of it waited for their phase: with `--failback` it is walked for them.
    fn waits_for_failback(&self, ix: NodeIx, facts: &Facts) -> bool {
        let Body::List { list, .. } = &self.plan.node(ix).body else { return false };
        list.members.iter().any(|member| {
            let skipped = facts.get(*member).finished.as_ref().and_then(|finished| finished.skipped.as_ref());
            skipped == Some(&SkipReason::Failback) || self.waits_for_failback(*member, facts)
        })
    }

    /// It stays pending; once its list admits it, it goes on where it was.
    fn enter_later(&mut self, ix: NodeIx, enter: Enter, attempts: u32) {
        let state = self.state(ix);
        state.enter = Some(enter);
        state.attempts = attempts;
    }

    /// Where an admitted step begins.
    pub(super) fn enter(&mut self, ix: NodeIx) {
        match self.state(ix).enter.take() {
            None => self.go_on(ix, Stage::When),
            Some(Enter::Recover(token)) => {
                self.state(ix).lost = Some(token);
                self.go_on(ix, Stage::Recover);
            }
            Some(Enter::Gate) => {
                self.state(ix).event(StepEvent::Gate);
                self.go_on(ix, Stage::Gate);
            }
            Some(Enter::Fail(why, unknown)) => {
                self.state(ix).why = vec![why];
                self.state(ix).unknown = unknown;
                self.go_on(ix, Stage::Fail);
            }
            Some(Enter::Backoff(due)) => {
                let at = self.now.elapsed.saturating_add((due - self.now.wall).to_std().unwrap_or_default());
                let state = self.state(ix);
                state.event(StepEvent::Retry);
                state.stage = Stage::Timer;
                self.timers.insert((at, ix));
            }
        }
    }

    /// Members of a group that is walked (again): those that stand stay. When they all do, the group failed by its own judgement:
    /// then what was only read is read again.
    fn restore_members(&mut self, ix: NodeIx, facts: &Facts) {
        let plan = Arc::clone(&self.plan);
        let Body::List { list, kind, .. } = &plan.node(ix).body else { return };
        if *kind == ListKind::Logs {
            return;
        }
        let failed = facts.get(ix).finished.as_ref().is_some_and(|it| it.outcome == Outcome::Failed);
        let reread = failed && facts.all_stand(list);
        for member in &list.members {
            let only_reads = |ix: NodeIx| match &plan.node(ix).body {
                Body::Operation(operation) => operation.effect.effect == Effect::Read,
                Body::List { .. } => false,
            };
            if !(reread && only_reads(*member)) {
                self.restore_node(*member, facts);
            }
        }
    }

    /// It stands: its dependents may go on, its values are there.
    fn restore_ended(&mut self, ix: NodeIx, finished: &Finished, facts: &Facts) {
        self.close_inside(ix, facts);
        let list = self.nodes[ix.0 as usize].list;
        self.lists[list.0].open -= 1;
        self.set_ended(ix, Some(finished), facts.get(ix).attempts);
        for dependent in std::mem::take(&mut self.dependents[ix.0 as usize]).iter().copied() {
            self.state(dependent).waiting -= 1;
        }
    }

    fn set_ended(&mut self, ix: NodeIx, finished: Option<&Finished>, attempts: u32) {
        let outcome = finished.map_or(Outcome::Skipped, |finished| finished.outcome);
        let state = self.state(ix);
        state.status = StepStatus::Ended(outcome);
        state.stage = Stage::Away;
        state.attempts = attempts;
        state.lets_go_on = match finished.and_then(|finished| finished.skipped.as_ref()) {
            Some(reason) => reason.lets_dependents_go_on(),
            None => outcome.lets_dependents_go_on(),
        };
        let outputs = finished.map(|finished| {
            let outputs = finished.outputs.iter().map(|(name, json)| (name.clone(), value::from_json(json)));
            crate::template::Value::from_pairs(outputs)
        });
        self.store.set(ix, StepValues { outputs, outcome: Some(outcome), unknown: false });
    }

    /// Nothing inside runs any more; its values stay.
    fn close_inside(&mut self, ix: NodeIx, facts: &Facts) {
        for role in [Role::Members(ix), Role::Finally(ix), Role::Fallback(ix)] {
            self.close_list(role, facts);
        }
    }

    fn close_list(&mut self, role: Role, facts: &Facts) {
        let Some(list) = self.list_of(role) else { return };
        self.lists[list.0].begun = true;
        self.lists[list.0].open = 0;
        for member in Arc::clone(&self.lists[list.0].members).iter().copied() {
            let fact = facts.get(member);
            self.set_ended(member, fact.finished.as_ref(), fact.attempts);
            if fact.finished.is_none() && fact.open.is_some() && fact.gate.is_none() {
                self.state(member).status = StepStatus::Ended(Outcome::Unknown);
            }
            self.close_inside(member, facts);
        }
    }

    /// It was admitted before: it has its places.
    fn take_place(&mut self, ix: NodeIx, status: StepStatus, attempts: u32) {
        let released = self.now.elapsed;
        let state = self.state(ix);
        state.status = status;
        state.attempts = attempts;
        state.released = released;
        let (list, leaf) = (state.list, state.leaf);
        self.lists[list.0].active += 1;
        self.active += u32::from(leaf);
    }

    fn restore_gate(&mut self, ix: NodeIx, gate: &GateFact) {
        let outputs = gate.outputs.iter().map(|(name, json)| (name.clone(), value::from_json(json))).collect();
        let before = gate.before.as_ref().map(|json| ResultView::restored(&value::from_json(json)));
        let state = self.state(ix);
        state.outputs = outputs;
        state.attention.clone_from(&gate.attention);
        state.before = before;
    }

    fn restore_fallback(&mut self, ix: NodeIx, why: &str, attempts: u32, facts: &Facts) {
        self.take_place(ix, StepStatus::FallingBack, attempts);
        self.give_up_place(ix);
        self.state(ix).stage = Stage::Members;
        self.state(ix).why = vec![why.to_owned()];
        self.close_list(Role::Members(ix), facts);
        self.close_list(Role::Finally(ix), facts);
        if let Some(list) = self.list_of(Role::Fallback(ix)) {
            self.lists[list.0].failure = Some(why.to_owned());
            self.restore_list(Role::Fallback(ix), facts);
            self.begin_list(list);
        }
    }
}
