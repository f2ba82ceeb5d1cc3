//! Ends the work of an attempt: TERM, grace, KILL, then a sweep until nothing that carries the token is left.

use std::process::ExitStatus;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::process::Child;
use tokio::sync::watch;
use tokio::time::sleep;

use super::sweep::Members;
use super::{boot, sweep};

/// Between two looks at what is left.
const LOOK: Duration = Duration::from_millis(50);
/// Looks after KILL; what is left then cannot be ended (another user's, or stuck in the kernel).
const LOOKS: u32 = 60;

/// Ends the process group and everything with the token. Gives the status of the main process and what could not be ended.
/// `impatience` above 1 cuts the grace short.
pub(super) async fn end(
    child: &mut Child,
    group: i32,
    token: &str,
    grace: Duration,
    impatience: &mut watch::Receiver<u8>,
) -> (Option<ExitStatus>, Vec<u32>) {
    let mut members = Members::new(group, token);
    let living = members.living();
    if living.is_empty() {
        // No /proc to look into: the group is all there is.
        sweep::signal_group(group, Signal::SIGTERM);
    }
    sweep::signal_each(&living, Signal::SIGTERM);
    let due = boot::now() + grace;
    while boot::now() < due && *impatience.borrow() < 2 {
        let _ = child.try_wait();
        if members.living().is_empty() {
            break;
        }
        sleep(LOOK).await;
    }
    sweep::signal_group(group, Signal::SIGKILL);
    let mut left = Vec::new();
    let mut clean = 0;
    for _ in 0..LOOKS {
        // Reaped first, so that it does not count as somebody.
        let _ = child.try_wait();
        left = members.living();
        // Twice: a process that forks while we look can slip through one pass.
        clean = if left.is_empty() { clean + 1 } else { 0 };
        if clean == 2 {
            break;
        }
        sweep::signal_group(group, Signal::SIGKILL);
        sweep::signal_each(&left, Signal::SIGKILL);
        sleep(LOOK / 5).await;
    }
    (child.try_wait().ok().flatten(), left)
}
