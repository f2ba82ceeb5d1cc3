//! Step mode: a person is asked before every leaf and after every failure. One leaf at a time, one question at a time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::stage::Stage;
use super::state::Asked;
use super::{Core, Role};
use crate::execute::operator::{Answer, Question, StepView};
use crate::execute::render;
use crate::model::effect::Effect;
use crate::model::entry::Entry;
use crate::model::id::StepId;
use crate::model::outcome::SkipReason;
use crate::model::runbook::OnFailure;
use crate::model::status::{StepEvent, StepStatus};
use crate::plan::{Body, Gate, NodeIx, Operation, Probe, Target};
use crate::template::quantity::format_duration;
use crate::template::{Expression, Scope, value};

type Values = serde_json::Map<String, serde_json::Value>;

impl Core {
    /// True until a person lets the rest run, or gives the run up.
    pub(super) fn step_mode(&self) -> bool {
        self.options.step
    }

    /// Before a leaf: what now?
    pub(super) fn ask_step(&mut self, ix: NodeIx) -> Option<Stage> {
        if !self.step_mode() || !self.nodes[ix.0 as usize].leaf {
            return Some(Stage::Presence);
        }
        if self.holds_back(ix) {
            self.end(ix, StepEvent::Interrupt);
            return None;
        }
        let view = self.step_view(ix);
        self.state(ix).event(StepEvent::Ask);
        self.ask(ix, Asked::Step, Question::Step { view });
        None
    }

    /// After a failure for good, unless a person had said no.
    pub(super) fn asks_about_failure(&self, ix: NodeIx) -> bool {
        let state = &self.nodes[ix.0 as usize];
        self.step_mode() && state.leaf && !state.refused && !state.stop
    }

    pub(super) fn ask_about_failure(&mut self, ix: NodeIx) {
        let view = self.step_view(ix);
        let state = &self.nodes[ix.0 as usize];
        let mut why = state.why.clone();
        if state.unknown {
            why.push("nobody can say whether it took effect".to_owned());
        }
        let hint = state.hint.clone();
        self.ask(ix, Asked::Failed, Question::Failed { view, why, hint });
    }

    /// The answer before a leaf.
    pub(super) fn answered_step(&mut self, ix: NodeIx, answer: Answer, by: &str) {
        match answer {
            Answer::Yes { .. } => self.go_on_with(ix, "run", by),
            Answer::Rest => {
                self.options.step = false;
                self.go_on_with(ix, "rest", by);
            }
            Answer::Skip { why } => {
                self.record_answer(ix, "step", "skip", by, said(&why));
                self.skip(ix, &SkipReason::Person { by: by.to_owned(), said: why });
            }
            Answer::No { why } => {
                self.record_answer(ix, "step", "no", by, said(&why));
                let state = self.state(ix);
                state.refused = true;
                state.why.push(if why.is_empty() { format!("{by} said no") } else { format!("{by} said no: {why}") });
                self.go_on(ix, Stage::Fail);
            }
            Answer::Edit { param, value } => self.amend_at(ix, "step", by, param, value),
            Answer::Rollback => {
                self.record_answer(ix, "step", "rollback", by, Values::new());
                self.roll_back(by, "");
                self.end(ix, StepEvent::Interrupt);
            }
            Answer::Jump { to } => self.jump(ix, &to, by),
            Answer::Retry | Answer::Stop | Answer::Pause => {
                // No answer to this question: it is asked again.
                self.state(ix).event(StepEvent::Confirm);
                self.go_on(ix, Stage::Step);
            }
        }
    }

    fn go_on_with(&mut self, ix: NodeIx, answer: &str, by: &str) {
        self.record_answer(ix, "step", answer, by, Values::new());
        self.state(ix).event(StepEvent::Confirm);
        self.go_on(ix, Stage::Presence);
    }

    /// The answer after a failure.
    pub(super) fn answered_failed(&mut self, ix: NodeIx, answer: Answer, by: &str) {
        match answer {
            Answer::Retry => {
                self.record_answer(ix, "failed", "retry", by, Values::new());
                self.retry_by_hand(ix);
            }
            Answer::Skip { why } => {
                self.record_answer(ix, "failed", "skip", by, said(&why));
                self.accept_failure(ix, SkipReason::Person { by: by.to_owned(), said: why });
            }
            Answer::Stop | Answer::No { .. } => {
                self.record_answer(ix, "failed", "stop", by, Values::new());
                self.state(ix).stop = true;
                self.go_on(ix, Stage::Fail);
            }
            Answer::Edit { param, value } => self.amend_at(ix, "failed", by, param, value),
            Answer::Rollback => {
                self.record_answer(ix, "failed", "rollback", by, Values::new());
                self.roll_back(by, "");
                let lost = self.nodes[ix.0 as usize].unknown;
                self.end(ix, if lost { StepEvent::LoseTrack } else { StepEvent::Fail });
            }
            Answer::Yes { .. } | Answer::Rest | Answer::Jump { .. } | Answer::Pause => self.ask_about_failure(ix),
        }
    }

