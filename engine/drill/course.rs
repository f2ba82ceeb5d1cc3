//! A drill from its first stage to its last: make a lab, break it, recover it with the runbook, measure, take it down. Whatever happens
//! in between, the last stages run.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use chrono::{DateTime, Utc};

use super::canary::{self, Canary, Write};
use super::engine::Engine;
use super::error::DrillError;
use super::keep;
use super::lab::{Lab, Wanted};
use super::measure::{self, Seen};
use super::record::{Recorder, ms};
use super::stages;
use crate::document::LabDocument;
use crate::journal::RunDirectory;
use crate::model::drill::{DrillFact, Prediction, Scorecard, Stage};
use crate::model::lab::DrillDecl;

/// What is drilled, and how.
pub struct Course<'c> {
    /// The lab.
    pub document: &'c LabDocument,
    /// How it is made.
    pub wanted: Wanted,
    /// The drill's id.
    pub id: String,
    /// Where it is recorded.
    pub directory: &'c RunDirectory,
    /// The engine and what it is told.
    pub engine: Engine,
    /// The runbook's name and title.
    pub runbook: (String, String),
    /// The fault's id.
    pub fault: String,
    /// How the lab's file says that this runbook is drilled.
    pub decl: Option<&'c DrillDecl>,
    /// Nothing is recovered.
    pub control: bool,
    /// The lab stays.
    pub keep: bool,
    /// What was expected.
    pub predicted: Prediction,
    /// What is known of the runbook's steps.
    pub known: measure::Known,
    /// People do what the lab says they do, and nothing else.
    pub only_said: bool,
    /// Objectives, ms.
    pub objectives: (Option<u64>, Option<u64>),
    /// Who, as `user@host`.
    pub operator: String,
    /// The last signal that arrived; 0: none.
    pub signal: Arc<AtomicI32>,
    /// Called once a stage has begun and before anything of it is done: somebody may want to look around.
    pub hold: &'c dyn Fn(Stage),
}

/// How a drill ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Drilled {
    /// See [`DrillFact::Finished`].
    pub verdict: Verdict,
    /// Why, if not well.
    pub why: Option<String>,
    /// What was measured.
    pub score: Scorecard,
    /// The exit code of the recovery, where it is what stopped the drill.
    pub exit: Option<i32>,
}

/// How a drill ended, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is well again, in time.
    Recovered,
    /// Everything is well again, too late or with too much lost.
    ObjectiveMissed,
    /// The system is not well at the end.
    NotRecovered,
    /// Nobody noticed the fault.
    NotNoticed,
    /// The drill itself could not be carried out.
    Failed,
    /// The recovery or the drill was refused by a guard.
    Refused,
    /// A signal arrived.
    Interrupted,
}

