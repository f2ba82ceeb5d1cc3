//! One figure over time: recovery time or data loss, with its objective.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::direction::Direction;

/// Differences up to this are none, ms: nobody notices.
const FLOOR: u64 = 500;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The drill or run.
    pub id: String,
    /// When it began.
    pub at: DateTime<Utc>,
    /// The value, ms.
    pub ms: u64,
    /// The same without waiting for people, ms; none: that makes no sense for it.
    pub without_people_ms: Option<u64>,
    /// The objective then, ms.
    pub objective_ms: Option<u64>,
    /// Whether it was met.
    pub met: Option<bool>,
}

/// How values are spread, ms. Ranks are values that were measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// How many.
    pub count: usize,
    /// The newest.
    pub last_ms: u64,
    /// Half were not slower.
    pub p50_ms: u64,
    /// Nine of ten were not slower.
    pub p90_ms: u64,
    /// The least.
    pub best_ms: u64,
    /// The most.
    pub worst_ms: u64,
}

impl Spread {
    /// Of values in the order of time; none: there are none.
    #[must_use]
    pub fn of(values: &[u64]) -> Option<Self> {
        Some(Self {
            count: values.len(),
            last_ms: *values.last()?,
            p50_ms: rank(values, 50)?,
            p90_ms: rank(values, 90)?,
            best_ms: *values.iter().min()?,
            worst_ms: *values.iter().max()?,
        })
    }
}

/// Nearest rank.
pub(super) fn rank(values: &[u64], percent: usize) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(at).copied()
}

/// A figure over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// Of all values.
    #[serde(flatten)]
    pub spread: Spread,
    /// The same without waiting for people.
    pub without_people: Option<Spread>,
    /// The newest objective, ms.
    pub objective_ms: Option<u64>,
    /// How often one was met.
    pub met: usize,
    /// How often there was one.
    pub judged: usize,
    /// Whether it gets better.
    pub direction: Direction,
    /// In the order of time.
    pub points: Vec<Point>,
}

impl Measure {
    /// Of values in the order of time; none: there are none. `objective_ms`: the newest one, also of a drill that has no value.
    #[must_use]
    pub fn of(points: Vec<Point>, objective_ms: Option<u64>) -> Option<Self> {
        let values: Vec<u64> = points.iter().map(|point| point.ms).collect();
        let without: Vec<u64> = points.iter().filter_map(|point| point.without_people_ms).collect();
        Some(Self {
            spread: Spread::of(&values)?,
            without_people: Spread::of(&without),
            objective_ms,
            met: points.iter().filter(|point| point.met == Some(true)).count(),
            judged: points.iter().filter(|point| point.met.is_some()).count(),
            direction: Direction::of(&values, FLOOR),
            points,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_values_that_were_measured() {
        let one = Spread::of(&[7]).unwrap();
        assert_eq!((one.p50_ms, one.p90_ms, one.best_ms, one.worst_ms, one.last_ms), (7, 7, 7, 7, 7));
        let ten = Spread::of(&[10, 1, 2, 3, 4, 5, 6, 7, 8, 9]).unwrap();
        assert_eq!((ten.p50_ms, ten.p90_ms, ten.best_ms, ten.worst_ms, ten.last_ms, ten.count), (5, 9, 1, 10, 9, 10));
        assert_eq!(Spread::of(&[]), None);
    }
}