    /// A further attempt, from the beginning of the step; its `when` held.
    fn retry_by_hand(&mut self, ix: NodeIx) {
        let step = self.plan.node(ix).id.clone();
        let state = self.state(ix);
        let attempt = state.attempts;
        let why = std::mem::take(&mut state.why).join("; ");
        state.gate = None;
        state.unknown = false;
        state.hint = None;
        state.outputs.clear();
        state.attention.clear();
        if attempt > 0 {
            if state.status != StepStatus::Backoff {
                state.event(StepEvent::Retry);
            }
            self.record(Entry::AttemptFailed { step, attempt, why, delay_ms: 0 });
        }
        self.go_on(ix, Stage::Presence);
    }

    /// The failure is accepted: what comes after goes on.
    fn accept_failure(&mut self, ix: NodeIx, reason: SkipReason) {
        self.state(ix).accepted = Some(reason);
        self.end(ix, StepEvent::Skip);
    }

    /// A parameter is changed: the run stops like a pause, and is planned anew.
    fn amend_at(&mut self, ix: NodeIx, question: &str, by: &str, param: String, value: String) {
        let mut values = Values::new();
        values.insert("param".to_owned(), param.clone().into());
        values.insert("value".to_owned(), value.clone().into());
        self.record_answer(ix, question, "edit", by, values);
        self.pause(by, &format!("`{param}` is changed"));
        self.amend = Some((by.to_owned(), param, value));
        if question == "failed" {
            self.leave_failed(ix);
        } else {
            self.end(ix, StepEvent::Interrupt);
        }
    }

    /// A person leaves at a failure: the resumed run walks the step from its beginning. What is lost stays lost.
    pub(super) fn leave_failed(&mut self, ix: NodeIx) {
        self.pause_wins = true;
        let lost = self.nodes[ix.0 as usize].unknown;
        self.end(ix, if lost { StepEvent::LoseTrack } else { StepEvent::Fail });
    }

    /// What must come before `to` and has not ended is left out. A step that need not is asked about after it.
    fn jump(&mut self, ix: NodeIx, to: &StepId, by: &str) {
        let target = self.jump_targets(ix).into_iter().find(|target| self.plan.node(*target).id == *to);
        let Some(target) = target else {
            self.state(ix).event(StepEvent::Confirm);
            self.go_on(ix, Stage::Step);
            return;
        };
        let mut values = Values::new();
        values.insert("to".to_owned(), to.0.clone().into());
        self.record_answer(ix, "step", "jump", by, values);
        let before = self.before(target);
        let reason = SkipReason::Jumped { to: to.0.clone() };
        for at in before.iter().copied() {
            let status = self.nodes[at.0 as usize].status;
            if at == ix || matches!(status, StepStatus::Pending) || self.ready.contains(&at) {
                self.skip(at, &reason);
            }
        }
        self.jumped_to = Some(target);
        if !before.contains(&ix) {
            self.stand_back(ix);
        }
    }

    /// A step that was asked about waits for its turn again.
    fn stand_back(&mut self, ix: NodeIx) {
        self.state(ix).event(StepEvent::Confirm);
        self.state(ix).stage = Stage::When;
        let list = self.nodes[ix.0 as usize].list;
        self.lists[list.0].active -= 1;
        self.active -= 1;
        self.ready.insert(ix);
    }

    /// Everything that must have ended before a step, in plan order: what it and its groups need, and what is inside of those.
    fn before(&self, target: NodeIx) -> BTreeSet<NodeIx> {
        let plan = Arc::clone(&self.plan);
        let mut before = BTreeSet::new();
        let mut open = Vec::new();
        let mut at = Some(target);
        while let Some(ix) = at {
            let node = plan.node(ix);
            open.extend(node.needs.iter().chain(&node.after).copied());
            at = self.lists[self.nodes[ix.0 as usize].list.0].role.owner();
        }
        while let Some(ix) = open.pop() {
            if before.insert(ix) {
                let node = plan.node(ix);
                open.extend(node.needs.iter().chain(&node.after).copied());
                if let Body::List { list, .. } = &node.body {
                    open.extend(list.members.iter().copied());
                }
            }
        }
        before
    }

    /// Steps that have not begun and are no fallback and no finally-step, in order.
    fn jump_targets(&self, from: NodeIx) -> Vec<NodeIx> {
        let main = |ix: NodeIx| {
            let mut at = ix;
            loop {
                match self.lists[self.nodes[at.0 as usize].list.0].role {
                    Role::Main => return true,
                    Role::Members(owner) => at = owner,
                    Role::RunFinally | Role::Finally(_) | Role::Fallback(_) => return false,
                }
            }
        };
        let all = (0..self.plan.nodes.len()).map(|at| NodeIx(u32::try_from(at).unwrap_or(u32::MAX)));
        all.filter(|ix| {
            let state = &self.nodes[ix.0 as usize];
            let waits = state.status == StepStatus::Pending || self.ready.contains(ix);
            *ix != from && waits && self.plan.node(*ix).pruned.is_none() && main(*ix)
        })
        .collect()
    }

