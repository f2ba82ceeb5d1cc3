//! A run that is there: its directory, its journal, whether an engine drives it. What every verb for runs begins with.

use std::io;
use std::path::Path;

use serde::Serialize;

use super::failure::Failure;
use crate::journal::{self, FileLease, Holder, Loaded, RunDirectory, Runs};
use crate::model::outcome::RunOutcome;
use crate::report::{Sink, Summary};

/// A run and what is known of it.
pub struct Found {
    /// Its directory.
    pub directory: RunDirectory,
    /// Its journal.
    pub loaded: Loaded,
    /// The fold of it.
    pub summary: Summary,
    /// Who drives it now.
    pub holder: Option<Holder>,
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A living engine drives it.
    Running,
    /// It has no end, and nobody drives it.
    EngineGone,
    /// It ended, for now or for good.
    #[serde(untagged)]
    Ended(RunOutcome),
}

impl State {
    /// The word that people see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::EngineGone => "interrupted (engine gone)",
            Self::Ended(outcome) => outcome.as_str(),
        }
    }
}

impl Found {
    /// The run of this id (or beginning of one), else the newest.
    ///
    /// # Errors
    /// No such run; a journal that cannot be read or trusted.
    pub fn open(runs: &Runs, id: Option<&str>) -> Result<Self, Failure> {
        Self::read(find(runs, id)?)
    }

    /// A run by its directory. The journal is read after the engine was looked for: one that ends in between has an end.
    ///
    /// # Errors
    /// A journal that cannot be read or trusted.
    pub fn read(directory: RunDirectory) -> Result<Self, Failure> {
        let holder = holder(&directory).map_err(|error| unreadable(directory.path(), &error))?;
        let loaded = journal::load(&directory.journal()).map_err(|error| Failure::Storage(error.to_string()))?;
        let summary = Summary::of(&loaded.records);
        Ok(Self { directory, loaded, summary, holder })
    }

    /// Where it is.
    pub fn state(&self) -> State {
        match (self.summary.outcome, &self.holder) {
            // An engine that has written the end is about to go.
            (Some(outcome), _) => State::Ended(outcome),
            (None, Some(_)) => State::Running,
            (None, None) => State::EngineGone,
        }
    }

    /// Warns of a torn tail, unless an engine is writing it right now.
    pub fn warn_of_torn_tail(&self) {
        if let (Some(torn), None) = (&self.loaded.torn, &self.holder) {
            let bytes = torn.bytes;
            let text =
                format!("warning: the last {bytes} bytes of the journal were never acknowledged and are dropped");
            Sink::stderr().line(text);
        }
    }
}

/// Who drives a run now. A living engine that did not say who it is, is still one.
fn holder(directory: &RunDirectory) -> io::Result<Option<Holder>> {
    match FileLease::holder(directory) {
        // Another user's run: its lock cannot be looked at, but its journal perhaps can.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(None),
        other => other,
    }
}

/// The directory of the run of this id (or beginning of one), else of the newest.
///
/// # Errors
/// No such run, or several.
pub fn find(runs: &Runs, id: Option<&str>) -> Result<RunDirectory, Failure> {
    let place = "--runs-dir or $RUNBOOK_RUNS name the directory of runs";
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => Failure::usage(error.to_string()).help(place),
        _ => unreadable(runs.path(), &error),
    };
    match id {
        // Ids are written in upper case; people type what they like.
        Some(id) => runs.open(&id.to_ascii_uppercase()).map_err(failed),
        None => runs
            .newest()
            .map_err(failed)?
            .ok_or_else(|| Failure::usage(format!("there is no run in {}", runs.path().display())).help(place)),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Storage(format!("read {}: {error}", path.display()))
}
