//! Journals of every released version, as it wrote them, stay readable. The file of a version is written once and never changed.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use runbook::journal::{FileJournal, Journal, load};
use runbook::model::entry::Entry;
use runbook::model::id::{AttemptToken, StepId};
use runbook::model::outcome::{Outcome, RunOutcome, SkipReason};
use serde_json::json;

use super::{Memory, at, run_finished, run_started, step_finished, step_started};

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/journals")
}

fn step() -> StepId {
    StepId("restore/db[eu-west]".into())
}

fn map(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    let serde_json::Value::Object(map) = value else { panic!("not an object") };
    map
}

/// The place of a kind in [`every_kind`]: the compiler says when there is a new one.
fn place(entry: &Entry) -> usize {
    match entry {
        Entry::RunStarted { .. } => 0,
        Entry::StepStarted { .. } => 1,
        Entry::StepNoted { .. } => 2,
        Entry::GateStarted { .. } => 3,
        Entry::AttemptFailed { .. } => 4,
        Entry::Answered { .. } => 5,
        Entry::FallbackStarted { .. } => 6,
        Entry::StepFinished { .. } => 7,
        Entry::Interrupted { .. } => 8,
        Entry::RunResumed { .. } => 9,
        Entry::Resolved { .. } => 10,
        Entry::ApprovalAsked { .. } => 11,
        Entry::Approved { .. } => 12,
        Entry::Amended { .. } => 13,
        Entry::Paused { .. } => 14,
        Entry::RollbackStarted { .. } => 15,
        Entry::UndoStarted { .. } => 16,
        Entry::UndoFinished { .. } => 17,
        Entry::Cancelled { .. } => 18,
        Entry::RunFinished { .. } => 19,
        Entry::Surroundings(_) | Entry::Drill { .. } | Entry::Unknown => unreachable!("not in this journal"),
    }
}
const KINDS: usize = 20;

/// The entries of the journal of version 0.1.0, in its order.
fn every_kind() -> Vec<Entry> {
    let mut entries = vec![run_started(), step_started()];
    entries.extend(of_a_step());
    entries.extend(of_a_resumed_run());
    entries.extend(of_every_end_of_a_step());
    entries.push(run_finished());
    entries.push(Entry::RunFinished {
        outcome: RunOutcome::RolledBack,
        why: Some("step restore failed".into()),
        outputs: map(json!({"rows": 12})),
        elapsed_ms: 61_000,
    });
    entries
}

fn of_a_step() -> Vec<Entry> {
    let gate =
        |outputs, attention, before| Entry::GateStarted { step: step(), within_ms: 30_000, outputs, attention, before };
    vec![
        Entry::StepNoted {
            step: step(),
            token: AttemptToken("t1".into()),
            pid: 4242,
            started_ticks: 123_456,
            boot_id: "5d4cbf4c-2c62-4e2b-8b2c-0d4e5d3b0a11".into(),
        },
        gate(serde_json::Map::new(), Vec::new(), None),
        gate(map(json!({"size": {"$bytes": 5}})), vec!["slow".into()], Some(json!({"lag": 3}))),
        Entry::AttemptFailed { step: step(), attempt: 1, why: "exit 1".into(), delay_ms: 5000 },
        Entry::Answered {
            step: step(),
            question: "manual".into(),
            answer: "yes".into(),
            by: "anna@here".into(),
            values: map(json!({"evidence": "ticket 12"})),
            waited_ms: None,
        },
        Entry::FallbackStarted { step: step(), why: "exit 1".into() },
        step_finished("Größe \u{1f980} \\ \" \n"),
        Entry::Interrupted { level: 1 },
        Entry::Paused { by: "anna@here".into(), why: "key q".into() },
    ]
}

