//! Chance that repeats itself: the same seed gives the same latencies and ids.

use std::fmt::Write as _;
use std::time::Duration;

/// A small generator (splitmix64); part of the world, so that forks of it go on alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// At least `least`, below `most`.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.roll() % most.saturating_sub(least).max(1)
    }

    /// About so long: up to a quarter more or less.
    pub fn about(&mut self, duration: Duration) -> Duration {
        let share = self.between(750, 1250);
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(nanos / 1000 * share)
    }

    /// So many hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            let _ = write!(text, "{:016x}", self.roll());
        }
        text.truncate(digits);
        text
    }
}
