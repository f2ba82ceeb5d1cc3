//! What became of an attempt that nobody saw end: the runner may know, else `done_when`, `idempotent`, at last a person.

use std::sync::Arc;

use super::judge::{Judgement, judgement};
use super::list::Role;
use super::resume::Lost;
use super::stage::Stage;
use super::state::Asked;
use super::{Command, Core, Owner, UnderWay};
use crate::execute::operator::{Answer, Question};
use crate::execute::render;
use crate::model::effect::Effect;
use crate::model::entry::Entry;
use crate::model::id::AttemptToken;
use crate::model::outcome::SkipReason;
use crate::model::status::StepEvent;
use crate::model::work::{Attempt, Completion, End, Purpose, Work};
use crate::plan::{Body, NodeIx, Operation};
use crate::template::EvalError;

impl Core {
    /// Asks the runner what became of the attempt; its completion comes back under the old token.
    pub(super) fn recover(&mut self, ix: NodeIx) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        let Body::Operation(operation) = &node.body else { return Some(Stage::Presence) };
        let token = self.nodes[ix.0 as usize].lost.clone().filter(|_| operation.has_work());
        let Some(token) = token else {
            // A person, a wait, a message, an expectation: there is nothing to find; it is asked, waited or sent again.
            self.state(ix).lost = None;
            return Some(self.again(ix, "read", "nothing of it can have been left"));
        };
        match self.lost_work(ix, operation, &token, Purpose::Action) {
            Ok(work) => {
                let owner = Owner::Step(ix);
                self.under_way.insert(token, UnderWay { owner, purpose: Purpose::Action, question: false });
                self.out.push(Command::Recover(work));
                self.state(ix).stage = Stage::Away;
                None
            }
            Err(_) => Some(Stage::Resolve),
        }
    }

    /// The work of an attempt that another engine started: rendered again, under its own token.
    fn lost_work(
        &self,
        ix: NodeIx,
        operation: &Operation,
        token: &AttemptToken,
        purpose: Purpose,
    ) -> Result<Work, EvalError> {
        let attempt = Attempt {
            run: self.plan.run.id.clone(),
            step: self.plan.node(ix).id.clone(),
            epoch: self.leg,
            number: 0,
            purpose,
            token: token.clone(),
        };
        render::work(&self.plan, operation, &self.scope(ix), attempt, None)
    }

    /// Ends what is left of attempts that nobody will go on with, before anything else: those of rollbacks, and all of them where
    /// the run is given up or undone. Gives how many are under way.
    pub(super) fn end_lost(&mut self, lost: &[Lost]) -> usize {
        let plan = Arc::clone(&self.plan);
        let mut under_way = 0;
        for Lost { ix, token, undo } in lost {
            let node = plan.node(*ix);
            let operation = match (&node.body, &node.rollback) {
                (_, Some(rollback)) if *undo => &rollback.operation,
                (Body::Operation(operation), _) if !*undo => &**operation,
                _ => continue,
            };
            let purpose = if *undo { Purpose::Rollback } else { Purpose::Action };
            if !operation.has_work() {
                continue;
            }
            if let Ok(work) = self.lost_work(*ix, operation, token, purpose) {
                under_way += 1;
                self.under_way.insert(token.clone(), UnderWay { owner: Owner::Lost, purpose, question: false });
                self.out.push(Command::Recover(work));
            }
        }
        under_way
    }

    /// The runner has looked. A real end is judged like any other; gives none then.
    pub(super) fn judge_lost(&mut self, ix: NodeIx, completion: &Completion) -> Option<Stage> {
        self.state(ix).lost = None;
        match &completion.end {
            End::Unreachable { may_have_run: false, why } | End::NotStarted { why } => {
                let why = format!("it never began: {why}");
                Some(self.again(ix, "read", &why))
            }
            End::Unreachable { may_have_run: true, .. } | End::Cancelled => Some(Stage::Resolve),
            End::Exited(_) | End::Signaled { .. } | End::Responded { .. } | End::TimedOut | End::Done { .. } => {
                self.resolved(ix, "done", "reattached", "its real end came back");
                self.state(ix).event(StepEvent::Start);
                None
            }
        }
    }

    /// `done_when`, else `idempotent` or nothing but a read, else a person.
    pub(super) fn resolve(&mut self, ix: NodeIx) -> Option<Stage> {
        if self.holds_back(ix) {
            self.end(ix, StepEvent::LoseTrack);
            return None;
        }
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        let reads = matches!(&node.body, Body::Operation(operation) if operation.effect.effect == Effect::Read);
        if let Some(probe) = &node.done_when {
            return self.ask_done_when(ix, &probe.operation);
        }
        if reads {
            return Some(self.again(ix, "read", "it only reads"));
        }
        if node.idempotent {
            return Some(self.again(ix, "idempotent", "it may be repeated"));
        }
        self.ask_what_became(ix, "nobody saw how it ended, and it says neither `done_when` nor `idempotent: true`");
        None
    }

    fn ask_done_when(&mut self, ix: NodeIx, operation: &Operation) -> Option<Stage> {
        if operation.action.is_none() {
            return match judgement(&operation.judge, None, &self.scope(ix)) {
                Judgement::Holds => self.resolved_by_probe(ix, Some(true), "it holds"),
                Judgement::Fails(why) => self.resolved_by_probe(ix, Some(false), &why.join("; ")),
            };
        }
        match self.dispatch(ix, operation, Purpose::DoneWhen, None) {
            Ok(()) => {
                let state = self.state(ix);
                state.resolving = true;
                state.stage = Stage::Away;
                None
            }
            Err(why) => self.resolved_by_probe(ix, None, &why),
        }
    }

    /// `done_when` was read for a lost attempt; none: it could not be read, so it decides nothing.
    pub(super) fn resolved_by_probe(&mut self, ix: NodeIx, holds: Option<bool>, why: &str) -> Option<Stage> {
        self.state(ix).resolving = false;
        match holds {
            Some(true) => {
                self.resolved(ix, "done", "done_when", why);
                Some(self.took_effect(ix))
            }
            Some(false) => Some(self.again(ix, "done_when", why)),
            None if self.plan.node(ix).idempotent => {
                let why = format!("it may be repeated; `done_when` could not be read: {why}");
                Some(self.again(ix, "idempotent", &why))
            }
            None => {
                self.ask_what_became(ix, &format!("`done_when` could not be read: {why}"));
                None
            }
        }
    }

    fn ask_what_became(&mut self, ix: NodeIx, why: &str) {
        self.state(ix).unknown = true;
        self.state(ix).event(StepEvent::Ask);
        let view = self.step_view(ix);
        self.ask(ix, Asked::Unknown, Question::Unknown { view, why: why.to_owned() });
    }

    /// A person said what became of it.
    pub(super) fn answered_unknown(&mut self, ix: NodeIx, answer: &Answer, by: &str) -> Option<Stage> {
        self.state(ix).unknown = false;
        match answer {
            Answer::Yes { .. } => {
                self.resolved(ix, "done", by, "a person says that it took effect");
                self.state(ix).event(StepEvent::Confirm);
                Some(self.took_effect(ix))
            }
            Answer::Retry => {
                self.state(ix).event(StepEvent::Confirm);
                Some(self.again(ix, by, "a person says that it did not take effect"))
            }
            Answer::No { why } => self.stays_unknown(ix, by, why),
            _ => self.stays_unknown(ix, by, "left open"),
        }
    }

    fn stays_unknown(&mut self, ix: NodeIx, by: &str, why: &str) -> Option<Stage> {
        self.resolved(ix, "open", by, why);
        self.state(ix).why.push("nobody saw how it ended".to_owned());
        self.end(ix, StepEvent::LoseTrack);
        None
    }

    /// The action counts as done; its gate is next.
    fn took_effect(&mut self, ix: NodeIx) -> Stage {
        for role in [Role::Members(ix), Role::Finally(ix)] {
            let step = self.plan.node(ix).id.0.clone();
            self.skip_list(role, &SkipReason::Parent { step });
        }
        self.state(ix).event(StepEvent::Gate);
        Stage::Gate
    }

    /// It is walked from its requirements on.
    fn again(&mut self, ix: NodeIx, by: &str, why: &str) -> Stage {
        self.resolved(ix, "again", by, why);
        self.state(ix).attempts = 0;
        Stage::Presence
    }

    fn resolved(&mut self, ix: NodeIx, verdict: &str, by: &str, why: &str) {
        self.record(Entry::Resolved {
            step: self.plan.node(ix).id.clone(),
            verdict: verdict.to_owned(),
            by: by.to_owned(),
            why: why.to_owned(),
        });
    }
}
