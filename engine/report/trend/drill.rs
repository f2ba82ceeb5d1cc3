//! A drill as a row: its own journal says what was measured, the journal of the run that recovered it says how its steps went.

use super::people;
use super::row::{Kind, Row, StepRow, Verdict};
use super::steps;
use crate::model::drill::{DrillFact, Scorecard};
use crate::model::entry::{Entry, Record};
use crate::model::outcome::Outcome;

fn facts(records: &[Record]) -> impl Iterator<Item = &DrillFact> {
    records.iter().filter_map(|record| match &record.entry {
        Entry::Drill { fact } => Some(fact.as_ref()),
        _ => None,
    })
}

/// The run that recovered it, if any did.
#[must_use]
pub fn recovery_of(records: &[Record]) -> Option<&str> {
    facts(records).find_map(|fact| match fact {
        DrillFact::Measured { score } => score.run.as_deref(),
        _ => None,
    })
}

/// The row of a drill; none: these are no records of one. `recovery`: the records of the run that recovered it, where they can be
/// read; without them the drill's own measure of each step is all there is.
#[must_use]
pub fn of_drill(records: &[Record], recovery: Option<&[Record]>) -> Option<Row> {
    let first = records.first()?;
    let mut row = Row { kind: Kind::Drill, at: first.at, ended: "no end".to_owned(), ..Row::default() };
    let mut is_drill = false;
    let mut score: Option<&Scorecard> = None;
    for fact in facts(records) {
        match fact {
            DrillFact::Started { drill, lab, runbook, title, system, environment, fault, control, .. } => {
                is_drill = true;
                row.id.clone_from(drill);
                row.scenario.clone_from(runbook);
                row.title.clone_from(title);
                row.system = Some(system.clone());
                row.environment = Some(environment.clone());
                row.lab = Some(lab.clone());
                row.fault = Some(fault.clone());
                row.control = *control;
            }
            DrillFact::Measured { score: measured } => score = Some(measured),
            DrillFact::Finished { verdict, why, elapsed_ms } => {
                row.ended.clone_from(verdict);
                row.why.clone_from(why);
                row.elapsed_ms = *elapsed_ms;
                row.verdict = self::verdict(verdict, row.control);
            }
            _ => {}
        }
    }
    if !is_drill {
        return None;
    }
    if row.elapsed_ms == 0 {
        let last = records.last().map_or(first.at, |record| record.at);
        row.elapsed_ms = u64::try_from((last - first.at).num_milliseconds()).unwrap_or(0);
    }
    if let Some(score) = score {
        measured(&mut row, score);
        let is_recovered = row.verdict.is_recovered();
        row.steps =
            recovery.map_or_else(|| as_measured(score, is_recovered), |run| steps::of(run, &people::waits(run)));
        asked(&mut row.steps, score);
    }
    Some(row)
}

fn verdict(word: &str, control: bool) -> Verdict {
    match (control, word) {
        (false, "recovered") => Verdict::Recovered,
        (false, "objective missed") => Verdict::ObjectiveMissed,
        (false, "not recovered" | "not noticed") => Verdict::NotRecovered,
        (true, "recovered" | "objective missed") => Verdict::ControlGreen,
        (true, "not recovered" | "not noticed") => Verdict::ControlRed,
        _ => Verdict::NoResult,
    }
}

fn measured(row: &mut Row, score: &Scorecard) {
    row.recovery_ms = score.verified_ms;
    row.without_people_ms = score.without_people_ms();
    row.people_ms = score.people_ms;
    (row.rto_ms, row.rto_met) = (score.rto_ms, score.rto_met);
    (row.rpo_ms, row.rpo_met) = (score.rpo_ms, score.rpo_met);
    // A store that cannot be asked may have lost anything.
    let is_readable = !score.stores.is_empty() && score.stores.iter().all(|store| store.unreadable.is_none());
    row.loss_ms = score.loss_ms().filter(|_| is_readable);
    row.rows_lost = is_readable.then(|| score.stores.iter().map(|store| store.lost).sum());
    row.run.clone_from(&score.run);
}

/// Without the recovery's own journal nobody knows about attempts.
fn as_measured(score: &Scorecard, is_recovered: bool) -> Vec<StepRow> {
    let step = |time: &crate::model::drill::StepTime| StepRow {
        step: time.step.0.clone(),
        title: time.title.clone(),
        outcome: is_recovered.then_some(Outcome::Succeeded),
        took_ms: Some(time.took_ms),
        ..StepRow::default()
    };
    score.steps.iter().map(step).collect()
}

/// The people of a drill timed their answers themselves.
fn asked(steps: &mut [StepRow], score: &Scorecard) {
    for step in &mut *steps {
        step.waited_ms = 0;
    }
    for wait in &score.people {
        if let Some(step) = steps.iter_mut().find(|step| step.step == wait.step) {
            step.asked = true;
            step.manual |= wait.question == "manual";
            step.waited_ms += wait.waited_ms;
        }
    }
}
