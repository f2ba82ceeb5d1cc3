//! Engines in the background: watched by their journals, killed, frozen, and taken over from.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::{Ran, Runbook};

/// How long a test waits for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until something is there.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "a test's own patience")]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until something holds.
#[track_caller]
pub fn holds(what: &str, condition: impl Fn() -> bool) {
    until(what, || condition().then_some(()));
}

/// Sends a signal to one process, as another person on the machine would.
#[track_caller]
pub fn signal(pid: u32, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(pid).unwrap()), signal).unwrap();
}

/// One engine; gone with its test.
pub struct Driven {
    child: Child,
    said: PathBuf,
}

impl Driven {
    /// Starts a call of the program; what it says goes to a file.
    pub fn start(call: Runbook, said: &Path) -> Self {
        let file = File::create(said).unwrap();
        let errors = file.try_clone().unwrap();
        let child = call.into_command().stdin(Stdio::null()).stdout(file).stderr(errors).spawn().unwrap();
        Self { child, said: said.to_path_buf() }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Both streams so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }

    /// A signal to the engine alone.
    pub fn signal(&self, kind: Signal) {
        signal(self.child.id(), kind);
    }

    /// SIGKILL: nothing of it does anything any more.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Its end, with both streams as standard output.
    #[track_caller]
    pub fn ends(&mut self, code: i32) -> Ran {
        let status = until("the engine ends", || self.child.try_wait().unwrap());
        let stdout = self.said();
        Ran { code: status.code(), stdout, stderr: String::new() }.exits(code)
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        // Already gone in a test that passed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The records of a run, as far as they are written.
pub struct Records(pub Vec<Value>);

impl Records {
    /// The newest run below a directory of runs; a last line that is not whole yet does not count.
    pub fn newest(runs: &Path) -> Self {
        let newest = fs::read_dir(runs).ok().and_then(|all| all.flatten().map(|entry| entry.path()).max());
        let text = newest.and_then(|run| fs::read_to_string(run.join("journal.jsonl")).ok()).unwrap_or_default();
        let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        Self(lines.map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    /// All of a kind about a step.
    pub fn of(&self, kind: &str, step: &str) -> Vec<&Value> {
        self.0.iter().filter(|record| record["kind"] == kind && record["step"] == step).collect()
    }

    /// The last of a kind about a step.
    pub fn last(&self, kind: &str, step: &str) -> Option<&Value> {
        self.of(kind, step).pop()
    }

    /// A text of the last record of a kind about a step.
    #[track_caller]
    pub fn text(&self, kind: &str, step: &str, field: &str) -> &str {
        let record = self.last(kind, step).unwrap_or_else(|| panic!("no {kind} of {step}: {:#?}", self.0));
        record[field].as_str().unwrap_or_else(|| panic!("{field} of {record}"))
    }

    /// What was said about an attempt that nobody saw end: the verdict, and by what.
    #[track_caller]
    pub fn resolved(&self, step: &str) -> (&str, &str) {
        (self.text("resolved", step, "verdict"), self.text("resolved", step, "by"))
    }

    /// The run's id.
    #[track_caller]
    pub fn run(&self) -> &str {
        self.0[0]["run"].as_str().unwrap()
    }

    /// Steps whose action began although an end of theirs that stands was written before.
    pub fn ran_again(&self) -> Vec<&str> {
        let mut ended = Vec::new();
        let mut again = Vec::new();
        for record in &self.0 {
            let Some(step) = record["step"].as_str() else { continue };
            match record["kind"].as_str() {
                Some("step_finished") if ["succeeded", "warned"].iter().any(|it| record["outcome"] == *it) => {
                    ended.push(step);
                }
                Some("step_started") if ended.contains(&step) => again.push(step),
                _ => {}
            }
        }
        again
    }
}
