//! Layer 2: the durable record of a run. JSON Lines, one record a line: `{v, seq, prev, hash, at, kind, …}`; the newline is the
//! frame, `hash` is SHA-256 over the line without its hash, `prev` is the hash before it.

mod chain;
pub mod directory;
mod file;
mod flock;
mod frame;
mod holder;
pub mod inbox;
mod inspect;
pub mod kept;
pub mod lease;
pub mod lock;
mod mask;
mod private;
mod read;
mod storage;

use chrono::{DateTime, Utc};

use crate::model::entry::{Entry, Record};

pub use chain::Fault;
pub use directory::{RunDirectory, Runs};
pub use file::FileJournal;
pub use holder::{Holder, LockError, user_at_host};
pub use inbox::{Letter, LetterKind, Received, Watch};
pub use inspect::{Damage, Inspection, Mark, inspect};
pub use lease::{FileLease, Lease};
pub use lock::{Lock, LockDirectory};
pub use read::{Foreign, Known, Loaded, ReadError, Torn, load, read, recover};
pub use storage::{FileStorage, RESERVE};

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
    /// Another engine took the run over, or a person broke this one's lease.
    #[error("this engine owned the run in epoch {epoch}, which is now in epoch {current}: another one took it over")]
    Fenced {
        /// This engine's.
        epoch: u64,
        /// The run's.
        current: u64,
    },
    /// Somebody else wrote to the file.
    #[error("the journal has {actual} bytes and this engine left it with {expected}: somebody else wrote to it")]
    Changed {
        /// As this engine left it, bytes.
        expected: u64,
        /// As it is, bytes.
        actual: u64,
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

    /// The last words, at the journal's own position: also after a full disk refused a batch, when they go into the reserve,
    /// together with the ends of steps that were refused with it. Once; nothing is taken after it.
    ///
    /// # Errors
    /// [`JournalError::Poisoned`] after an error that says nothing about what is on the disk: a failed sync, a lost lease.
    fn close(&mut self, at: DateTime<Utc>, batch: Vec<Entry>) -> Result<Vec<Record>, JournalError> {
        let _ = (at, batch);
        Err(JournalError::Poisoned)
    }
}
