//! A fold of records into what a person wants to know afterwards. `show`, the closing table and `--json` all use it; a replayed
//! journal gives the same summary as the run itself.

mod step;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

pub use self::step::{Answered, Approval, ApprovalAnswer, GateSummary, Resolution, StepSummary, Undo};
use crate::model::entry::{Entry, Record};
use crate::model::id::{RunId, StepId};
use crate::model::outcome::{Outcome, RunOutcome, SkipReason};
use crate::model::surroundings::Surroundings;

/// One run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
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
    /// What the whole run was expected to take when it began, ms.
    pub expected_ms: u64,
    /// What was expected from the engine's beginning on, ms: after a resume, the rest.
    pub rest_ms: u64,
    /// Leaf steps of the plan.
    pub planned: usize,
    /// Signals that arrived.
    pub interrupted: u8,
    /// How often an engine took it over.
    pub resumes: u32,
    /// When the engine that drove it last began.
    pub driven_since: Option<DateTime<Utc>>,
    /// When its last record was written.
    pub last: Option<DateTime<Utc>>,
    /// Who took it over last.
    pub resumed_by: Option<String>,
    /// Differences of documents and inputs that were accepted on the way.
    pub changes: Vec<String>,
    /// Parameters that people changed on the way.
    pub amendments: Vec<Amendment>,
    /// Who or what paused it last; none while it goes on.
    pub paused: Option<Said>,
    /// Who gave it up.
    pub cancelled: Option<Said>,
    /// What was undone, in order.
    pub rollbacks: Vec<RollbackSummary>,
    /// Digest of the sealed plan it goes by.
    pub plan_digest: String,
    /// Digest of the documents and inputs it goes by.
    pub source_digest: String,
    /// Where and with what each engine drove it.
    pub surroundings: Vec<Surroundings>,
    /// Values of the run.
    pub outputs: Map<String, Value>,
    /// In the order in which they began or were skipped.
    pub steps: Vec<StepSummary>,
    /// Highest sequence number.
    pub last_seq: Option<u64>,
    #[serde(skip)]
    index: HashMap<StepId, usize>,
}

/// Undoing, of a step or of the whole run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct RollbackSummary {
    /// The step whose failure asked for it; none: the whole run.
    pub step: Option<StepId>,
    /// Why.
    pub why: String,
    /// Who or what asked: `on_failure` or a person.
    pub by: String,
    /// What was to be undone, in this order.
    pub steps: Vec<StepId>,
    /// Undone.
    pub undone: Vec<StepId>,
    /// Could not be undone.
    pub stuck: Vec<StepId>,
    /// Stay as they are: nothing undoes them, or they lie before a destroy.
    pub left: Vec<StepId>,
}

/// A person changed parameters.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Amendment {
    /// Who.
    pub by: String,
    /// Name and new value.
    pub params: Map<String, Value>,
}

