//! Whether the kernel's out-of-memory killer was at work: it counts its kills in `/proc/vmstat`.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

/// The count when the runner was made, or after the last kill that was explained.
#[derive(Debug)]
pub(super) struct OomKills {
    seen: AtomicU64,
}

impl OomKills {
    pub fn new() -> Self {
        Self { seen: AtomicU64::new(count()) }
    }

    /// Why a process was killed, as far as anybody knows; only signal 9 has a story.
    pub fn explain(&self, signal: i32) -> Option<String> {
        if signal != 9 {
            return None;
        }
        let now = count();
        let before = self.seen.swap(now, Ordering::Relaxed);
        Some(if now > before { "out of memory" } else { "killed by signal 9 (often: out of memory)" }.to_owned())
    }
}

fn count() -> u64 {
    let Ok(text) = fs::read_to_string("/proc/vmstat") else { return 0 };
    text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok()).unwrap_or(0)
}
