//! Gates and retries: what waits on a timer.

use std::sync::Arc;
use std::time::Duration;

use super::Core;
use super::judge::{Judgement, json_map, judgement, shown};
use super::list::Role;
use super::stage::{Stage, millis};
use super::state::GateRun;
use crate::execute::result::ResultView;
use crate::model::entry::Entry;
use crate::model::port::Live;
use crate::model::status::{StepEvent, StepStatus};
use crate::model::work::{Completion, Purpose};
use crate::plan::{Action, Body, Gate, NodeIx};
use crate::template::{Template, value};

/// The first probes of a gate come this fast, and a gate that is asked never waits less.
const FASTEST: Duration = Duration::from_millis(40);
/// The share of the time waited so far after which it is asked again. Health is to be noticed within a tenth of that time (50 ms at
/// first): the rest is for the probe itself.
const SHARE: u32 = 12;
/// A call of the Google Cloud client costs half a second of processor time.
const GCLOUD_FASTEST: Duration = Duration::from_secs(5);

impl Core {
    /// Asks the gate once, or goes on when there is none.
    pub(super) fn ask_gate(&mut self, ix: NodeIx) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let (gate, purpose) = match (&self.nodes[ix.0 as usize].undo, &plan.node(ix).rollback) {
            (Some(_), Some(rollback)) => (rollback.gate.as_ref(), Purpose::RollbackGate),
            _ => (plan.node(ix).gate.as_ref(), Purpose::Gate),
        };
        let Some(gate) = gate else { return Some(Stage::Succeed) };
        let now = self.now.elapsed;
        if self.nodes[ix.0 as usize].gate.is_none() {
            self.state(ix).gate = Some(GateRun {
                started: now,
                deadline: now.saturating_add(gate.within),
                streak: 0,
                asked: 0,
                seen: String::new(),
            });
            if purpose == Purpose::Gate {
                let state = &self.nodes[ix.0 as usize];
                let entry = Entry::GateStarted {
                    step: plan.node(ix).id.clone(),
                    within_ms: millis(gate.within),
                    outputs: json_map(&state.outputs),
                    attention: state.attention.clone(),
                    before: state.before.as_ref().map(|before| value::to_json(&before.as_value())),
                };
                self.record(entry);
            }
        }
        if self.ends_now(ix) {
            self.end_held_back(ix);
            return None;
        }
        let left = self.nodes[ix.0 as usize].gate.as_ref().map_or(Duration::ZERO, |g| g.deadline.saturating_sub(now));
        let limit = left.max(Duration::from_secs(5));
        let operation = &gate.probe.operation;
        if operation.action.is_none() {
            let scope = self.over_before(ix, &self.scope(ix));
            return match judgement(&operation.judge, None, &scope) {
                Judgement::Holds => self.gate_passed(ix, gate),
                Judgement::Fails(why) => self.gate_not_yet(ix, gate, why.join("; ")),
            };
        }
        match self.dispatch(ix, operation, purpose, Some(limit)) {
            Ok(()) => {
                self.state(ix).stage = Stage::Away;
                None
            }
            Err(why) => {
                self.complain(ix, format!("gate: {why}"));
                Some(Stage::Fail)
            }
        }
    }

    /// Whether the gate of a step would be content with an answer; changes nothing.
    #[must_use]
    pub fn gate_accepts(&self, ix: NodeIx, completion: &Completion) -> bool {
        let Some(gate) = &self.plan.node(ix).gate else { return true };
        let scope = self.over_before(ix, &ResultView::of(completion).over(&self.scope(ix)));
        let judge = &gate.probe.operation.judge;
        !gate.fail_if.iter().any(|fails| fails.holds(&scope).is_ok_and(|verdict| verdict.holds))
            && matches!(judgement(judge, Some(completion), &scope), Judgement::Holds)
    }

    /// One probe of the gate is over.
    pub(super) fn judge_gate(&mut self, ix: NodeIx, gate: &Gate, completion: &Completion) -> Option<Stage> {
        let result = ResultView::of(completion);
        let scope = self.over_before(ix, &result.over(&self.scope(ix)));
        for condition in &gate.fail_if {
            match condition.holds(&scope) {
                Ok(verdict) if verdict.holds => {
                    let why = format!("gate: fail_if {}", shown(condition.source(), &verdict.seen));
                    self.complain(ix, why);
                    return Some(Stage::Fail);
                }
                Ok(_) | Err(_) => {}
            }
        }
        if let Some(progress) = &gate.progress {
            let percent = progress.eval(&scope).ok().and_then(|value| f64::try_from(value).ok());
            let step = self.plan.node(ix).id.clone();
            self.out.push(super::Command::Show(Live::Gate { step, seen: String::new(), progress: percent }));
        }
        let judge = &gate.probe.operation.judge;
        match judgement(judge, Some(completion), &scope) {
            Judgement::Holds => {
                let undoing = self.nodes[ix.0 as usize].undo.is_some();
                for (name, expression) in judge.outputs.iter().filter(|_| !undoing) {
                    if let Ok(output) = expression.eval(&scope) {
                        let state = self.state(ix);
                        state.outputs.retain(|(known, _)| known != name);
                        state.outputs.push((name.clone(), output));
                    }
                }
                self.gate_passed(ix, gate)
            }
            Judgement::Fails(why) => self.gate_not_yet(ix, gate, why.join("; ")),
        }
    }

    /// Why a step fails, or why it cannot be undone.
    pub(super) fn complain(&mut self, ix: NodeIx, why: String) {
        let state = self.state(ix);
        match &mut state.undo {
            Some(undo) => undo.why.push(why),
            None => state.why.push(why),
        }
    }

    fn gate_passed(&mut self, ix: NodeIx, gate: &Gate) -> Option<Stage> {
        let run = self.state(ix).gate.as_mut()?;
        run.asked += 1;
        run.streak += 1;
        if run.streak >= gate.successes {
            return Some(Stage::Succeed);
        }
        self.ask_again(ix, gate);
        None
    }

    fn gate_not_yet(&mut self, ix: NodeIx, gate: &Gate, seen: String) -> Option<Stage> {
        let now = self.now.elapsed;
        let step = self.plan.node(ix).id.clone();
        let run = self.state(ix).gate.as_mut()?;
        run.asked += 1;
        run.streak = 0;
        run.seen.clone_from(&seen);
        self.out.push(super::Command::Show(Live::Gate { step, seen: seen.clone(), progress: None }));
        let run = self.state(ix).gate.as_ref()?;
        if now >= run.deadline {
            let why = if gate.within.is_zero() {
                seen
            } else {
                let waited = crate::template::quantity::format_duration(now.saturating_sub(run.started));
                format!("gate did not pass within {waited} ({} probes); last: {seen}", run.asked)
            };
            self.complain(ix, why);
            return Some(Stage::Fail);
        }
        self.ask_again(ix, gate);
        None
    }

    /// The next probe: soon at first, a share of the time waited later, `every` at most.
    fn ask_again(&mut self, ix: NodeIx, gate: &Gate) {
        let now = self.now.elapsed;
        let Some(run) = self.nodes[ix.0 as usize].gate.as_ref() else { return };
        let waited = now.saturating_sub(run.started);
        let fastest = match gate.probe.operation.action {
            Some(Action::Gcloud(_)) => GCLOUD_FASTEST,
            _ => FASTEST,
        };
        // Passes in a row are spread over `every`: a crash loop flaps to healthy for a moment.
        let pause =
            if run.streak > 0 { gate.every } else { (waited / SHARE).max(fastest).min(gate.every.max(fastest)) };
        let at = if run.streak > 0 { now + pause } else { (now + pause).min(run.deadline.max(now)) };
        self.state(ix).stage = Stage::Timer;
        self.timers.insert((at, ix));
    }

    /// Whether a failed step has another attempt. Never for an unknown one without `done_when` or `idempotent`.
    pub(super) fn may_retry(&self, ix: NodeIx) -> bool {
        let node = self.plan.node(ix);
        let state = &self.nodes[ix.0 as usize];
        let decided = !state.unknown || node.idempotent || node.done_when.is_some();
        if state.refused || !decided || state.attempts == 0 || state.attempts >= node.retry.attempts {
            return false;
        }
        let scope = state.result.over(&self.scope(ix)).with("failure", state.why.join("; "));
        node.retry.when.iter().all(|condition| condition.holds(&scope).is_ok_and(|verdict| verdict.holds))
    }

    /// Waits for the next attempt.
    pub(super) fn back_off(&mut self, ix: NodeIx) {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        let attempt = self.nodes[ix.0 as usize].attempts;
        let delay = delay(&node.retry, attempt);
        let why = std::mem::take(&mut self.state(ix).why).join("; ");
        self.state(ix).event(StepEvent::Retry);
        self.record(Entry::AttemptFailed { step: node.id.clone(), attempt, why, delay_ms: millis(delay) });
        let at = self.now.elapsed + delay;
        let state = self.state(ix);
        state.stage = Stage::Timer;
        state.gate = None;
        state.unknown = false;
        state.outputs.clear();
        state.attention.clear();
        for role in [Role::Members(ix), Role::Finally(ix)] {
            self.reset_list(role);
        }
        self.timers.insert((at, ix));
    }

    pub(super) fn next_timer(&self) -> Option<Duration> {
        let timer = self.timers.first().map(|(at, _)| *at);
        match (timer, self.deadline()) {
            (Some(timer), Some(deadline)) => Some(timer.min(deadline)),
            (timer, deadline) => timer.or(deadline),
        }
    }

    pub(super) fn fire_timers(&mut self) {
        while let Some((at, ix)) = self.timers.first().copied() {
            if at > self.now.elapsed {
                return;
            }
            self.timers.pop_first();
            if self.nodes[ix.0 as usize].status == StepStatus::AwaitingApproval {
                self.approval_expires(ix);
                continue;
            }
            if self.nodes[ix.0 as usize].stage != Stage::Timer {
                continue;
            }
            let stage =
                if self.nodes[ix.0 as usize].status == StepStatus::Backoff { Stage::DoneWhen } else { Stage::Gate };
            self.go_on(ix, stage);
        }
    }

    /// The hint of a step, wherever its judgement stands.
    pub(super) fn hint_template(&self, ix: NodeIx) -> Option<Template> {
        if self.nodes[ix.0 as usize].hint.is_some() {
            return None;
        }
        let node = self.plan.node(ix);
        match &node.body {
            Body::Operation(operation) => operation.judge.hint.clone(),
            Body::List { .. } => node.judge.hint.clone(),
        }
    }
}

/// Exponential, bounded.
fn delay(retry: &crate::plan::Retry, attempt: u32) -> Duration {
    let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
    let seconds = retry.delay.as_secs_f64() * retry.factor.powi(exponent);
    if seconds.is_finite() && seconds < retry.max_delay.as_secs_f64() {
        Duration::from_secs_f64(seconds)
    } else {
        retry.max_delay
    }
}
