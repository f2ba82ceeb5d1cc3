//! The real program in the background: what it says so far, what it left behind.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Ran, Runbook};

/// How often something is looked at.
const GLANCE: Duration = Duration::from_millis(10);
/// As often at most: half a minute.
const GLANCES: usize = 3000;

/// A call that has not ended.
pub struct Running {
    child: Child,
    said: tempfile::TempDir,
}

impl Running {
    /// Starts it, without a terminal.
    pub fn start(call: Runbook) -> Self {
        let said = tempfile::tempdir().unwrap();
        let mut command = call.into_command();
        command.stdout(File::create(said.path().join("out")).unwrap());
        command.stderr(File::create(said.path().join("err")).unwrap());
        Self { child: command.spawn().unwrap(), said }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signals(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Its end.
    pub fn ends(mut self) -> Ran {
        let mut status = None;
        waits_for("the program ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let read = |name| String::from_utf8_lossy(&fs::read(self.said.path().join(name)).unwrap()).into_owned();
        Ran { code: status.and_then(crate::support::shell_code), stdout: read("out"), stderr: read("err") }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone in a test that passed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A word beside a test's result: a figure, a skip with its reason.
pub fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Waits until it holds.
#[track_caller]
pub fn waits_for(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..GLANCES {
        if holds() {
            return;
        }
        sleep(GLANCE);
    }
    panic!("waited in vain: {what}");
}

/// The journal of the only run below.
pub fn journal(runs: &Path) -> Option<PathBuf> {
    let run = fs::read_dir(runs).ok()?.flatten().next()?.path();
    Some(run.join("journal.jsonl")).filter(|path| path.exists())
}

/// Processes that carry this run's id in their environment.
pub fn processes_of(run: &str) -> Vec<String> {
    let needle = format!("RUNBOOK_RUN={run}");
    let processes = fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == needle.as_bytes())
    });
    let told = processes.map(|entry| fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default());
    // A zombie has no command line any more.
    told.filter(|line| !line.is_empty()).collect()
}
