//! The run's own beginning and end: identity, preflight, interruption, deadline, finally-steps, outcome.

use std::sync::Arc;
use std::time::Duration;

use super::judge::{Judgement, json_map, judgement};
use super::list::Role;
use super::stage::{Stage, millis};
use super::{CORE_VERSION, Command, Core, Owner};
use crate::execute::render;
use crate::execute::result::ResultView;
use crate::model::entry::Entry;
use crate::model::id::StepId;
use crate::model::outcome::{Outcome, RunOutcome, SkipReason};
use crate::model::status::{StepEvent, StepStatus};
use crate::model::work::{Completion, Purpose};
use crate::plan::{Body, Probe};

/// Where the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunPhase {
    New,
    /// Identity (probe 0) and preflight (the others) are read; so many are left.
    Guards {
        left: usize,
    },
    Main,
    /// The run's finally-steps, with how the main list ended.
    Finally(RunOutcome),
    Over,
}

impl RunPhase {
    /// What `run.outcome` is: known once the main list is over.
    pub(super) fn outcome(self) -> Option<RunOutcome> {
        match self {
            Self::Finally(outcome) => Some(outcome),
            Self::New | Self::Guards { .. } | Self::Main | Self::Over => None,
        }
    }
}

impl Core {
    pub(super) fn begin(&mut self) {
        if self.phase != RunPhase::New {
            return;
        }
        let preflight = self.record_beginning();
        self.ask_guards(preflight);
    }

    /// The first record of this engine. Gives true when preflight is to be read: not in the middle of a run.
    fn record_beginning(&mut self) -> bool {
        if let Some(opening) = &mut self.opening {
            let fresh = !opening.facts.begun;
            let entry = opening.entry(&self.plan, &self.options);
            self.record(entry);
            return fresh;
        }
        let plan = Arc::clone(&self.plan);
        self.record(Entry::RunStarted {
            run: plan.run.id.clone(),
            mode: "run".to_owned(),
            runbook: plan.name.clone(),
            title: plan.title.clone(),
            system: plan.system.clone(),
            environment: plan.environment.as_ref().map(|environment| environment.name.clone()),
            plan_digest: plan.plan_digest.clone(),
            source_digest: plan.source_digest.clone(),
            operator: plan.run.operator.clone(),
            engine: self.options.engine.clone(),
            core: CORE_VERSION,
            rto_ms: plan.objectives.rto.map(millis),
            expected_ms: millis(plan.budget.expected),
            steps: plan.nodes.iter().filter(|node| matches!(node.body, Body::Operation(_))).count(),
        });
        true
    }

    fn ask_guards(&mut self, preflight: bool) {
        let plan = Arc::clone(&self.plan);
        let identity = plan.environment.as_ref().and_then(|environment| environment.identity.as_ref());
        let preflight = plan.preflight.iter().filter(|_| preflight);
        let guards: Vec<(Purpose, &Probe)> = identity
            .map(|probe| (Purpose::Identity, probe))
            .into_iter()
            .chain(preflight.map(|probe| (Purpose::Preflight, probe)))
            .collect();
        self.phase = RunPhase::Guards { left: guards.len() };
        for (at, (purpose, probe)) in guards.into_iter().enumerate() {
            self.ask_guard(at, purpose, probe);
        }
        self.begin_main();
    }

    fn guard(&self, at: usize) -> Option<Probe> {
        let identity = self.plan.environment.as_ref().and_then(|environment| environment.identity.as_ref());
        identity.into_iter().chain(&self.plan.preflight).nth(at).cloned()
    }

    fn ask_guard(&mut self, at: usize, purpose: Purpose, probe: &Probe) {
        let plan = Arc::clone(&self.plan);
        let scope = self.store.frame(self.plan.root, self.run_view());
        if probe.operation.action.is_none() {
            if let Judgement::Fails(why) = judgement(&probe.operation.judge, None, &scope) {
                self.refuse(purpose, &why);
            }
            self.guard_done();
            return;
        }
        let step = StepId(if purpose == Purpose::Identity { "identity" } else { "preflight" }.to_owned());
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let attempt = self.attempt(step, number, purpose, Owner::Run(at), false);
        let token = attempt.token.clone();
        match render::work(&plan, &probe.operation, &scope, attempt, None) {
            Ok(work) => self.out.push(Command::Start(work)),
            Err(error) => {
                self.under_way.remove(&token);
                self.refuse(purpose, &[error.message]);
                self.guard_done();
            }
        }
    }

    pub(super) fn guard_completed(&mut self, at: usize, completion: &Completion) {
        let Some(probe) = self.guard(at) else { return };
        let scope = self.store.frame(self.plan.root, self.run_view());
        let scope = ResultView::of(completion).over(&scope);
        if let Judgement::Fails(mut why) = judgement(&probe.operation.judge, Some(completion), &scope) {
            why.extend(probe.operation.judge.hint.as_ref().map(|hint| hint.preview(&scope)));
            let identity = at == 0 && self.plan.environment.as_ref().is_some_and(|it| it.identity.is_some());
            self.refuse(if identity { Purpose::Identity } else { Purpose::Preflight }, &why);
        }
        self.guard_done();
        self.begin_main();
    }

    fn guard_done(&mut self) {
        if let RunPhase::Guards { left } = &mut self.phase {
            *left -= 1;
        }
    }

    fn refuse(&mut self, purpose: Purpose, why: &[String]) {
        let name = self.plan.environment.as_ref().map_or("", |environment| environment.name.as_str());
        let what = match purpose {
            Purpose::Identity => format!("this is not proved to be `{name}`"),
            _ => "preflight".to_owned(),
        };
        let text = format!("{what}: {}", why.join("; "));
        self.why = Some(self.why.take().map_or(text.clone(), |before| format!("{before} · {text}")));
    }

