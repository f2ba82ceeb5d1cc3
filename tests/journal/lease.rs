//! Who may write a run's journal, and what becomes of an engine that was overtaken.

use std::fs::OpenOptions;
use std::io::Write;

use runbook::journal::{
    FileJournal, FileLease, FileStorage, Holder, Journal, JournalError, Lease, LockError, RunDirectory,
};

use runbook::model::port::Storage;

use super::{at, holder, run_directory, run_started, step_started};

fn begin(directory: &RunDirectory) -> FileJournal<FileStorage> {
    let lease = FileLease::acquire(directory, &holder(directory)).unwrap();
    FileJournal::new(directory.create_journal().unwrap()).leased(lease)
}

#[test]
fn the_second_engine_of_a_run_is_told_who_has_it() {
    let (_keep, directory) = run_directory();
    let me = holder(&directory);
    let first = FileLease::acquire(&directory, &me).unwrap();
    assert_eq!((first.epoch(), first.current().unwrap()), (1, 1));
    let Err(LockError::Held(Some(by))) = FileLease::acquire(&directory, &me) else { panic!() };
    assert_eq!(*by, me);
    assert_eq!(FileLease::holder(&directory).unwrap(), Some(me.clone()));
    let said = LockError::Held(Some(by)).to_string();
    assert_eq!(said, format!("held by anna@here, process 4242 on here, run {}, since 2026-11-21T03:04:05Z", me.run));
    drop(first);
    assert_eq!(FileLease::holder(&directory).unwrap(), None);
    assert_eq!(FileLease::acquire(&directory, &me).unwrap().epoch(), 2);
}

#[test]
fn a_run_without_a_lease_that_has_a_journal_had_an_engine() {
    let (_keep, directory) = run_directory();
    directory.create_journal().unwrap();
    assert_eq!(FileLease::acquire(&directory, &holder(&directory)).unwrap().epoch(), 2);
}

#[test]
fn an_overtaken_engine_writes_nothing_that_anybody_reads() {
    let (_keep, directory) = run_directory();
    let mut old = begin(&directory);
    old.append(0, at(), vec![run_started()]).unwrap();
    // It lives and is frozen: its lock is not free, and a person breaks it.
    assert!(matches!(FileLease::acquire(&directory, &holder(&directory)), Err(LockError::Held(_))));
    assert_eq!(FileLease::break_held(&directory, &holder(&directory)).unwrap(), 2);
    let lease = FileLease::acquire(&directory, &holder(&directory)).unwrap();
    assert_eq!(lease.epoch(), 3);
    let (storage, loaded) = directory.reopen_journal().unwrap();
    let mut new = FileJournal::resume(storage, &loaded).leased(lease);
    new.append(1, at(), vec![step_started()]).unwrap();
    let before = std::fs::read(directory.journal()).unwrap();

    let fenced = old.append(1, at(), vec![step_started()]).unwrap_err();
    assert!(matches!(fenced, JournalError::Fenced { epoch: 1, current: 3 }), "{fenced}");
    assert!(matches!(old.append(1, at(), vec![step_started()]), Err(JournalError::Poisoned)));
    assert!(matches!(old.close(at(), vec![step_started()]), Err(JournalError::Poisoned)));
    assert_eq!(std::fs::read(directory.journal()).unwrap(), before);
    new.append(2, at(), vec![step_started()]).unwrap();
    assert_eq!(runbook::journal::load(&directory.journal()).unwrap().records.len(), 3);
}

/// Is overtaken in the middle of an append: between the look at the lease and the end of the write.
struct Overtaken {
    storage: FileStorage,
    directory: RunDirectory,
    at_sync: bool,
    done: bool,
}

impl Overtaken {
    fn overtake(&mut self) {
        if !std::mem::replace(&mut self.done, true) {
            FileLease::break_held(&self.directory, &holder(&self.directory)).unwrap();
        }
    }
}

