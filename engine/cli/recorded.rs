//! A run or a drill that is recorded, however it is named: by its id or the beginning of it, by its directory, or as the newest. What
//! every verb that looks back begins with.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::args::{DrillsDir, RunsDir};
use super::failure::Failure;
use super::{found, logs};
use crate::journal::{self, Loaded, RunDirectory, Runs};
use crate::model::drill::DrillFact;
use crate::model::entry::Entry;
use crate::model::id::{RunId, StepId};
use crate::report::Summary;
use crate::report::account::{self, Account, Excerpt};

/// Lines of an excerpt.
const LINES: usize = 40;
/// Bytes of an excerpt.
const BYTES: u64 = 8 * 1024;

/// Where it is: a run has a directory, a drill has one and that of the run that recovered it.
pub struct Recorded {
    /// The drill.
    pub drill: Option<(RunDirectory, Loaded)>,
    /// The run; none: a drill that never came to it.
    pub run: Option<(RunDirectory, Loaded)>,
}

impl Recorded {
    /// Looks among drills and runs. Without a name: what began last.
    ///
    /// # Errors
    /// There is no such thing, or it is ambiguous; a journal cannot be trusted.
    pub fn open(name: Option<&str>, runs: &RunsDir, drills: &DrillsDir) -> Result<Self, Failure> {
        Self::read(&find(name, runs, drills)?)
    }

    /// By the directory that `find` gave.
    ///
    /// # Errors
    /// A journal cannot be read or trusted.
    pub fn read(directory: &RunDirectory) -> Result<Self, Failure> {
        let loaded = load(directory)?;
        let is_drill = loaded.records.first().is_some_and(|first| matches!(first.entry, Entry::Drill { .. }));
        if !is_drill {
            return Ok(Self { drill: None, run: Some((directory.clone(), loaded)) });
        }
        let run = run_of(&loaded);
        let runs = Runs::new(directory.path().parent().unwrap_or(Path::new(".")).join("runs"));
        let run = match run.map(|run| runs.open(&run.0)) {
            Some(Ok(found)) => {
                let loaded = load(&found)?;
                Some((found, loaded))
            }
            Some(Err(_)) | None => None,
        };
        Ok(Self { drill: Some((directory.clone(), loaded)), run })
    }

    /// The account of it, with the ends of what its steps wrote.
    pub fn account(&self) -> Account {
        let excerpts = self.run.as_ref().map(|(directory, loaded)| excerpts(directory, loaded)).unwrap_or_default();
        Account::of(account::Recorded {
            drill: self.drill.as_ref().map(|(_, loaded)| loaded),
            run: self.run.as_ref().map(|(_, loaded)| loaded),
            excerpts,
        })
    }
}

/// The directory of a run or drill of this name, else of what began last.
///
/// # Errors
/// There is no such thing, or it is ambiguous.
pub fn find(name: Option<&str>, runs: &RunsDir, drills: &DrillsDir) -> Result<RunDirectory, Failure> {
    let drills = Runs::new(drills.path());
    let places = [Runs::new(runs.path()), drills.clone(), Runs::new(drills.path().join("runs"))];
    let Some(name) = name else {
        let newest = places[..2].iter().filter_map(|place| place.newest().ok().flatten());
        let newest = newest.max_by(|a, b| a.run().0.cmp(&b.run().0));
        return newest.ok_or_else(|| {
            Failure::usage(format!(
                "there is no run in {} and no drill in {}",
                places[0].path().display(),
                places[1].path().display()
            ))
            .help("--runs-dir and --drills-dir say where they are")
        });
    };
    if let Some(directory) = by_path(Path::new(name)) {
        return Ok(directory);
    }
    let mut matching: Vec<(Runs, RunId)> = Vec::new();
    let upper = name.to_ascii_uppercase();
    for place in &places {
        let ids = place.list().unwrap_or_default();
        matching.extend(ids.into_iter().filter(|id| id.0.starts_with(&upper)).map(|id| (place.clone(), id)));
    }
    match matching.as_slice() {
        [(place, id)] => found::find(place, Some(&id.0)),
        [] => {
            let places: Vec<String> = places.iter().map(|place| place.path().display().to_string()).collect();
            Err(Failure::usage(format!("there is no run or drill `{name}` in {}", places.join(", ")))
                .help("--runs-dir and --drills-dir say where they are; `runbook runs` lists the runs"))
        }
        several => {
            let ids: Vec<String> = several.iter().map(|(_, id)| id.0.clone()).collect();
            Err(Failure::usage(format!("`{name}` is the beginning of several: {}", ids.join(", "))))
        }
    }
}

/// A directory with a journal, named by its path.
fn by_path(path: &Path) -> Option<RunDirectory> {
    let path = if path.file_name()? == "journal.jsonl" { path.parent()? } else { path };
    path.join("journal.jsonl").is_file().then_some(())?;
    let path = std::path::absolute(path).ok()?;
    let id = path.file_name()?.to_str()?;
    Runs::new(path.parent()?).open(id).ok()
}

fn load(directory: &RunDirectory) -> Result<Loaded, Failure> {
    journal::load(&directory.journal())
        .map_err(|error| Failure::Storage(format!("{}: {error}", directory.journal().display())))
}

/// The run that a drill's journal names.
pub fn run_of(drill: &Loaded) -> Option<RunId> {
    drill.records.iter().find_map(|record| match &record.entry {
        Entry::Drill { fact } => match fact.as_ref() {
            DrillFact::Measured { score } => score.run.clone().map(RunId),
            _ => None,
        },
        _ => None,
    })
}

/// The end of what each step wrote last.
fn excerpts(directory: &RunDirectory, loaded: &Loaded) -> BTreeMap<StepId, Excerpt> {
    let summary = Summary::of(&loaded.records);
    let steps = summary.steps.iter().filter(|step| !step.group);
    steps
        .filter_map(|step| {
            let last = logs::last_attempt(directory.path(), &step.step)?;
            Some((step.step.clone(), excerpt(&last)?))
        })
        .collect()
}

fn excerpt(path: &PathBuf) -> Option<Excerpt> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let mut start = length.saturating_sub(BYTES);
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut bytes = Vec::new();
    file.take(BYTES).read_to_end(&mut bytes).ok()?;
    if start > 0 {
        // A part of a line says nothing.
        let cut = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        bytes.drain(..cut);
        start += cut as u64;
    }
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    let skipped = all.len().saturating_sub(LINES);
    let before = start + all[..skipped].iter().map(|line| line.len() as u64 + 1).sum::<u64>();
    let lines: Vec<String> = all[skipped..].iter().map(|line| (*line).to_owned()).collect();
    (!lines.is_empty()).then_some(Excerpt { lines, before })
}
