//! Boot time: never goes back, and counts the time a machine sleeps. Timeouts of live work are measured on it.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// A tokio timer stands still while the machine sleeps, so a long wait looks at the clock this often.
const SLICE: Duration = Duration::from_secs(15);

/// Time since the machine started, suspended time included. Zero where the kernel has no such clock.
#[must_use]
pub fn now() -> Duration {
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from)
}

/// Returns once the boot clock has reached `due`.
pub async fn sleep_until(due: Duration) {
    loop {
        let left = due.saturating_sub(now());
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.min(SLICE)).await;
    }
}
