//! The journal over one append-only file: one write and one sync a batch, and after any error nothing more.

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};

use super::{Journal, JournalError, Position, frame, mask};
use crate::model::entry::{Entry, Record};
use crate::model::port::Storage;
use crate::secret::Masker;

/// Owns the file of a run.
pub struct FileJournal<S> {
    storage: S,
    masker: Option<Masker>,
    position: Position,
    /// Hash of the last record.
    head: String,
    poisoned: bool,
}

impl<S: Storage> FileJournal<S> {
    /// A journal in a new, empty storage.
    #[must_use]
    pub fn new(storage: S) -> Self {
        Self { storage, masker: None, position: 0, head: frame::ORIGIN.to_owned(), poisoned: false }
    }

    /// Masks text before it is written, and in the records that come back.
    #[must_use]
    pub fn masked(mut self, masker: Masker) -> Self {
        self.masker = Some(masker);
        self
    }

    /// Where the next record goes.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Hash of the last record: kept elsewhere, it proves that nothing was cut off.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.head
    }
}

impl<S: Storage> Journal for FileJournal<S> {
    fn append(
        &mut self,
        expected: Position,
        at: DateTime<Utc>,
        batch: Vec<Entry>,
    ) -> Result<Vec<Record>, JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        if expected != self.position {
            return Err(JournalError::Conflict { expected, actual: self.position });
        }
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let at = at.trunc_subsecs(6);
        let shown = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let mut lines = Vec::with_capacity(batch.len() * 512);
        let mut records = Vec::with_capacity(batch.len());
        let mut head = self.head.clone();
        let mut seq = self.position;
        for entry in batch {
            let entry = match &self.masker {
                Some(masker) => mask::entry(masker, entry),
                None => entry,
            };
            head = frame::write(&mut lines, seq, &head, &shown, &entry).map_err(std::io::Error::other)?;
            records.push(Record { seq, at, entry });
            seq += 1;
        }
        // A failed write may have left a part of a record; after a failed sync the kernel calls the page clean. Neither is retried.
        self.poisoned = true;
        self.storage.append(&lines)?;
        self.storage.sync()?;
        self.poisoned = false;
        self.position = seq;
        self.head = head;
        Ok(records)
    }
}
