//! Finds the processes of an attempt: its group, every process that carries its token, and what descends from these.
//! `setsid` and double forks leave the group but keep the environment.

use std::collections::HashSet;
use std::fs;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// The variable that carries the token.
pub(super) const VARIABLE: &str = "RUNBOOK_ATTEMPT";

struct Process {
    pid: i32,
    parent: i32,
    group: i32,
    /// Clock ticks since boot.
    started: u64,
}

/// True when anything is left of a process group; one system call.
pub(super) fn group_lives(group: i32) -> bool {
    // EPERM also says that somebody is there.
    !matches!(killpg(Pid::from_raw(group), None), Err(nix::errno::Errno::ESRCH))
}

/// Sends a signal to a whole group; nobody there is fine.
pub(super) fn signal_group(group: i32, signal: Signal) {
    let _ = killpg(Pid::from_raw(group), signal);
}

/// Sends a signal to each.
pub(super) fn signal_each(pids: &[u32], signal: Signal) {
    for pid in pids {
        if let Ok(pid) = i32::try_from(*pid) {
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
}

impl Members {
    /// Nobody is known yet.
    pub fn new(group: i32, token: &str) -> Self {
        Self { group, entry: format!("{VARIABLE}={token}"), known: HashSet::new() }
    }

    /// Those that carry a variable with this value, whatever their group.
    pub fn carrying(variable: &str, value: &str) -> Self {
        Self { group: i32::MIN, entry: format!("{variable}={value}"), known: HashSet::new() }
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
    let started = fields.nth(16)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(Process { pid, parent, group, started })
}

fn carries(pid: i32, entry: &[u8]) -> bool {
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
        assert_eq!((process.parent, process.group, process.started), (5, 6, 4242));
        assert!(living(7, "7 (x) Z 5 6 6 0").is_none());
    }
}
