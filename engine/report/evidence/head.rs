//! The head of a chain, for keeping elsewhere: one line that can be pasted, mailed and printed. Whoever has it can prove that nothing
//! up to there was changed, added or cut off, whatever became of the machine that holds the journal.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::model::hex;

/// What a line begins with, behind whatever a mail put before it.
const MARK: &str = "runbook-head/1";

/// The last record of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// `run` or `drill`.
    pub of: String,
    /// Its id.
    pub id: String,
    /// Records so far.
    pub records: u64,
    /// Hash of the last one.
    pub head: String,
    /// When that was appended.
    pub at: DateTime<Utc>,
}

/// A head that was kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The whole line.
    Line(Head),
    /// Only the hash: of which record, nobody says.
    Hash(String),
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, id, records, head, at } = self;
        let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        write!(f, "{MARK} {of} {id} records {records} sha256 {head} at {at}")
    }
}

impl Kept {
    /// Every head in some text: a bare hash, a line, or lines among others. Empty: there is none.
    ///
    /// # Errors
    /// A line that begins like one and is none.
    pub fn parse(text: &str) -> Result<Vec<Self>, String> {
        if let Some(hash) = hash(text.trim()) {
            return Ok(vec![Self::Hash(hash)]);
        }
        let mut found = Vec::new();
        for line in text.lines() {
            if let Some(at) = line.find(MARK) {
                let head = self::line(&line[at + MARK.len()..]);
                found.push(Self::Line(head.ok_or_else(|| format!("`{}` is no whole head", line.trim()))?));
            }
        }
        Ok(found)
    }
}

fn hash(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    hex::bytes::<32>(&text).map(|_| text)
}

/// What stands behind the mark.
fn line(text: &str) -> Option<Head> {
    let words: Vec<&str> = text.split_whitespace().take(8).collect();
    let [of, id, "records", records, "sha256", head, "at", at] = words[..] else { return None };
    let records = records.parse().ok().filter(|records| *records > 0)?;
    let at = DateTime::parse_from_rfc3339(at).ok()?.with_timezone(&Utc);
    Some(Head { of: of.to_owned(), id: id.to_owned(), records, head: hash(head)?, at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_survives_a_mail() {
        let head = Head {
            of: "run".to_owned(),
            id: "01M8EY4GPPEXXNZ2ZQSM060KR6".to_owned(),
            records: 26,
            head: "ab".repeat(32),
            at: "2026-11-27T16:41:43.043962Z".parse().unwrap(),
        };
        let mail = format!("Hello,\r\n> {head}  \r\n> regards\n");
        assert_eq!(Kept::parse(&mail).unwrap(), [Kept::Line(head.clone())]);
        assert_eq!(Kept::parse(&format!(" {}\n", head.head.to_uppercase())).unwrap(), [Kept::Hash(head.head.clone())]);
        assert_eq!(Kept::parse("nothing\n").unwrap(), []);
        for broken in ["records 0", "records 26 sha256 abc", "records x"] {
            assert!(Kept::parse(&format!("{MARK} run 01A {broken}")).is_err());
        }
    }
}
