//! How long steps took before: the journals of earlier successful runs of the same runbook, system and environment, folded into
//! p50 and p90 for each step.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use crate::journal::{self, Runs};
use crate::model::entry::{Entry, Record};
use crate::model::id::StepId;
use crate::model::outcome::{Outcome, RunOutcome};
use crate::plan::{History, Timing};

/// Runs that count: older ones tell of another system.
const RUNS: usize = 20;
/// No further back than so many runs of whatever kind: a plan must not wait for its history.
const LOOKED_AT: usize = 500;
/// Journals of so many bytes in all, but always the newest one.
const BYTES: u64 = 4 * 1024 * 1024;
/// A last record is rarely longer, bytes.
const LAST: u64 = 64 * 1024;
/// A first record is not longer, bytes.
const FIRST: u64 = 64 * 1024;

/// The history of a runbook in a system's environment. Runs that did not succeed, and journals that cannot be trusted, do not count.
#[must_use]
pub fn of(runs: &Runs, runbook: &str, system: Option<&str>, environment: Option<&str>) -> History {
    let mut times: BTreeMap<StepId, Vec<Duration>> = BTreeMap::new();
    let (mut counted, mut read) = (0, 0);
    for run in runs.list().unwrap_or_default().iter().rev().take(LOOKED_AT) {
        let journal = runs.path().join(&run.0).join("journal.jsonl");
        if !is_of(&journal, runbook, system, environment) {
            continue;
        }
        // All runs of a large runbook together take longer to read than it takes to plan.
        let length = journal.metadata().map_or(0, |found| found.len());
        if counted > 0 && read + length > BYTES {
            break;
        }
        if !ended_well(&journal) {
            continue;
        }
        read += length;
        let Ok(loaded) = journal::load(&journal) else { continue };
        if add(&loaded.records, &mut times) {
            counted += 1;
            if counted == RUNS {
                break;
            }
        }
    }
    times.into_iter().map(|(step, times)| (step, timing(times))).collect()
}

/// By the first line alone: most runs are of something else.
fn is_of(journal: &Path, runbook: &str, system: Option<&str>, environment: Option<&str>) -> bool {
    let mut line = String::new();
    let read = File::open(journal).and_then(|file| BufReader::new(file.take(FIRST)).read_line(&mut line));
    let first = read.ok().and_then(|_| serde_json::from_str::<Record>(&line).ok());
    match first.map(|record| record.entry) {
        Some(Entry::RunStarted { mode, runbook: of, system: its, environment: at, .. }) => {
            // Drills are kept apart from runs, and count for one another.
            matches!(mode.as_str(), "run" | "drill")
                && of == runbook
                && its.as_deref() == system
                && at.as_deref() == environment
        }
        _ => false,
    }
}

/// By the last records alone: a run that failed, or goes on, is not worth verifying.
fn ended_well(journal: &Path) -> bool {
    let tail = File::open(journal).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LAST)))?;
        let mut bytes = Vec::new();
        file.take(LAST).read_to_end(&mut bytes)?;
        Ok((String::from_utf8_lossy(&bytes).into_owned(), length > LAST))
    });
    let Ok((tail, more)) = tail else { return false };
    match tail.rfind(r#""kind":"run_finished""#) {
        Some(at) => ["succeeded", "warned"].iter().any(|it| tail[at..].contains(&format!(r#""outcome":"{it}""#))),
        None => more && tail.len() as u64 >= LAST && !tail.contains('\n'),
    }
}

/// Takes the times of a run that succeeded; a step that was walked twice counts as it ended.
fn add(records: &[Record], times: &mut BTreeMap<StepId, Vec<Duration>>) -> bool {
    let well = records.iter().rev().find_map(|record| match &record.entry {
        Entry::RunFinished { outcome, .. } => Some(matches!(outcome, RunOutcome::Succeeded | RunOutcome::Warned)),
        _ => None,
    });
    if well != Some(true) {
        return false;
    }
    let mut steps: BTreeMap<&StepId, u64> = BTreeMap::new();
    for record in records {
        if let Entry::StepFinished { step, outcome: Outcome::Succeeded | Outcome::Warned, elapsed_ms, .. } =
            &record.entry
        {
            steps.insert(step, *elapsed_ms);
        }
    }
    for (step, ms) in steps {
        times.entry(step.clone()).or_default().push(Duration::from_millis(ms));
    }
    true
}

/// Nearest rank. There is at least one time.
fn timing(mut times: Vec<Duration>) -> Timing {
    times.sort_unstable();
    let rank = |percent: usize| times[(times.len() * percent).div_ceil(100).clamp(1, times.len()) - 1];
    Timing { p50: rank(50), p90: rank(90), runs: u32::try_from(times.len()).unwrap_or(u32::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_times_that_were_measured() {
        let seconds = |list: &[u64]| timing(list.iter().map(|s| Duration::from_secs(*s)).collect());
        let one = seconds(&[7]);
        assert_eq!((one.p50.as_secs(), one.p90.as_secs(), one.runs), (7, 7, 1));
        let ten = seconds(&[10, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!((ten.p50.as_secs(), ten.p90.as_secs()), (5, 9));
        assert_eq!(seconds(&[1, 100]).p50.as_secs(), 1);
    }
}
