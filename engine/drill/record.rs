//! The journal of a drill: the same chained records as those of a run, each durable before what it announces.

use std::time::Duration;

use super::error::DrillError;
use crate::execute::BootClock;
use crate::journal::{FileJournal, FileStorage, Journal as _, Position, RunDirectory};
use crate::model::drill::DrillFact;
use crate::model::entry::{Entry, Record};
use crate::model::port::{Clock, Now};

/// Writes a drill's journal, and tells whoever watches.
pub struct Recorder<'w> {
    journal: FileJournal<FileStorage>,
    position: Position,
    clock: BootClock,
    watch: &'w mut dyn FnMut(&Record),
}

impl<'w> Recorder<'w> {
    /// Begins the journal in a drill's directory.
    ///
    /// # Errors
    /// As the machine says.
    pub fn begin(directory: &RunDirectory, watch: &'w mut dyn FnMut(&Record)) -> Result<Self, DrillError> {
        let storage =
            directory.create_journal().map_err(|error| DrillError::file("write", &directory.journal(), &error))?;
        Ok(Self { journal: FileJournal::new(storage), position: 0, clock: BootClock::start(), watch })
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// Writes a fact down; durable on return.
    ///
    /// # Errors
    /// The storage failed: nothing may go on as if it had been written.
    pub fn write(&mut self, fact: DrillFact) -> Result<(), DrillError> {
        let records = self.journal.append(self.position, self.now().wall, vec![Entry::Drill { fact: Box::new(fact) }]);
        let records = records.map_err(|error| DrillError::Storage(error.to_string()))?;
        self.position += records.len() as Position;
        for record in &records {
            (self.watch)(record);
        }
        Ok(())
    }
}

/// Milliseconds, for records.
#[must_use]
pub fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
