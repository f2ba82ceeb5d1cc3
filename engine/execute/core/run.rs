//! The run's own beginning and end: identity, preflight, interruption, deadline, finally-steps, outcome.

use std::sync::Arc;
use std::time::Duration;

use super::halt::Halt;
use super::judge::{Judgement, json_map, judgement};
use super::list::Role;
use super::resume::Opening;
use super::stage::millis;
use super::undo::BY_RUNBOOK;
use super::{CORE_VERSION, Command, Core, Owner};
use crate::execute::render;
use crate::execute::result::ResultView;
use crate::model::entry::Entry;
use crate::model::id::StepId;
use crate::model::outcome::{Outcome, RunOutcome, SkipReason};
use crate::model::status::StepStatus;
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
    /// What was started is undone; how the main list ended.
    Undoing(RunOutcome),
    /// The run's finally-steps, with how the main list ended.
    Finally(RunOutcome),
    Over,
}

impl RunPhase {
    /// What `run.outcome` is: known once the main list is over.
    pub(super) fn outcome(self) -> Option<RunOutcome> {
        match self {
            Self::Finally(outcome) => Some(outcome),
            Self::New | Self::Guards { .. } | Self::Main | Self::Undoing(_) | Self::Over => None,
        }
    }
}

impl Core {
    pub(super) fn begin(&mut self) {
        if self.phase != RunPhase::New {
            return;
        }
        let preflight = self.record_beginning();
        if let Some(found) = self.options.surroundings.take() {
            self.record(Entry::Surroundings(found));
        }
        let lost = self.opening.as_ref().map(Opening::lost).unwrap_or_default();
        let left = self.end_lost(&lost);
        self.ask_guards(preflight, left);
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
            mode: self.options.mode.as_str().to_owned(),
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

    /// `before` attempts of earlier engines are being ended, too.
    fn ask_guards(&mut self, preflight: bool, before: usize) {
        let plan = Arc::clone(&self.plan);
        let identity = plan.environment.as_ref().and_then(|environment| environment.identity.as_ref());
        let preflight = plan.preflight.iter().filter(|_| preflight);
        let guards: Vec<(Purpose, &Probe)> = identity
            .map(|probe| (Purpose::Identity, probe))
            .into_iter()
            .chain(preflight.map(|probe| (Purpose::Preflight, probe)))
            .collect();
        self.phase = RunPhase::Guards { left: guards.len() + before };
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

    /// An attempt of an earlier engine is ended.
    pub(super) fn lost_ended(&mut self) {
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
        if self.why.is_none()
            && let Some(opening) = self.opening.take()
        {
            self.restore(opening);
            return;
        }
        if matches!(self.halt, Halt::Rollback { .. }) && self.interrupted == 0 {
            // Nothing was started: said in the journal as for any other rollback.
            if self.undo_run(RunOutcome::Succeeded) {
                self.why = None;
                self.skip_list(Role::RunFinally, &SkipReason::Cancelled);
                self.lists[self.finally.0].begun = true;
            }
            return;
        }
        if let Some(outcome) = self.held_back_outcome() {
            self.why = None;
            self.finish(outcome);
            return;
        }
        if self.why.is_some() {
            self.finish(RunOutcome::Refused);
            return;
        }
        self.begin_list(self.main);
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

    /// When the run's own timeout passes, as long as it can: it counts the time of this engine, and what undoes or ends a run is not
    /// held to it.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let live = !self.deadline_passed && self.halt != Halt::Cancel;
        let counts = live && matches!(self.phase, RunPhase::Main | RunPhase::Guards { .. });
        self.plan.timeout.filter(|_| counts).map(|timeout| self.began.saturating_add(timeout))
    }

    pub(super) fn check_deadline(&mut self) {
        if self.deadline().is_some_and(|deadline| self.now.elapsed >= deadline) {
            self.deadline_passed = true;
            self.interrupt(2);
        }
    }

    /// Goes from one phase to the next as long as there is nothing left to do in it.
    pub(super) fn end_if_over(&mut self) {
        while self.phase_over() {
            self.drain();
        }
    }

    /// Main list over: undoing, if asked for, then finally-steps. Those over: the end.
    fn phase_over(&mut self) -> bool {
        match self.phase {
            RunPhase::Main if self.lists[self.main.0].open == 0 => {
                let outcome = self.main_outcome();
                if !self.undo_run(outcome) {
                    self.run_finally(outcome);
                }
                true
            }
            RunPhase::Undoing(outcome) if !self.undos.contains_key(&None) => {
                let stuck = !self.stuck.is_empty() && outcome == RunOutcome::RolledBack;
                let undone = if stuck { RunOutcome::RollbackFailed } else { outcome };
                let outcome = self.held_back_outcome().unwrap_or(undone);
                self.run_finally(outcome);
                true
            }
            RunPhase::Finally(outcome) if self.lists[self.finally.0].open == 0 => {
                let undoing = matches!(self.halt, Halt::Rollback { .. }) && self.undo_run(outcome);
                if !undoing {
                    let outcome = self.final_outcome(outcome);
                    self.finish(outcome);
                }
                true
            }
            RunPhase::New
            | RunPhase::Guards { .. }
            | RunPhase::Main
            | RunPhase::Undoing(_)
            | RunPhase::Finally(_)
            | RunPhase::Over => false,
        }
    }

    /// Begins to undo the whole run, when a person or the runbook asks for it; false where nothing is to be undone. A person's "no"
    /// and an identity that is not proved start no effects, so they start no rollback either; a person still can.
    fn undo_run(&mut self, outcome: RunOutcome) -> bool {
        if self.interrupted > 0 {
            return false;
        }
        let asked = match self.halt.clone() {
            Halt::Rollback { by, why } => Some((by, why)),
            Halt::Pause | Halt::Cancel => return false,
            Halt::No => None,
        };
        let failed = matches!(
            outcome,
            RunOutcome::Failed | RunOutcome::Unknown | RunOutcome::RolledBack | RunOutcome::RollbackFailed
        );
        let refused = self.lists[self.main.0].members.iter().any(|ix| {
            let state = &self.nodes[ix.0 as usize];
            state.refused && state.status == StepStatus::Ended(Outcome::Failed)
        });
        if asked.is_none() && (!self.plan.rollback || !failed || refused) {
            return false;
        }
        let plan = self.to_undo(None, asked.is_some());
        let unknown = self.leaves_unknown(&plan);
        let ends = match (plan.steps.is_empty(), plan.left.is_empty(), asked.is_some()) {
            _ if unknown => RunOutcome::Unknown,
            (true, true, false) => return false,
            (true, false, false) => {
                self.record_rollback(None, &plan, BY_RUNBOOK, self.why.clone().unwrap_or_default());
                return false;
            }
            (true, false, true) if !self.undone => RunOutcome::RollbackFailed,
            (false, _, _) | (true, _, true) => RunOutcome::RolledBack,
        };
        let (by, why) = asked.unwrap_or_else(|| (BY_RUNBOOK.to_owned(), self.why.clone().unwrap_or_default()));
        self.phase = RunPhase::Undoing(ends);
        self.record_rollback(None, &plan, &by, why);
        self.begin_undo(None, plan);
        true
    }

    /// The finally-steps, unless they wait for the resumed run or have been here already.
    fn run_finally(&mut self, outcome: RunOutcome) {
        let begun = self.lists[self.finally.0].begun || planted!(ForgetsFinally);
        if begun || !(self.runs_finally() || matches!(self.halt, Halt::Rollback { .. }) && self.interrupted == 0) {
            self.skip_list(Role::RunFinally, &SkipReason::Interrupted);
            self.finish(outcome);
            return;
        }
        if matches!(self.halt, Halt::Rollback { .. }) {
            // Everything that was asked for is done: this is an end like any other.
            self.halt = Halt::No;
        }
        self.phase = RunPhase::Finally(outcome);
        self.begin_list(self.finally);
    }

    /// Finally-steps of groups and of the run are an end: they do not run where the run goes on later.
    pub(super) fn runs_finally(&self) -> bool {
        self.interrupted == 0 && matches!(self.halt, Halt::No | Halt::Cancel)
    }

    /// How a run ends that was held back, whatever its steps did.
    fn held_back_outcome(&self) -> Option<RunOutcome> {
        match self.halt {
            Halt::Cancel => Some(RunOutcome::Cancelled),
            Halt::Pause => Some(RunOutcome::Paused),
            Halt::No | Halt::Rollback { .. } => (self.interrupted > 0).then_some(RunOutcome::Interrupted),
        }
    }

    /// Worse wins: unknown, deadline, a rollback that failed, failed; then what held the run back. A cancel is above all of them; a
    /// pause at the question about a failure is above the failure.
    fn main_outcome(&mut self) -> RunOutcome {
        let worst = self.list_outcome(self.main);
        let failed = self.members_that(self.main, worst);
        let first = failed.first().map(|ix| self.plan.node(*ix).id.0.clone()).unwrap_or_default();
        let held_back = self.held_back_outcome();
        if held_back == Some(RunOutcome::Cancelled) {
            return RunOutcome::Cancelled;
        }
        let undone = worst == Outcome::RolledBack
            || worst == Outcome::Failed && failed.iter().all(|ix| self.nodes[ix.0 as usize].by_rolled_back);
        match worst {
            Outcome::Unknown => {
                self.why = Some(format!("nobody can say whether `{first}` took effect"));
                RunOutcome::Unknown
            }
            _ if self.deadline_passed => {
                self.why = Some("the run's own timeout passed".to_owned());
                RunOutcome::Deadline
            }
            Outcome::Failed if !undone && !self.pause_wins => {
                self.why = Some(format!("`{first}` failed"));
                if self.stuck.is_empty() { RunOutcome::Failed } else { RunOutcome::RollbackFailed }
            }
            _ if held_back.is_some() => held_back.unwrap_or(RunOutcome::Interrupted),
            Outcome::Interrupted => RunOutcome::Interrupted,
            Outcome::Failed | Outcome::RolledBack => {
                self.why = Some(format!("`{first}` failed and was rolled back"));
                RunOutcome::RolledBack
            }
            Outcome::Warned => RunOutcome::Warned,
            Outcome::Succeeded | Outcome::Skipped => RunOutcome::Succeeded,
        }
    }

    /// The run's outcome once its finally-steps are over, too.
    fn final_outcome(&self, outcome: RunOutcome) -> RunOutcome {
        if self.halt == Halt::Cancel {
            return RunOutcome::Cancelled;
        }
        let held_back = self.held_back_outcome().unwrap_or(RunOutcome::Interrupted);
        let last = self.list_outcome(self.finally);
        match (outcome, last) {
            (RunOutcome::Succeeded | RunOutcome::Warned | RunOutcome::RolledBack, Outcome::Interrupted) => held_back,
            (RunOutcome::Succeeded | RunOutcome::Warned, Outcome::Failed) => RunOutcome::Failed,
            (RunOutcome::Succeeded | RunOutcome::Warned, Outcome::Unknown) => RunOutcome::Unknown,
            (RunOutcome::Succeeded | RunOutcome::Warned, Outcome::RolledBack) => RunOutcome::RolledBack,
            (RunOutcome::Succeeded, Outcome::Warned) => RunOutcome::Warned,
            (outcome, _) => outcome,
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
            why: self.why.clone().or_else(|| self.halted_why.clone()),
            outputs: json_map(&outputs),
            elapsed_ms: millis(self.now.elapsed),
        });
        self.phase = RunPhase::Over;
        if let Some((by, param, value)) = self.amend.take() {
            self.out.push(Command::Amend { by, param, value });
        }
        self.out.push(Command::Finish(outcome));
    }
}
