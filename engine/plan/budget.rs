//! Waves, critical path and expected time: from what earlier runs took, else from estimates.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::id::StepId;

use super::Timing;

/// What the graph costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Leaf steps that may run at the same time, in order; pruned and fallback steps excluded.
    pub waves: Vec<Vec<StepId>>,
    /// The longest chain of leaf steps.
    pub critical_path: Vec<StepId>,
    /// Its length: half of the runs are faster.
    pub expected: Duration,
    /// The length of the longest chain when every step of it takes its p90: nearly all runs are faster.
    pub p90: Duration,
    /// The step that takes most of that chain.
    pub longest: Option<StepId>,
    /// Leaf steps that change something and have neither history nor an estimate: they count as nothing. Reads are not expected to
    /// have one.
    pub unestimated: usize,
    /// What each step that will or may run is expected to take; those of which nothing is known are left out.
    pub steps: BTreeMap<StepId, Expected>,
}

/// What one step is expected to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// Half of the runs are faster.
    pub p50: Duration,
    /// Nine of ten are faster.
    pub p90: Duration,
    /// How this is known.
    pub from: Source,
}

/// How an expected time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Earlier successful runs; of fewer than [`ENOUGH`] the estimate has its share.
    History {
        /// How many.
        runs: u32,
    },
    /// The runbook or the system says so: one figure for both p50 and p90.
    Estimate,
}

/// With so many runs the estimate counts no longer.
pub const ENOUGH: u32 = 3;

/// History where there is enough of it, else the estimate. In between an estimate counts like the runs that are missing: after one
/// of three runs it has two thirds of the weight, after two one third. Without an estimate, history counts whatever there is.
#[must_use]
pub fn expected(history: Option<&Timing>, estimate: Option<Duration>) -> Option<Expected> {
    let timing = match (history.filter(|timing| timing.runs > 0), estimate) {
        (None, None) => return None,
        (None, Some(estimate)) => return Some(Expected { p50: estimate, p90: estimate, from: Source::Estimate }),
        (Some(timing), estimate) => {
            let blend = |measured: Duration| match estimate {
                Some(estimate) if timing.runs < ENOUGH => {
                    (measured * timing.runs + estimate * (ENOUGH - timing.runs)) / ENOUGH
                }
                Some(_) | None => measured,
            };
            (blend(timing.p50), blend(timing.p90), timing.runs)
        }
    };
    let (p50, p90, runs) = timing;
    Some(Expected { p50, p90: p90.max(p50), from: Source::History { runs } })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn of(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_estimate_counts_like_the_runs_that_are_missing() {
        let timing = |runs| Timing { p50: of(30), p90: of(60), runs };
        let both = |runs| expected(Some(&timing(runs)), Some(of(90))).map(|it| (it.p50, it.p90, it.from));
        let history = |runs| Source::History { runs };
        assert_eq!(both(0), Some((of(90), of(90), Source::Estimate)));
        assert_eq!(both(1), Some((of(70), of(80), history(1))));
        assert_eq!(both(2), Some((of(50), of(70), history(2))));
        assert_eq!(both(3), Some((of(30), of(60), history(3))));
        assert_eq!(expected(Some(&timing(1)), None).map(|it| it.p50), Some(of(30)));
        assert_eq!(expected(None, None), None);
    }
}
