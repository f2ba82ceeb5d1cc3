//! Whether a record follows the one before it: what reading a journal back and inspecting it share.

use chrono::{DateTime, Utc};

use super::frame::{self, Framed};
use super::{Position, ReadError};
use crate::model::entry::{Entry, Record};

/// What is wrong with a record, as the chain sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its hash is not that of its line, or it is no record at all.
    Hash,
    /// It has another number than its place.
    Number {
        /// The number that it has.
        found: Position,
    },
    /// `prev` is not the hash of the record before it.
    Link,
    /// It says that it was written together with records that are not before it.
    Batch,
    /// Its frame is right, and its members are not those of its kind.
    Members,
    /// A later program wrote it.
    Version {
        /// Its format.
        found: u64,
    },
}

/// Where the next record has to stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'head> {
    /// Its number.
    pub seq: Position,
    /// Hash of the record before it.
    pub head: &'head str,
    /// Batch of the record before it.
    pub batch: Position,
}

impl Fault {
    /// In a few words.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Hash => "its hash does not match",
            Self::Number { .. } => "it is out of order, or one before it is missing",
            Self::Link => "it does not follow the record before it",
            Self::Batch => "it is of another batch than the record before it",
            Self::Members => "its members are not those of its kind",
            Self::Version { .. } => "a later program wrote it",
        }
    }

    /// As reading the journal back says it.
    pub(super) const fn at(self, offset: u64, seq: Position) -> ReadError {
        match self {
            Self::Version { found } => ReadError::Version { offset, found },
            other => ReadError::Damaged { offset, seq, what: other.as_str() },
        }
    }
}

/// The frame of a line (without its newline) that stands in its place.
pub(super) fn follows<'line>(line: &'line [u8], place: Place<'_>) -> Result<Framed<'line>, Fault> {
    if let Some(found) = frame::version(line).filter(|found| *found != frame::VERSION) {
        return Err(Fault::Version { found });
    }
    let framed = frame::check(line).ok_or(Fault::Hash)?;
    if framed.seq != place.seq {
        return Err(Fault::Number { found: framed.seq });
    }
    if framed.prev != place.head {
        return Err(Fault::Link);
    }
    if framed.batch != place.seq && framed.batch != place.batch {
        return Err(Fault::Batch);
    }
    Ok(framed)
}

/// What a framed line says.
pub(super) fn record(framed: &Framed<'_>) -> Result<Record, Fault> {
    // Not as one flattened record: that reads every member into a tree first.
    let entry: Option<Entry> = serde_json::from_str(&format!("{{{}", framed.members)).ok();
    let at = DateTime::parse_from_rfc3339(framed.at).ok();
    let (entry, at) = entry.zip(at).ok_or(Fault::Members)?;
    Ok(Record { seq: framed.seq, at: at.with_timezone(&Utc), entry })
}
