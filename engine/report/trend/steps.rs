//! The steps that one run carried out: times, attempts, people. Groups are left out: their members say it.

use std::collections::{HashMap, HashSet};

use super::people::{self, Wait};
use super::row::StepRow;
use crate::model::entry::{Entry, Record};
use crate::model::outcome::Outcome;

/// Steps of a run's records, in the order in which they began.
#[must_use]
pub fn of(records: &[Record], waits: &[Wait<'_>]) -> Vec<StepRow> {
    let mut steps: Vec<StepRow> = Vec::new();
    let mut index: HashMap<&str, usize> = HashMap::new();
    for record in records {
        let Some(id) = step_of(&record.entry) else { continue };
        let at = *index.entry(id).or_insert_with(|| {
            steps.push(StepRow { step: id.to_owned(), title: id.to_owned(), ..StepRow::default() });
            steps.len() - 1
        });
        add(&mut steps[at], &record.entry);
    }
    for wait in waits {
        if let Some(&at) = wait.step.and_then(|step| index.get(step.0.as_str())) {
            steps[at].waited_ms += wait.ms();
        }
    }
    let groups = groups(index.keys().copied());
    steps.retain(|step| (step.attempts > 0 || step.asked) && !groups.contains(step.step.as_str()));
    steps
}

fn step_of(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::StepStarted { step, .. }
        | Entry::AttemptFailed { step, .. }
        | Entry::StepFinished { step, .. }
        | Entry::Answered { step, .. }
        | Entry::ApprovalAsked { step, .. } => Some(&step.0),
        _ => None,
    }
}

fn add(row: &mut StepRow, entry: &Entry) {
    match entry {
        Entry::StepStarted { title, .. } => {
            row.title.clone_from(title);
            row.attempts += 1;
            // It may be walked again by a resumed run.
            (row.outcome, row.took_ms) = (None, None);
        }
        Entry::AttemptFailed { .. } => row.failed_attempts += 1,
        Entry::StepFinished { outcome, elapsed_ms, .. } => {
            // A resumed run says again of what stands that it was skipped or held back.
            if *outcome != Outcome::Skipped || row.outcome.is_none() {
                row.outcome = Some(*outcome);
                row.took_ms = Some(*elapsed_ms);
            }
            if matches!(outcome, Outcome::Failed | Outcome::Unknown) && row.failed_attempts < row.attempts {
                row.failed_attempts += 1;
            }
        }
        Entry::Answered { question, answer, .. } if people::by_somebody(answer) => {
            row.manual |= question == "manual";
            row.asked = true;
        }
        Entry::ApprovalAsked { .. } => row.asked = true,
        _ => {}
    }
}

/// Every id that has members (`group/member`) or elements (`step[key]`).
fn groups<'i>(ids: impl Iterator<Item = &'i str>) -> HashSet<&'i str> {
    ids.flat_map(|id| id.match_indices(['/', '[']).map(move |(at, _)| &id[..at])).collect()
}
