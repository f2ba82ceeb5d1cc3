//! A full disk and a broken one: nothing is acknowledged that is not there, and the last words fit.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::libc::{EDQUOT, EIO, ENOSPC};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use runbook::journal::{FileJournal, Journal, JournalError, RESERVE, RunDirectory, Runs, load, read};
use runbook::model::entry::Entry;
use runbook::model::id::RunId;

use super::{Memory, at, run_finished, run_started, step_finished, step_started};

fn interrupted() -> Entry {
    Entry::Interrupted { level: 2 }
}

#[test]
fn after_enospc_at_any_write_only_the_last_words_are_taken() {
    for code in [ENOSPC, EDQUOT] {
        for failing in 0..6 {
            let memory = Memory { fails_once: Some((failing * 2, code)), ..Memory::default() };
            let mut journal = FileJournal::new(memory.clone());
            let mut position = 0;
            let error = loop {
                match journal.append(position, at(), vec![step_started(), step_finished("ok")]) {
                    Ok(records) => position += records.len() as u64,
                    Err(error) => break error,
                }
            };
            assert!(matches!(&error, JournalError::Storage(error) if error.raw_os_error() == Some(code)));
            assert_eq!(position, failing as u64 * 2);
            // The torn part is gone, and ordinary entries are not taken.
            let left = read(&memory.bytes.lock().unwrap()).unwrap();
            assert_eq!((left.records.len() as u64, &left.torn), (position, &None));
            assert!(matches!(journal.append(position, at(), vec![step_started()]), Err(JournalError::Poisoned)));
            journal.close(at(), vec![interrupted(), run_finished()]).unwrap();
            assert!(matches!(journal.close(at(), vec![interrupted()]), Err(JournalError::Poisoned)));
            let read = read(&memory.bytes.lock().unwrap()).unwrap();
            assert_eq!((read.records.len() as u64, &read.torn), (position + 2, &None));
            assert_eq!(read.records.last().unwrap().entry, run_finished());
        }
    }
}

#[test]
fn the_last_words_hold_what_had_ended_and_not_what_was_to_begin() {
    let memory = Memory { fails_once: Some((2, ENOSPC)), ..Memory::default() };
    let mut journal = FileJournal::new(memory.clone());
    journal.append(0, at(), vec![run_started(), step_started()]).unwrap();
    let Entry::StepStarted { title, attempt, token, work_digest, effect, command, .. } = step_started() else {
        panic!()
    };
    let step = runbook::model::id::StepId("next".into());
    let next = Entry::StepStarted { step, title, attempt, token, work_digest, effect, command };
    journal.append(2, at(), vec![step_finished("done"), next]).unwrap_err();
    let records = journal.close(at(), vec![interrupted(), run_finished()]).unwrap();
    let entries: Vec<Entry> = records.into_iter().map(|record| record.entry).collect();
    assert_eq!(entries, [step_finished("done"), interrupted(), run_finished()]);
    assert_eq!(read(&memory.bytes.lock().unwrap()).unwrap().records.len(), 5);
}

#[test]
fn what_does_not_fit_with_the_last_words_gives_way_to_them() {
    let memory = Memory { fails_once: Some((2, ENOSPC)), ..Memory::default() };
    let mut journal = FileJournal::new(memory.clone());
    journal.append(0, at(), vec![run_started(), step_started()]).unwrap();
    journal.append(2, at(), vec![step_finished(&"x".repeat(100_000))]).unwrap_err();
    assert_eq!(journal.close(at(), vec![interrupted(), run_finished()]).unwrap().len(), 2);
}

#[test]
fn after_eio_at_any_sync_or_write_nothing_is_tried_again() {
    for failing in 0..12 {
        let memory = Memory { fails_once: Some((failing, EIO)), ..Memory::default() };
        let mut journal = FileJournal::new(memory.clone());
        let mut position = 0;
        while let Ok(records) = journal.append(position, at(), vec![step_started()]) {
            position += records.len() as u64;
        }
        let calls = memory.calls.lock().unwrap().len();
        assert_eq!(calls, failing + 1);
        assert!(matches!(journal.append(position, at(), vec![step_started()]), Err(JournalError::Poisoned)));
        assert!(matches!(journal.close(at(), vec![interrupted()]), Err(JournalError::Poisoned)));
        assert_eq!(memory.calls.lock().unwrap().len(), calls, "neither written nor synced");
    }
}

