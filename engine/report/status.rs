//! Where a run is at this moment, from its records and the time: what is under way, whom it waits for, the clock. `runbook status`
//! shows it as lines and as one object.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::plain::Plain;
use super::sink::Sink;
use super::summary::{StepSummary, Summary};
use super::{Detail, phrase, visible};
use crate::journal::Holder;
use crate::model::entry::{Entry, Record};
use crate::model::id::{RunId, StepId};
use crate::model::port::Observer;

/// How many of the last events are shown.
const LAST: usize = 5;

/// Where a run is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// `status`.
    pub kind: &'static str,
    /// The run.
    pub run: Option<RunId>,
    /// For people.
    pub title: String,
    /// `running`, `engine_gone`, or how it ended.
    pub state: serde_json::Value,
    /// The same in words.
    #[serde(skip)]
    pub words: String,
    /// Who drives it.
    pub engine: Option<Holder>,
    /// Since the start, ms: until now, or until its last record.
    pub elapsed_ms: u64,
    /// Until the expected end, ms; below zero: it should be over. None: it does not run, or nothing is expected.
    pub expected_left_ms: Option<i64>,
    /// Until the objective, ms; below zero: passed.
    pub rto_left_ms: Option<i64>,
    /// Leaf steps that have ended.
    pub steps_ended: usize,
    /// Leaf steps of the plan.
    pub steps: usize,
    /// What is under way.
    pub now: Vec<Current>,
    /// Whom it waits for.
    pub waits: Vec<Wait>,
    /// How to go on; empty while it runs.
    pub next: Vec<String>,
    /// The last events.
    pub last: Vec<String>,
}

/// A step under way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Current {
    /// The step.
    pub step: StepId,
    /// `action`, `gate`, `backoff`, `undo`, `approval` or `person`.
    pub doing: &'static str,
    /// For how long, ms.
    pub elapsed_ms: u64,
    /// In words.
    pub text: String,
}

/// A person is needed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wait {
    /// The step, if it is known.
    pub step: Option<StepId>,
    /// Who may answer.
    pub people: Vec<String>,
    /// How many are missing.
    pub missing: u32,
    /// Until then.
    pub expires: Option<DateTime<Utc>>,
    /// In words, with the next step.
    pub text: String,
}

/// What only the caller knows.
pub struct Around<'a> {
    /// `running`, `engine_gone`, or how it ended.
    pub state: serde_json::Value,
    /// The same in words.
    pub words: &'a str,
    /// Who drives it.
    pub engine: Option<&'a Holder>,
    /// The time.
    pub now: DateTime<Utc>,
    /// Where runs are kept, if a flag must say it.
    pub runs_dir: Option<&'a std::path::Path>,
}

impl Status {
    /// Of a run's records.
    #[must_use]
    pub fn of(records: &[Record], summary: &Summary, around: &Around<'_>) -> Self {
        let runs = around.engine.is_some() && summary.outcome.is_none();
        let since = |at: Option<DateTime<Utc>>| at.map_or(0, |at| (around.now - at).num_milliseconds());
        let elapsed = if runs { since(summary.started).try_into().unwrap_or(0) } else { summary.elapsed_ms };
        let left = |of: u64, passed: i64| i64::try_from(of).unwrap_or(i64::MAX).saturating_sub(passed);
        let expected = (runs && summary.rest_ms > 0).then(|| left(summary.rest_ms, since(summary.driven_since)));
        let rto = summary.rto_ms.map(|rto| left(rto, i64::try_from(elapsed).unwrap_or(i64::MAX)));
        let now: Vec<Current> = summary.under_way().into_iter().map(|step| current(step, around.now)).collect();
        Self {
            kind: "status",
            run: summary.run.clone(),
            title: summary.title.clone(),
            state: around.state.clone(),
            words: around.words.to_owned(),
            engine: around.engine.cloned(),
            elapsed_ms: elapsed,
            expected_left_ms: expected,
            rto_left_ms: rto,
            steps_ended: summary.ended(),
            steps: summary.planned,
            waits: if runs { waits(summary, &now, around) } else { Vec::new() },
            now,
            next: if runs { Vec::new() } else { phrase::next(summary, around.runs_dir) },
            last: last(records),
        }
    }

    /// For people; every line is safe to print.
    #[must_use]
    pub fn lines(&self, summary: &Summary) -> Vec<String> {
        let mut lines = vec![visible::line(&self.title).into_owned(), phrase::header(summary)];
        if let (Some(run), Some(started)) = (&self.run, summary.started) {
            let by = visible::line(&summary.operator);
            lines.push(format!("run {run}, started {} by {by}", phrase::clock(started)));
        }
        let driver = self
            .engine
            .as_ref()
            .map(|holder| format!(" ({}, process {} on {})", holder.operator, holder.pid, holder.host));
        let state = format!("{}{}", self.words, driver.unwrap_or_default());
        let steps = format!("{} of {} ended", self.steps_ended, phrase::count(self.steps, "step"));
        lines.push(format!("{}: {steps}", visible::line(&state)));
        lines.push(self.clock());
        if !self.now.is_empty() {
            lines.push(String::new());
            lines.extend(self.now.iter().map(|current| {
                let step = visible::line(&current.step.0);
                format!("  {step}  {}  {}", whole(current.elapsed_ms), visible::line(&current.text))
            }));
        }
        lines.extend(self.waits.iter().map(|wait| format!("waits: {}", visible::line(&wait.text))));
        if !self.last.is_empty() {
            lines.push(String::new());
            lines.extend(self.last.iter().cloned());
        }
        if let Some(why) = &summary.why {
            lines.push(visible::line(why).into_owned());
        }
        lines.extend(self.next.iter().cloned());
        lines
    }

