//! One command on a machine of the world.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;

use super::place::Place;
use super::process::{Process, Stream, Unsimulated};
use super::world::World;

/// A program as a runner starts it.
#[derive(Clone, Debug, Default)]
pub struct Call<'a> {
    /// Program and arguments.
    pub argv: &'a [String],
    /// Over an environment that has nothing of note.
    pub env: BTreeMap<String, String>,
    /// None: null.
    pub stdin: Option<String>,
    /// None: where one logs in.
    pub working_dir: Option<String>,
    /// It is ended after so long.
    pub timeout: Option<Duration>,
}

/// What a command gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Its exit code.
    pub exit: i32,
    /// What it printed; what is no text is left out.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

/// The exit code of what was killed.
pub(super) const KILLED: i32 = 137;

impl World {
    /// Runs a program on a machine, as root.
    ///
    /// # Errors
    /// Something of it is not simulated. Parts of it may have happened: the caller has a fork from before.
    pub fn call(&mut self, machine: &str, call: Call<'_>) -> Result<Said, Unsimulated> {
        let began = self.now;
        let timeout = call.timeout.and_then(|timeout| TimeDelta::from_std(timeout).ok());
        let ends = timeout.and_then(|timeout| began.checked_add_signed(timeout));
        let deadline = self.cut.into_iter().chain(ends).min();
        let mut process = Process::new(self, Place::machine(machine));
        process.env = call.env;
        process.stdin = Stream::text(call.stdin.unwrap_or_default());
        process.deadline = deadline;
        if let Some(dir) = call.working_dir {
            process.cwd = super::tree::absolute("/root", &dir);
        }
        let exit = process.run(call.argv)?;
        let exit = if process.is_ended() { KILLED } else { exit };
        let (stdout, stderr) = (process.stdout.to_text(), std::mem::take(&mut process.stderr));
        let took = (self.now - began).to_std().unwrap_or_default();
        Ok(Said { exit, stdout, stderr, took })
    }

    /// Runs a command on a machine, as root in its home directory: what tests and people ask.
    ///
    /// # Errors
    /// It is not simulated; then nothing has happened.
    pub fn command(&mut self, machine: &str, argv: &[String], stdin: &str) -> Result<Said, Unsimulated> {
        let before = self.clone();
        let said = self.call(machine, Call { argv, stdin: Some(stdin.to_owned()), ..Call::default() });
        if said.is_err() {
            *self = before;
        }
        said
    }
}
