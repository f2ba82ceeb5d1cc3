//! Evidence: what was recorded is found to be what was recorded, or what is wrong with it is found and placed.

mod bundle;
mod chain;
mod drill;
mod heads;
mod hostile;
mod plan;
mod signatures;

use chrono::{DateTime, TimeDelta, Utc};
use runbook::journal::{FileJournal, Journal};
use runbook::model::entry::Entry;
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::port::Storage;
use runbook::report::evidence::{Checked, Finding, Gathered, Given, Kept, Signatures, Status, judge};

use crate::support::recorded::{run_finished, run_started, step_finished, step_started};

pub const RUN: &str = "01KB7Q00000000000000000001";

pub fn began() -> DateTime<Utc> {
    "2026-11-20T03:00:00Z".parse().unwrap()
}

/// Bytes in memory.
#[derive(Clone, Default)]
struct Memory(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Storage for Memory {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> std::io::Result<()> {
        Ok(())
    }

    fn length(&mut self) -> std::io::Result<u64> {
        Ok(self.0.lock().unwrap().len() as u64)
    }

    fn truncate(&mut self, length: u64) -> std::io::Result<()> {
        self.0.lock().unwrap().truncate(usize::try_from(length).unwrap());
        Ok(())
    }
}

/// A journal of these entries, a second apart, each appended alone.
pub fn journal(entries: Vec<Entry>) -> Vec<u8> {
    let memory = Memory::default();
    let mut journal = FileJournal::new(memory.clone());
    for (at, entry) in entries.into_iter().enumerate() {
        let at = began() + TimeDelta::seconds(i64::try_from(at).unwrap());
        journal.append(journal.position(), at, vec![entry]).unwrap();
    }
    memory.0.lock().unwrap().clone()
}

/// What stands in the journals of these tests.
pub fn entries() -> Vec<Entry> {
    vec![
        run_started(RUN),
        step_started("dump", "pg_dump shop"),
        step_finished("dump", Outcome::Succeeded),
        step_started("restore", "psql < dump"),
        step_finished("restore", Outcome::Succeeded),
        run_finished(RunOutcome::Succeeded, 5000),
    ]
}

/// Nobody can check signatures.
pub struct Nobody;

impl Signatures for Nobody {
    fn check(&self, _: &str, _: &[u8], _: &str, _: Option<&str>) -> Checked {
        Checked::Unchecked("nobody looks".to_owned())
    }
}

/// What is found out about a journal alone.
pub fn findings(journal: &[u8], heads: &[Kept]) -> Vec<Finding> {
    let mut gathered = Gathered::default();
    gathered.take(&format!("{RUN}/journal.jsonl"), journal).unwrap();
    let given = Given { heads, signatures: &Nobody, directory: Some(RUN), is_bundle: false };
    let mut findings = judge(&gathered, &given);
    // There is none in these tests, and what is wrong with a journal is wanted.
    findings.retain(|finding| !finding.about.ends_with("plan.json"));
    findings
}

/// Those that are broken.
pub fn broken(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|finding| finding.status == Status::Broken).collect()
}

/// The line of `runbook head`.
pub fn head(journal: &[u8]) -> Kept {
    let mut gathered = Gathered::default();
    gathered.take(&format!("{RUN}/journal.jsonl"), journal).unwrap();
    let (_, part) = gathered.main().unwrap();
    Kept::Line(runbook::report::evidence::head(part).unwrap())
}

/// Its records, each with its line feed.
pub fn lines(journal: &[u8]) -> Vec<Vec<u8>> {
    journal.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}
