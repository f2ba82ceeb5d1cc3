//! Ticks of an axis that begins at 0: steps that people count in, the last one at the largest value or above it.

/// Intervals at most.
const INTERVALS: u64 = 5;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Steps below ten days, ms.
const STEPS: [u64; 33] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    20 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    4 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    5 * DAY,
];

/// Of durations up to this one, ms.
#[must_use]
pub fn durations(largest: u64) -> Vec<u64> {
    if largest == 0 {
        // Nothing at all is drawn against a second.
        return vec![0, SECOND];
    }
    let long = (1..).flat_map(|power| [1, 2, 5].map(|n| n * DAY * 10_u64.saturating_pow(power)));
    let step = STEPS.into_iter().chain(long).find(|step| largest.div_ceil(*step) <= INTERVALS);
    up_to(largest, step.unwrap_or(largest))
}

/// Of parts of a whole up to this one, in thousandths.
#[must_use]
pub fn shares(largest: u64) -> Vec<u64> {
    let largest = largest.clamp(1, 1000);
    let step = [10, 20, 50, 100, 200].into_iter().find(|step| largest.div_ceil(*step) <= INTERVALS);
    up_to(largest, step.unwrap_or(200))
}

fn up_to(largest: u64, step: u64) -> Vec<u64> {
    (0..=largest.div_ceil(step)).map(|n| n.saturating_mul(step)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_that_people_count_in() {
        assert_eq!(durations(46_900), [0, 10, 20, 30, 40, 50].map(|s| s * SECOND));
        assert_eq!(durations(2 * MINUTE), [0, 30, 60, 90, 120].map(|s| s * SECOND));
        assert_eq!(durations(61 * SECOND), [0, 15, 30, 45, 60, 75].map(|s| s * SECOND));
        assert_eq!(durations(4 * HOUR), (0..=4).map(|n| n * HOUR).collect::<Vec<_>>());
        assert_eq!(durations(0), [0, 1000]);
        assert_eq!(durations(3), [0, 1, 2, 3]);
        assert_eq!(durations(40 * DAY), (0..=4).map(|n| n * 10 * DAY).collect::<Vec<_>>());
        assert_eq!(durations(1_000 * DAY), (0..=5).map(|n| n * 200 * DAY).collect::<Vec<_>>());
        assert_eq!(shares(1000), [0, 200, 400, 600, 800, 1000]);
        assert_eq!(shares(31), [0, 10, 20, 30, 40]);
    }

    #[test]
    fn the_last_tick_is_above_every_value_and_there_are_not_many() {
        for power in 0..60 {
            for value in [(1 << power) - 1, 1 << power, (1_u64 << power) + 1] {
                let ticks = durations(value);
                assert!(ticks.last().is_some_and(|last| *last >= value), "{value}: {ticks:?}");
                assert!((2..=6).contains(&ticks.len()), "{value}: {ticks:?}");
                assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]), "{value}: {ticks:?}");
            }
        }
    }
}