    fn clock(&self) -> String {
        let mut parts = vec![format!("{} elapsed", whole(self.elapsed_ms))];
        match self.expected_left_ms {
            Some(left @ 0..) => parts.push(format!("about {} to go", whole(left.unsigned_abs()))),
            Some(over) => parts.push(format!("{} longer than expected", whole(over.unsigned_abs()))),
            None => {}
        }
        match self.rto_left_ms {
            Some(left @ 0..) => parts.push(format!("RTO in {}", whole(left.unsigned_abs()))),
            Some(over) => parts.push(format!("RTO missed by {}", whole(over.unsigned_abs()))),
            None => {}
        }
        parts.join(" · ")
    }
}

fn whole(ms: u64) -> String {
    phrase::ms(ms - ms % 1000)
}

fn current(step: &StepSummary, now: DateTime<Utc>) -> Current {
    let command = step.command.lines().next().unwrap_or_default();
    let (doing, since, text) = if let Some(undo) = step.undo.as_ref().filter(|undo| undo.undone.is_none()) {
        ("undo", Some(undo.since), format!("is being undone: {}", undo.command.lines().next().unwrap_or_default()))
    } else if let Some(approval) = step.approval.as_ref().filter(|approval| approval.open) {
        ("approval", Some(approval.asked), format!("waits for {}", phrase::missing(approval)))
    } else if let Some(gate) = &step.gate {
        ("gate", Some(gate.since), format!("waits for its gate, at most {}", phrase::ms(gate.within_ms)))
    } else if let Some(until) = step.waits_until {
        ("backoff", step.started, format!("failed {}, again at {}", phrase::times(tries(step)), phrase::clock(until)))
    } else if command.is_empty() {
        ("person", step.current, "a person does it and says so".to_owned())
    } else {
        let again = if step.attempts > 1 { format!("attempt {}: ", step.attempts) } else { String::new() };
        ("action", step.current, format!("{again}{command}"))
    };
    let elapsed = since.map_or(0, |at| (now - at).num_milliseconds());
    Current { step: step.step.clone(), doing, elapsed_ms: elapsed.try_into().unwrap_or(0), text }
}

fn tries(step: &StepSummary) -> u32 {
    u32::try_from(step.failures.len()).unwrap_or(u32::MAX)
}

/// Approvals stand in the records; a question at the terminal does not, so that it is what remains when nothing is under way.
fn waits(summary: &Summary, now: &[Current], around: &Around<'_>) -> Vec<Wait> {
    let run = summary.run.as_ref().map(|run| run.0.as_str()).unwrap_or_default();
    let mut waits: Vec<Wait> = summary
        .approvals()
        .into_iter()
        .map(|(step, approval)| Wait {
            step: Some(step.step.clone()),
            people: approval.people.clone(),
            missing: approval.missing(),
            expires: Some(approval.expires),
            text: format!(
                "`{}` needs {} until {}: runbook approve {run} {} --reason …",
                step.step,
                phrase::missing(approval),
                phrase::clock(approval.expires),
                step.step
            ),
        })
        .collect();
    let at = around.engine.map(|holder| holder.operator.clone()).unwrap_or_default();
    let asks =
        |step: Option<StepId>, text: String| Wait { step, people: vec![at.clone()], missing: 1, expires: None, text };
    for current in now.iter().filter(|current| current.doing == "person") {
        waits.push(asks(Some(current.step.clone()), format!("`{}` asks at the terminal of {at}", current.step)));
    }
    let quiet = summary.last.is_some_and(|last| (around.now - last).num_milliseconds() > 1000);
    if now.is_empty() && waits.is_empty() && quiet {
        waits.push(asks(None, format!("nothing is under way: probably somebody is asked at the terminal of {at}")));
    }
    waits
}

/// The last events, as a run without a terminal prints them.
fn last(records: &[Record]) -> Vec<String> {
    let kept = Kept::default();
    let mut plain = Plain::new(Sink::new(Box::new(kept.clone())), Detail::Normal, None::<PathBuf>);
    for record in records.iter().filter(|record| !matches!(record.entry, Entry::RunFinished { .. })) {
        Observer::record(&mut plain, record);
    }
    let text = kept.text();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LAST)..].iter().map(|line| (*line).to_owned()).collect()
}

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
