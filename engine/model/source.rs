//! Source files and places in them. Offsets are bytes; lines and columns are computed only for display.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct FileId(pub u32);

/// A range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

impl Span {
    /// The part of this span at `range`, relative to its start and clamped to its end.
    #[must_use]
    pub fn part(self, range: &Range<usize>) -> Self {
        let at = |offset: usize| {
            let offset = u32::try_from(offset).unwrap_or(u32::MAX);
            self.start.saturating_add(offset).min(self.end)
        };
        Self { file: self.file, start: at(range.start), end: at(range.end) }
    }
}

/// One source file, as read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as the user would write it.
    pub path: PathBuf,
    /// The whole text.
    pub text: Arc<str>,
}

/// Every file that took part, so that a [`Span`] can be shown.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

/// A place for people: both counted from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl SourceMap {
    /// Adds a file; the same path may be added only once (the caller looks first).
    pub fn add(&mut self, path: PathBuf, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile { path, text: text.into() });
        id
    }

    /// The file of an id made by this map.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files, in the order they were read.
    #[must_use]
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The id of a file by the path it was added under.
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<FileId> {
        let at = self.files.iter().position(|file| file.path == path)?;
        Some(FileId(u32::try_from(at).unwrap_or(u32::MAX)))
    }

    /// Line and column of a span's first byte.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        let text = &self.file(span.file).text;
        let before = &text[..floor_boundary(text, span.start as usize)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position {
            line: count(before.matches('\n').count() + 1),
            column: count(before[line_start..].chars().count() + 1),
        }
    }

    /// `path:line:column`, the form editors and terminals make clickable.
    #[must_use]
    pub fn place(&self, span: Span) -> String {
        let Position { line, column } = self.position(span);
        format!("{}:{line}:{column}", self.file(span.file).path.display())
    }
}

/// How the characters of a scalar lie in its file, so that an error inside it can be pointed at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Layout {
    /// Byte for byte from the span's start (plain and simply quoted scalars; the span excludes the quotes).
    Exact,
    /// A `|` block: where in the file each line of the text begins.
    Lines(Vec<u32>),
    /// Folded or escaped: only the whole scalar can be pointed at.
    Opaque,
}

/// A piece of authored text with its place: the common part of [`Text`] and [`Expr`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fragment {
    /// The text after YAML's own rules.
    pub source: String,
    /// Where it stands.
    pub span: Span,
    /// How offsets in `source` map to the file.
    pub layout: Layout,
}

impl Fragment {
    /// The place of a byte range of `source`.
    #[must_use]
    pub fn place(&self, range: &Range<usize>) -> Span {
        match &self.layout {
            Layout::Exact => self.span.part(range),
            Layout::Lines(starts) => {
                let at = |offset: usize| {
                    let before = &self.source[..floor_boundary(&self.source, offset)];
                    let line = before.matches('\n').count();
                    let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
                    let start = starts.get(line).copied().unwrap_or(self.span.end);
                    start.saturating_add(u32::try_from(column).unwrap_or(u32::MAX)).min(self.span.end)
                };
                Span { file: self.span.file, start: at(range.start), end: at(range.end) }
            }
            Layout::Opaque => self.span,
        }
    }
}

/// The largest character boundary at or below `offset`.
fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

/// A template: text with `${{ … }}` inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Text(pub Fragment);

/// A bare expression, without `${{ }}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expr(pub Fragment);

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

/// A key or id with its place.
pub type Name = Spanned<String>;

/// Authored mappings keep their order and the place of each key.
pub type Map<T> = Vec<(Name, T)>;
