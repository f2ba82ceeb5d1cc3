//! `runbook check FILE|DIR…`: every mistake of every file in one go.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::document::{self, Checkable, Documents};
use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::runbook::{EnumValues, Param, ParamType};
use crate::model::source::SourceMap;
use crate::plan::{self, Inputs};
use crate::report::{Sink, phrase, visible};

use super::args::CheckArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::{diagnostics, identity};

/// Every kind of document.
const OURS: [&str; 5] = ["runbook/", "system/", "test/", "lab/", "calendar/"];

/// What was looked at.
#[derive(Default)]
struct Tally {
    runbooks: usize,
    systems: usize,
    tests: usize,
    labs: usize,
    calendars: usize,
    unusable: usize,
}

/// Checks everything and says what it found.
pub fn check(args: &CheckArgs) -> Result<Exit, Failure> {
    let mut files = Vec::new();
    for path in &args.paths {
        if path.is_dir() {
            let before = files.len();
            collect(path, &mut files, &OURS)?;
            if files.len() == before {
                let shown = path.display();
                return Err(Failure::usage(format!("no runbook, system, test, lab or calendar below {shown}")).help(
                    "files are found by their `kind: runbook/v1`, `kind: system/v1`, `kind: test/v1`, `kind: lab/v1` or \
                     `kind: calendar/v1`",
                ));
            }
        } else {
            files.push(path.clone());
        }
    }
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    let mut tally = Tally::default();
    let found: Vec<(SourceMap, Vec<Diagnostic>)> = files.iter().map(|file| check_file(file, &mut tally)).collect();
    let batches: Vec<_> = found.iter().map(|(sources, found)| (sources, found.as_slice())).collect();
    let count = diagnostics::show(&batches, args.json);
    if !args.json {
        let kinds = [
            (tally.runbooks, "runbook"),
            (tally.systems, "system"),
            (tally.tests, "test"),
            (tally.labs, "lab"),
            (tally.calendars, "calendar"),
            (tally.unusable, "unusable file"),
        ];
        let kinds: Vec<String> =
            kinds.into_iter().filter(|(n, _)| *n > 0).map(|(n, noun)| phrase::count(n, noun)).collect();
        let line = format!("checked {}: {count}", kinds.join(", "));
        if count.errors == 0 { Sink::stdout().line(line) } else { Sink::stderr().line(line) }
    }
    Ok(if count.errors == 0 { Exit::Success } else { Exit::Invalid })
}

/// Everything there is to say about one file and what it names, as `runbook check FILE` shows it: each finding once, in reading
/// order.
#[must_use]
pub fn findings(path: &Path) -> (SourceMap, Vec<Diagnostic>) {
    let (sources, found) = check_file(path, &mut Tally::default());
    let shown = diagnostics::unique(&[(&sources, &found)]).into_iter().map(|(_, one)| one.clone()).collect();
    (sources, shown)
}

fn check_file(path: &Path, tally: &mut Tally) -> (SourceMap, Vec<Diagnostic>) {
    match document::open(path) {
        Ok(Checkable::Runbook(documents)) => {
            tally.runbooks += 1;
            check_runbook(*documents)
        }
        Ok(Checkable::System { sources, system, mut warnings }) => {
            tally.systems += 1;
            warnings.extend(plan::check_system(&system, path));
            (sources, warnings)
        }
        Ok(Checkable::Test(document)) => {
            tally.tests += 1;
            let found = plan::test::check(&document, &identity::new());
            (document.documents.sources, found)
        }
        Ok(Checkable::Lab(document)) => {
            tally.labs += 1;
            (document.sources, document.warnings)
        }
        Ok(Checkable::Calendar(document)) => {
            tally.calendars += 1;
            (document.sources, document.warnings)
        }
        Err(invalid) => {
            tally.unusable += 1;
            (invalid.sources, invalid.diagnostics)
        }
    }
}

/// References, kinds, cycles and guards always; the whole plan too when nothing has to be given for it.
fn check_runbook(documents: Documents) -> (SourceMap, Vec<Diagnostic>) {
    let mut found = documents.warnings.clone();
    // Where nothing can be given and there is no system, the plan is what there is to check, and says all that a check says.
    let is_fixed = documents.system.is_none() && documents.runbooks.values().all(|runbook| runbook.params.is_empty());
    if !is_fixed {
        found.extend(plan::check(&documents));
    }
    let has_errors = found.iter().any(|one| one.severity == Severity::Error);
    let plans_alone = documents
        .runbooks
        .get(&documents.root)
        .is_some_and(|runbook| runbook.params.iter().all(|(_, param)| has_default(param)));
    if plans_alone && !has_errors {
        let inputs = Inputs::new(identity::new());
        // A check is for every environment: that none is chosen is a matter of a run.
        found.extend(
            plan::findings(&documents, &inputs).into_iter().filter(|one| one.code != super::load::NO_ENVIRONMENT),
        );
    }
    (documents.sources, found)
}

/// True when the parameter needs no value from outside: an enum of one value defaults to it.
fn has_default(param: &Param) -> bool {
    param.default.is_some()
        || (param.kind == ParamType::Enum
            && matches!(&param.values, Some(EnumValues::Fixed(values)) if values.len() == 1))
}

/// Documents of these kinds (`runbook/`) below a directory, sorted. Hidden directories and symbolic links to directories are left out.
pub fn collect(dir: &Path, files: &mut Vec<PathBuf>, kinds: &[&str]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::usage(format!("read the directory {}: {error}", visible::line(&dir.display().to_string())))
    };
    let mut entries = std::fs::read_dir(dir).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            if !entry.file_name().to_string_lossy().starts_with('.') {
                collect(&path, files, kinds)?;
            }
        } else if is_yaml(&path) && is_one_of(&path, kinds) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// True for files that say they are of one of these kinds, of any version; unreadable ones are kept, so that they are reported.
fn is_one_of(path: &Path, kinds: &[&str]) -> bool {
    let Ok(bytes) = std::fs::read(path) else { return true };
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes).split(|byte| *byte == b'\n').any(|line| {
        let Some(kind) = line.strip_prefix(b"kind:") else { return false };
        let kind = String::from_utf8_lossy(kind);
        let kind = kind.trim().trim_start_matches(['"', '\'']);
        kinds.iter().any(|known| kind.starts_with(known))
    })
}