fn of_a_resumed_run() -> Vec<Entry> {
    let mut entries = vec![Entry::RunResumed {
        operator: "ben@there".into(),
        engine: "0.1.0".into(),
        core: 1,
        epoch: 2,
        plan_digest: "d3".into(),
        source_digest: "d4".into(),
        changes: vec!["param replicas: 2 → 3".into()],
        expected_ms: 50_000,
    }];
    for verdict in ["done", "again", "open"] {
        let (verdict, by, why) = (verdict.into(), "done_when".into(), "2 rows".into());
        entries.push(Entry::Resolved { step: step(), verdict, by, why });
    }
    entries.push(Entry::ApprovalAsked {
        step: step(),
        digest: "d5".into(),
        command: "docker volume rm data".into(),
        people: vec!["anna".into(), "ben".into()],
        min: 2,
        not_requester: true,
        expires: at(),
    });
    for (verdict, verified, refused) in [("approve", true, ""), ("reject", false, ""), ("approve", false, "expired")] {
        entries.push(Entry::Approved {
            step: step(),
            digest: "d5".into(),
            verdict: verdict.into(),
            by: "ben@there".into(),
            verified,
            reason: "looked at it".into(),
            refused: refused.into(),
        });
    }
    entries.extend([
        Entry::Amended {
            by: "anna@here".into(),
            params: map(json!({"replicas": "3"})),
            plan_digest: "d6".into(),
            source_digest: "d7".into(),
        },
        Entry::RollbackStarted {
            step: Some(step()),
            why: "exit 1".into(),
            by: "on_failure".into(),
            steps: vec![step()],
            left: vec![StepId("drop".into())],
            unknown: false,
        },
        Entry::RollbackStarted {
            step: None,
            why: "asked".into(),
            by: "anna@here".into(),
            steps: Vec::new(),
            left: Vec::new(),
            unknown: false,
        },
        Entry::UndoStarted { step: step(), token: AttemptToken("t2".into()), command: "docker stop db".into() },
        Entry::UndoFinished { step: step(), undone: true, why: Vec::new(), elapsed_ms: 20 },
        Entry::UndoFinished { step: step(), undone: false, why: vec!["exit 1".into()], elapsed_ms: 20 },
        Entry::Cancelled { by: "anna@here".into(), why: "enough".into() },
    ]);
    entries
}

fn of_every_end_of_a_step() -> Vec<Entry> {
    let finished = |outcome, skipped| Entry::StepFinished {
        step: step(),
        outcome,
        skipped,
        why: Vec::new(),
        hint: Some("look at the log".into()),
        outputs: serde_json::Map::new(),
        elapsed_ms: 1,
        attempts: 1,
    };
    let ends = [Outcome::Succeeded, Outcome::Warned, Outcome::Failed, Outcome::Interrupted, Outcome::Unknown];
    let mut entries: Vec<Entry> = ends.into_iter().map(|outcome| finished(outcome, None)).collect();
    entries.push(finished(Outcome::RolledBack, None));
    let reasons = [
        SkipReason::When { expression: "a == 1".into() },
        SkipReason::Selection { flag: "--skip db".into() },
        SkipReason::Stopped { by: "db".into() },
        SkipReason::Needs { step: "db".into() },
        SkipReason::Parent { step: "db".into() },
        SkipReason::Absent { service: "db".into() },
        SkipReason::NotNeeded,
        SkipReason::Empty { what: "for_each".into() },
        SkipReason::Interrupted,
        SkipReason::Person { by: "anna@here".into(), said: "done by hand".into() },
        SkipReason::Jumped { to: "web".into() },
        SkipReason::Failback,
        SkipReason::Cancelled,
    ];
    entries.extend(reasons.into_iter().map(|reason| finished(Outcome::Skipped, Some(reason))));
    entries
}

/// As this version writes them: the first six together, the others one by one.
fn written() -> Vec<u8> {
    let memory = Memory::default();
    let mut journal = FileJournal::new(memory.clone());
    let mut entries = every_kind();
    let rest = entries.split_off(6);
    journal.append(0, at(), entries).unwrap();
    for entry in rest {
        journal.append(journal.position(), at(), vec![entry]).unwrap();
    }
    memory.bytes.lock().unwrap().clone()
}

#[test]
fn every_kind_of_entry_is_in_the_journal() {
    let kinds: std::collections::BTreeSet<usize> = every_kind().iter().map(place).collect();
    assert_eq!(kinds, (0..KINDS).collect());
}

#[test]
fn the_journal_of_version_0_1_0_is_read_as_it_was_meant() {
    let loaded = load(&directory().join("0.1.0.jsonl")).unwrap();
    assert!(loaded.torn.is_none() && loaded.foreign.is_empty());
    let entries: Vec<Entry> = loaded.records.into_iter().map(|record| record.entry).collect();
    assert_eq!(entries, every_kind());
}

#[test]
fn every_golden_journal_is_whole_and_knows_no_unknown_kind() {
    let mut count = 0;
    for entry in std::fs::read_dir(directory()).unwrap() {
        let path = entry.unwrap().path();
        let loaded = load(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(loaded.torn.is_none() && loaded.foreign.is_empty() && !loaded.records.is_empty(), "{}", path.display());
        count += 1;
    }
    assert!(count > 0);
}

/// Writes the journal of this version; one that is there is never replaced. With a new version:
/// `cargo nextest run --run-ignored only write_the_golden_journal`.
#[test]
#[ignore = "writes a fixture, once a version"]
fn write_the_golden_journal_of_this_version() {
    let path = directory().join(concat!(env!("CARGO_PKG_VERSION"), ".jsonl"));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; a golden journal is never replaced", path.display()));
    file.write_all(&written()).unwrap();
}
