//! Finds the processes of an attempt: its group, every process that carries its token, and what descends from these.
//! `setsid` and double forks leave the group but keep the environment; with an empty one they come to us as orphans.

use std::collections::HashSet;
use std::fs;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::stat::fstat;
use nix::unistd::Pid;

use super::family;

/// The variable that carries the token.
pub(super) const VARIABLE: &str = "RUNBOOK_ATTEMPT";

struct Process {
    pid: i32,
    parent: i32,
    group: i32,
    session: i32,
    /// Clock ticks since boot.
    started: u64,
}

/// Of `/proc`, in a second.
const TICKS: u128 = 100;

/// By what an orphan without a token is somebody's.
#[derive(Clone, Debug)]
pub(super) struct Orphans {
    /// Boot time when the attempt began; older ones are not its own.
    pub since: Duration,
    /// The ends of its output, as `/proc/<pid>/fd` shows them.
    pub pipes: [String; 2],
    /// No other attempt runs on this machine: whoever else came since is its own.
    pub alone: bool,
}

/// True when anything is left of a process group; one system call.
pub(super) fn group_lives(group: i32) -> bool {
    if group < 2 {
        return false;
    }
    // EPERM also says that somebody is there.
    !matches!(killpg(Pid::from_raw(group), None), Err(nix::errno::Errno::ESRCH))
}

/// Sends a signal to a whole group; nobody there is fine.
pub(super) fn signal_group(group: i32, signal: Signal) {
    // 0 would be our own group, 1 everybody's.
    if group > 1 {
        let _ = killpg(Pid::from_raw(group), signal);
    }
}

/// Sends a signal to each.
pub(super) fn signal_each(pids: &[u32], signal: Signal) {
    for pid in pids {
        if let Some(pid) = i32::try_from(*pid).ok().filter(|pid| *pid > 1) {
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }
}

/// The processes of one attempt, over several passes: once seen, a process stays known when its parent is gone.
#[derive(Debug)]
pub(super) struct Members {
    group: i32,
    entry: String,
    /// Pid and start time: a pid that comes again is somebody else.
    known: HashSet<(i32, u64)>,
    orphans: Option<Orphans>,
}

impl Members {
    /// Nobody is known yet.
    pub fn new(group: i32, token: &str, orphans: Orphans) -> Self {
        // Threads of the kernel are in group 0.
        let group = if group > 1 { group } else { i32::MIN };
        Self { group, entry: format!("{VARIABLE}={token}"), known: HashSet::new(), orphans: Some(orphans) }
    }

    /// Those that carry a variable with this value, whatever their group.
    pub fn carrying(variable: &str, value: &str) -> Self {
        Self { group: i32::MIN, entry: format!("{variable}={value}"), known: HashSet::new(), orphans: None }
    }

    /// Everyone alive now, by a pass over `/proc`. Zombies do not count.
    pub fn living(&mut self) -> Vec<u32> {
        let own = i32::try_from(std::process::id()).unwrap_or(0);
        let all: Vec<Process> = processes().filter(|process| process.pid != own && process.pid > 1).collect();
        self.known = all
            .iter()
            .filter(|process| {
                self.known.contains(&(process.pid, process.started))
                    || process.group == self.group
                    || carries(process.pid, self.entry.as_bytes())
                    || self.orphans.as_ref().is_some_and(|orphans| orphans.claim(process))
            })
            .map(|process| (process.pid, process.started))
            .collect();
        let mut pids: HashSet<i32> = self.known.iter().map(|(pid, _)| *pid).collect();
        // A child that emptied or rewrote its environment is still somebody's child.
        let mut before = 0;
        while pids.len() > before {
            before = pids.len();
            for process in &all {
                if pids.contains(&process.parent) && pids.insert(process.pid) {
                    self.known.insert((process.pid, process.started));
                }
            }
        }
        let mut living: Vec<u32> = pids.into_iter().filter_map(|pid| u32::try_from(pid).ok()).collect();
        living.sort_unstable();
        living
    }

    /// What a step leaves on purpose stays, and what that starts later too.
    pub fn keep(&self) {
        let known = |process: &Process| self.known.contains(&(process.pid, process.started));
        family::keep(processes().filter(known).map(|process| process.session));
    }
}

impl Orphans {
    fn claim(&self, process: &Process) -> bool {
        let young = u128::from(process.started) + 1 >= self.since.as_millis() * TICKS / 1000;
        young
            && family::is_orphan(process.pid, process.parent, process.group)
            && !family::is_kept(process.session)
            && !carries_any(process.pid)
            && (self.alone || self.holds_pipe(process.pid))
    }

    fn holds_pipe(&self, pid: i32) -> bool {
        let held = |at: u8| fs::read_link(format!("/proc/{pid}/fd/{at}"));
        [1, 2]
            .into_iter()
            .filter_map(|at| held(at).ok())
            .any(|held| self.pipes.iter().any(|pipe| held.as_os_str() == pipe.as_str()))
    }
}

/// How `/proc/<pid>/fd` shows a pipe.
pub(super) fn pipe_name(pipe: &impl AsFd) -> String {
    fstat(pipe).map(|stat| format!("pipe:[{}]", stat.st_ino)).unwrap_or_default()
}

fn processes() -> impl Iterator<Item = Process> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(|pid| living(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?))
}

/// Reads `/proc/<pid>/stat`; the program's name in it may hold anything, so what counts is behind its last parenthesis.
fn living(pid: i32, stat: &str) -> Option<Process> {
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    let session = fields.next()?.parse().ok()?;
    let started = fields.nth(15)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(Process { pid, parent, group, session, started })
}

/// It belongs to some attempt, by its own word.
fn carries_any(pid: i32) -> bool {
    let name = format!("{VARIABLE}=");
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|entry| entry.starts_with(name.as_bytes())))
}

fn carries(pid: i32, entry: &[u8]) -> bool {
    // Without a value it would be nobody's in particular.
    if entry.ends_with(b"=") {
        return false;
    }
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|variable| variable == entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_mislead() {
        let stat = "7 (a) Z (b) S 5 6 6 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4242 99 100 18446744073709551615 1 1";
        let process = living(7, stat).unwrap();
        assert_eq!((process.parent, process.group, process.session, process.started), (5, 6, 6, 4242));
        assert!(living(7, "7 (x) Z 5 6 6 0").is_none());
    }
}