impl Verdict {
    /// As it stands in records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::ObjectiveMissed => "objective missed",
            Self::NotRecovered => "not recovered",
            Self::NotNoticed => "not noticed",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What a drill has in its hands, so that its end can let go of it.
#[derive(Default)]
pub(super) struct Hands {
    pub lab: Option<Lab>,
    pub canary: Option<Canary>,
    pub writes: Vec<Write>,
    pub fault_at: Option<DateTime<Utc>>,
    pub is_broken: bool,
    pub seen: Seen,
}

/// Why the middle of a drill stopped.
pub(super) struct Stop {
    pub verdict: Verdict,
    pub why: String,
    pub exit: Option<i32>,
}

impl From<DrillError> for Stop {
    fn from(error: DrillError) -> Self {
        let verdict = match error {
            DrillError::Refused { .. } => Verdict::Refused,
            DrillError::Interrupted(_) => Verdict::Interrupted,
            _ => Verdict::Failed,
        };
        let why = error.advice().map_or_else(|| error.to_string(), |advice| format!("{error}; {advice}"));
        Self { verdict, why, exit: None }
    }
}

/// Carries a drill out. `say` is told what goes on inside a stage.
///
/// # Errors
/// Its record could not be written; what was made is left for `drill clean`.
pub fn run(course: &Course<'_>, recorder: &mut Recorder<'_>, say: &dyn Fn(&str)) -> Result<Drilled, DrillError> {
    let began = recorder.now().elapsed;
    let lab = &course.document.lab;
    recorder.write(DrillFact::Started {
        drill: course.id.clone(),
        lab: lab.name.value.clone(),
        lab_title: lab.shown().to_owned(),
        stand_ins: lab.stand_ins.iter().map(|text| text.value.clone()).collect(),
        runbook: course.runbook.0.clone(),
        title: course.runbook.1.clone(),
        system: course.document.system.name.value.clone(),
        environment: lab.environment.value.clone(),
        fault: course.fault.clone(),
        control: course.control,
        operator: course.operator.clone(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        gcloud: lab.cloud.as_ref().map(|_| if course.wanted.gcloud.is_real() { "gcloud" } else { "shim" }.to_owned()),
        predicted: course.predicted,
    })?;
    let mut hands = Hands::default();
    let stopped = middle(course, recorder, &mut hands, say);
    // A storage that fails ends here; everything else has an end of its own.
    let stopped = match stopped {
        Ok(stopped) => stopped,
        Err(error) => {
            drop(hands.canary.take());
            return Err(error);
        }
    };
    let score = stage(course, recorder, Stage::Measure, |recorder| {
        if let (Some(canary), Some(decl)) = (hands.canary.take(), &lab.canary) {
            hands.writes = canary.stop()?;
            recorder.write(DrillFact::Canary { canary: canary::record(&hands.writes, decl.every) })?;
        }
        Ok(measure::score(course, hands.lab.as_ref(), &hands.writes, hands.fault_at, &hands.seen))
    })?;
    let score = score.unwrap_or_default();
    if hands.fault_at.is_some() {
        recorder.write(DrillFact::Measured { score: Box::new(score.clone()) })?;
    }
    let destroyed = stage(course, recorder, Stage::Destroy, |recorder| stages::destroy(course, recorder, &mut hands))?;
    let mut drilled = match stopped {
        Some(Stop { verdict, why, exit }) => Drilled { verdict, why: Some(why), score, exit },
        None if score.misses_an_objective() => {
            let why = measure::missed(&score);
            Drilled { verdict: Verdict::ObjectiveMissed, why: Some(why), score, exit: None }
        }
        None => Drilled { verdict: Verdict::Recovered, why: None, score, exit: None },
    };
    if let Err(why) = destroyed {
        drilled.verdict = Verdict::Failed;
        drilled.why = Some(why);
    }
    let finished = DrillFact::Finished {
        verdict: drilled.verdict.as_str().to_owned(),
        why: drilled.why.clone(),
        elapsed_ms: ms(recorder.now().elapsed.saturating_sub(began)),
    };
    drop(stage(course, recorder, Stage::Report, |recorder| {
        recorder.write(DrillFact::Kept { files: keep::files(course, drilled.score.run.as_deref()) })?;
        recorder.write(finished)
    })?);
    Ok(drilled)
}

/// Carries one stage out and writes down how it went. The outer error is one of the record, the inner one the stage's own.
fn stage<T>(
    course: &Course<'_>,
    recorder: &mut Recorder<'_>,
    stage: Stage,
    work: impl FnOnce(&mut Recorder<'_>) -> Result<T, DrillError>,
) -> Result<Result<T, String>, DrillError> {
    let began = recorder.now().elapsed;
    recorder.write(DrillFact::StageStarted { stage })?;
    (course.hold)(stage);
    let done = work(recorder);
    if let Err(error @ DrillError::Storage(_)) = done {
        return Err(error);
    }
    let why = done.as_ref().err().map(ToString::to_string);
    let elapsed_ms = ms(recorder.now().elapsed.saturating_sub(began));
    recorder.write(DrillFact::StageFinished { stage, why, elapsed_ms })?;
    Ok(done.map_err(|error| Stop::from(error).why))
}

/// Stages 1 to 7. None: everything is well again.
fn middle(
    course: &Course<'_>,
    recorder: &mut Recorder<'_>,
    hands: &mut Hands,
    say: &dyn Fn(&str),
) -> Result<Option<Stop>, DrillError> {
    for at in &Stage::ALL[..7] {
        let at = *at;
        if at == Stage::Recover && course.control {
            continue;
        }
        let mut stopped = None;
        let signal = course.signal.load(Ordering::Relaxed);
        if signal != 0 {
            return Ok(Some(Stop::from(DrillError::Interrupted(signal))));
        }
        let done = stage(course, recorder, at, |recorder| {
            stages::carry_out(at, course, recorder, hands, say).map_err(|stop| {
                let error = DrillError::failed(at.title(), stop.why.clone());
                stopped = Some(stop);
                error
            })
        })?;
        if done.is_err() {
            return Ok(stopped);
        }
    }
    Ok(None)
}
