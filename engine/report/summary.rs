//! A fold of records into what a person wants to know afterwards. `show`, the closing table and `--json` all use it; a replayed
//! journal gives the same summary as the run itself.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::effect::Effect;
use crate::model::entry::{Entry, Record};
use crate::model::id::{RunId, StepId};
use crate::model::outcome::{Outcome, RunOutcome, SkipReason};

/// One run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// The run; none before its first record.
    pub run: Option<RunId>,
    /// `run`, …
    pub mode: String,
    /// The runbook's name.
    pub runbook: String,
    /// For people.
    pub title: String,
    /// The system's name.
    pub system: Option<String>,
    /// The environment's name.
    pub environment: Option<String>,
    /// `user@host`.
    pub operator: String,
    /// The program's version.
    pub engine: String,
    /// When it began.
    pub started: Option<DateTime<Utc>>,
    /// When it ended; none: it has not, or the engine died.
    pub finished: Option<DateTime<Utc>>,
    /// How it ended.
    pub outcome: Option<RunOutcome>,
    /// Why, if not well.
    pub why: Option<String>,
    /// Start to end (or to the last record), ms.
    pub elapsed_ms: u64,
    /// Recovery-time objective, ms.
    pub rto_ms: Option<u64>,
    /// Whether the recovery time is within it; none without an objective or a successful end.
    pub rto_met: Option<bool>,
    /// From estimates, ms.
    pub expected_ms: u64,
    /// Leaf steps of the plan.
    pub planned: usize,
    /// Signals that arrived.
    pub interrupted: u8,
    /// Values of the run.
    pub outputs: Map<String, Value>,
    /// In the order in which they began or were skipped.
    pub steps: Vec<StepSummary>,
    /// Highest sequence number.
    pub last_seq: Option<u64>,
    #[serde(skip)]
    index: HashMap<StepId, usize>,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepSummary {
    /// Its id.
    pub step: StepId,
    /// For people; the id where it never began.
    pub title: String,
    /// What it might do.
    pub effect: Option<Effect>,
    /// As people read it; empty for a group.
    pub command: String,
    /// How it ended; none: it has not.
    pub outcome: Option<Outcome>,
    /// Why it did not run.
    pub skipped: Option<SkipReason>,
    /// What failed or needs attention.
    pub why: Vec<String>,
    /// The author's hint.
    pub hint: Option<String>,
    /// Values.
    pub outputs: Map<String, Value>,
    /// When its first attempt began.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// Release to end, ms.
    pub elapsed_ms: Option<u64>,
    /// Attempts of the action.
    pub attempts: u32,
    /// Attempts that failed and were repeated.
    pub failures: Vec<String>,
    /// What people answered.
    pub answers: Vec<Answered>,
    /// Why its fallback ran.
    pub fallback: Option<String>,
    /// True when it has members.
    pub group: bool,
}

/// An answer of a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answered {
    /// `confirm` or `manual`.
    pub question: String,
    /// `yes`, `no`, `--yes`.
    pub answer: String,
    /// Who.
    pub by: String,
    /// Inputs and evidence.
    pub values: Map<String, Value>,
}

impl StepSummary {
    fn new(step: StepId) -> Self {
        Self {
            title: step.0.clone(),
            step,
            effect: None,
            command: String::new(),
            outcome: None,
            skipped: None,
            why: Vec::new(),
            hint: None,
            outputs: Map::new(),
            started: None,
            finished: None,
            elapsed_ms: None,
            attempts: 0,
            failures: Vec::new(),
            answers: Vec::new(),
            fallback: None,
            group: false,
        }
    }
}

impl Summary {
    /// Steps as the plan nests them: members right below their group, whatever ran at the same time.
    #[must_use]
    pub fn nested(&self) -> Vec<&StepSummary> {
        let path = |step: &StepSummary| -> Vec<usize> {
            let id = &step.step.0;
            let ends = id.match_indices('/').map(|(at, _)| at).chain([id.len()]);
            ends.map(|end| self.index.get(&StepId(id[..end].to_owned())).copied().unwrap_or(usize::MAX)).collect()
        };
        let mut steps: Vec<(Vec<usize>, &StepSummary)> = self.steps.iter().map(|step| (path(step), step)).collect();
        steps.sort_by(|(a, _), (b, _)| a.cmp(b));
        steps.into_iter().map(|(_, step)| step).collect()
    }

