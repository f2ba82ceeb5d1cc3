//! What was lost: the writes that were acknowledged against the numbers that a store has.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::canary::Write;
use crate::model::drill::StoreLoss;

/// The moments by which loss is judged.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    /// Just before the fault.
    pub fault: DateTime<Utc>,
    /// The first write that was acknowledged after the fault; none: nothing was.
    pub serving: Option<DateTime<Utc>>,
    /// What to go back to, if rows after it are meant to be gone.
    pub target: Option<DateTime<Utc>>,
}

/// The numbers that a store printed, one a line; other lines are no numbers of the canary.
#[must_use]
pub fn numbers(text: &str) -> BTreeSet<u64> {
    text.lines().filter_map(|line| line.trim().parse().ok()).collect()
}

/// What a store lost.
#[must_use]
pub fn of(store: &str, writes: &[Write], kept: &BTreeSet<u64>, moments: Moments) -> StoreLoss {
    let acknowledged: Vec<&Write> = writes.iter().filter(|write| write.acked.is_some()).collect();
    let lost: Vec<u64> =
        acknowledged.iter().filter(|write| !kept.contains(&write.number)).map(|write| write.number).collect();
    let before = |write: &&&Write| write.acked.is_some_and(|acked| acked <= moments.fault);
    let is_lost_before = acknowledged.iter().filter(before).any(|write| !kept.contains(&write.number));
    let newest = acknowledged
        .iter()
        .filter(before)
        .filter(|write| kept.contains(&write.number))
        .filter_map(|write| write.acked)
        .max();
    let oldest = acknowledged.first().map(|write| write.sent);
    let gap = if is_lost_before {
        // Without one that is kept, everything since the first is lost.
        newest.or(oldest).map(|newest| (moments.fault - newest).num_milliseconds().max(0))
    } else {
        Some(0)
    };
    let missing = moments.target.map(|target| {
        let due = |write: &&&Write| write.acked.is_some_and(|acked| acked <= target);
        acknowledged.iter().filter(due).filter(|write| !kept.contains(&write.number)).count()
    });
    let beyond = moments.target.map(|target| {
        // Up to the first that was taken again. One that nobody was promised may have waited in a client, and came after it.
        let is_before = |acked: DateTime<Utc>| moments.serving.is_none_or(|serving| acked < serving);
        let given_up = |write: &&&Write| write.sent > target && write.acked.is_some_and(is_before);
        acknowledged.iter().filter(given_up).filter(|write| kept.contains(&write.number)).count()
    });
    StoreLoss {
        store: store.to_owned(),
        acknowledged: acknowledged.len(),
        kept: acknowledged.len() - lost.len(),
        lost: lost.len(),
        lost_ranges: stretches(&lost),
        unacknowledged: writes.iter().filter(|write| write.acked.is_none() && kept.contains(&write.number)).count(),
        nothing_kept: is_lost_before && newest.is_none(),
        loss_ms: gap.and_then(|ms| u64::try_from(ms).ok()),
        missing_before_target: missing,
        beyond_target: beyond,
        unreadable: None,
    }
}

/// Numbers in order as stretches without a gap.
fn stretches(numbers: &[u64]) -> Vec<(u64, u64)> {
    numbers.chunk_by(|one, next| one + 1 == *next).filter_map(|run| Some((*run.first()?, *run.last()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::milliseconds(ms)
    }

    /// A write every 100 ms that takes 10 ms; those of `failed` are not acknowledged.
    fn writes(count: u64, failed: &[u64]) -> Vec<Write> {
        (1..=count)
            .map(|number| {
                let sent = at(i64::try_from(number).unwrap() * 100);
                let acked = (!failed.contains(&number)).then(|| sent + TimeDelta::milliseconds(10));
                Write { number, sent, acked, error: None }
            })
            .collect()
    }

    #[test]
    fn nothing_lost_is_no_loss_at_all() {
        let kept = (1..=10).collect();
        let moments = Moments { fault: at(1_050), serving: None, target: None };
        let found = of("pg", &writes(10, &[]), &kept, moments);
        assert_eq!((found.lost, found.loss_ms, found.lost_ranges), (0, Some(0), Vec::new()));
    }

    #[test]
    fn loss_counts_from_the_newest_row_that_is_kept() {
        // 8, 9 and 10 are lost; 11 came after the fault and was kept; 12 was never acknowledged, and is there.
        let kept = (1..=7).chain([11, 12]).collect();
        let moments = Moments { fault: at(1_050), serving: Some(at(1_110)), target: None };
        let found = of("pg", &writes(12, &[12]), &kept, moments);
        assert_eq!((found.acknowledged, found.kept, found.lost, found.lost_ranges), (11, 8, 3, vec![(8, 10)]));
        assert_eq!(found.loss_ms, Some(1_050 - 710));
        assert_eq!(found.unacknowledged, 1);
    }

    #[test]
    fn without_any_row_everything_since_the_first_is_lost() {
        let moments = Moments { fault: at(1_050), serving: None, target: None };
        let found = of("pg", &writes(10, &[]), &BTreeSet::new(), moments);
        assert_eq!((found.lost, found.loss_ms), (10, Some(950)));
    }

    #[test]
    fn a_moment_to_go_back_to_is_met_exactly_or_not() {
        let moments = Moments { fault: at(1_050), serving: Some(at(1_510)), target: Some(at(555)) };
        // 1 to 5 were acknowledged by 555 ms; 16 came after the recovery.
        let exact = of("pg", &writes(16, &[11, 12, 13, 14]), &(1..=5).chain([15, 16]).collect(), moments);
        assert_eq!((exact.missing_before_target, exact.beyond_target), (Some(0), Some(0)));
        assert_eq!(exact.loss_ms, Some(1_050 - 510));
        let early = of("pg", &writes(10, &[]), &(1..=4).collect(), moments);
        assert_eq!((early.missing_before_target, early.beyond_target), (Some(1), Some(0)));
        let late = of("pg", &writes(10, &[]), &(1..=6).collect(), moments);
        assert_eq!((late.missing_before_target, late.beyond_target), (Some(0), Some(1)));
    }

    #[test]
    fn only_numbers_count() {
        assert_eq!(numbers("1\n 2 \nNOTICE\n\n30"), BTreeSet::from([1, 2, 30]));
    }
}
