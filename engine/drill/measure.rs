//! From what was seen to the scorecard.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::canary::Write;
use super::course::Course;
use super::error::DrillError;
use super::lab::Lab;
use super::loss::{self, Moments};
use crate::model::drill::{Prediction, Scorecard, StepTime, StoreLoss, Wait};
use crate::model::entry::{Entry, Record};
use crate::model::id::StepId;
use crate::model::outcome::Outcome;
use crate::template::quantity::format_duration;

/// A store that does not say what it has within this time is unreadable.
const ASKED: Duration = Duration::from_secs(30);

/// What a drill saw besides the canary's writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The fault was noticed.
    pub detected: Option<DateTime<Utc>>,
    /// The recovery was decided.
    pub declared: Option<DateTime<Utc>>,
    /// The system was verified.
    pub verified: Option<DateTime<Utc>>,
    /// The run that recovered it.
    pub run: Option<String>,
    /// Its journal.
    pub records: Vec<Record>,
    /// Who was waited for.
    pub people: Vec<Wait>,
}

/// What is known of the runbook's steps before a drill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// As their author says, ms.
    pub estimates: BTreeMap<StepId, u64>,
    /// Median of earlier drills, ms.
    pub p50: BTreeMap<StepId, u64>,
}

/// Everything that was measured. Without a fault there is nothing to measure.
pub fn score(
    course: &Course<'_>,
    lab: Option<&Lab>,
    writes: &[Write],
    fault_at: Option<DateTime<Utc>>,
    seen: &Seen,
) -> Scorecard {
    let (recovery, point) = course.objectives;
    let Some(fault) = fault_at else { return Scorecard { predicted: course.predicted, ..Scorecard::default() } };
    let since = |at: Option<DateTime<Utc>>| at.and_then(|at| u64::try_from((at - fault).num_milliseconds()).ok());
    let started = seen.records.first().map(|record| record.at);
    let serving = serving(writes, fault, started.or(seen.detected));
    let stores = lab.map_or_else(Vec::new, |lab| {
        stores(course, lab, writes, fault, serving).unwrap_or_else(|error| vec![unreadable("all", &error)])
    });
    let verified_ms = since(seen.verified);
    let loss = stores.iter().filter_map(|store| store.loss_ms).max();
    let is_readable = !stores.is_empty() && stores.iter().all(|store| store.unreadable.is_none());
    Scorecard {
        fault_at,
        detected_ms: since(seen.detected),
        declared_ms: since(seen.declared),
        started_ms: since(started),
        serving_ms: since(serving),
        verified_ms,
        people_ms: seen.people.iter().map(|wait| wait.waited_ms).sum(),
        rto_ms: recovery,
        rto_met: recovery.zip(verified_ms).map(|(rto, took)| took <= rto),
        rpo_ms: point,
        rpo_met: point
            .filter(|_| is_readable && verified_ms.is_some())
            .zip(loss)
            .map(|(rpo, loss)| loss <= rpo && !stores.iter().any(|store| store.nothing_kept)),
        stores,
        outage_ms: outage(writes, fault, serving),
        predicted: course.predicted,
        run: seen.run.clone(),
        steps: steps(&seen.records, &course.known),
        people: seen.people.clone(),
    }
}

/// The first write that was acknowledged again: after one that failed, once the recovery had begun.
fn serving(writes: &[Write], fault: DateTime<Utc>, begun: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let failed = writes.iter().position(|write| write.sent >= fault && write.acked.is_none())?;
    let begun = begun.unwrap_or(fault);
    writes[failed..].iter().filter(|write| write.sent >= begun).find_map(|write| write.acked)
}

/// What a client saw: from the last acknowledged write before the outage to the first after it.
fn outage(writes: &[Write], fault: DateTime<Utc>, serving: Option<DateTime<Utc>>) -> Option<u64> {
    let serving = serving?;
    let failed = writes.iter().position(|write| write.sent >= fault && write.acked.is_none())?;
    let last = writes[..failed].iter().filter_map(|write| write.acked).max()?;
    u64::try_from((serving - last).num_milliseconds()).ok()
}

fn stores(
    course: &Course<'_>,
    lab: &Lab,
    writes: &[Write],
    fault: DateTime<Utc>,
    serving: Option<DateTime<Utc>>,
) -> Result<Vec<StoreLoss>, DrillError> {
    let scene = lab.scene(Some(fault));
    let Some(canary) = &course.document.lab.canary else { return Ok(Vec::new()) };
    let target = match course.decl.and_then(|decl| decl.until.as_ref()) {
        Some(text) => {
            let text = scene.text(text)?;
            let parsed = DateTime::parse_from_rfc3339(&text);
            let parsed =
                parsed.map_err(|error| DrillError::failed(format!("read the moment `{text}`"), error.to_string()))?;
            Some(parsed.with_timezone(&Utc))
        }
        None => None,
    };
    let moments = Moments { fault, serving, target };
    let mut found = Vec::new();
    let asked = course.decl.map(|decl| &decl.survived).filter(|asked| !asked.is_empty()).unwrap_or(&canary.survived);
    for (store, argv) in asked {
        let argv = scene.words(argv)?;
        let said = lab.station.capture(&argv, ASKED).and_then(|said| super::tool::checked(&argv.join(" "), &said));
        found.push(match said {
            Ok(text) => loss::of(&store.value, writes, &loss::numbers(&text), moments),
            Err(error) => unreadable(&store.value, &error),
        });
    }
    Ok(found)
}

