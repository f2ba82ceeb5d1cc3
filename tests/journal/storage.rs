//! Appending: one write and one sync a batch, an expected position, and nothing more after an error.

use nix::libc::{EIO, ENOSPC};
use runbook::journal::{FileJournal, Journal, JournalError, load, read};
use runbook::secret::{Masker, SecretStore};

use super::{Memory, at, run_started, step_finished, step_started};

#[test]
fn a_batch_is_one_write_and_one_sync() {
    let memory = Memory::default();
    let mut journal = FileJournal::new(memory.clone());
    let records = journal.append(0, at(), vec![run_started(), step_started(), step_finished("ok")]).unwrap();
    assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(journal.append(3, at(), Vec::new()).unwrap().is_empty());
    assert_eq!(*memory.calls.lock().unwrap(), ["append", "sync"]);
    assert_eq!(read(&memory.bytes.lock().unwrap()).unwrap().records, records);
    assert_eq!(read(&memory.bytes.lock().unwrap()).unwrap().head, journal.head());
}

#[test]
fn another_position_than_expected_is_a_conflict_and_harmless() {
    let mut journal = FileJournal::new(Memory::default());
    journal.append(0, at(), vec![run_started()]).unwrap();
    let conflict = journal.append(0, at(), vec![run_started()]);
    assert!(matches!(conflict, Err(JournalError::Conflict { expected: 0, actual: 1 })));
    journal.append(1, at(), vec![step_started()]).unwrap();
}

#[test]
fn after_an_error_nothing_more_is_accepted_or_retried() {
    for (call, code) in [(0, ENOSPC), (1, EIO), (2, ENOSPC), (3, EIO)] {
        let memory = Memory { fails_at: Some((call, code)), ..Memory::default() };
        let mut journal = FileJournal::new(memory.clone());
        let mut position = 0;
        let error = loop {
            match journal.append(position, at(), vec![step_started()]) {
                Ok(records) => position += records.len() as u64,
                Err(error) => break error,
            }
        };
        assert!(matches!(&error, JournalError::Storage(error) if error.raw_os_error() == Some(code)));
        let calls = memory.calls.lock().unwrap().len();
        assert_eq!(calls, call + 1);
        assert!(matches!(journal.append(position, at(), vec![step_started()]), Err(JournalError::Poisoned)));
        assert_eq!(memory.calls.lock().unwrap().len(), calls, "a poisoned journal touches nothing");
        // What was acknowledged is there, whatever the failed write left behind.
        let loaded = read(&memory.bytes.lock().unwrap()).unwrap();
        assert!(loaded.records.len() as u64 >= position);
    }
}

#[test]
fn a_real_file_is_private_new_and_never_a_link() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("journal.jsonl");
    let mut journal = FileJournal::new(runbook::journal::FileStorage::create(&path).unwrap());
    journal.append(0, at(), vec![run_started()]).unwrap();
    journal.append(1, at(), vec![step_started()]).unwrap();
    assert_eq!(load(&path).unwrap().records.len(), 2);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(runbook::journal::FileStorage::create(&path).is_err());
    let link = directory.path().join("link");
    std::os::unix::fs::symlink(directory.path().join("elsewhere"), &link).unwrap();
    assert!(runbook::journal::FileStorage::create(&link).is_err());
    assert!(!directory.path().join("elsewhere").exists());
}

/// A device that takes nothing.
struct Full(std::fs::File);

impl runbook::model::port::Storage for Full {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        std::io::Write::write_all(&mut self.0, bytes)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.0.sync_data()
    }

    fn length(&mut self) -> std::io::Result<u64> {
        Ok(0)
    }

    fn truncate(&mut self, _: u64) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_a_storage_error() {
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let mut journal = FileJournal::new(Full(full));
    let error = journal.append(0, at(), vec![run_started()]).unwrap_err();
    assert!(matches!(error, JournalError::Storage(error) if error.raw_os_error() == Some(ENOSPC)));
}

#[test]
fn secrets_stop_before_the_file_and_before_observers() {
    let mut secrets = SecretStore::default();
    secrets.insert("password", "hunter22");
    secrets.insert("name", "start");
    let memory = Memory::default();
    let mut journal = FileJournal::new(memory.clone()).masked(Masker::new(&secrets));
    let records = journal.append(0, at(), vec![step_finished("said hunter22")]).unwrap();
    let text = String::from_utf8(memory.bytes.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("hunter22") && !format!("{records:?}").contains("hunter22"));
    assert!(text.contains("said ***") && text.contains(r#""step":"start/db""#), "{text}");
}