#[test]
fn the_last_words_are_taken_once_also_on_a_sound_disk() {
    let memory = Memory::default();
    let mut journal = FileJournal::new(memory.clone());
    journal.append(0, at(), vec![run_started()]).unwrap();
    assert_eq!(journal.close(at(), vec![interrupted()]).unwrap()[0].seq, 1);
    assert!(matches!(journal.append(2, at(), vec![step_started()]), Err(JournalError::Poisoned)));
    assert_eq!(read(&memory.bytes.lock().unwrap()).unwrap().records.len(), 2);
}

#[test]
fn the_reserve_is_given_back_at_the_end_of_the_run() {
    let (_keep, directory) = super::run_directory();
    let mut journal = FileJournal::new(directory.create_journal().unwrap());
    journal.append(0, at(), vec![run_started(), step_started()]).unwrap();
    let given = || std::fs::metadata(directory.journal()).unwrap().blocks() * 512;
    if given() < RESERVE {
        eprintln!("skipped: this file system gives no room in advance");
        return;
    }
    journal.append(2, at(), vec![run_finished()]).unwrap();
    assert!(given() <= 8192, "{}", given());
    assert_eq!(load(&directory.journal()).unwrap().records.len(), 3);
}

/// A file system in memory, with a size; unmounted when dropped.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new(kib: u32) -> Option<Self> {
        let keep = tempfile::TempDir::new().unwrap();
        let size = format!("size={kib}k");
        match mount(Some("tmpfs"), keep.path(), Some("tmpfs"), MsFlags::empty(), Some(size.as_str())) {
            Ok(()) => Some(Self(keep)),
            Err(error) => {
                eprintln!("skipped: a small disk cannot be mounted here ({error})");
                None
            }
        }
    }

    fn run(&self) -> RunDirectory {
        Runs::new(self.0.path()).create(&RunId("01J9ZQ6V5T0000000000000001".into())).unwrap()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = umount2(self.0.path(), MntFlags::MNT_DETACH);
    }
}

/// Fills a disk to its last byte.
fn fill(directory: &Path) {
    let mut file = std::fs::File::create(directory.join("filler")).unwrap();
    while std::io::Write::write_all(&mut file, &[b'x'; 512]).is_ok() {}
}

#[test]
fn on_a_disk_that_fills_up_the_last_words_fit() {
    let Some(disk) = Disk::new(256) else { return };
    let directory = disk.run();
    let mut journal = FileJournal::new(directory.create_journal().unwrap());
    let mut position = 0;
    let error = loop {
        match journal.append(position, at(), vec![step_started(), step_finished("ok")]) {
            Ok(records) => position += records.len() as u64,
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, JournalError::Storage(error) if error.raw_os_error() == Some(ENOSPC)), "{error}");
    assert!(position > 100, "{position}");
    // Somebody else takes what is left.
    fill(disk.0.path());
    let words = vec![step_finished(&"x".repeat(30 * 1024)), interrupted(), run_finished()];
    journal.close(at(), words).unwrap();
    let read = load(&directory.journal()).unwrap();
    assert_eq!((read.records.len() as u64, read.torn), (position + 3, None));
    eprintln!("{position} records and the last words on a disk of 256 KiB");
}

#[test]
fn a_disk_that_others_fill_in_the_middle_of_a_run_leaves_room_for_the_last_words() {
    let Some(disk) = Disk::new(1024) else { return };
    let directory = disk.run();
    let mut journal = FileJournal::new(directory.create_journal().unwrap());
    journal.append(0, at(), vec![run_started()]).unwrap();
    fill(disk.0.path());
    let mut position = 1;
    while let Ok(records) = journal.append(position, at(), vec![step_started()]) {
        position += records.len() as u64;
    }
    journal.close(at(), vec![interrupted(), run_finished()]).unwrap();
    assert_eq!(load(&directory.journal()).unwrap().records.len() as u64, position + 2);
}

#[test]
fn on_a_disk_with_room_for_the_last_words_only_nothing_starts() {
    let Some(disk) = Disk::new(64) else { return };
    let directory = disk.run();
    let mut journal = FileJournal::new(directory.create_journal().unwrap());
    let error = journal.append(0, at(), vec![run_started(), step_started()]).unwrap_err();
    assert!(matches!(&error, JournalError::Storage(error) if error.raw_os_error() == Some(ENOSPC)), "{error}");
    journal.close(at(), vec![interrupted(), run_finished()]).unwrap();
    assert_eq!(load(&directory.journal()).unwrap().records.len(), 2);
    let Some(disk) = Disk::new(32) else { return };
    assert_eq!(disk.run().create_journal().unwrap_err().raw_os_error(), Some(ENOSPC));
}
