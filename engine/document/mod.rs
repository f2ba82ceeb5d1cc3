//! Layer 1: YAML → spanned tree → [`Runbook`]/[`System`]. One field table per kind drives lowering, nearest-key hints and the
//! JSON Schemas. Every error of every file is reported in one go.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::diagnostic::Diagnostic;
use crate::model::runbook::Runbook;
use crate::model::source::{FileId, SourceMap};
use crate::model::system::System;

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
    let _ = (path, system);
    todo!()
}

/// A file of either kind, for `check`.
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
}

/// Reads a file of either kind.
///
/// # Errors
/// As [`load`].
pub fn open(path: &Path) -> Result<Checkable, Box<Invalid>> {
    let _ = path;
    todo!()
}

/// The JSON Schema (draft 2020-12) of a kind, `runbook` or `system`, made from the field tables.
#[must_use]
pub fn schema(kind: &str) -> Option<serde_json::Value> {
    let _ = kind;
    todo!()
}
