//! The engine of a drill: this program, as a person would start it, in the lab's station.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::error::DrillError;
use super::lab::{Lab, Station};
use super::tool::words;
use crate::journal::{self, Runs};
use crate::model::entry::{Entry, Record};
use crate::model::outcome::Outcome;
use crate::runner::boot;

/// Checks every service; measures, changes nothing.
const HEALTHY: &str = "kind: runbook/v1
name: drill-healthy
title: Every service is healthy
owner: drill
steps:
  - id: services
    title: Every service is healthy
    services:
      check: all
";
/// From one signal to the engine to the next.
const GRACE: Duration = Duration::from_secs(5);
/// Services that are not well, in a message.
const SHOWN: usize = 3;
/// Between two looks at the engine.
const LOOK: Duration = Duration::from_millis(20);

/// What the engine is told.
#[derive(Clone, Debug)]
pub struct Engine {
    /// This program.
    pub program: PathBuf,
    /// The runbook.
    pub runbook: PathBuf,
    /// The system.
    pub system: PathBuf,
    /// Its environment.
    pub environment: String,
    /// Parameters from the command line; over those of the lab's file.
    pub set: Vec<String>,
    /// Where runs are recorded.
    pub runs: PathBuf,
    /// Where it is started.
    pub directory: PathBuf,
    /// Takes what the engine of the recovery shows; none: it is shown.
    pub output: Option<PathBuf>,
    /// Takes what the checks show.
    pub checks: PathBuf,
    /// It shows plain lines, also on a terminal.
    pub plain: bool,
}

/// How an engine ended.
#[derive(Debug, Default)]
pub struct Ran {
    /// Its exit code; none after a signal.
    pub exit: Option<i32>,
    /// What it said last.
    pub why: String,
    /// Its run.
    pub run: Option<String>,
    /// What happened in it.
    pub records: Vec<Record>,
}

impl Engine {
    fn common(&self, file: &Path, runs: &Path) -> Vec<String> {
        let mut argv = words(["run"]);
        argv.insert(0, self.program.display().to_string());
        argv.extend([file.display().to_string(), "--system".to_owned(), self.system.display().to_string()]);
        argv.extend(words(["--environment", &self.environment, "--runs-dir", &runs.display().to_string()]));
        // Both ends of every connection are on this machine.
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        argv.extend(words(["--max-parallel", &(2 * cores).to_string()]));
        if self.plain {
            argv.splice(0..0, words(["env", "TERM=dumb", "NO_COLOR=1"]));
        }
        argv
    }

    /// Carries the runbook out. `signal` gives the last signal that arrived, 0: none.
    ///
    /// # Errors
    /// It could not be started.
    pub fn recover(
        &self,
        station: &Station,
        set: &[String],
        people: &Path,
        signal: &dyn Fn() -> i32,
    ) -> Result<Ran, DrillError> {
        let runs = Runs::new(&self.runs);
        let before = runs.list().unwrap_or_default();
        let mut argv = self.common(&self.runbook, &self.runs);
        argv.extend(words(["--yes", "--people", &people.display().to_string()]));
        for value in set.iter().chain(&self.set) {
            argv.extend(words(["--set", value]));
        }
        let mut child = station.start(&argv, &self.directory, self.output.as_deref())?;
        let mut told: Vec<Duration> = Vec::new();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) => {}
                Err(error) => return Err(DrillError::failed("wait for the engine", error.to_string())),
            }
            // First: nothing new begins; then what runs is ended; then it leaves at once.
            let patience = told.last().is_none_or(|last| boot::now().saturating_sub(*last) > GRACE);
            if signal() != 0 && told.len() < 3 && patience {
                told.push(boot::now());
                let pid = child.id().to_string();
                super::tool::run("interrupt the engine", "kill", &words(["-TERM", &pid]), super::tool::QUICK)?;
            }
            thread::sleep(LOOK);
        };
        let new = runs.list().unwrap_or_default().into_iter().rfind(|run| !before.contains(run));
        let records = new.as_ref().map(|run| self.runs.join(&run.0).join("journal.jsonl"));
        let records =
            records.and_then(|path| journal::load(&path).ok()).map(|loaded| loaded.records).unwrap_or_default();
        let mut why = reason(&records);
        if why.is_empty() {
            "see what it says above".clone_into(&mut why);
        }
        Ok(Ran { exit: status.code(), why, run: new.map(|run| run.0), records })
    }

    /// Checks every service of the system once.
    ///
    /// # Errors
    /// It could not be started.
    pub fn check(&self, lab: &Lab) -> Result<Ran, DrillError> {
        let file = lab.directory.write("healthy.yaml", HEALTHY, 0o600)?;
        let _ = fs::remove_file(&self.checks);
        let runs = Runs::new(lab.directory.at("checks"));
        let argv = self.common(&file, runs.path());
        let mut child = lab.station.start(&argv, &self.directory, Some(&self.checks))?;
        let status = child.wait().map_err(|error| DrillError::failed("wait for the engine", error.to_string()))?;
        let newest = runs.newest().ok().flatten().and_then(|run| journal::load(&run.journal()).ok());
        let mut why = newest.map(|loaded| reason(&loaded.records)).unwrap_or_default();
        if why.is_empty() {
            let text = fs::read_to_string(&self.checks).unwrap_or_default();
            let telling: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            why = telling[telling.len().saturating_sub(3)..].join("; ");
        }
        Ok(Ran { exit: status.code(), why, ..Ran::default() })
    }
}

/// Why a run did not end well, and a few of the steps that failed; empty when nothing is known.
fn reason(records: &[Record]) -> String {
    let why = records.iter().rev().find_map(|record| match &record.entry {
        Entry::RunFinished { why, .. } => why.clone(),
        _ => None,
    });
    match (why, unwell(records)) {
        (Some(why), unwell) if unwell.is_empty() => why,
        (Some(why), unwell) => format!("{why} ({unwell})"),
        (None, unwell) => unwell,
    }
}

/// What failed in a run, a few of it: those that failed by themselves.
fn unwell(records: &[Record]) -> String {
    let failed = |record: &Record| match &record.entry {
        Entry::StepFinished { step, outcome: Outcome::Failed, why, .. } if step.0.contains('/') => {
            Some(format!("{}: {}", step.0.rsplit('/').next().unwrap_or_default(), why.first()?))
        }
        _ => None,
    };
    records.iter().filter_map(failed).take(SHOWN).collect::<Vec<_>>().join("; ")
}
