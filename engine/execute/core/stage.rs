//! A step's way: when → step mode → presence → require → `done_when` → approve → confirm → require again → identity → action →
//! members → gate. After a failure: retry → step mode → rollback → fallback.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::list::Role;
use super::state::NodeState;
use super::{Command, Core, Owner};
use crate::execute::render;
use crate::execute::scope::StepValues;
use crate::model::effect::Effect;
use crate::model::entry::Entry;
use crate::model::hex::hex;
use crate::model::outcome::{Outcome, SkipReason};
use crate::model::runbook::OnFailure;
use crate::model::status::{StepEvent, StepStatus};
use crate::model::work::{Purpose, Work};
use crate::plan::{Action, Body, NodeIx, Operation};
use crate::template::{Scope, value};

/// Where a step continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// What became of an attempt of an engine that is gone?
    Recover,
    /// Nobody saw it end: `done_when`, `idempotent` or a person decides.
    Resolve,
    When,
    /// Step mode asks.
    Step,
    Presence,
    Require,
    DoneWhen,
    Approve,
    Confirm,
    RequireAgain,
    Identity,
    Before,
    Action,
    /// Members run.
    Members,
    /// Members are over; the group's finally-steps run.
    Finally,
    JudgeGroup,
    Gate,
    /// A timer runs: gate or retry.
    Timer,
    Succeed,
    Fail,
    UndoDoneWhen,
    UndoIdentity,
    UndoConfirm,
    UndoAction,
    /// The fallback runs or has run.
    JudgeFallback,
    /// An attempt or an answer is awaited.
    Away,
}

impl Core {
    /// Walks a step until it has to wait.
    pub(super) fn walk(&mut self, ix: NodeIx) {
        while !self.nodes[ix.0 as usize].status.is_ended() {
            let stage = self.nodes[ix.0 as usize].stage;
            let Some(next) = self.stage(ix, stage) else { return };
            self.state(ix).stage = next;
        }
    }

