//! One step over all drills or runs of a trend.

use std::collections::HashMap;

use serde::Serialize;

use super::measure::Spread;
use super::row::{Row, StepRow};

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepTrend {
    /// Its id.
    pub step: String,
    /// For people, as it was called last.
    pub title: String,
    /// How often it was carried out.
    pub runs: usize,
    /// Times of those that were done; none: it never was.
    pub took: Option<Spread>,
    /// Attempts of its action in all.
    pub attempts: u32,
    /// Of these, the ones that failed.
    pub failed_attempts: u32,
    /// How often it was repeated, or failed for good.
    pub runs_with_failures: usize,
    /// A person does it.
    pub manual: bool,
    /// How often a person was asked.
    pub asked: usize,
    /// Waiting for people, ms in all.
    pub waited_ms: u64,
}

impl StepTrend {
    /// Failed attempts in thousandths; none: nobody knows of attempts.
    #[must_use]
    pub fn failed_per_mille(&self) -> Option<u32> {
        (self.attempts > 0).then(|| u32::saturating_mul(self.failed_attempts, 1000) / self.attempts)
    }
}

/// Every step of these rows, in the order in which the newest began them; those that it no longer has at the end.
#[must_use]
pub fn of(rows: &[&Row]) -> Vec<StepTrend> {
    let mut order: Vec<&str> = Vec::new();
    let mut known: HashMap<&str, Vec<&StepRow>> = HashMap::new();
    for row in rows.iter().rev() {
        for step in &row.steps {
            let seen = known.entry(&step.step).or_default();
            if seen.is_empty() {
                order.push(&step.step);
            }
            seen.push(step);
        }
    }
    let trend = |step: &&str| known.get(step).map(|seen| one(step, seen));
    order.iter().filter_map(trend).collect()
}

/// `seen`: the newest first.
fn one(step: &str, seen: &[&StepRow]) -> StepTrend {
    let took: Vec<u64> = seen.iter().rev().filter(|row| row.is_done()).filter_map(|row| row.took_ms).collect();
    StepTrend {
        step: step.to_owned(),
        title: seen.first().map_or_else(String::new, |row| row.title.clone()),
        runs: seen.len(),
        took: Spread::of(&took),
        attempts: seen.iter().map(|row| row.attempts).sum(),
        failed_attempts: seen.iter().map(|row| row.failed_attempts).sum(),
        runs_with_failures: seen.iter().filter(|row| row.failed_attempts > 0).count(),
        manual: seen.iter().any(|row| row.manual),
        asked: seen.iter().filter(|row| row.asked).count(),
        waited_ms: seen.iter().map(|row| row.waited_ms).sum(),
    }
}