impl runbook::model::port::Storage for Overtaken {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if !self.at_sync {
            self.overtake();
        }
        self.storage.append(bytes)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        if self.at_sync {
            self.overtake();
        }
        self.storage.sync()
    }

    fn length(&mut self) -> std::io::Result<u64> {
        self.storage.length()
    }

    fn truncate(&mut self, length: u64) -> std::io::Result<()> {
        self.storage.truncate(length)
    }
}

#[test]
fn who_is_overtaken_in_the_middle_of_an_append_does_not_act_on_it() {
    for at_sync in [false, true] {
        let (_keep, directory) = run_directory();
        let lease = FileLease::acquire(&directory, &holder(&directory)).unwrap();
        let storage = directory.create_journal().unwrap();
        let storage = Overtaken { storage, directory: directory.clone(), at_sync, done: false };
        let mut old = FileJournal::new(storage).leased(lease);
        let error = old.append(0, at(), vec![run_started()]).unwrap_err();
        assert!(matches!(error, JournalError::Fenced { epoch: 1, current: 2 }), "{error}");
        let (storage, loaded) = directory.reopen_journal().unwrap();
        assert_eq!(loaded.records.len(), usize::from(at_sync));
        let mut new = FileJournal::resume(storage, &loaded);
        new.append(loaded.position(), at(), vec![step_started()]).unwrap();
        assert!(runbook::journal::load(&directory.journal()).is_ok());
    }
}

#[test]
fn bytes_of_somebody_else_are_noticed_before_anything_is_written_behind_them() {
    let (_keep, directory) = run_directory();
    let mut journal = begin(&directory);
    journal.append(0, at(), vec![run_started()]).unwrap();
    OpenOptions::new().append(true).open(directory.journal()).unwrap().write_all(b"{}\n").unwrap();
    let error = journal.append(1, at(), vec![step_started()]).unwrap_err();
    let length = std::fs::metadata(directory.journal()).unwrap().len();
    assert!(
        matches!(error, JournalError::Changed { expected, actual } if expected + 3 == actual && actual == length),
        "{error}"
    );
    assert!(matches!(journal.append(1, at(), vec![step_started()]), Err(JournalError::Poisoned)));
}

#[test]
fn a_lease_that_was_taken_away_is_lost() {
    let (_keep, directory) = run_directory();
    let mut journal = begin(&directory);
    std::fs::remove_file(directory.lease()).unwrap();
    assert!(matches!(journal.append(0, at(), vec![run_started()]), Err(JournalError::Storage(_))));
    assert_eq!(std::fs::metadata(directory.journal()).unwrap().len(), 0);
}

#[test]
fn looking_at_the_lease_and_the_length_costs_microseconds() {
    let (_keep, directory) = run_directory();
    let lease = FileLease::acquire(&directory, &holder(&directory)).unwrap();
    let mut storage = directory.create_journal().unwrap();
    let rounds: u32 = 10_000;
    #[expect(clippy::disallowed_methods, reason = "it is measured")]
    let begun = std::time::Instant::now();
    for _ in 0..rounds {
        // What every append does: the lease before and after, the length between.
        assert_eq!((lease.current().unwrap(), storage.length().unwrap(), lease.current().unwrap()), (1, 0, 1));
    }
    let each = begun.elapsed() / rounds;
    say!("what an append looks at: {each:?}");
    // 4.3 µs of processor time for all three in a debug build; the rest is waiting for a processor.
    assert!(each.as_micros() < 200, "{each:?}");
}

#[test]
fn a_holder_is_written_as_json() {
    let (_keep, directory) = run_directory();
    let _lease = FileLease::acquire(&directory, &holder(&directory)).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&std::fs::read(directory.lease()).unwrap()).unwrap();
    assert_eq!((&written["v"], &written["epoch"]), (&1.into(), &1.into()));
    let read: Holder = serde_json::from_value(written["holder"].clone()).unwrap();
    assert_eq!(read, holder(&directory));
}