    /// Carries out one stage; gives the next, or none when the step waits or is over.
    fn stage(&mut self, ix: NodeIx, stage: Stage) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        match stage {
            Stage::Recover => self.recover(ix),
            Stage::Resolve => self.resolve(ix),
            Stage::When => self.decide_when(ix),
            Stage::Step => self.ask_step(ix),
            Stage::Presence => match &node.presence {
                Some(presence) => self.probe(ix, &presence.probe.operation, Purpose::Presence),
                None => Some(Stage::Require),
            },
            Stage::Require => match &node.require {
                Some(probe) => self.probe(ix, &probe.operation, Purpose::Require),
                None => Some(Stage::DoneWhen),
            },
            Stage::DoneWhen => match &node.done_when {
                Some(probe) => self.probe(ix, &probe.operation, Purpose::DoneWhen),
                None => Some(Stage::Approve),
            },
            Stage::Approve => self.ask_approval(ix),
            Stage::Confirm => self.ask_confirmation(ix),
            Stage::RequireAgain => match &node.require {
                Some(probe) if self.was_asked(ix) => self.probe(ix, &probe.operation, Purpose::RequireAgain),
                _ => Some(Stage::Identity),
            },
            Stage::Identity => match (&plan.environment, &node.body) {
                (Some(environment), Body::Operation(operation)) if operation.effect.effect == Effect::Destroy => {
                    match &environment.identity {
                        Some(probe) => self.probe(ix, &probe.operation, Purpose::Identity),
                        None => Some(Stage::Before),
                    }
                }
                _ => Some(Stage::Before),
            },
            Stage::Before => match &node.gate {
                Some(gate) if gate.reads_before => self.probe(ix, &gate.probe.operation, Purpose::Before),
                _ => Some(Stage::Action),
            },
            Stage::Action => self.act(ix),
            Stage::Finally => self.finish_members(ix),
            Stage::JudgeGroup => Some(self.judge_group(ix)),
            Stage::Gate => self.ask_gate(ix),
            Stage::UndoDoneWhen | Stage::UndoIdentity | Stage::UndoConfirm | Stage::UndoAction => {
                self.undo_stage(ix, stage)
            }
            Stage::Succeed if self.nodes[ix.0 as usize].undo.is_some() => {
                self.undo_finished(ix, true);
                None
            }
            Stage::Fail if self.nodes[ix.0 as usize].undo.is_some() => {
                self.undo_finished(ix, false);
                None
            }
            Stage::Succeed => {
                let attention = !self.nodes[ix.0 as usize].attention.is_empty();
                self.end(ix, if attention { StepEvent::Warn } else { StepEvent::Succeed });
                None
            }
            Stage::Fail => self.fail(ix),
            Stage::JudgeFallback => self.judge_fallback(ix),
            Stage::Members | Stage::Timer | Stage::Away => None,
        }
    }

    fn decide_when(&mut self, ix: NodeIx) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let conditions = &plan.node(ix).when;
        // Most steps have none: then no scope is built.
        let scope = if conditions.is_empty() { Scope::default() } else { self.scope(ix) };
        for condition in conditions {
            match condition.holds(&scope) {
                Ok(verdict) if verdict.holds => {}
                Ok(_) => {
                    self.skip(ix, &SkipReason::When { expression: condition.source().to_owned() });
                    return None;
                }
                Err(error) => {
                    self.state(ix).why.push(format!("when: {}", error.message));
                    return Some(Stage::Fail);
                }
            }
        }
        if self.has_no_channel(ix) {
            self.skip(ix, &SkipReason::Empty { what: "no channel is set".to_owned() });
            return None;
        }
        Some(Stage::Step)
    }

    /// A notification whose every channel needs a secret that has no value.
    fn has_no_channel(&self, ix: NodeIx) -> bool {
        let Body::Operation(operation) = &self.plan.node(ix).body else { return false };
        let Some(Action::Notify { channels, .. }) = &operation.action else { return false };
        let set = |name: &String| {
            self.plan.channels.get(name).is_some_and(|channel| {
                let needs = channel.url.references();
                !needs.iter().any(|(reference, _)| match reference.path.as_slice() {
                    [root, secret, ..] => root == "secrets" && self.options.unset_secrets.contains(secret),
                    _ => false,
                })
            })
        };
        !channels.iter().any(set)
    }

    /// Starts a probe; an expectation alone is judged at once.
    fn probe(&mut self, ix: NodeIx, operation: &Operation, purpose: Purpose) -> Option<Stage> {
        if self.holds_back(ix) {
            self.end(ix, StepEvent::Interrupt);
            return None;
        }
        if operation.action.is_none() {
            let stage = self.judge_bare_probe(ix, operation, purpose);
            return Some(stage);
        }
        match self.dispatch(ix, operation, purpose, None) {
            Ok(()) => {
                self.state(ix).stage = Stage::Away;
                None
            }
            Err(why) => Some(self.probe_failed(ix, purpose, &why)),
        }
    }

    /// Renders and starts one piece of work.
    pub(super) fn dispatch(
        &mut self,
        ix: NodeIx,
        operation: &Operation,
        purpose: Purpose,
        limit: Option<Duration>,
    ) -> Result<(), String> {
        let work = self.rendered(ix, operation, purpose, limit)?;
        self.out.push(Command::Start(work));
        Ok(())
    }

    pub(super) fn rendered(
        &mut self,
        ix: NodeIx,
        operation: &Operation,
        purpose: Purpose,
        limit: Option<Duration>,
    ) -> Result<Work, String> {
        let scope = self.scope(ix);
        let plan = Arc::clone(&self.plan);
        self.state(ix).operations += 1;
        let number = self.nodes[ix.0 as usize].operations;
        let attempt = self.attempt(plan.node(ix).id.clone(), number, purpose, Owner::Step(ix), false);
        let token = attempt.token.clone();
        render::work(&plan, operation, &scope, attempt, limit).map_err(|error| {
            self.under_way.remove(&token);
            error.message
        })
    }

    /// The action: work for a runner, a question for a person, members, or nothing.
    fn act(&mut self, ix: NodeIx) -> Option<Stage> {
        if self.holds_back(ix) {
            self.end(ix, StepEvent::Interrupt);
            return None;
        }
        if let Some(stage) = self.approval_is_stale(ix) {
            return Some(stage);
        }
        let plan = Arc::clone(&self.plan);
        self.state(ix).attempts += 1;
        match &plan.node(ix).body {
            Body::List { .. } => {
                self.record_start(ix, None);
                self.state(ix).event(StepEvent::Start);
                self.state(ix).stage = Stage::Members;
                if let Some(list) = self.list_of(Role::Members(ix)) {
                    self.begin_list(list);
                }
                None
            }
            Body::Operation(operation) => match &operation.action {
                None => {
                    self.record_start(ix, None);
                    self.state(ix).event(StepEvent::Start);
                    Some(self.judge_bare_action(ix, operation))
                }
                Some(Action::Manual { text, inputs, evidence }) => {
                    self.record_start(ix, None);
                    self.state(ix).event(StepEvent::Start);
                    self.ask_manual(ix, text, inputs, *evidence)
                }
                Some(_) => {
                    let work = match self.rendered(ix, operation, Purpose::Action, None) {
                        Ok(work) => work,
                        Err(why) => {
                            self.state(ix).why.push(why);
                            return Some(Stage::Fail);
                        }
                    };
                    self.record_start(ix, Some((&work, operation)));
                    self.state(ix).event(StepEvent::Start);
                    self.state(ix).stage = Stage::Away;
                    self.out.push(Command::Start(work));
                    None
                }
            },
        }
    }

    fn record_start(&mut self, ix: NodeIx, work: Option<(&Work, &Operation)>) {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        let scope = self.scope(ix);
        let command = match (&node.body, work) {
            (_, Some((_, operation))) => render::preview(operation, &scope).join("\n"),
            _ => String::new(),
        };
        let effect = match &node.body {
            Body::Operation(operation) => operation.effect.effect,
            Body::List { .. } => Effect::Read,
        };
        self.started.push(ix);
        self.stuck.remove(&ix);
        let token = work.map_or_else(
            || crate::model::id::AttemptToken(format!("{}-{}", plan.run.id, node.id)),
            |(work, _)| work.attempt.token.clone(),
        );
        self.record(Entry::StepStarted {
            step: node.id.clone(),
            title: node.title.preview(&scope),
            attempt: self.nodes[ix.0 as usize].attempts,
            token,
            work_digest: work.map(|(work, _)| digest(work)).unwrap_or_default(),
            effect,
            command,
        });
    }

    /// Members are over: the group's finally-steps, unless the run goes on later.
    fn finish_members(&mut self, ix: NodeIx) -> Option<Stage> {
        match self.list_of(Role::Finally(ix)) {
            Some(list) if self.runs_finally() && !self.lists[list.0].members.is_empty() => {
                self.state(ix).stage = Stage::Members;
                self.begin_list(list);
                None
            }
            _ => Some(Stage::JudgeGroup),
        }
    }

    /// After a failure: retry, then fallback, then what `on_failure` says.
    fn fail(&mut self, ix: NodeIx) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        if self.may_retry(ix) {
            self.back_off(ix);
            if self.holds_back(ix) {
                self.end(ix, StepEvent::Interrupt);
            }
            return None;
        }
        if let Some(hint) = self.hint_template(ix) {
            let hint = hint.preview(&self.scope(ix));
            self.state(ix).hint = Some(hint);
        }
        if self.holds_back(ix) {
            self.fail_held_back(ix);
            return None;
        }
        if self.asks_about_failure(ix) {
            self.ask_about_failure(ix);
            return None;
        }
        let refused = self.nodes[ix.0 as usize].refused;
        if node.on_failure == OnFailure::Rollback && !refused && self.roll_back_step(ix) {
            return None;
        }
        self.fall_back(ix)
    }

    /// A step that failed while the run is held back: neither rollback nor fallback begin. The resumed run walks it again.
    fn fail_held_back(&mut self, ix: NodeIx) {
        let node = self.plan.node(ix);
        if self.nodes[ix.0 as usize].unknown {
            self.end(ix, StepEvent::LoseTrack);
        } else if node.fallback.members.is_empty() && matches!(node.body, Body::Operation(_)) {
            // A group's members may have been held back: nothing of it is over.
            self.end_failed(ix);
        } else {
            self.end(ix, StepEvent::Fail);
        }
    }

    /// After retries and rollback: the fallback, or the end.
    pub(super) fn fall_back(&mut self, ix: NodeIx) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        let NodeState { refused, unknown, rolled_back, .. } = *self.nodes[ix.0 as usize];
        // Undone or not: as long as anything of it may have taken effect, nobody can say how it ended.
        if unknown && (rolled_back.is_none() || self.leaves_unknown(&self.to_undo(Some(ix), false))) {
            self.end(ix, StepEvent::LoseTrack);
            return None;
        }
        if let (Some(list), false) = (self.list_of(Role::Fallback(ix)), refused) {
            let why = self.nodes[ix.0 as usize].why.join("; ");
            self.state(ix).event(StepEvent::FallBack);
            self.give_up_place(ix);
            self.lists[list.0].failure = Some(why.clone());
            self.record(Entry::FallbackStarted { step: node.id.clone(), why });
            self.state(ix).stage = Stage::Members;
            self.begin_list(list);
            return None;
        }
        if rolled_back == Some(true) {
            self.end(ix, StepEvent::Undone);
        } else {
            self.end_failed(ix);
        }
        None
    }

    fn end_failed(&mut self, ix: NodeIx) {
        if self.plan.node(ix).on_failure == OnFailure::Warn && !self.nodes[ix.0 as usize].refused {
            let why = std::mem::take(&mut self.state(ix).why);
            self.state(ix).attention.extend(why);
            self.end(ix, StepEvent::Warn);
        } else {
            self.end(ix, StepEvent::Fail);
        }
    }

    fn judge_fallback(&mut self, ix: NodeIx) -> Option<Stage> {
        let list = self.list_of(Role::Fallback(ix))?;
        match self.list_outcome(list) {
            Outcome::Succeeded | Outcome::Warned | Outcome::Skipped => {
                let why = std::mem::take(&mut self.state(ix).why);
                self.state(ix).attention.push(format!("recovered by fallback; before: {}", why.join("; ")));
                self.end(ix, StepEvent::Warn);
            }
            Outcome::Interrupted => self.end(ix, StepEvent::Interrupt),
            // Whether the fallback took effect decides whether any of it may be done again.
            Outcome::Unknown => {
                for member in self.members_that(list, Outcome::Unknown) {
                    let id = self.plan.node(member).id.0.clone();
                    self.state(ix).why.push(format!("nobody can say whether its fallback `{id}` took effect"));
                }
                self.state(ix).unknown = true;
                self.end(ix, StepEvent::LoseTrack);
            }
            Outcome::Failed | Outcome::RolledBack => {
                for member in self.members_that(list, Outcome::Failed) {
                    let id = self.plan.node(member).id.0.clone();
                    self.state(ix).why.push(format!("its fallback failed too, at `{id}`"));
                }
                self.end_failed(ix);
            }
        }
        None
    }

    /// Ends a step that ran.
    pub(super) fn end(&mut self, ix: NodeIx, event: StepEvent) {
        self.state(ix).event(event);
        let StepStatus::Ended(outcome) = self.nodes[ix.0 as usize].status else { return };
        self.state(ix).stage = Stage::Away;
        for role in [Role::Members(ix), Role::Finally(ix)] {
            self.skip_list(role, &SkipReason::Parent { step: self.plan.node(ix).id.0.clone() });
        }
        self.skip_list(Role::Fallback(ix), &SkipReason::NotNeeded);
        self.thought(ix);
        let elapsed = self.now.elapsed.saturating_sub(self.nodes[ix.0 as usize].released);
        let state = self.state(ix);
        let outputs = std::mem::take(&mut state.outputs);
        let mut why = std::mem::take(&mut state.why);
        why.append(&mut state.attention);
        let hint = state.hint.take().filter(|_| matches!(outcome, Outcome::Failed | Outcome::RolledBack));
        let attempts = state.attempts;
        state.lets_go_on = outcome.lets_dependents_go_on();
        let skipped = state.accepted.take();
        let json = outputs.iter().map(|(name, output)| (name.clone(), value::to_json(output))).collect();
        let values = crate::template::Value::from_pairs(outputs);
        self.store.set(ix, StepValues { outputs: Some(values), outcome: Some(outcome), unknown: false });
        self.record(Entry::StepFinished {
            step: self.plan.node(ix).id.clone(),
            outcome,
            skipped,
            why,
            hint,
            outputs: json,
            elapsed_ms: millis(elapsed),
            attempts,
        });
        self.state(ix).held_back = outcome == Outcome::Interrupted;
        if matches!(outcome, Outcome::Failed | Outcome::Unknown | Outcome::Interrupted | Outcome::RolledBack) {
            self.failed_member(ix, outcome);
        }
        self.leave(ix, true);
    }

    fn failed_member(&mut self, ix: NodeIx, outcome: Outcome) {
        if self.nodes[ix.0 as usize].refused
            && let Some(parent) = self.plan.node(ix).parent
        {
            self.state(parent).refused = true;
        }
        if self.plan.node(ix).on_failure != OnFailure::Continue || outcome != Outcome::Failed {
            self.stop_list(ix);
        }
    }
}

/// SHA-256 of the rendered work, in hex: what an approval or a resumed run is bound to.
pub(super) fn digest(work: &Work) -> String {
    let parts = (&work.target, &work.task, &work.env, &work.stdin, &work.working_dir);
    let json = serde_json::to_vec(&parts).unwrap_or_default();
    hex(&Sha256::digest(json))
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