fn unreadable(store: &str, error: &DrillError) -> StoreLoss {
    StoreLoss { store: store.to_owned(), unreadable: Some(error.to_string()), ..StoreLoss::default() }
}

/// Steps that ran, without the groups that they are in, in the order in which they ended.
fn steps(records: &[Record], known: &Known) -> Vec<StepTime> {
    let mut titles: BTreeMap<&StepId, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for record in records {
        match &record.entry {
            Entry::StepStarted { step, title, .. } => drop(titles.insert(step, title)),
            Entry::StepFinished {
                step,
                outcome: Outcome::Succeeded | Outcome::Warned | Outcome::Failed,
                elapsed_ms,
                attempts,
                ..
            } if *attempts > 0 => {
                found.push(StepTime {
                    step: step.clone(),
                    title: titles.get(step).map_or_else(String::new, |title| (*title).to_owned()),
                    took_ms: *elapsed_ms,
                    estimate_ms: known.estimates.get(step).copied(),
                    p50_ms: known.p50.get(step).copied(),
                });
            }
            _ => {}
        }
    }
    let groups: Vec<String> = found
        .iter()
        .filter(|group| {
            found.iter().any(|step| step.step.0.strip_prefix(&group.step.0).is_some_and(|rest| rest.starts_with('/')))
        })
        .map(|group| group.step.0.clone())
        .collect();
    found.retain(|step| !groups.contains(&step.step.0));
    found
}

/// Which objective was missed, in a sentence.
#[must_use]
pub fn missed(score: &Scorecard) -> String {
    let seconds = |ms: u64| format_duration(Duration::from_millis(ms));
    let mut parts = Vec::new();
    if let (Some(false), Some(rto), Some(took)) = (score.rto_met, score.rto_ms, score.verified_ms) {
        parts.push(format!("recovery took {}, the objective is {}", seconds(took), seconds(rto)));
    }
    if let (Some(false), Some(rpo), Some(loss)) = (score.rpo_met, score.rpo_ms, score.loss_ms()) {
        let emptied: Vec<&str> =
            score.stores.iter().filter(|store| store.nothing_kept).map(|store| store.store.as_str()).collect();
        parts.push(if emptied.is_empty() || loss > rpo {
            format!("{} of data is lost, the objective is {}", seconds(loss), seconds(rpo))
        } else {
            format!(
                "nothing that was written before the fault is left in {}: how much is lost is not known, {} at least, and the \
                 objective is {}",
                emptied.join(", "),
                seconds(loss),
                seconds(rpo)
            )
        });
    }
    parts.join("; ")
}

/// What earlier drills say of the next one: those that recovered the same fault in the same way. `earlier`: their recovery times, ms.
#[must_use]
pub fn predict(rehearsed_ms: Option<u64>, mut earlier: Vec<u64>) -> Prediction {
    earlier.sort_unstable();
    let rank = |percent: usize| {
        let at = (earlier.len() * percent).div_ceil(100).max(1) - 1;
        earlier.get(at).copied()
    };
    Prediction {
        rehearsed_ms,
        p50_ms: rank(50),
        p90_ms: rank(90),
        drills: u32::try_from(earlier.len()).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prediction_is_a_time_that_was_measured() {
        let found = predict(Some(5), vec![30, 10, 20]);
        assert_eq!((found.p50_ms, found.p90_ms, found.drills), (Some(20), Some(30), 3));
        assert_eq!(predict(None, Vec::new()).p50_ms, None);
    }

    #[test]
    fn a_missed_objective_is_said_with_what_was_measured() {
        let lost = |loss_ms, nothing_kept| StoreLoss {
            store: "postgres".to_owned(),
            loss_ms: Some(loss_ms),
            nothing_kept,
            ..StoreLoss::default()
        };
        let score =
            |stores| Scorecard { rpo_ms: Some(86_400_000), rpo_met: Some(false), stores, ..Scorecard::default() };
        let late = Scorecard { rto_ms: Some(60_000), rto_met: Some(false), verified_ms: Some(61_500), ..score(vec![]) };
        assert_eq!(missed(&late), "recovery took 1m 1s, the objective is 1m");
        assert_eq!(missed(&score(vec![lost(90_000_000, false)])), "1d 1h of data is lost, the objective is 1d");
        // The backup was older than the canary: what was lost before its first write is not known.
        assert_eq!(
            missed(&score(vec![lost(4_800, true)])),
            "nothing that was written before the fault is left in postgres: how much is lost is not known, 4.8s at least, and the \
             objective is 1d"
        );
    }
}
