//! Reads a journal back and verifies its chain. A torn tail (it was never acknowledged) is dropped and said; damage anywhere else is
//! an error with its place. Kinds of later versions are kept as they are.
//!
//! A tail is torn where power was lost before a batch was synced: it ends without a newline, or some of its blocks are missing and
//! read as zeros (JSON has none). Zeros are only ever torn if no later batch stands behind them: that one was written after they
//! were acknowledged.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::chain::{self, Fault, Place};
use super::{Position, frame, private};
use crate::model::entry::{Entry, Record};
use crate::model::port::Storage;

/// Why a journal cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read at all.
    #[error("read {}: {source}", path.display())]
    Storage {
        /// The file.
        path: PathBuf,
        /// As the machine says.
        source: std::io::Error,
    },
    /// A record is not what was written.
    #[error("the journal is damaged at byte {offset} (record {seq}): {what}")]
    Damaged {
        /// First byte of the record.
        offset: u64,
        /// Its number.
        seq: Position,
        /// What is wrong.
        what: &'static str,
    },
    /// A later program wrote it.
    #[error("the journal has format {found} at byte {offset}; this program reads format 1")]
    Version {
        /// First byte of the record.
        offset: u64,
        /// Its version.
        found: u64,
    },
}

/// The rest of a write that did not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Where it begins: the length of what is whole.
    pub offset: u64,
    /// Its length.
    pub bytes: u64,
}

/// A record of a kind that this program does not know, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Its place; the record there is [`Entry::Unknown`].
    pub seq: Position,
    /// All its members.
    pub members: Map<String, Value>,
}

/// A journal whose chain holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// In order, without a gap.
    pub records: Vec<Record>,
    /// Kinds of later versions.
    pub foreign: Vec<Foreign>,
    /// Hash of the last record.
    pub head: String,
    /// Length of what is whole, in bytes: where the next record goes.
    pub length: u64,
    /// Dropped; worth a warning.
    pub torn: Option<Torn>,
}

impl ReadError {
    /// Names the file.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Storage { source, .. } => Self::Storage { path: path.to_path_buf(), source },
            other => other,
        }
    }
}

impl Loaded {
    /// Where the next record goes.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.records.len() as Position
    }
}

/// Reads and verifies a journal file; never through a link.
///
/// # Errors
/// See [`ReadError`].
pub fn load(path: &Path) -> Result<Loaded, ReadError> {
    let mut bytes = Vec::new();
    private::open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(|source| ReadError::Storage { path: path.to_path_buf(), source })?;
    read(&bytes)
}

/// A journal as it was read and verified. Read again, it is verified again only where it is another one by then.
#[derive(Clone, Debug)]
pub struct Known {
    bytes: Vec<u8>,
    /// What is in it.
    pub loaded: Loaded,
}

impl Known {
    /// A run that has no journal yet has done nothing.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn load(path: &Path) -> Result<Self, ReadError> {
        let bytes = bytes_of(path)?;
        Ok(Self { loaded: read(&bytes)?, bytes })
    }

    /// What the file holds now.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn again(self, path: &Path) -> Result<Self, ReadError> {
        let bytes = bytes_of(path)?;
        if self.bytes == bytes { Ok(self) } else { Ok(Self { loaded: read(&bytes)?, bytes }) }
    }

    /// True when these bytes are the ones that were verified.
    pub(super) fn holds(&self, bytes: &[u8]) -> bool {
        self.bytes == bytes
    }
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    match private::open(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(ReadError::Storage { path: path.to_path_buf(), source })
        }
        _ => Ok(bytes),
    }
}

/// Verifies a journal's bytes.
///
/// # Errors
/// [`ReadError::Damaged`], [`ReadError::Version`].
pub fn read(bytes: &[u8]) -> Result<Loaded, ReadError> {
    let mut loaded =
        Loaded { records: Vec::new(), foreign: Vec::new(), head: frame::ORIGIN.to_owned(), length: 0, torn: None };
    let mut at = 0;
    let mut batch = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            loaded.torn = Some(torn(at, rest));
            break;
        };
        match record(&rest[..end], &loaded, batch, at as u64) {
            Ok(read) => {
                batch = read.batch;
                loaded.records.push(read.record);
                loaded.foreign.extend(read.foreign);
                loaded.head = read.hash;
            }
            Err(_) if rest[..end].contains(&0) && !later_batch(&rest[end + 1..], loaded.position()) => {
                loaded.torn = Some(torn(at, rest));
                break;
            }
            Err(error) => return Err(error),
        }
        at += end + 1;
        loaded.length = at as u64;
    }
    Ok(loaded)
}

/// Verifies what a storage holds and makes it what it says: without a torn tail, and durable. What is whole may never have been synced
/// either, and nobody may act on it before it is.
///
/// # Errors
/// See [`ReadError`]; a damaged journal is left as it is.
pub fn recover<S: Storage>(storage: &mut S, bytes: &[u8]) -> Result<Loaded, ReadError> {
    let loaded = read(bytes)?;
    settle(storage, &loaded)?;
    Ok(loaded)
}

/// The second half of [`recover`].
pub(super) fn settle<S: Storage>(storage: &mut S, loaded: &Loaded) -> Result<(), ReadError> {
    let failed = |source| ReadError::Storage { path: PathBuf::new(), source };
    if loaded.torn.is_some() {
        storage.truncate(loaded.length).map_err(failed)?;
    }
    storage.sync().map_err(failed)
}

/// True when `rest` holds an intact record that was appended after the one of number `seq` was acknowledged.
fn later_batch(rest: &[u8], seq: Position) -> bool {
    rest.split(|byte| *byte == b'\n').filter_map(frame::check).any(|framed| framed.batch > seq)
}

fn torn(at: usize, rest: &[u8]) -> Torn {
    Torn { offset: at as u64, bytes: rest.len() as u64 }
}

/// A record that stands where it should.
struct Whole {
    record: Record,
    foreign: Option<Foreign>,
    batch: Position,
    hash: String,
}

/// `batch` is that of the record before, `offset` the line's first byte.
fn record(line: &[u8], before: &Loaded, batch: Position, offset: u64) -> Result<Whole, ReadError> {
    let seq = before.position();
    let damaged = |fault: Fault| fault.at(offset, seq);
    let framed = chain::follows(line, Place { seq, head: &before.head, batch }).map_err(damaged)?;
    let record = chain::record(&framed).map_err(damaged)?;
    let foreign = if record.entry == Entry::Unknown {
        let members = serde_json::from_slice(line).map_err(|_| damaged(Fault::Members))?;
        Some(Foreign { seq, members })
    } else {
        None
    };
    Ok(Whole { record, foreign, batch: framed.batch, hash: framed.hash.to_owned() })
}