    /// What people see of a step.
    pub(super) fn step_view(&self, ix: NodeIx) -> StepView {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        let scope = self.scope(ix);
        let ended = |ix: &NodeIx| self.nodes[ix.0 as usize].status.is_ended();
        let jumps = self.jump_targets(ix).into_iter().map(|target| {
            let needs = plan.node(target).needs.iter().filter(|needed| !ended(needed));
            (plan.node(target).id.clone(), needs.map(|needed| plan.node(*needed).id.clone()).collect())
        });
        let (effect, target, command) = match &node.body {
            Body::Operation(operation) => (
                operation.effect.effect,
                operation.target.as_ref().map(|target| place(target, &scope)).unwrap_or_default(),
                render::preview(operation, &scope),
            ),
            Body::List { .. } => (Effect::Read, String::new(), Vec::new()),
        };
        let params = plan.frame(plan.root).params.iter();
        StepView {
            step: node.id.clone(),
            title: node.title.preview(&scope),
            effect,
            target,
            command,
            details: self.details(ix, &scope),
            expected: node.estimate,
            attempts: self.nodes[ix.0 as usize].attempts,
            jumps: jumps.collect(),
            params: params.map(|(name, known)| (name.clone(), shown(known))).collect(),
        }
    }

    fn details(&self, ix: NodeIx, scope: &Scope) -> Vec<(String, String)> {
        let node = self.plan.node(ix);
        let mut details = Vec::new();
        let mut add = |name: &str, text: String| {
            if !text.is_empty() {
                details.push((name.to_owned(), text));
            }
        };
        add("when", sources(&node.when));
        add("require", node.require.as_ref().map(|it| probe(it, scope)).unwrap_or_default());
        add("done_when", node.done_when.as_ref().map(|it| probe(it, scope)).unwrap_or_default());
        if let Some(approve) = &node.approve {
            add("approve", format!("{} of {}", approve.min, approve.people.join(", ")));
        }
        if let Some(confirm) = &node.confirm {
            let typed = confirm.typed.as_ref().map(|typed| format!("type `{}`", typed.preview(scope)));
            add("confirm", typed.unwrap_or_else(|| "yes".to_owned()));
        }
        if let Body::Operation(operation) = &node.body {
            add("expect", sources(&operation.judge.expect));
        }
        add("gate", node.gate.as_ref().map(|it| gate(it, scope)).unwrap_or_default());
        if node.retry.attempts > 1 {
            let delay = format_duration(node.retry.delay);
            add("retry", format!("{} attempts, {delay} before the second", node.retry.attempts));
        }
        let on_failure = match node.on_failure {
            OnFailure::Stop => "",
            OnFailure::Continue => "continue",
            OnFailure::Warn => "warn",
            OnFailure::Rollback => "rollback",
        };
        add("on_failure", on_failure.to_owned());
        if let Some(rollback) = &node.rollback {
            add("rollback", operation(&rollback.operation, scope));
        }
        let fallback: Vec<&str> =
            node.fallback.members.iter().map(|member| self.plan.node(*member).id.0.as_str()).collect();
        add("fallback", fallback.join(", "));
        details
    }
}

fn said(why: &str) -> Values {
    let mut values = Values::new();
    values.insert("why".to_owned(), why.into());
    values
}

fn sources(conditions: &[Expression]) -> String {
    conditions.iter().map(Expression::source).collect::<Vec<_>>().join(" and ")
}

fn operation(operation: &Operation, scope: &Scope) -> String {
    let lines = render::preview(operation, scope).join(" · ");
    let expected = sources(&operation.judge.expect);
    match (lines.is_empty(), expected.is_empty()) {
        (true, _) => expected,
        (false, true) => lines,
        (false, false) => format!("{lines}, expects {expected}"),
    }
}

fn probe(probe: &Probe, scope: &Scope) -> String {
    operation(&probe.operation, scope)
}

fn gate(gate: &Gate, scope: &Scope) -> String {
    let asks = operation(&gate.probe.operation, scope);
    if gate.within == Duration::ZERO { asks } else { format!("{asks}, within {}", format_duration(gate.within)) }
}

fn place(target: &Target, scope: &Scope) -> String {
    match target {
        Target::Ssh { host, .. } => format!("ssh {}", host.preview(scope)),
        Target::Gcloud { vm, .. } => format!("gcloud {}", vm.preview(scope)),
        Target::Container { name, via } => {
            let via = via.as_ref().map(|via| format!(" on {}", place(via, scope))).unwrap_or_default();
            format!("container {}{via}", name.preview(scope))
        }
    }
}

/// A parameter as it would be typed.
fn shown(known: &crate::template::Value) -> String {
    value::text(known).unwrap_or_else(|| value::to_plain_json(known).to_string())
}
