//! Ends the work of an attempt: TERM, grace, KILL, then a sweep until nothing that carries the token is left.

use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::process::Child;
use tokio::sync::watch;
use tokio::time::sleep;

use super::sweep::Members;
use super::{boot, family, sweep};

/// Between two looks at what is left.
const LOOK: Duration = Duration::from_millis(50);
/// Looks after KILL; what is left then cannot be ended (another user's, or stuck in the kernel).
const LOOKS: u32 = 60;

/// Ends the process group and everything with the token. Gives what could not be ended.
/// `impatience` above 1 cuts the grace short.
pub(super) async fn end(
    child: &mut Child,
    group: i32,
    mut members: Members,
    grace: Duration,
    impatience: &mut watch::Receiver<u8>,
) -> Vec<u32> {
    if members.living().is_empty() {
        // No /proc to look into: the group is all there is.
        sweep::signal_group(group, Signal::SIGTERM);
    }
    let mut reap = || {
        let _ = child.try_wait();
        family::reap();
    };
    end_all(&mut members, Some(group), grace, impatience, &mut reap).await
}

/// Ends what an engine that is gone has left of an attempt: everything that carries `variable` with this value. Gives what could
/// not be ended.
pub(super) async fn end_orphans(
    variable: &str,
    value: &str,
    grace: Duration,
    impatience: &mut watch::Receiver<u8>,
) -> Vec<u32> {
    end_all(&mut Members::carrying(variable, value), None, grace, impatience, &mut || ()).await
}

async fn end_all(
    members: &mut Members,
    group: Option<i32>,
    grace: Duration,
    impatience: &mut watch::Receiver<u8>,
    reap: &mut (impl FnMut() + Send),
) -> Vec<u32> {
    sweep::signal_each(&members.living(), Signal::SIGTERM);
    let kill_group = || {
        if let Some(group) = group {
            sweep::signal_group(group, Signal::SIGKILL);
        }
    };
    let due = boot::now() + grace;
    while boot::now() < due && *impatience.borrow() < 2 {
        reap();
        if members.living().is_empty() {
            break;
        }
        sleep(LOOK).await;
    }
    kill_group();
    let mut left = Vec::new();
    let mut clean = 0;
    for _ in 0..LOOKS {
        // Reaped first, so that it does not count as somebody.
        reap();
        left = members.living();
        // Twice: a process that forks while we look can slip through one pass.
        clean = if left.is_empty() { clean + 1 } else { 0 };
        if clean == 2 {
            break;
        }
        kill_group();
        sweep::signal_each(&left, Signal::SIGKILL);
        sleep(LOOK / 5).await;
    }
    left
}
