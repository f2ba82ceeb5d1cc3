//! Takes in the files of a run or a drill one by one, from a directory or out of a bundle, and keeps what has to be known of them:
//! digests, what the journals say, the plan's digests, signed letters. A file is read once and not held.

use std::collections::BTreeMap;
use std::io::{self, Read};

use crate::journal::inbox::{LARGEST, Letter, LetterKind};
use crate::journal::kept::Digesting;
use crate::journal::{Inspection, inspect};
use crate::model::drill::{DrillFact, KeptFile, Stage};
use crate::model::entry::{Entry, Record};
use crate::plan::recorded::{self, Digests};

/// A larger plan is not looked into, bytes.
const LARGEST_PLAN: u64 = 256 * 1024 * 1024;
/// Of more signed letters nobody has made use.
const MOST_LETTERS: usize = 10_000;

/// The files of one run or drill, and what they say.
#[derive(Debug, Default)]
pub struct Part {
    /// The chain of its journal; none: it has none.
    pub journal: Option<Inspection>,
    /// What the journal says.
    pub facts: Facts,
    /// What the plan's digests have to be; none: no plan that can be read.
    pub plan: Option<Digests>,
    /// Letters with a signature.
    pub letters: Vec<Signed>,
}

/// What a journal says, as far as it is evidence of other files.
#[derive(Debug, Default)]
pub struct Facts {
    /// `run` or `drill`, and its id.
    pub of: Option<(&'static str, String)>,
    /// The runbook's name and title.
    pub runbook: (String, String),
    /// Digests of the plan that it began with: sealed, and of its sources.
    pub plan: Option<(String, String)>,
    /// Answers to approvals.
    pub approved: Vec<Answer>,
    /// Its last record says that it is over.
    pub ended: bool,
    /// The run of a drill.
    pub run: Option<String>,
    /// What a drill and its run have written.
    pub kept: Option<Vec<KeptFile>>,
    /// Records of a kind that this program does not know.
    pub unknown: u64,
}

/// An answer to an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its record.
    pub record: u64,
    /// The step.
    pub step: String,
    /// What was approved.
    pub digest: String,
    /// `approve` or `reject`.
    pub verdict: String,
    /// Who.
    pub by: String,
    /// By a signature that was checked then.
    pub verified: bool,
}

/// A letter with a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What was approved.
    pub digest: String,
    /// `approve` or `reject`.
    pub verdict: &'static str,
    /// Made over the digest and a line feed.
    pub signature: String,
}

/// All that was taken in.
#[derive(Debug, Default)]
pub struct Gathered {
    /// By directory: `<id>`, and `runs/<id>` for the run of a drill.
    pub parts: BTreeMap<String, Part>,
    /// Every file by its path.
    pub files: BTreeMap<String, KeptFile>,
}

impl Gathered {
    /// Takes a file in; its path begins with the directory of its part.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn take(&mut self, path: &str, file: impl Read) -> io::Result<&KeptFile> {
        let mut file = Digesting::new(file);
        if let Some((part, name)) = split(path) {
            let part = self.parts.entry(part.to_owned()).or_default();
            match name {
                "journal.jsonl" => {
                    let facts = &mut part.facts;
                    part.journal = Some(inspect(&mut file, |record| facts.add(record))?);
                }
                "plan.json" => {
                    let value = held(&mut file, LARGEST_PLAN)?.and_then(|bytes| serde_json::from_slice(&bytes).ok());
                    part.plan = value.map(|value| recorded::digests(&value));
                }
                _ if name.starts_with("inbox/taken/") && part.letters.len() < MOST_LETTERS => {
                    let letter = held(&mut file, LARGEST)?.and_then(|bytes| signed(&bytes));
                    part.letters.extend(letter);
                }
                _ => {}
            }
        }
        io::copy(&mut file, &mut io::sink())?;
        Ok(self.files.entry(path.to_owned()).or_insert_with(|| file.finish(path.to_owned())))
    }

    /// The run or drill itself, not the run of a drill.
    #[must_use]
    pub fn main(&self) -> Option<(&str, &Part)> {
        self.parts.iter().find(|(name, _)| !name.contains('/')).map(|(name, part)| (name.as_str(), part))
    }
}

/// The directory of a part, and the path in it.
fn split(path: &str) -> Option<(&str, &str)> {
    let (first, rest) = path.split_once('/')?;
    if first != "runs" {
        return Some((first, rest));
    }
    let (id, name) = rest.split_once('/')?;
    Some((&path[..first.len() + 1 + id.len()], name))
}

/// All of it, unless it is larger.
fn held(file: &mut impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

fn signed(bytes: &[u8]) -> Option<Signed> {
    let letter: Letter = serde_json::from_slice(bytes).ok()?;
    match letter.kind {
        LetterKind::Approve { digest, signature, .. } => {
            Some(Signed { digest, verdict: "approve", signature: signature? })
        }
        LetterKind::Reject { digest, signature, .. } => {
            Some(Signed { digest, verdict: "reject", signature: signature? })
        }
        _ => None,
    }
}

impl Facts {
    fn add(&mut self, record: &Record) {
        self.ended = false;
        match &record.entry {
            Entry::RunStarted { run, runbook, title, plan_digest, source_digest, .. } if record.seq == 0 => {
                self.of = Some(("run", run.0.clone()));
                self.runbook = (runbook.clone(), title.clone());
                self.plan = Some((plan_digest.clone(), source_digest.clone()));
            }
            Entry::Approved { step, digest, verdict, by, verified, .. } => self.approved.push(Answer {
                record: record.seq,
                step: step.0.clone(),
                digest: digest.clone(),
                verdict: verdict.clone(),
                by: by.clone(),
                verified: *verified,
            }),
            Entry::RunFinished { .. } => self.ended = true,
            Entry::Unknown => self.unknown += 1,
            Entry::Drill { fact } => self.add_fact(fact, record.seq),
            _ => {}
        }
    }

    fn add_fact(&mut self, fact: &DrillFact, seq: u64) {
        match fact {
            DrillFact::Started { drill, runbook, title, .. } if seq == 0 => {
                self.of = Some(("drill", drill.clone()));
                self.runbook = (runbook.clone(), title.clone());
            }
            DrillFact::Measured { score } => self.run.clone_from(&score.run),
            DrillFact::Kept { files } => self.kept = Some(files.clone()),
            // The stage in which a drill ends is over right after it.
            DrillFact::Finished { .. } | DrillFact::StageFinished { stage: Stage::Report, .. } => self.ended = true,
            DrillFact::Unknown => self.unknown += 1,
            _ => {}
        }
    }
}
