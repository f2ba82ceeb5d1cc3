//! Approvals: other people agree to exactly what will be done. They are asked for when the step is rendered, and what is rendered
//! right before the action must still be the same.
//!
//! A leaf's approval is bound to its rendered work; a manual step's and a bare gate's to what a person would be shown; a group's to
//! the plan and to the commands of everything inside it, as far as they are known.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::stage::{Stage, digest};
use super::state::{ApprovalRun, Asked};
use super::{Command, Core, Halt};
use crate::execute::operator::Question;
use crate::execute::render;
use crate::model::entry::Entry;
use crate::model::hex::hex;
use crate::model::id::{AttemptToken, StepId};
use crate::model::status::{StepEvent, StepStatus};
use crate::model::system::EnvironmentClass;
use crate::model::work::{Attempt, Purpose};
use crate::plan::{Action, Approve, Body, NodeIx, Operation};

/// What is rendered may change once between the approval and the action; a second time nobody can have approved it.
const ASKED_AT_MOST: u32 = 2;

/// An answer that came through the inbox.
pub(super) struct Letter {
    pub step: StepId,
    pub digest: String,
    pub approve: bool,
    pub by: String,
    pub verified: bool,
    pub reason: String,
}

impl Core {
    /// Asks for approvals, unless there are some for what is rendered now.
    pub(super) fn ask_approval(&mut self, ix: NodeIx) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let Some(approve) = &plan.node(ix).approve else { return Some(Stage::Confirm) };
        let asked = self.nodes[ix.0 as usize].approval.as_ref().map_or(0, |approval| approval.asked);
        if plan.environment.as_ref().is_some_and(|environment| environment.class == EnvironmentClass::Lab) {
            if !std::mem::replace(&mut self.state(ix).lab_approved, true) {
                self.record_answer(ix, "approve", "lab", &plan.run.operator, serde_json::Map::new());
            }
            return Some(Stage::Confirm);
        }
        let (work, command) = match self.approvable(ix) {
            Ok(found) => found,
            Err(why) => {
                self.state(ix).why.push(why);
                return Some(Stage::Fail);
            }
        };
        if self.nodes[ix.0 as usize].approval.as_ref().is_some_and(|known| known.given && known.work == work) {
            return Some(Stage::Confirm);
        }
        if self.holds_back(ix) {
            self.end(ix, StepEvent::Interrupt);
            return None;
        }
        if asked >= ASKED_AT_MOST {
            let state = self.state(ix);
            state.refused = true;
            state.why.push("what would run is no longer what was approved, for the second time".to_owned());
            return Some(Stage::Fail);
        }
        self.await_approval(ix, approve, work, command, asked + 1);
        None
    }

    fn await_approval(&mut self, ix: NodeIx, approve: &Approve, work: String, command: String, asked: u32) {
        let step = self.plan.node(ix).id.clone();
        // Also to this run and this time of asking: an old signature over the same work approves nothing.
        let digest = sha(&json!([self.plan.run.id, step, self.leg, asked, work]));
        let title = self.plan.node(ix).title.preview(&self.scope(ix));
        let within = TimeDelta::from_std(approve.within).unwrap_or(TimeDelta::MAX);
        let expires = self.now.wall.checked_add_signed(within).unwrap_or(chrono::DateTime::<chrono::Utc>::MAX_UTC);
        let until = self.now.elapsed.saturating_add(approve.within);
        self.record(Entry::ApprovalAsked {
            step: step.clone(),
            digest: digest.clone(),
            command: command.clone(),
            people: approve.people.clone(),
            min: approve.min,
            not_requester: approve.not_requester,
            expires,
        });
        self.state(ix).event(StepEvent::AskApproval);
        let question = Question::Approval {
            step,
            title,
            command,
            digest: digest.clone(),
            people: approve.people.clone(),
            missing: approve.min,
            expires,
        };
        let token = self.ask(ix, Asked::Approval, question);
        self.state(ix).approval =
            Some(ApprovalRun { token, digest, work, by: Vec::new(), expires, until, asked, given: false });
        self.timers.insert((until, ix));
    }

    /// Right before the action: what was approved must be what is done now, else it is asked for again.
    pub(super) fn approval_is_stale(&mut self, ix: NodeIx) -> Option<Stage> {
        let approved = self.nodes[ix.0 as usize].approval.as_ref()?.work.clone();
        match self.approvable(ix) {
            Ok((digest, _)) if digest == approved => None,
            Ok(_) => Some(Stage::Approve),
            Err(why) => {
                self.state(ix).why.push(why);
                Some(Stage::Fail)
            }
        }
    }

    /// A person was asked, here or elsewhere: what was read before may be old.
    pub(super) fn was_asked(&self, ix: NodeIx) -> bool {
        let state = &self.nodes[ix.0 as usize];
        state.asked || state.approval.is_some()
    }

    /// An answer arrived. Every one is recorded; one that does not count says why.
    pub(super) fn approval(&mut self, letter: &Letter) {
        if self.is_over() {
            return;
        }
        let plan = Arc::clone(&self.plan);
        let at = plan.nodes.iter().position(|node| node.id == letter.step);
        let ix = at.and_then(|at| u32::try_from(at).ok()).map(NodeIx);
        let counted = match ix.and_then(|ix| Some((ix, plan.node(ix).approve.as_ref()?))) {
            Some((ix, approve)) => self.counts(ix, approve, letter).map(|()| (ix, approve)),
            None => Err("no such step waits for approval".to_owned()),
        };
        self.record(Entry::Approved {
            step: letter.step.clone(),
            digest: letter.digest.clone(),
            verdict: if letter.approve { "approve" } else { "reject" }.to_owned(),
            by: letter.by.clone(),
            verified: letter.verified,
            reason: letter.reason.clone(),
            refused: counted.as_ref().err().cloned().unwrap_or_default(),
        });
        let Ok((ix, approve)) = counted else { return };
        if !letter.approve {
            self.approval_closed(ix);
            let state = self.state(ix);
            state.refused = true;
            let said = if letter.reason.is_empty() { String::new() } else { format!(": {}", letter.reason) };
            state.why.push(format!("rejected by {}{said}", letter.by));
            self.go_on(ix, Stage::Fail);
            return;
        }
        let Some(run) = &mut self.state(ix).approval else { return };
        run.by.push(letter.by.clone());
        if run.by.len() >= approve.min as usize {
            run.given = true;
            self.approval_closed(ix);
            self.state(ix).event(StepEvent::Confirm);
            self.go_on(ix, Stage::Confirm);
        }
    }

    /// Why an answer does not count.
    fn counts(&self, ix: NodeIx, approve: &Approve, letter: &Letter) -> Result<(), String> {
        let state = &self.nodes[ix.0 as usize];
        let run = match &state.approval {
            Some(run) if state.status == StepStatus::AwaitingApproval => run,
            _ => return Err("it does not wait for approval".to_owned()),
        };
        if run.digest != letter.digest {
            return Err("it is for something else than what would run now".to_owned());
        }
        if self.now.wall >= run.expires || self.now.elapsed >= run.until {
            return Err("it came too late".to_owned());
        }
        if !approve.people.iter().any(|person| is(person, &letter.by)) {
            return Err(format!("{} is none of those who may", letter.by));
        }
        let asks = [&self.plan.run.operator, &self.options.operator];
        let is_requester = asks.into_iter().any(|requester| same(&approve.people, &letter.by, requester));
        if letter.approve && approve.not_requester && is_requester {
            return Err("who started or resumed the run may not approve it".to_owned());
        }
        if letter.approve && run.by.iter().any(|earlier| same(&approve.people, &letter.by, earlier)) {
            return Err(format!("{} has approved already", letter.by));
        }
        Ok(())
    }

    fn approval_closed(&mut self, ix: NodeIx) {
        let Some(run) = &self.nodes[ix.0 as usize].approval else { return };
        let token = run.token.clone();
        let timer = (run.until, ix);
        self.timers.remove(&timer);
        self.thought(ix);
        self.state(ix).waited = None; // of an approval the records say it: from the question on
        if self.under_way.remove(&token).is_some() {
            self.out.push(Command::Withdraw(token));
        }
    }

    /// Nobody came in time: the run waits for a person to resume it.
    pub(super) fn approval_expires(&mut self, ix: NodeIx) {
        let until = self.nodes[ix.0 as usize].approval.as_ref().map(|run| run.until);
        if until.is_none_or(|until| self.now.elapsed < until) {
            return;
        }
        let step = &self.plan.node(ix).id;
        let why = format!("`{step}` was not approved in time");
        if self.halt == Halt::Cancel {
            // A finally-step of a run that is given up: there is nothing to resume.
            self.approval_closed(ix);
            let state = self.state(ix);
            state.refused = true;
            state.why.push(why);
            self.go_on(ix, Stage::Fail);
        } else {
            self.pause("approval", &why);
        }
    }

    /// What an approval of a step is bound to, and what people are shown of it.
    fn approvable(&self, ix: NodeIx) -> Result<(String, String), String> {
        let node = self.plan.node(ix);
        let scope = self.scope(ix);
        let Body::Operation(operation) = &node.body else { return Ok(self.approvable_group(ix)) };
        let lines = render::preview(operation, &scope);
        let bound = match &operation.action {
            Some(Action::Manual { .. }) | None => sha(&json!([self.plan.plan_digest, node.id, lines])),
            Some(_) => self.work_digest(ix, operation, &scope)?,
        };
        Ok((bound, lines.join("\n")))
    }

    fn work_digest(&self, ix: NodeIx, operation: &Operation, scope: &crate::template::Scope) -> Result<String, String> {
        let attempt = Attempt {
            epoch: self.leg,
            run: self.plan.run.id.clone(),
            step: self.plan.node(ix).id.clone(),
            number: 0,
            purpose: Purpose::Action,
            token: AttemptToken(String::new()),
        };
        let work = render::work(&self.plan, operation, scope, attempt, None).map_err(|error| error.message)?;
        Ok(digest(&work))
    }

    fn approvable_group(&self, group: NodeIx) -> (String, String) {
        let mut commands = Vec::new();
        for (at, node) in self.plan.nodes.iter().enumerate() {
            let ix = NodeIx(u32::try_from(at).unwrap_or(u32::MAX));
            if let Body::Operation(operation) = &node.body
                && self.is_inside(ix, group)
            {
                commands.push((node.id.0.clone(), render::preview(operation, &self.scope(ix))));
            }
        }
        let digest = sha(&json!([self.plan.plan_digest, self.plan.node(group).id, commands]));
        let lines: Vec<String> = commands.into_iter().flat_map(|(_, lines)| lines).collect();
        (digest, lines.join("\n"))
    }
}

fn sha(value: &serde_json::Value) -> String {
    hex(&Sha256::digest(value.to_string()))
}

/// `user@host` or an ssh principal is itself; a `user` is that user anywhere.
fn is(person: &str, by: &str) -> bool {
    person == by || (!person.contains('@') && user(by) == person)
}

fn user(name: &str) -> &str {
    name.split_once('@').map_or(name, |(user, _)| user)
}

/// Whether two names are one person: the same user, or the same entry of the list.
fn same(people: &[String], one: &str, other: &str) -> bool {
    user(one) == user(other) || people.iter().any(|person| is(person, one) && is(person, other))
}
