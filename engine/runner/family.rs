//! Orphans come to us: as a subreaper the engine becomes the parent of every descendant whose own parent ends. So a double fork that
//! also emptied its environment (`env -i`, sudo) is still found, by its parent, where the token is gone.
//!
//! Not a cgroup: without `CLONE_INTO_CGROUP`, which the standard library does not offer, a process has to be moved after it was
//! started, and what it forks before that stays outside; and most machines let only root, or nobody, make groups.

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::sys::prctl::set_child_subreaper;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Who is whose. One for the process, since that is what orphans come to.
#[derive(Debug, Default)]
struct Family {
    /// Started by us; somebody else waits for them.
    children: HashSet<i32>,
    /// Sessions of orphans that a successful step left on purpose.
    kept: HashSet<i32>,
}

static FAMILY: Mutex<Option<Family>> = Mutex::new(None);

fn family() -> MutexGuard<'static, Option<Family>> {
    FAMILY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on orphans come to this process. Where the kernel has no such thing, nothing changes.
pub(super) fn adopt_orphans() {
    let _ = set_child_subreaper(true);
}

/// A process that we have started and that somebody waits for.
#[derive(Debug)]
pub(super) struct Child(i32);

/// Starts a child. Nobody takes it for an orphan meanwhile.
pub(super) fn child<T>(spawn: impl FnOnce() -> std::io::Result<(T, i32)>) -> std::io::Result<(T, Child)> {
    let mut family = family();
    let (spawned, pid) = spawn()?;
    family.get_or_insert_default().children.insert(pid);
    Ok((spawned, Child(pid)))
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Some(family) = family().as_mut() {
            family.children.remove(&self.0);
        }
    }
}

/// True for a child of this process that came as an orphan of some attempt. Helpers stay in our own process group.
pub(super) fn is_orphan(pid: i32, parent: i32, group: i32) -> bool {
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    parent == own
        && group != nix::unistd::getpgrp().as_raw()
        && !family().as_ref().is_some_and(|family| family.children.contains(&pid))
}

/// A successful step leaves these: what they start later is theirs.
pub(super) fn keep(sessions: impl IntoIterator<Item = i32>) {
    family().get_or_insert_default().kept.extend(sessions);
}

/// True when a session is one that was left on purpose.
pub(super) fn is_kept(session: i32) -> bool {
    family().as_ref().is_some_and(|family| family.kept.contains(&session))
}

/// Children of this process that are not ours to wait for otherwise; one small file to read.
fn orphans() -> Vec<i32> {
    let own = std::process::id();
    // Orphans come to the first thread.
    let children = fs::read_to_string(format!("/proc/self/task/{own}/children")).unwrap_or_default();
    let family = family();
    let ours = |pid: &i32| family.as_ref().is_some_and(|family| family.children.contains(pid));
    children.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).filter(|pid| !ours(pid)).collect()
}

/// Buries orphans that have ended, and tells whether any is alive that was not left on purpose.
pub(super) fn reap() -> bool {
    let mut alive = false;
    for pid in orphans() {
        // Helpers in our own group have somebody who waits for them; a zombie's group can still be read.
        let Ok(group) = nix::unistd::getpgid(Some(Pid::from_raw(pid))) else { continue };
        if group == nix::unistd::getpgrp() {
            continue;
        }
        let ended = waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG));
        let kept = || nix::unistd::getsid(Some(Pid::from_raw(pid))).is_ok_and(|session| is_kept(session.as_raw()));
        alive |= matches!(ended, Ok(WaitStatus::StillAlive)) && !kept();
    }
    alive
}

/// The programs that run on this machine.
#[derive(Debug, Default)]
pub(super) struct Company {
    running: AtomicUsize,
    joined: AtomicUsize,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Membership<'a> {
    company: &'a Company,
    /// Nobody was there.
    first: bool,
    number: usize,
}

impl Company {
    /// One more, until it is dropped.
    pub fn join(&self) -> Membership<'_> {
        let first = self.running.fetch_add(1, Ordering::Relaxed) == 0;
        Membership { company: self, first, number: self.joined.fetch_add(1, Ordering::Relaxed) + 1 }
    }
}

impl Membership<'_> {
    /// Nobody else ran at any time since it joined.
    pub fn was_alone(&self) -> bool {
        self.first && self.company.joined.load(Ordering::Relaxed) == self.number
    }
}

impl Drop for Membership<'_> {
    fn drop(&mut self) {
        self.company.running.fetch_sub(1, Ordering::Relaxed);
    }
}
