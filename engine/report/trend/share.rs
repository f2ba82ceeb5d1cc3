//! How much of a recovery people do: steps that ask somebody against steps that do not, time waiting for people against time working.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::direction::Direction;
use super::row::Row;

/// Differences up to so many per mille are none.
const FLOOR: u64 = 20;

/// One recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharePoint {
    /// The drill or run.
    pub id: String,
    /// When it began.
    pub at: DateTime<Utc>,
    /// Waiting for people, ms.
    pub waiting_ms: u64,
    /// The rest of the recovery, ms.
    pub working_ms: u64,
}

impl SharePoint {
    /// The part that is waiting, in thousandths.
    #[must_use]
    pub fn per_mille(&self) -> u64 {
        per_mille(self.waiting_ms, self.working_ms)
    }
}

/// People against machines, over all recoveries of a trend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Steps that were carried out and asked a person.
    pub steps_with_people: usize,
    /// Of these, the ones that a person does.
    pub steps_manual: usize,
    /// Steps that were carried out and asked nobody.
    pub steps_alone: usize,
    /// Waiting for people in recoveries, ms.
    pub waiting_ms: u64,
    /// The rest of these recoveries, ms.
    pub working_ms: u64,
    /// The part that is waiting, in thousandths; none: nothing was recovered.
    pub waiting_per_mille: Option<u64>,
    /// Whether it becomes less.
    pub direction: Direction,
    /// Recoveries in the order of time.
    pub points: Vec<SharePoint>,
}

impl Share {
    /// Of rows in the order of time.
    #[must_use]
    pub fn of(rows: &[&Row]) -> Self {
        let steps = || rows.iter().flat_map(|row| &row.steps);
        let points: Vec<SharePoint> = rows.iter().filter_map(|row| point(row)).collect();
        let (waiting_ms, working_ms) =
            (points.iter().map(|point| point.waiting_ms).sum(), points.iter().map(|point| point.working_ms).sum());
        let shares: Vec<u64> = points.iter().map(SharePoint::per_mille).collect();
        Self {
            steps_with_people: steps().filter(|step| step.asked).count(),
            steps_manual: steps().filter(|step| step.manual).count(),
            steps_alone: steps().filter(|step| !step.asked).count(),
            waiting_ms,
            working_ms,
            waiting_per_mille: (!points.is_empty()).then(|| per_mille(waiting_ms, working_ms)),
            direction: Direction::of(&shares, FLOOR),
            points,
        }
    }

    /// Steps that ask somebody, in thousandths; none: no step was carried out.
    #[must_use]
    pub fn steps_per_mille(&self) -> Option<u64> {
        let (with, alone) = (self.steps_with_people as u64, self.steps_alone as u64);
        (with + alone > 0).then(|| per_mille(with, alone))
    }
}

fn point(row: &Row) -> Option<SharePoint> {
    let all = row.recovery_ms.filter(|_| row.verdict.is_recovered())?;
    let waiting_ms = row.people_ms.min(all);
    Some(SharePoint { id: row.id.clone(), at: row.at, waiting_ms, working_ms: all - waiting_ms })
}

fn per_mille(part: u64, rest: u64) -> u64 {
    let all = part.saturating_add(rest);
    part.saturating_mul(1000).saturating_add(all / 2).checked_div(all).unwrap_or(0)
}