    /// The fold of a whole journal.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut summary = Self::default();
        for record in records {
            summary.add(record);
        }
        summary
    }

    /// A step, if anything is known of it.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&StepSummary> {
        self.index.get(id).map(|&at| &self.steps[at])
    }

    /// Leaf steps that have ended.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.steps.iter().filter(|step| !step.group && step.outcome.is_some()).count()
    }

    /// Folds in one record.
    pub fn add(&mut self, record: &Record) {
        self.last_seq = Some(record.seq);
        if let Some(started) = self.started {
            self.elapsed_ms = u64::try_from((record.at - started).num_milliseconds()).unwrap_or(0);
        }
        match &record.entry {
            Entry::RunStarted { .. } => self.begin(record),
            Entry::StepStarted { step, title, attempt, effect, command, .. } => {
                let at = record.at;
                let step = self.entry(step);
                step.title.clone_from(title);
                step.effect = Some(*effect);
                step.command.clone_from(command);
                step.attempts = step.attempts.max(*attempt);
                step.started.get_or_insert(at);
            }
            Entry::GateStarted { step, .. } => {
                let at = record.at;
                self.entry(step).started.get_or_insert(at);
            }
            Entry::AttemptFailed { step, why, .. } => self.entry(step).failures.push(why.clone()),
            Entry::Answered { step, question, answer, by, values } => self.entry(step).answers.push(Answered {
                question: question.clone(),
                answer: answer.clone(),
                by: by.clone(),
                values: values.clone(),
            }),
            Entry::FallbackStarted { step, why } => self.entry(step).fallback = Some(why.clone()),
            Entry::StepFinished { .. } => self.finish_step(record),
            Entry::Interrupted { level } => self.interrupted = self.interrupted.max(*level),
            Entry::RunFinished { outcome, why, outputs, elapsed_ms } => {
                self.finished = Some(record.at);
                self.outcome = Some(*outcome);
                self.why.clone_from(why);
                self.outputs.clone_from(outputs);
                self.elapsed_ms = *elapsed_ms;
                let well = matches!(outcome, RunOutcome::Succeeded | RunOutcome::Warned);
                self.rto_met = self.rto_ms.filter(|_| well).map(|rto| *elapsed_ms <= rto);
            }
            Entry::RunResumed { .. }
            | Entry::Resolved { .. }
            | Entry::ApprovalAsked { .. }
            | Entry::Approved { .. }
            | Entry::Amended { .. }
            | Entry::Paused { .. }
            | Entry::RollbackStarted { .. }
            | Entry::UndoStarted { .. }
            | Entry::UndoFinished { .. }
            | Entry::Cancelled { .. }
            | Entry::StepNoted { .. }
            | Entry::Unknown => {}
        }
    }

    fn begin(&mut self, record: &Record) {
        let Entry::RunStarted {
            run,
            mode,
            runbook,
            title,
            system,
            environment,
            operator,
            engine,
            rto_ms,
            expected_ms,
            steps,
            ..
        } = &record.entry
        else {
            return;
        };
        self.run = Some(run.clone());
        self.mode.clone_from(mode);
        self.runbook.clone_from(runbook);
        self.title.clone_from(title);
        self.system.clone_from(system);
        self.environment.clone_from(environment);
        self.operator.clone_from(operator);
        self.engine.clone_from(engine);
        self.started = Some(record.at);
        self.rto_ms = *rto_ms;
        self.expected_ms = *expected_ms;
        self.planned = *steps;
    }

    fn finish_step(&mut self, record: &Record) {
        let Entry::StepFinished { step, outcome, skipped, why, hint, outputs, elapsed_ms, attempts } = &record.entry
        else {
            return;
        };
        let step = self.entry(step);
        step.outcome = Some(*outcome);
        step.skipped.clone_from(skipped);
        step.why.clone_from(why);
        step.hint.clone_from(hint);
        step.outputs.clone_from(outputs);
        step.finished = Some(record.at);
        step.elapsed_ms = Some(*elapsed_ms);
        step.attempts = *attempts;
    }

    /// The step's summary, made where it is first heard of; its parent is thereby known to be a group.
    fn entry(&mut self, id: &StepId) -> &mut StepSummary {
        if let Some(&at) = self.index.get(id) {
            return &mut self.steps[at];
        }
        let parent = id.0.rsplit_once('/').map(|(parent, _)| StepId(parent.to_owned()));
        if let Some(&at) = parent.and_then(|parent| self.index.get(&parent)) {
            self.steps[at].group = true;
        }
        let at = self.steps.len();
        self.index.insert(id.clone(), at);
        self.steps.push(StepSummary::new(id.clone()));
        &mut self.steps[at]
    }
}
