//! Layer 1: YAML → spanned tree → [`Runbook`]/[`System`]/`Test`. One field table per kind drives lowering, nearest-key hints and the
//! JSON Schemas. Every error of every file is reported in one go.

mod alone;
mod calendar;
mod check;
mod cycle;
mod include;
mod kind;
mod lab;
mod layout;
mod limits;
mod load;
mod lower;
mod parse;
mod paths;
mod read;
mod schema;
mod syntax;
mod table;
mod test;
mod tree;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::diagnostic::Diagnostic;
use crate::model::runbook::Runbook;
use crate::model::source::{FileId, SourceMap, Span};
use crate::model::system::System;

pub use alone::{Alone, alone};
pub use calendar::{CalendarDocument, Planned, load_calendar};
pub use include::{Include, parse_include};
pub use lab::{LabDocument, load_lab};
pub use paths::{normalise, resolve};
pub use test::{TestDocument, load_test};
pub use values::{ValueTexts, values};

use load::{Document, Expected, Loader};

/// A runbook with everything it names: its system and every runbook it or its system can include.
#[derive(Debug)]
pub struct Documents {
    /// Every file read.
    pub sources: SourceMap,
    /// The runbook asked for.
    pub root: FileId,
    /// Every runbook, by file.
    pub runbooks: BTreeMap<FileId, Runbook>,
    /// Resolved, normalised path of every runbook file, as the plan looks includes up.
    pub paths: BTreeMap<PathBuf, FileId>,
    /// The root's system, or the one that replaces it.
    pub system: Option<System>,
    /// Findings that do not stop anything.
    pub warnings: Vec<Diagnostic>,
}

/// Documents that cannot be used, with the sources their places need.
#[derive(Debug)]
pub struct Invalid {
    /// Every file read.
    pub sources: SourceMap,
    /// Every error (and warning) found.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a runbook, its system (or `system`, when given) and all includes.
///
/// # Errors
/// Every mistake in every file: unreadable or too large files, YAML, unknown keys, kinds, missing includes, include cycles.
pub fn load(path: &Path, system: Option<&Path>) -> Result<Documents, Box<Invalid>> {
    let mut loader = Loader::default();
    if let Some((_, Document::Runbook(root))) = loader.file(path, None, Expected::Runbook) {
        return finish_runbook(loader, *root, system);
    }
    // The other file is read too: all mistakes of both are shown at once.
    if let Some(system) = system {
        loader.file(system, None, Expected::System);
    }
    Err(invalid(loader))
}

fn finish_runbook(loader: Loader, root: Runbook, system: Option<&Path>) -> Result<Documents, Box<Invalid>> {
    finish(loader, root, system.map(|path| (path.to_owned(), None)))
}

/// Reads what a runbook names. `system` replaces its own; with the place that says so, if a file does.
fn finish(
    mut loader: Loader,
    root: Runbook,
    system: Option<(PathBuf, Option<Span>)>,
) -> Result<Documents, Box<Invalid>> {
    let file = root.file;
    let own = root
        .system
        .as_ref()
        .map(|written| (paths::resolve(&loader.sources.file(file).path, &written.value), Some(written.span)));
    let named = system.or(own);
    let found = named.as_ref().and_then(|(path, span)| loader.file(path, *span, Expected::System));
    let found = found.and_then(|(_, document)| match document {
        Document::System(system) => Some(*system),
        _ => None,
    });
    loader.includes(Some(root), found.as_ref(), named.is_some());
    if loader.has_errors() {
        return Err(invalid(loader));
    }
    Ok(Documents {
        root: file,
        warnings: Loader::finish(loader.findings),
        sources: loader.sources,
        runbooks: loader.runbooks,
        paths: loader.paths,
        system: found,
    })
}

#[expect(clippy::unnecessary_box_returns, reason = "the error type of load and open")]
fn invalid(loader: Loader) -> Box<Invalid> {
    Box::new(Invalid { diagnostics: Loader::finish(loader.findings), sources: loader.sources })
}

/// A file of any kind, for `check`.
#[derive(Debug)]
pub enum Checkable {
    /// A runbook with all it names.
    Runbook(Box<Documents>),
    /// A system by itself.
    System {
        /// Every file read.
        sources: SourceMap,
        /// The system.
        system: Box<System>,
        /// Findings that do not stop anything.
        warnings: Vec<Diagnostic>,
    },
    /// A test with its runbook.
    Test(Box<TestDocument>),
    /// A lab by itself.
    Lab(Box<LabDocument>),
    /// A calendar with what it names.
    Calendar(Box<CalendarDocument>),
}

/// Reads a file of any kind.
///
/// # Errors
/// As [`load`].
pub fn open(path: &Path) -> Result<Checkable, Box<Invalid>> {
    let mut loader = Loader::default();
    match loader.file(path, None, Expected::Any) {
        Some((_, Document::Runbook(root))) => {
            finish_runbook(loader, *root, None).map(|documents| Checkable::Runbook(Box::new(documents)))
        }
        Some((_, Document::System(system))) => {
            loader.includes(None, Some(&system), true);
            if loader.has_errors() {
                return Err(invalid(loader));
            }
            let warnings = Loader::finish(loader.findings);
            Ok(Checkable::System { sources: loader.sources, system, warnings })
        }
        Some((_, Document::Test(test))) => {
            test::finish(loader, *test, path).map(|document| Checkable::Test(Box::new(document)))
        }
        Some((_, Document::Lab(lab))) => {
            lab::finish(loader, *lab, path).map(|document| Checkable::Lab(Box::new(document)))
        }
        Some((_, Document::Calendar(calendar))) => {
            calendar::finish(loader, *calendar, path).map(|document| Checkable::Calendar(Box::new(document)))
        }
        None => Err(invalid(loader)),
    }
}

/// The JSON Schema (draft 2020-12) of a kind, `runbook`, `system`, `test`, `lab` or `calendar`, made from the field tables.
#[must_use]
pub fn schema(kind: &str) -> Option<serde_json::Value> {
    schema::of(kind)
}
