//! One record as a line. The members stand in a fixed order, so that the hash covers bytes and not somebody's idea of equal JSON:
//! `{"v":1,"seq":N,"prev":"…","hash":"…","at":"…","kind":…}`. Hashed is the line without `"hash":"…",` and without its newline.
//! Records of one batch after its first have `"batch":N` (the first's number) behind `at`: what was written and synced together
//! may be lost together, and nothing else may.

use sha2::{Digest, Sha256};

use crate::model::entry::Entry;
use crate::model::hex::hex;

/// The format's version.
pub(super) const VERSION: u64 = 1;

/// `prev` of the first record.
pub(super) const ORIGIN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A hash in lower-case hex.
const HEX: usize = 64;

/// A line whose frame is right: its hash is its own, whatever it says.
pub(super) struct Framed<'line> {
    pub seq: u64,
    /// Number of the first record that was appended together with this one.
    pub batch: u64,
    pub prev: &'line str,
    pub hash: &'line str,
    /// When it was appended, as written.
    pub at: &'line str,
    /// The entry's own members: `"kind":…}`.
    pub members: &'line str,
}

/// Adds a record and its newline to `lines`; gives its hash. `batch` is the number of the first record of its batch, `at` an
/// RFC 3339 time.
///
/// # Errors
/// A value that JSON cannot express; then `lines` holds a part of it.
pub(super) fn write(
    lines: &mut Vec<u8>,
    seq: u64,
    batch: u64,
    prev: &str,
    at: &str,
    entry: &Entry,
) -> Result<String, serde_json::Error> {
    let start = lines.len();
    lines.extend_from_slice(format!(r#"{{"v":{VERSION},"seq":{seq},"prev":"{prev}","#).as_bytes());
    let head = start..lines.len();
    lines.extend_from_slice(br#""hash":""#);
    let hash_at = lines.len()..lines.len() + HEX;
    lines.resize(hash_at.end, b'0');
    lines.extend_from_slice(br#"","#);
    let rest = lines.len();
    lines.extend_from_slice(format!(r#""at":"{at}""#).as_bytes());
    if batch < seq {
        lines.extend_from_slice(format!(r#","batch":{batch}"#).as_bytes());
    }
    let members = lines.len();
    serde_json::to_writer(&mut *lines, entry)?;
    // The entry's object goes on as members of the record.
    lines[members] = b',';
    let hash = digest(&lines[head], &lines[rest..]);
    lines[hash_at].copy_from_slice(hash.as_bytes());
    lines.push(b'\n');
    Ok(hash)
}

/// The version that a line says it has.
pub(super) fn version(line: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(br#"{"v":"#)?;
    let end = rest.iter().position(|byte| *byte == b',')?;
    number(std::str::from_utf8(&rest[..end]).ok()?)
}

/// Checks the frame of a line (without its newline).
pub(super) fn check(line: &[u8]) -> Option<Framed<'_>> {
    let text = std::str::from_utf8(line).ok()?;
    let (_, rest) = text.split_once(r#","seq":"#)?;
    let (seq, rest) = rest.split_once(r#","prev":""#)?;
    let seq = number(seq)?;
    let (prev, rest) = hash_in(rest)?;
    let rest = rest.strip_prefix(r#"","#)?;
    let head = &text[..text.len() - rest.len()];
    let (hash, rest) = hash_in(rest.strip_prefix(r#""hash":""#)?)?;
    let rest = rest.strip_prefix(r#"","#)?;
    let (at, after) = rest.strip_prefix(r#""at":""#)?.split_once('"')?;
    let (batch, members) = match after.strip_prefix(r#","batch":"#) {
        Some(after) => {
            let (batch, members) = after.split_once(',')?;
            (number(batch).filter(|batch| *batch < seq)?, members)
        }
        None => (seq, after.strip_prefix(',')?),
    };
    (digest(head.as_bytes(), rest.as_bytes()) == hash).then_some(Framed { seq, batch, prev, hash, at, members })
}

fn number(text: &str) -> Option<u64> {
    // `parse` alone would take `+1` and `01`.
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn hash_in(text: &str) -> Option<(&str, &str)> {
    let (hash, rest) = text.split_at_checked(HEX)?;
    hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).then_some((hash, rest))
}

fn digest(head: &[u8], rest: &[u8]) -> String {
    hex(&Sha256::new().chain_update(head).chain_update(rest).finalize())
}
