//! A real run as a row.

use super::people;
use super::row::{Kind, Row, Verdict};
use super::steps;
use crate::model::entry::{Entry, Record};
use crate::model::outcome::{Mode, RunOutcome};

/// The row of a run; none: these are no records of a run, or nothing happened in it.
#[must_use]
pub fn of_run(records: &[Record]) -> Option<Row> {
    let first = records.first()?;
    let Entry::RunStarted { run, mode, runbook, title, system, environment, rto_ms, .. } = &first.entry else {
        return None;
    };
    if Mode::of(mode) == Mode::Rehearse {
        return None;
    }
    let waits = people::waits(records);
    let mut row = Row {
        kind: Kind::Run,
        id: run.0.clone(),
        at: first.at,
        scenario: runbook.clone(),
        title: title.clone(),
        system: system.clone(),
        environment: environment.clone(),
        ended: "no end".to_owned(),
        elapsed_ms: since(first, records.last().unwrap_or(first)),
        people_ms: people::total_ms(&waits),
        rto_ms: *rto_ms,
        steps: steps::of(records, &waits),
        ..Row::default()
    };
    // A run that was taken up again after its end has none until the next one.
    for record in records {
        match &record.entry {
            Entry::RunFinished { outcome, why, elapsed_ms, .. } => {
                outcome.as_str().clone_into(&mut row.ended);
                row.why.clone_from(why);
                row.elapsed_ms = *elapsed_ms;
                let recovered = matches!(outcome, RunOutcome::Succeeded | RunOutcome::Warned);
                row.recovery_ms = recovered.then_some(*elapsed_ms);
                row.rto_met = rto_ms.zip(row.recovery_ms).map(|(rto, took)| took <= rto);
                row.verdict = verdict(*outcome, row.rto_met);
            }
            Entry::RunResumed { .. } => {
                "no end".clone_into(&mut row.ended);
                (row.why, row.recovery_ms, row.rto_met, row.verdict) = (None, None, None, Verdict::NoResult);
                row.elapsed_ms = since(first, records.last().unwrap_or(first));
            }
            _ => {}
        }
    }
    row.without_people_ms = row.recovery_ms.map(|all| all.saturating_sub(row.people_ms));
    Some(row)
}

fn since(first: &Record, last: &Record) -> u64 {
    u64::try_from((last.at - first.at).num_milliseconds()).unwrap_or(0)
}

const fn verdict(outcome: RunOutcome, rto_met: Option<bool>) -> Verdict {
    match outcome {
        RunOutcome::Succeeded | RunOutcome::Warned => match rto_met {
            Some(false) => Verdict::ObjectiveMissed,
            _ => Verdict::Recovered,
        },
        RunOutcome::Failed
        | RunOutcome::Unknown
        | RunOutcome::RolledBack
        | RunOutcome::RollbackFailed
        | RunOutcome::Deadline => Verdict::NotRecovered,
        RunOutcome::Interrupted | RunOutcome::Refused | RunOutcome::Paused | RunOutcome::Cancelled => Verdict::NoResult,
    }
}
