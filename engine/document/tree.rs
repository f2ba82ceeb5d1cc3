//! The spanned tree: what YAML says, with the bytes where it says it. No meaning yet: a scalar is text until a field gives it a type.

use std::borrow::Cow;

use crate::model::source::{FileId, Span};

/// Bytes in the file of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub start: u32,
    pub end: u32,
}

impl Place {
    /// The place in a file.
    pub fn of(self, file: FileId) -> Span {
        Span { file, start: self.start, end: self.end }
    }
}

/// The key by which YAML 1.1 merges mappings; parsing reports it and keeps it, so that what it would have brought is not missed.
pub(super) const MERGE: &str = "<<";

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Nothing at all: `key:`.
    Missing,
    Plain,
    Single,
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A scalar, a list or a mapping.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    pub kind: NodeKind<'a>,
    /// Of a collection: from its first to its last byte.
    pub place: Place,
}

#[derive(Clone, Debug)]
pub(super) enum NodeKind<'a> {
    Scalar { text: Cow<'a, str>, style: Style },
    Sequence { items: Vec<Node<'a>>, flow: bool },
    Mapping { entries: Vec<Entry<'a>>, flow: bool },
}

/// One `key: value`.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub key: Cow<'a, str>,
    pub key_place: Place,
    pub value: Node<'a>,
}

impl<'a> Node<'a> {
    /// What it is, for messages.
    pub fn noun(&self) -> &'static str {
        match &self.kind {
            NodeKind::Scalar { style: Style::Missing, .. } => "nothing",
            NodeKind::Scalar { .. } => "a text",
            NodeKind::Sequence { .. } => "a list",
            NodeKind::Mapping { .. } => "a mapping",
        }
    }

    /// Its text, when it is a scalar.
    pub fn scalar(&self) -> Option<(&str, Style)> {
        match &self.kind {
            NodeKind::Scalar { text, style } => Some((text, *style)),
            _ => None,
        }
    }

    /// Its entries, when it is a mapping.
    pub fn entries(&self) -> Option<&[Entry<'a>]> {
        match &self.kind {
            NodeKind::Mapping { entries, .. } => Some(entries),
            _ => None,
        }
    }

    /// The value of a key, when it is a mapping.
    pub fn get(&self, key: &str) -> Option<&Entry<'a>> {
        self.entries()?.iter().find(|entry| entry.key == key)
    }

    /// True for `key:` and for a plain `null` or `~`.
    pub fn is_null(&self) -> bool {
        match self.scalar() {
            Some((_, Style::Missing)) => true,
            Some((text, Style::Plain)) => matches!(text, "null" | "~" | "Null" | "NULL"),
            _ => false,
        }
    }

    /// A short place that stands for it: a mapping's first key, a list's first item, else all of it. Carets under forty lines help
    /// nobody.
    pub fn head(&self) -> Place {
        match &self.kind {
            NodeKind::Mapping { entries, flow: false } => entries.first().map_or(self.place, |entry| entry.key_place),
            NodeKind::Sequence { items, flow: false } => items.first().map_or(self.place, Node::head),
            _ => self.place,
        }
    }
}