    /// Once every guard has answered: the main list, or the end.
    fn begin_main(&mut self) {
        if self.phase != (RunPhase::Guards { left: 0 }) {
            return;
        }
        self.phase = RunPhase::Main;
        if self.why.is_some() || self.interrupted > 0 {
            let outcome = if self.interrupted > 0 { RunOutcome::Interrupted } else { RunOutcome::Refused };
            self.finish(outcome);
            return;
        }
        match self.opening.take() {
            Some(opening) => self.restore(&opening.facts),
            None => self.begin_list(self.main),
        }
    }

    /// A signal: 1 starts nothing new, 2 also ends what runs.
    pub(super) fn interrupt(&mut self, level: u8) {
        if level <= self.interrupted || self.phase == RunPhase::Over {
            return;
        }
        self.interrupted = level;
        self.record(Entry::Interrupted { level });
        self.stop_waiting();
        if level > 1 {
            self.cancel_all();
        }
    }

    /// What has not started will not; who waits for a person or a timer stops waiting.
    fn stop_waiting(&mut self) {
        for ix in std::mem::take(&mut self.ready) {
            self.ready.insert(ix);
            self.skip(ix, &SkipReason::Interrupted);
        }
        let questions: Vec<_> = self
            .under_way
            .iter()
            .filter(|(_, work)| work.question)
            .map(|(token, work)| (token.clone(), work.owner))
            .collect();
        for (token, owner) in questions {
            self.under_way.remove(&token);
            self.out.push(Command::Withdraw(token));
            if let Owner::Step(ix) = owner {
                self.end(ix, StepEvent::Interrupt);
            }
        }
        for (_, ix) in std::mem::take(&mut self.timers) {
            if self.nodes[ix.0 as usize].status == StepStatus::Backoff {
                self.end(ix, StepEvent::Interrupt);
            } else {
                self.timers.insert((self.now.elapsed, ix));
            }
        }
    }

    fn cancel_all(&mut self) {
        let running: Vec<_> =
            self.under_way.iter().filter(|(_, work)| !work.question).map(|(token, _)| token.clone()).collect();
        self.out.extend(running.into_iter().map(Command::Cancel));
        for (_, ix) in std::mem::take(&mut self.timers) {
            if !self.nodes[ix.0 as usize].status.is_ended() && self.nodes[ix.0 as usize].stage == Stage::Timer {
                self.end(ix, StepEvent::Interrupt);
            }
        }
    }

    /// The run's own timeout counts the time of this engine.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.plan.timeout.map(|timeout| self.began.saturating_add(timeout))
    }

    pub(super) fn check_deadline(&mut self) {
        let passed = self.deadline().is_some_and(|deadline| self.now.elapsed >= deadline);
        if passed && !self.deadline_passed && matches!(self.phase, RunPhase::Main | RunPhase::Guards { .. }) {
            self.deadline_passed = true;
            self.interrupt(2);
        }
    }

    /// Main list over: finally-steps. Those over: the end.
    pub(super) fn end_if_over(&mut self) {
        if self.phase == RunPhase::Main && self.lists[self.main.0].open == 0 {
            let outcome = self.main_outcome();
            if self.interrupted > 0 {
                self.skip_list(Role::RunFinally, &SkipReason::Interrupted);
                self.finish(outcome);
                return;
            }
            self.phase = RunPhase::Finally(outcome);
            self.begin_list(self.finally);
            self.drain();
        }
        if let RunPhase::Finally(outcome) = self.phase
            && self.lists[self.finally.0].open == 0
        {
            let last = self.list_outcome(self.finally);
            let outcome = match (outcome, last) {
                (RunOutcome::Succeeded | RunOutcome::Warned, Outcome::Failed) => RunOutcome::Failed,
                (RunOutcome::Succeeded | RunOutcome::Warned, Outcome::Interrupted) => RunOutcome::Interrupted,
                (RunOutcome::Succeeded, Outcome::Warned) => RunOutcome::Warned,
                (outcome, _) => outcome,
            };
            self.finish(outcome);
        }
    }

    fn main_outcome(&mut self) -> RunOutcome {
        let worst = self.list_outcome(self.main);
        let failed = self.members_that(self.main, worst);
        let first = failed.first().map(|ix| self.plan.node(*ix).id.0.clone()).unwrap_or_default();
        match worst {
            Outcome::Unknown => {
                self.why = Some(format!("nobody can say whether `{first}` took effect"));
                RunOutcome::Unknown
            }
            _ if self.deadline_passed => {
                self.why = Some("the run's own timeout passed".to_owned());
                RunOutcome::Deadline
            }
            Outcome::Failed => {
                self.why = Some(format!("`{first}` failed"));
                RunOutcome::Failed
            }
            _ if self.interrupted > 0 => RunOutcome::Interrupted,
            Outcome::Interrupted => RunOutcome::Interrupted,
            Outcome::RolledBack => RunOutcome::RolledBack,
            Outcome::Warned => RunOutcome::Warned,
            Outcome::Succeeded | Outcome::Skipped => RunOutcome::Succeeded,
        }
    }

    fn finish(&mut self, outcome: RunOutcome) {
        let scope = self.store.frame(self.plan.root, self.run_view());
        let mut outputs = Vec::new();
        for (name, expression) in &self.plan.outputs {
            if let Ok(output) = expression.eval(&scope) {
                outputs.push((name.clone(), output));
            }
        }
        self.record(Entry::RunFinished {
            outcome,
            why: self.why.clone(),
            outputs: json_map(&outputs),
            elapsed_ms: millis(self.now.elapsed),
        });
        self.phase = RunPhase::Over;
        self.out.push(Command::Finish(outcome));
    }
}
