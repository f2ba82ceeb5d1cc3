//! Which steps to look at first, over all trends.

use std::cmp::Reverse;

use super::group::Trend;
use super::step::StepTrend;

/// Steps that take longest, by what nine of ten do not exceed.
#[must_use]
pub fn slowest(trends: &[Trend]) -> Vec<(&Trend, &StepTrend)> {
    let mut steps: Vec<_> = all(trends).filter(|(_, step)| step.took.is_some()).collect();
    steps.sort_by_key(|(_, step)| Reverse(step.took.map(|took| (took.p90_ms, took.p50_ms))));
    steps
}

/// Steps whose attempts fail, by their share. As if each had two attempts more that did not fail: one failure of one attempt says less
/// than ten of fifteen.
#[must_use]
pub fn flakiest(trends: &[Trend]) -> Vec<(&Trend, &StepTrend)> {
    let mut steps: Vec<_> = all(trends).filter(|(_, step)| step.failed_attempts > 0).collect();
    let weight = |step: &StepTrend| u64::from(step.failed_attempts) * 1_000_000 / (u64::from(step.attempts) + 2);
    steps.sort_by_key(|(_, step)| Reverse((weight(step), step.failed_attempts)));
    steps
}

fn all(trends: &[Trend]) -> impl Iterator<Item = (&Trend, &StepTrend)> {
    trends.iter().flat_map(|trend| trend.steps.iter().map(move |step| (trend, step)))
}
