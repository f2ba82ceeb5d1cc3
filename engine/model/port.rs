//! Ports: what the engine needs from the machine. Real adapters live above; tests bring seeded ones.

use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::entry::Record;
use super::id::StepId;

/// A moment, as the core sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since the run began, on a clock that never goes back and counts suspended time.
    pub elapsed: Duration,
    /// For records and people.
    pub wall: DateTime<Utc>,
}

/// The time.
pub trait Clock {
    /// Now.
    fn now(&self) -> Now;
}

/// Unpredictable bytes.
pub trait Random {
    /// Sixteen of them.
    fn bytes(&mut self) -> [u8; 16];
}

/// One append-only file. An adapter may drop, tear or reorder what was not synced.
pub trait Storage: Send {
    /// Appends and leaves the reserve for [`Storage::append_last`]; a short write is an error and what it wrote may be there.
    ///
    /// # Errors
    /// Whatever the machine says.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Appends and may use the reserve: for the last words on a full disk.
    ///
    /// # Errors
    /// Whatever the machine says.
    fn append_last(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.append(bytes)
    }

    /// Returns once everything appended is durable. Never retried after an error.
    ///
    /// # Errors
    /// Whatever the machine says.
    fn sync(&mut self) -> io::Result<()>;

    /// Its length now, in bytes, whoever wrote them.
    ///
    /// # Errors
    /// Whatever the machine says.
    fn length(&mut self) -> io::Result<u64>;

    /// Cuts off what lies behind `length` (bytes); durable after the next [`Storage::sync`].
    ///
    /// # Errors
    /// Whatever the machine says.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// What is worth showing while it happens, and is not a durable fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Live {
    /// A masked line of a step's output.
    Output {
        /// The step.
        step: StepId,
        /// True for standard error.
        stderr: bool,
        /// The line, without its end.
        line: String,
    },
    /// A gate was asked and did not pass yet.
    Gate {
        /// The step.
        step: StepId,
        /// What was seen.
        seen: String,
        /// Percent, when the gate has a `progress`.
        progress: Option<f64>,
    },
}

/// Gets records after the journal has them. A failing observer is a warning, never the end of a recovery.
pub trait Observer: Send {
    /// A durable fact.
    fn record(&mut self, record: &Record);

    /// What a resumed run has behind it: to be known, not to be shown again. Before any other record.
    fn replay(&mut self, records: &[Record]) {
        let _ = records;
    }

    /// Something passing; dropped when the observer is slow.
    fn live(&mut self, live: &Live) {
        let _ = live;
    }
}
