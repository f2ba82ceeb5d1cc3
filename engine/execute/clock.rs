//! The real clock: boot time for what has elapsed (a closed lid counts), UTC for records.

use std::time::Duration;

use chrono::Utc;
use nix::time::{ClockId, clock_gettime};

use crate::model::port::{Clock, Now};

/// Counts from its creation.
#[derive(Clone, Copy, Debug)]
pub struct BootClock {
    began: Duration,
}

impl BootClock {
    /// Begins now.
    #[must_use]
    pub fn start() -> Self {
        Self { began: boot_time() }
    }
}

impl Clock for BootClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter of the port")]
    fn now(&self) -> Now {
        Now { elapsed: boot_time().saturating_sub(self.began), wall: Utc::now() }
    }
}

/// Since the machine started, suspended time included. The clock cannot fail on Linux; a machine without it counts nothing.
fn boot_time() -> Duration {
    clock_gettime(ClockId::CLOCK_BOOTTIME).map(Duration::from).unwrap_or_default()
}
