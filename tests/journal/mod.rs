//! The journal: its file, its chain, its directory.

mod damage;
mod directory;
mod disk;
mod golden;
mod inbox;
mod lease;
mod lock;
mod power;
mod power_disk;
mod reopen;
mod storage;

use std::io;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use runbook::journal::{FileJournal, Holder, Journal, RunDirectory, Runs};
use runbook::model::effect::Effect;
use runbook::model::entry::Entry;
use runbook::model::id::{AttemptToken, RunId, StepId};
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::port::Storage;

/// Bytes in memory, and a word about every call; fails where it is told to.
#[derive(Clone, Default)]
pub struct Memory {
    pub bytes: Arc<Mutex<Vec<u8>>>,
    pub calls: Arc<Mutex<Vec<&'static str>>>,
    /// At this call (from 0) and ever after: write half, if it is a write, and say so.
    pub fails_at: Option<(usize, i32)>,
    /// At this call only.
    pub fails_once: Option<(usize, i32)>,
}

impl Storage for Memory {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let error = self.call("append");
        let taken = if error.is_some() { bytes.len() / 2 } else { bytes.len() };
        self.bytes.lock().unwrap().extend_from_slice(&bytes[..taken]);
        error.map_or(Ok(()), Err)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.call("sync").map_or(Ok(()), Err)
    }

    fn length(&mut self) -> io::Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.bytes.lock().unwrap().truncate(usize::try_from(length).unwrap());
        Ok(())
    }
}

impl Memory {
    fn call(&self, name: &'static str) -> Option<io::Error> {
        let mut calls = self.calls.lock().unwrap();
        calls.push(name);
        let ever_after = self.fails_at.filter(|(at, _)| calls.len() > *at);
        let once = self.fails_once.filter(|(at, _)| calls.len() == *at + 1);
        ever_after.or(once).map(|(_, code)| io::Error::from_raw_os_error(code))
    }
}

/// A new run, and what keeps its directory.
pub fn run_directory() -> (tempfile::TempDir, RunDirectory) {
    let keep = tempfile::TempDir::new().unwrap();
    let run = Runs::new(keep.path()).create(&RunId("01J9ZQ6V5T0000000000000001".into())).unwrap();
    (keep, run)
}

pub fn holder(directory: &RunDirectory) -> Holder {
    Holder {
        operator: "anna@here".into(),
        host: "here".into(),
        pid: 4242,
        run: directory.run().clone(),
        run_directory: directory.path().to_path_buf(),
        since: at(),
    }
}

pub fn at() -> DateTime<Utc> {
    "2026-11-21T03:04:05.678901Z".parse().unwrap()
}

pub fn run_started() -> Entry {
    Entry::RunStarted {
        run: RunId("01RUN".into()),
        mode: "run".into(),
        runbook: "scenario_a".into(),
        title: "Stößt \"an\" \n".into(),
        system: Some("shop".into()),
        environment: None,
        plan_digest: "d1".into(),
        source_digest: "d2".into(),
        operator: "me@here".into(),
        engine: "0.1.0".into(),
        core: 1,
        rto_ms: Some(900_000),
        expected_ms: 60_000,
        steps: 1,
    }
}

pub fn step_started() -> Entry {
    Entry::StepStarted {
        step: StepId("start/db".into()),
        title: "Start".into(),
        attempt: 1,
        token: AttemptToken("t1".into()),
        work_digest: "w".into(),
        effect: Effect::Mutate,
        command: "docker start db".into(),
    }
}

pub fn step_finished(why: &str) -> Entry {
    let outputs = serde_json::json!({"rows": 12, "size": {"$bytes": 5}, "note": why});
    Entry::StepFinished {
        step: StepId("start/db".into()),
        outcome: Outcome::Succeeded,
        skipped: None,
        why: vec![why.to_owned()],
        hint: None,
        outputs: outputs.as_object().unwrap().clone(),
        elapsed_ms: 12,
        attempts: 1,
    }
}

pub fn run_finished() -> Entry {
    Entry::RunFinished { outcome: RunOutcome::Succeeded, why: None, outputs: serde_json::Map::new(), elapsed_ms: 13 }
}

/// A small journal in three batches.
pub fn small() -> Vec<u8> {
    let memory = Memory::default();
    let mut journal = FileJournal::new(memory.clone());
    journal.append(0, at(), vec![run_started(), step_started()]).unwrap();
    journal.append(2, at(), vec![step_finished("ok")]).unwrap();
    journal.append(3, at(), vec![run_finished()]).unwrap();
    memory.bytes.lock().unwrap().clone()
}
