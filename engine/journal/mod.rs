//! Layer 2: the durable record of a run. JSON Lines, one record a line: `{v, seq, prev, hash, at, kind, …}`; the newline is the
//! frame, `hash` is SHA-256 over the line without its hash, `prev` is the hash before it.

pub mod directory;
mod file;
mod frame;
mod mask;
mod read;
mod storage;

use chrono::{DateTime, Utc};

use crate::model::entry::{Entry, Record};

pub use directory::{RunDirectory, Runs};
pub use file::FileJournal;
pub use read::{Foreign, Loaded, ReadError, Torn, load, read};
pub use storage::FileStorage;

/// Where the next record goes.
pub type Position = u64;

/// Why a record is not durable.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Somebody else appended.
    #[error("append at position {expected}, but the journal is at {actual}: another engine owns this run")]
    Conflict {
        /// What this engine thought.
        expected: Position,
        /// What is there.
        actual: Position,
    },
    /// The machine refused.
    #[error("write the journal: {0}")]
    Storage(#[from] std::io::Error),
    /// An earlier write or sync failed: nothing more is accepted.
    #[error("the journal is closed after an earlier storage error")]
    Poisoned,
}

/// The port: append a batch at an expected position, durable on return.
pub trait Journal: Send {
    /// Appends and syncs. Gives the records as they stand in the journal.
    ///
    /// # Errors
    /// See [`JournalError`]; after a storage error every further call is [`JournalError::Poisoned`].
    fn append(&mut self, expected: Position, at: DateTime<Utc>, batch: Vec<Entry>)
    -> Result<Vec<Record>, JournalError>;
}
