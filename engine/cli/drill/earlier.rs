//! What earlier drills took: the same runbook, in the same lab, with the same fault.

use std::collections::BTreeMap;

use crate::journal::{self, Runs};
use crate::model::drill::{DrillFact, Scorecard};
use crate::model::entry::Entry;
use crate::model::id::StepId;

/// Older ones tell of another system.
const DRILLS: usize = 20;

/// What they took.
#[derive(Debug, Default)]
pub struct Earlier {
    /// From the fault to verified, ms.
    pub recoveries: Vec<u64>,
    /// Median of each step, ms.
    pub p50: BTreeMap<StepId, u64>,
}

/// Reads the journals of the newest ones.
pub fn of(drills: &Runs, lab: &str, runbook: &str, fault: &str) -> Earlier {
    let mut earlier = Earlier::default();
    let mut steps: BTreeMap<StepId, Vec<u64>> = BTreeMap::new();
    for drill in drills.list().unwrap_or_default().iter().rev() {
        if earlier.recoveries.len() == DRILLS {
            break;
        }
        let Ok(loaded) = journal::load(&drills.path().join(&drill.0).join("journal.jsonl")) else { continue };
        let facts = || {
            loaded.records.iter().filter_map(|record| match &record.entry {
                Entry::Drill { fact } => Some(fact.as_ref()),
                _ => None,
            })
        };
        let is_same = facts().any(|fact| match fact {
            DrillFact::Started { lab: its, runbook: of, fault: broken, control, .. } => {
                its == lab && of == runbook && broken == fault && !control
            }
            _ => false,
        });
        let score: Option<&Scorecard> = facts().find_map(|fact| match fact {
            DrillFact::Measured { score } => Some(score.as_ref()),
            _ => None,
        });
        let Some((score, took)) = score.filter(|_| is_same).and_then(|score| Some((score, score.verified_ms?))) else {
            continue;
        };
        earlier.recoveries.push(took);
        for step in &score.steps {
            steps.entry(step.step.clone()).or_default().push(step.took_ms);
        }
    }
    earlier.p50 = steps
        .into_iter()
        .map(|(step, mut times)| {
            times.sort_unstable();
            (step, times[(times.len() - 1) / 2])
        })
        .collect();
    earlier
}
