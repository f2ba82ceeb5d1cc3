//! The journal over one append-only file: one write and one sync a batch, under a lease that is looked at before and after, and after
//! any error nothing more but, on a full disk, the last words.

use std::io;

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};

use super::lease::Lease;
use super::storage::RESERVE;
use super::{Journal, JournalError, Loaded, Position, frame, mask};
use crate::model::entry::{Entry, Record};
use crate::model::id::StepId;
use crate::model::port::Storage;
use crate::secret::Masker;

/// Owns the file of a run.
pub struct FileJournal<S> {
    storage: S,
    lease: Option<Box<dyn Lease>>,
    masker: Option<Masker>,
    position: Position,
    /// Hash of the last record.
    head: String,
    /// Bytes acknowledged: what the storage holds if nobody else writes.
    length: u64,
    state: State,
    /// What a full disk did not take.
    refused: Vec<Record>,
}

/// What the journal still takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Everything.
    Open,
    /// The disk is full and the storage holds what was acknowledged, no more: the last words fit into the reserve.
    Full,
    /// Nothing.
    Closed,
}

/// A batch as lines, and the journal's place after it.
struct Framed {
    lines: Vec<u8>,
    records: Vec<Record>,
    head: String,
}

impl<S: Storage> FileJournal<S> {
    /// A journal in a new, empty storage.
    #[must_use]
    pub fn new(storage: S) -> Self {
        Self {
            storage,
            lease: None,
            masker: None,
            position: 0,
            head: frame::ORIGIN.to_owned(),
            length: 0,
            state: State::Open,
            refused: Vec::new(),
        }
    }

    /// Goes on behind what was read back from this storage, see [`super::RunDirectory::reopen_journal`].
    #[must_use]
    pub fn resume(storage: S, loaded: &Loaded) -> Self {
        Self { position: loaded.position(), head: loaded.head.clone(), length: loaded.length, ..Self::new(storage) }
    }

    /// Writes only while this lease holds.
    #[must_use]
    pub fn leased(mut self, lease: impl Lease + 'static) -> Self {
        self.lease = Some(Box::new(lease));
        self
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

    fn check_lease(&self) -> Result<(), JournalError> {
        let Some(lease) = &self.lease else { return Ok(()) };
        let (epoch, current) = (lease.epoch(), lease.current()?);
        if current == epoch { Ok(()) } else { Err(JournalError::Fenced { epoch, current }) }
    }

    fn check_length(&mut self) -> Result<(), JournalError> {
        let (expected, actual) = (self.length, self.storage.length()?);
        if actual == expected { Ok(()) } else { Err(JournalError::Changed { expected, actual }) }
    }

    fn frame(&self, at: DateTime<Utc>, batch: Vec<Entry>) -> Result<Framed, JournalError> {
        let at = at.trunc_subsecs(6);
        let shown = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let mut lines = Vec::with_capacity(batch.len() * 512);
        let mut records = Vec::with_capacity(batch.len());
        let mut head = self.head.clone();
        for (seq, entry) in (self.position..).zip(batch) {
            let entry = match &self.masker {
                Some(masker) => mask::entry(masker, entry),
                None => entry,
            };
            head =
                frame::write(&mut lines, seq, self.position, &head, &shown, &entry).map_err(std::io::Error::other)?;
            records.push(Record { seq, at, entry });
        }
        Ok(Framed { lines, records, head })
    }

    /// The write, its sync, and the lease before and after: who was overtaken in between must not act on what nobody will read. The
    /// state is `Closed` meanwhile: an error leaves it so.
    fn write(&mut self, framed: Framed, last: bool) -> Result<Vec<Record>, JournalError> {
        self.state = State::Closed;
        self.check_lease()?;
        self.check_length()?;
        let written = if last { self.storage.append_last(&framed.lines) } else { self.storage.append(&framed.lines) };
        if let Err(error) = written {
            if is_full(&error) && !last {
                self.cut_off_torn()?;
                self.state = State::Full;
                self.refused = framed.records;
            }
            return Err(error.into());
        }
        // After a failed sync the kernel calls the page clean: a second one would succeed and prove nothing.
        self.storage.sync()?;
        self.check_lease()?;
        self.position += framed.records.len() as Position;
        self.head = framed.head;
        self.length += framed.lines.len() as u64;
        Ok(framed.records)
    }

    /// A full disk takes a part of a write before it refuses the rest.
    fn cut_off_torn(&mut self) -> Result<(), JournalError> {
        if self.storage.length()? != self.length {
            self.storage.truncate(self.length)?;
        }
        Ok(())
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge
            | io::ErrorKind::WriteZero
    )
}

impl<S: Storage> Journal for FileJournal<S> {
    fn append(
        &mut self,
        expected: Position,
        at: DateTime<Utc>,
        batch: Vec<Entry>,
    ) -> Result<Vec<Record>, JournalError> {
        if self.state != State::Open {
            return Err(JournalError::Poisoned);
        }
        if expected != self.position {
            return Err(JournalError::Conflict { expected, actual: self.position });
        }
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let is_over = matches!(batch.last(), Some(Entry::RunFinished { .. }));
        let framed = self.frame(at, batch)?;
        let records = self.write(framed, false)?;
        self.state = State::Open;
        if is_over {
            // Gives back the reserve. Not done: it lies about unused, no more.
            let _ = self.storage.truncate(self.length);
        }
        Ok(records)
    }

    fn close(&mut self, at: DateTime<Utc>, batch: Vec<Entry>) -> Result<Vec<Record>, JournalError> {
        if self.state == State::Closed {
            return Err(JournalError::Poisoned);
        }
        let mut all = over(std::mem::take(&mut self.refused));
        all.extend(batch.iter().cloned());
        let mut framed = self.frame(at, all)?;
        if framed.lines.len() as u64 > RESERVE {
            framed = self.frame(at, batch)?;
        }
        self.write(framed, true)
    }
}

/// Of what was refused, the ends of what had begun before: they are known, and nothing depends on them any more. Beginnings are not
/// among them: what could not be recorded did not begin.
fn over(refused: Vec<Record>) -> Vec<Entry> {
    let begun: Vec<StepId> = refused.iter().filter_map(|record| begins(&record.entry).cloned()).collect();
    let is_over = |entry: &Entry| match entry {
        Entry::StepFinished { step, .. } | Entry::UndoFinished { step, .. } => !begun.contains(step),
        _ => false,
    };
    refused.into_iter().map(|record| record.entry).filter(is_over).collect()
}

fn begins(entry: &Entry) -> Option<&StepId> {
    match entry {
        Entry::StepStarted { step, .. } | Entry::UndoStarted { step, .. } => Some(step),
        _ => None,
    }
}
