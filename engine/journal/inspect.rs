//! Where the chain of a journal breaks first, and what happened there. Unlike [`super::read`] it goes on to the end, so that a record
//! that was moved is told from one that was removed; and it holds one line at a time, whoever wrote the file.

use std::io::{self, BufRead, BufReader, Read};

use chrono::{DateTime, Utc};

use super::chain::{self, Fault, Place};
use super::{Position, frame};
use crate::model::entry::Record;
use crate::model::hex;

/// A longer line is no record, bytes.
const LONGEST: u64 = 64 * 1024 * 1024;
/// A journal of more records is not read: each costs 32 bytes of memory.
const MOST: usize = 16 * 1024 * 1024;
/// A kind is not longer.
const KIND: usize = 40;

/// A record that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its number.
    pub seq: Position,
    /// When it was appended.
    pub at: DateTime<Utc>,
    /// Its kind; `drill/…` for a fact of a drill.
    pub kind: String,
}

/// The first record that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The number that has to stand here.
    pub seq: Position,
    /// First byte of what stands here instead.
    pub offset: u64,
    /// Its kind, where it can be read.
    pub kind: Option<String>,
    /// What is wrong, in a sentence without its subject.
    pub what: String,
    /// The file ends in the middle of it: a write that did not complete, or it was cut off.
    pub torn: bool,
    /// The last record before it.
    pub before: Option<Mark>,
}

/// What is known of a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Hash of each record that holds, in order.
    pub hashes: Vec<[u8; 32]>,
    /// The last record that holds.
    pub last: Option<Mark>,
    /// Bytes of what holds.
    pub length: u64,
    /// Where it breaks first; none: it is whole.
    pub damage: Option<Damage>,
}

impl Inspection {
    /// Records that hold.
    #[must_use]
    pub const fn records(&self) -> Position {
        self.hashes.len() as Position
    }

    /// Hash of the last of them; without one, of zeros.
    #[must_use]
    pub fn head(&self) -> String {
        self.hashes.last().map_or_else(|| frame::ORIGIN.to_owned(), |hash| hex::hex(hash))
    }
}

/// The first fault, until the rest has been read.
struct Broken {
    fault: Fault,
    line: Vec<u8>,
    /// Where the record that was expected stands instead, first byte.
    moved: Option<u64>,
}

/// Reads a journal to its end. `each` gets the records that hold.
///
/// # Errors
/// It cannot be read; it has absurdly many records.
pub fn inspect(journal: impl Read, mut each: impl FnMut(&Record)) -> io::Result<Inspection> {
    let mut journal = BufReader::with_capacity(64 * 1024, journal);
    let mut found = Inspection::default();
    let (mut head, mut batch) = (frame::ORIGIN.to_owned(), 0);
    let mut broken: Option<Broken> = None;
    let (mut line, mut offset) = (Vec::new(), 0);
    loop {
        line.clear();
        let read = journal.by_ref().take(LONGEST).read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            break;
        }
        let is_whole = line.pop_if(|last| *last == b'\n').is_some();
        if let Some(broken) = &mut broken {
            let missing = |framed: &frame::Framed<'_>| framed.seq == found.records() && framed.prev == head;
            if broken.moved.is_none() && frame::check(&line).as_ref().is_some_and(missing) {
                broken.moved = Some(offset);
            }
        } else if !is_whole {
            found.damage = Some(torn(&found, &line, read));
            break;
        } else {
            let place = Place { seq: found.records(), head: &head, batch };
            let step = chain::follows(&line, place).and_then(|framed| Ok((chain::record(&framed)?, framed)));
            match step.map(|(record, framed)| (record, framed.batch, framed.hash.to_owned())) {
                Ok((record, of, hash)) => {
                    each(&record);
                    let kind = kind(&line).unwrap_or_default();
                    found.last = Some(Mark { seq: record.seq, at: record.at, kind });
                    found.hashes.extend(hex::bytes::<32>(&hash));
                    (head, batch) = (hash, of);
                    found.length = offset + read;
                }
                Err(fault) => broken = Some(Broken { fault, line: std::mem::take(&mut line), moved: None }),
            }
            if found.hashes.len() > MOST {
                return Err(io::Error::other(format!("it has more than {MOST} records")));
            }
        }
        offset += read;
    }
    if let Some(broken) = broken {
        found.damage = Some(damage(&found, &broken));
    }
    Ok(found)
}

fn torn(found: &Inspection, line: &[u8], read: u64) -> Damage {
    let what = if read == LONGEST {
        format!("is longer than {LONGEST} bytes: it is no record")
    } else {
        let bytes = if read == 1 { "1 byte of it is".to_owned() } else { format!("{read} bytes of it are") };
        format!("is cut off, {bytes} there: a write that did not complete, or the file was cut")
    };
    Damage {
        seq: found.records(),
        offset: found.length,
        kind: kind(line),
        what,
        torn: read < LONGEST,
        before: found.last.clone(),
    }
}

fn damage(found: &Inspection, broken: &Broken) -> Damage {
    let seq = found.records();
    Damage {
        seq,
        offset: found.length,
        kind: kind(&broken.line),
        what: explain(seq, broken),
        torn: false,
        before: found.last.clone(),
    }
}

/// What happened, as far as the chain shows it.
fn explain(seq: Position, Broken { fault, line, moved }: &Broken) -> String {
    match fault {
        Fault::Version { .. } if frame::check(line).is_none() => {
            "was changed: its hash is not that of what it says".to_owned()
        }
        Fault::Version { found } => format!("has format {found}, and this program reads format {}", frame::VERSION),
        Fault::Hash if line.contains(&0) => {
            "has bytes of zero: power was lost before it was on the disk, the disk failed, or it was overwritten"
                .to_owned()
        }
        Fault::Hash if frame::version(line).is_none() => {
            "is no record: something was added or written over it".to_owned()
        }
        Fault::Hash => "was changed: its hash is not that of what it says".to_owned(),
        Fault::Number { found } if found < &seq => {
            format!("has number {found}, which stands above already: one of the two was added")
        }
        Fault::Number { found } => match moved {
            Some(at) => format!(
                "is not here but further down, at byte {at}; record {found} stands in its place: records were swapped"
            ),
            None if *found == seq + 1 => format!("is missing; record {found} stands in its place"),
            None => format!("is missing, and so are those up to {}; record {found} stands in its place", found - 1),
        },
        Fault::Link if seq == 0 => "names a record before it, and is the first".to_owned(),
        Fault::Link => format!(
            "does not follow the record before it: record {} was rewritten, or this one is of another journal",
            seq - 1
        ),
        Fault::Batch => "says that it was written together with a record that does not stand before it".to_owned(),
        Fault::Members => "has a frame that holds, and members that are not those of its kind".to_owned(),
    }
}

/// The kind that a line names, whatever else is wrong with it.
fn kind(line: &[u8]) -> Option<String> {
    const NAME: &[u8] = br#""kind":""#;
    let at = line.windows(NAME.len()).position(|part| part == NAME)? + NAME.len();
    let rest = &line[at..];
    let name: String = rest
        .iter()
        .take(KIND)
        .take_while(|byte| matches!(byte, b'a'..=b'z' | b'_'))
        .map(|byte| char::from(*byte))
        .collect();
    if name.is_empty() {
        return None;
    }
    match kind(rest) {
        Some(fact) if name == "drill" => Some(format!("{name}/{fact}")),
        _ => Some(name),
    }
}
