//! Whether it gets better: the median of the newest values against the median of as many before them.

use serde::Serialize;

use super::measure::rank;

/// At most so many on each side: what was long ago says nothing about now.
const SIDE: usize = 5;
/// With fewer values nothing can be said.
const FEWEST: usize = 4;
/// A change of so many percent is none.
const STEADY: i64 = 10;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Less than before.
    Better,
    /// More than before.
    Worse,
    /// As before.
    Steady,
    /// Nothing can be said yet.
    TooFew,
}

/// Which way, and by how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Direction {
    /// Which way; less is better.
    pub word: Word,
    /// Of the median of the values before, percent; none: it was 0, or nothing can be said.
    pub change_percent: Option<i64>,
    /// Values on each side.
    pub compared: usize,
}

impl Direction {
    /// Of values in the order of time. A difference up to `floor` is none.
    #[must_use]
    pub fn of(values: &[u64], floor: u64) -> Self {
        if values.len() < FEWEST {
            return Self { word: Word::TooFew, change_percent: None, compared: 0 };
        }
        let side = (values.len() / 2).min(SIDE);
        let (rest, newest) = values.split_at(values.len() - side);
        let now = rank(newest, 50).unwrap_or(0);
        let before = rank(&rest[rest.len() - side..], 50).unwrap_or(0);
        let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let change_percent =
            (before > 0).then(|| (signed(now) - signed(before)).saturating_mul(100) / signed(before).max(1));
        let is_steady = now.abs_diff(before) <= floor || change_percent.is_some_and(|change| change.abs() <= STEADY);
        let word = match (is_steady, now < before) {
            (true, _) => Word::Steady,
            (false, true) => Word::Better,
            (false, false) => Word::Worse,
        };
        Self { word, change_percent, compared: side }
    }

    /// In a few words: `better (-23 %)`.
    #[must_use]
    pub fn words(&self, better: &str, worse: &str) -> String {
        let change = self.change_percent.map_or_else(String::new, |change| format!(" ({change:+} %)"));
        match self.word {
            Word::Better => format!("{better}{change}"),
            Word::Worse => format!("{worse}{change}"),
            Word::Steady => "steady".to_owned(),
            Word::TooFew => "too few to say".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(values: &[u64]) -> Word {
        Direction::of(values, 500).word
    }

    #[test]
    fn the_newest_are_compared_with_as_many_before_them() {
        assert_eq!(word(&[10_000, 20_000, 30_000]), Word::TooFew);
        assert_eq!(word(&[60_000, 60_000, 30_000, 30_000]), Word::Better);
        assert_eq!(word(&[30_000, 30_000, 60_000, 60_000]), Word::Worse);
        assert_eq!(word(&[60_000, 61_000, 60_000, 62_000]), Word::Steady);
        let long_ago =
            [900_000, 900_000, 60_000, 60_000, 60_000, 60_000, 60_000, 61_000, 61_000, 61_000, 61_000, 61_000];
        assert_eq!(word(&long_ago), Word::Steady, "only five on each side count");
        let found = Direction::of(&[60_000, 60_000, 30_000, 30_000], 500);
        assert_eq!((found.change_percent, found.compared), (Some(-50), 2));
        assert_eq!(found.words("faster", "slower"), "faster (-50 %)");
    }

    #[test]
    fn what_nobody_notices_is_no_change() {
        assert_eq!(word(&[0, 0, 0, 0]), Word::Steady);
        assert_eq!(word(&[10, 10, 300, 300]), Word::Steady);
        let lost = Direction::of(&[0, 0, 9_000, 9_000], 500);
        assert_eq!((lost.word, lost.change_percent), (Word::Worse, None));
        assert_eq!(lost.words("less", "more"), "more");
    }
}
