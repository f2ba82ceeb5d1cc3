//! What was found out about evidence: what holds, what is broken and where, and what nobody can prove from it.

use serde::Serialize;

use crate::journal::Damage;

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was checked, and it is so.
    Holds,
    /// It is not what it has to be.
    Broken,
    /// From what is there nobody can tell.
    NotProvable,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How sure.
    pub status: Status,
    /// What it is about: a path in the evidence, or a few words.
    pub about: String,
    /// In a sentence.
    pub text: String,
    /// Where in a journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A place in a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Number of the record that has to stand there, from 0.
    pub record: u64,
    /// First byte of what stands there; none: nothing does.
    pub byte: Option<u64>,
    /// The kind of what stands there, where it can be read.
    pub kind: Option<String>,
    /// The last record before it that holds.
    pub last_good: Option<LastGood>,
}

/// A record that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastGood {
    /// Its number.
    pub record: u64,
    /// Its kind.
    pub kind: String,
    /// When it was appended.
    pub at: chrono::DateTime<chrono::Utc>,
}

impl Finding {
    fn new(status: Status, about: impl Into<String>, text: impl Into<String>) -> Self {
        Self { status, about: about.into(), text: text.into(), place: None }
    }

    /// It is as it has to be.
    pub fn holds(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Status::Holds, about, text)
    }

    /// It is not.
    pub fn broken(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Status::Broken, about, text)
    }

    /// Nobody can tell.
    pub fn not_provable(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Status::NotProvable, about, text)
    }

    /// A record that does not hold.
    #[must_use]
    pub fn damaged(about: &str, damage: &Damage) -> Self {
        let Damage { seq, offset, kind, what, before, .. } = damage;
        let kind_text = kind.as_ref().map_or_else(String::new, |kind| format!("{kind}, "));
        let before_text = before.as_ref().map_or_else(
            || "nothing before it holds".to_owned(),
            |mark| format!("the last good one is record {} ({}) of {}", mark.seq, mark.kind, when(mark.at)),
        );
        let mut finding = Self::broken(about, format!("record {seq} ({kind_text}byte {offset}) {what}; {before_text}"));
        finding.place = Some(Place {
            record: *seq,
            byte: Some(*offset),
            kind: kind.clone(),
            last_good: before.as_ref().map(LastGood::of),
        });
        finding
    }
}

impl LastGood {
    /// A record.
    #[must_use]
    pub fn of(mark: &crate::journal::Mark) -> Self {
        Self { record: mark.seq, kind: mark.kind.clone(), at: mark.at }
    }
}

/// A time for people.
pub(super) fn when(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string()
}
