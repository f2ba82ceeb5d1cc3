//! Reads a test with the runbook that it is about.

use std::path::{Path, PathBuf};

use super::load::{Document, Expected, Loader};
use super::{Documents, Invalid, invalid, paths};
use crate::model::diagnostic::Diagnostic;
use crate::model::source::Span;
use crate::model::test::Test;

/// A test with its runbook and everything that this names.
#[derive(Debug)]
pub struct TestDocument {
    /// The test.
    pub test: Test,
    /// The runbook; the test's own file is among the sources.
    pub documents: Documents,
}

/// The end of a test's name, before its extension.
const SUFFIX: &str = "_test";

/// Reads a test, its runbook, and the system and includes of that.
///
/// # Errors
/// As [`super::load`]; also a test that names no runbook and whose own name does not say which.
pub fn load_test(path: &Path) -> Result<TestDocument, Box<Invalid>> {
    let mut loader = Loader::default();
    match loader.file(path, None, Expected::Test) {
        Some((_, Document::Test(test))) => finish(loader, *test, path),
        _ => Err(invalid(loader)),
    }
}

/// Reads what a test names. `path` is its own.
pub(super) fn finish(mut loader: Loader, test: Test, path: &Path) -> Result<TestDocument, Box<Invalid>> {
    let start = Span { file: test.file, start: 0, end: 0 };
    let named = match &test.runbook {
        Some(written) => Some((paths::resolve(path, &written.value), written.span)),
        None => without_suffix(path).map(|runbook| (runbook, start)),
    };
    let Some((runbook, named)) = named else {
        let finding = Diagnostic::error("document::no_runbook", start, "nothing says which runbook this test is about");
        loader.findings.push(finding.help("add `runbook: path`, or call the file `RUNBOOK_test.yaml`"));
        return Err(invalid(loader));
    };
    let system = test.system.as_ref().map(|written| (paths::resolve(path, &written.value), Some(written.span)));
    let root = match loader.file(&runbook, Some(named), Expected::Runbook) {
        Some((_, Document::Runbook(root))) => *root,
        _ => return Err(invalid(loader)),
    };
    super::finish(loader, root, system).map(|documents| TestDocument { test, documents })
}

/// `restore.yaml` of `restore_test.yaml`.
fn without_suffix(path: &Path) -> Option<PathBuf> {
    let stem = path.file_stem()?.to_str()?.strip_suffix(SUFFIX).filter(|stem| !stem.is_empty())?;
    let extension = path.extension()?.to_str()?;
    Some(path.with_file_name(format!("{stem}.{extension}")))
}
