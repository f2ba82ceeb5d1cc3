//! What was carried out, and when: each record of a drill or a run by its first line and its last ones alone, so that a thousand of them
//! are looked at in a moment. Nothing is verified here.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::journal::{self, Runs};
use crate::model::drill::{DrillFact, Scorecard};
use crate::model::entry::{Entry, Record};
use crate::model::outcome::{Mode, RunOutcome};

/// A first record is not longer, bytes.
const FIRST: u64 = 64 * 1024;
/// A last record is rarely longer, bytes. The whole journal is read where it is.
const LAST: u64 = 8 * 1024;

/// A drill or a run of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// Its id.
    pub id: String,
    /// Its journal.
    pub journal: PathBuf,
    /// The runbook's name.
    pub runbook: String,
    /// The system's name.
    pub system: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// Of a drill: the lab and what was broken.
    pub drill: Option<Broken>,
    /// When it began.
    pub began: DateTime<Utc>,
    /// When it ended; none: it has no end yet, or was killed.
    pub ended: Option<DateTime<Utc>>,
    /// How.
    pub end: End,
    /// As the record says: `recovered`, `not recovered`, `succeeded`, …; empty without an end.
    pub verdict: String,
    /// Why, if not well.
    pub why: Option<String>,
}

/// What a drill broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The lab's name.
    pub lab: String,
    /// The fault's.
    pub fault: String,
    /// Nothing was recovered, on purpose.
    pub control: bool,
}

/// How it ended, for whoever asks whether it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As it should.
    Well,
    /// It was carried out; an objective was missed.
    Late,
    /// It was carried out; what it was for was not reached.
    Failed,
    /// It was not carried out: refused, interrupted, broken off, or it has no end.
    Not,
}

impl End {
    /// Whether it was carried out.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Not)
    }

    /// Of a drill, by the word of its last record.
    fn of_drill(verdict: &str) -> Self {
        match verdict {
            "recovered" => Self::Well,
            "objective missed" => Self::Late,
            "not recovered" | "not noticed" => Self::Failed,
            _ => Self::Not,
        }
    }

    const fn of_run(outcome: RunOutcome) -> Self {
        match outcome {
            RunOutcome::Succeeded | RunOutcome::Warned => Self::Well,
            RunOutcome::Failed | RunOutcome::RolledBack | RunOutcome::RollbackFailed | RunOutcome::Deadline => {
                Self::Failed
            }
            RunOutcome::Cancelled
            | RunOutcome::Paused
            | RunOutcome::Interrupted
            | RunOutcome::Unknown
            | RunOutcome::Refused => Self::Not,
        }
    }
}

impl Done {
    /// The same with its end, by the last lines alone.
    #[must_use]
    pub fn with_end(&self) -> Self {
        let length = self.journal.metadata().map_or(0, |found| found.len());
        let near = tail(&self.journal, LAST).ok().map_or(Near::Unknown, |tail| end_of(&tail));
        let end = match near {
            Near::Unknown if length > LAST => tail(&self.journal, length).ok().map_or(Near::None, |all| end_of(&all)),
            near => near,
        };
        match end {
            Near::Ended(at, end, verdict, why) => Self { ended: Some(at), end, verdict, why, ..self.clone() },
            Near::None | Near::Unknown => self.clone(),
        }
    }

    /// What a drill measured. Reads its whole journal.
    #[must_use]
    pub fn score(&self) -> Option<Scorecard> {
        let loaded = journal::load(&self.journal).ok()?;
        loaded.records.into_iter().rev().find_map(|record| match record.entry {
            Entry::Drill { fact } => match *fact {
                DrillFact::Measured { score } => Some(*score),
                _ => None,
            },
            _ => None,
        })
    }
}

/// All below a directory by their first lines, newest first: their ends are not known yet. What cannot be read is left out.
#[must_use]
pub fn list(runs: &Runs) -> Vec<Done> {
    let ids = runs.list().unwrap_or_default();
    ids.iter().rev().filter_map(|id| begun(&id.0, runs.path().join(&id.0).join("journal.jsonl"))).collect()
}

/// By the first line alone.
fn begun(id: &str, journal: PathBuf) -> Option<Done> {
    let mut line = String::new();
    BufReader::new(File::open(&journal).ok()?.take(FIRST)).read_line(&mut line).ok()?;
    let record: Record = serde_json::from_str(&line).ok()?;
    let (runbook, system, environment, drill) = match record.entry {
        Entry::RunStarted { mode, runbook, system, environment, .. } if Mode::of(&mode) == Mode::Run => {
            (runbook, system, environment, None)
        }
        Entry::Drill { fact } => match *fact {
            DrillFact::Started { lab, runbook, system, environment, fault, control, .. } => {
                (runbook, Some(system), Some(environment), Some(Broken { lab, fault, control }))
            }
            _ => return None,
        },
        _ => return None,
    };
    let (verdict, why) = (String::new(), None);
    let (began, id) = (record.at, id.to_owned());
    Some(Done { id, journal, runbook, system, environment, drill, began, ended: None, end: End::Not, verdict, why })
}

/// What the last lines say.
enum Near {
    Ended(DateTime<Utc>, End, String, Option<String>),
    /// It goes on, or somebody stopped it.
    None,
    /// Nothing about an end.
    Unknown,
}

/// The last end in some lines, if nothing began again after it.
fn end_of(text: &str) -> Near {
    for line in text.lines().rev() {
        let Ok(record) = serde_json::from_str::<Record>(line) else { continue };
        match record.entry {
            Entry::RunFinished { outcome, why, .. } => {
                return Near::Ended(record.at, End::of_run(outcome), outcome.as_str().to_owned(), why);
            }
            Entry::RunResumed { .. } => return Near::None,
            Entry::Drill { fact } => {
                if let DrillFact::Finished { verdict, why, .. } = *fact {
                    return Near::Ended(record.at, End::of_drill(&verdict), verdict, why);
                }
            }
            _ => {}
        }
    }
    Near::Unknown
}

/// The last bytes of a file, from a beginning of a line on where they are not all of it.
fn tail(path: &Path, bytes: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(bytes)))?;
    let mut tail = Vec::new();
    file.take(bytes).read_to_end(&mut tail)?;
    Ok(String::from_utf8_lossy(&tail).into_owned())
}
