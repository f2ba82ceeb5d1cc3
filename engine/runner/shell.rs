//! A shell for the person at the terminal, in the middle of a run. It belongs to nobody's step: no token, no time limit, no log.

use std::env;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::Child;

use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{getpgrp, tcsetpgrp};

use super::process;
use crate::model::id::{RunId, StepId};

/// Where there is no `$SHELL`.
const PLAIN: &str = "/bin/sh";

/// A running shell; the terminal is its own until [`Shell::wait`] returns.
#[derive(Debug)]
pub struct Shell {
    child: Child,
    terminal: File,
}

impl Shell {
    /// Starts `$SHELL`, else `/bin/sh`, on this terminal, with `RUNBOOK_RUN` and `RUNBOOK_STEP`.
    ///
    /// # Errors
    /// Which program could not be started, and why.
    pub fn open(input: &File, output: &File, run: &RunId, step: &StepId) -> Result<Self, String> {
        let wanted = env::var_os("SHELL").map(PathBuf::from).filter(|shell| shell.is_absolute());
        let program = wanted.unwrap_or_else(|| PathBuf::from(PLAIN));
        let env = [("RUNBOOK_RUN".to_owned(), run.0.clone()), ("RUNBOOK_STEP".to_owned(), step.0.clone())];
        let start = || {
            Ok(Self { terminal: input.try_clone()?, child: process::spawn_on_terminal(&program, &env, input, output)? })
        };
        start().map_err(|error: io::Error| format!("start {}: {error}", program.display()))
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Blocks until it has ended, then takes the terminal back: a shell that was killed does not give it.
    pub fn wait(mut self) {
        // An error can only mean that it is gone.
        let _ = self.child.wait();
        let mut blocked = SigSet::empty();
        blocked.add(Signal::SIGTTOU);
        // Whoever is not in front may take the terminal only while this signal is blocked.
        if blocked.thread_block().is_ok() {
            let _ = tcsetpgrp(&self.terminal, getpgrp());
            let _ = blocked.thread_unblock();
        }
    }
}