/// Who did something to the whole run, and why.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Said {
    /// Who or what.
    pub by: String,
    /// Why; may be empty.
    pub why: String,
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

    /// Leaf steps that have come to their own end; one that was held back has not.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.steps.iter().filter(|step| !step.group && step.has_ended()).count()
    }

    /// Leaf steps under way: started and not ended, at their gate, between attempts, waiting for approval, or being undone.
    #[must_use]
    pub fn under_way(&self) -> Vec<&StepSummary> {
        self.steps.iter().filter(|step| !step.group && step.is_under_way()).collect()
    }

    /// Steps that wait for approval.
    #[must_use]
    pub fn approvals(&self) -> Vec<(&StepSummary, &Approval)> {
        let open = |step| Self::open_approval(step).map(|approval| (step, approval));
        self.steps.iter().filter_map(open).collect()
    }

    fn open_approval(step: &StepSummary) -> Option<&Approval> {
        step.approval.as_ref().filter(|approval| approval.open)
    }

    /// True when `runbook resume` has something to go on with: it has no end, or one that is not final, or steps of the phase
    /// `failback` still wait.
    #[must_use]
    pub fn is_resumable(&self) -> bool {
        self.outcome.is_none_or(|outcome| !outcome.is_final()) || self.waits_for_failback()
    }

    /// True when all is well and steps of the phase `failback` wait for `resume --failback`.
    #[must_use]
    pub fn waits_for_failback(&self) -> bool {
        matches!(self.outcome, Some(RunOutcome::Succeeded | RunOutcome::Warned))
            && self.steps.iter().any(|step| step.skipped == Some(SkipReason::Failback))
    }

    /// Folds in one record.
    pub fn add(&mut self, record: &Record) {
        self.last_seq = Some(record.seq);
        self.last = Some(record.at);
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
                step.current = Some(at);
                step.gate = None;
                step.waits_until = None;
                if let Some(approval) = &mut step.approval {
                    approval.open = false;
                }
            }
            Entry::GateStarted { step, within_ms, .. } => {
                let at = record.at;
                let step = self.entry(step);
                step.started.get_or_insert(at);
                step.gate = Some(GateSummary { since: at, within_ms: *within_ms });
            }
            Entry::AttemptFailed { step, why, delay_ms, .. } => {
                let until = record.at + TimeDelta::milliseconds(i64::try_from(*delay_ms).unwrap_or(i64::MAX / 2));
                let step = self.entry(step);
                step.failures.push(why.clone());
                step.current = None;
                step.gate = None;
                step.waits_until = Some(until);
            }
            Entry::Answered { step, question, answer, by, values, .. } => self.entry(step).answers.push(Answered {
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
            Entry::RunResumed { .. } => self.resume(record),
            Entry::Resolved { step, verdict, by, why } => self.entry(step).resolved.push(Resolution {
                verdict: verdict.clone(),
                by: by.clone(),
                why: why.clone(),
            }),
            Entry::ApprovalAsked { .. } | Entry::Approved { .. } => self.approval(record),
            Entry::Amended { by, params, plan_digest, source_digest } => {
                self.amendments.push(Amendment { by: by.clone(), params: params.clone() });
                self.plan_digest.clone_from(plan_digest);
                self.source_digest.clone_from(source_digest);
            }
            Entry::Paused { by, why } => self.paused = Some(Said { by: by.clone(), why: why.clone() }),
            Entry::Cancelled { by, why } => self.cancelled = Some(Said { by: by.clone(), why: why.clone() }),
            Entry::RollbackStarted { .. } | Entry::UndoStarted { .. } | Entry::UndoFinished { .. } => {
                self.rollback(record);
            }
            Entry::Surroundings(found) => self.surroundings.push((**found).clone()),
            Entry::StepNoted { .. } | Entry::Drill { .. } | Entry::Unknown => {}
        }
    }

    /// Steps that do not stand are walked again: nothing is known of them but what was tried.
    fn resume(&mut self, record: &Record) {
        let Entry::RunResumed { operator, engine, plan_digest, source_digest, changes, expected_ms, .. } =
            &record.entry
        else {
            return;
        };
        self.resumes += 1;
        self.driven_since = Some(record.at);
        self.resumed_by = Some(operator.clone());
        self.engine.clone_from(engine);
        self.plan_digest.clone_from(plan_digest);
        self.source_digest.clone_from(source_digest);
        self.changes.extend(changes.iter().cloned());
        self.rest_ms = *expected_ms;
        (self.finished, self.outcome, self.why, self.rto_met, self.paused) = (None, None, None, None, None);
        self.interrupted = 0;
        self.outputs = Map::new();
        for step in &mut self.steps {
            step.walk_again();
        }
    }

    fn approval(&mut self, record: &Record) {
        match &record.entry {
            Entry::ApprovalAsked { step, digest, command, people, min, not_requester, expires } => {
                self.entry(step).approval = Some(Approval {
                    digest: digest.clone(),
                    command: command.clone(),
                    people: people.clone(),
                    min: *min,
                    not_requester: *not_requester,
                    expires: *expires,
                    asked: record.at,
                    open: true,
                    answers: Vec::new(),
                });
            }
            Entry::Approved { step, digest, verdict, by, verified, reason, refused } => {
                let answer = ApprovalAnswer {
                    seq: record.seq,
                    digest: digest.clone(),
                    verdict: verdict.clone(),
                    by: by.clone(),
                    verified: *verified,
                    reason: reason.clone(),
                    refused: refused.clone(),
                };
                if let Some(approval) = &mut self.entry(step).approval {
                    approval.answers.push(answer);
                }
            }
            _ => {}
        }
    }

    fn rollback(&mut self, record: &Record) {
        match &record.entry {
            Entry::RollbackStarted { step, why, by, steps, left, .. } => self.rollbacks.push(RollbackSummary {
                step: step.clone(),
                why: why.clone(),
                by: by.clone(),
                steps: steps.clone(),
                left: left.clone(),
                ..RollbackSummary::default()
            }),
            Entry::UndoStarted { step, command, .. } => {
                let undo = Undo { command: command.clone(), since: record.at, undone: None, why: Vec::new() };
                self.entry(step).undo = Some(undo);
            }
            Entry::UndoFinished { step: id, undone, why, .. } => {
                let at = record.at;
                let step = self.entry(id);
                step.outcome = Some(if *undone { Outcome::RolledBack } else { Outcome::Failed });
                step.finished = Some(at);
                // One that was undone already never began.
                let undo = step.undo.get_or_insert_with(|| Undo {
                    command: String::new(),
                    since: at,
                    undone: None,
                    why: Vec::new(),
                });
                undo.undone = Some(*undone);
                undo.why.clone_from(why);
                if let Some(rollback) = self.rollbacks.last_mut() {
                    let list = if *undone { &mut rollback.undone } else { &mut rollback.stuck };
                    list.retain(|known| known != id);
                    list.push(id.clone());
                }
            }
            _ => {}
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
            plan_digest,
            source_digest,
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
        self.driven_since = Some(record.at);
        self.rto_ms = *rto_ms;
        (self.expected_ms, self.rest_ms) = (*expected_ms, *expected_ms);
        self.planned = *steps;
        self.plan_digest.clone_from(plan_digest);
        self.source_digest.clone_from(source_digest);
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
        (step.current, step.gate, step.waits_until) = (None, None, None);
        if let Some(approval) = &mut step.approval {
            approval.open = false;
        }
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
