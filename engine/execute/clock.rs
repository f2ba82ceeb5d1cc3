//! The real clock: boot time for what has elapsed (a closed lid counts), UTC for records.

use std::time::Duration;

use crate::model::port::{Clock, Now};
use crate::runner::boot;
use chrono::Utc;

/// Counts from its creation.
#[derive(Clone, Copy, Debug)]
pub struct BootClock {
    began: Duration,
    before: Duration,
}

impl BootClock {
    /// Begins now.
    #[must_use]
    pub fn start() -> Self {
        Self::resumed(Duration::ZERO)
    }

    /// Goes on after so much time.
    #[must_use]
    pub fn resumed(elapsed: Duration) -> Self {
        Self { began: boot::now(), before: elapsed }
    }
}

impl Clock for BootClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter of the port")]
    fn now(&self) -> Now {
        Now { elapsed: self.before + boot::now().saturating_sub(self.began), wall: Utc::now() }
    }
}
