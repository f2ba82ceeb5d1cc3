//! Which scenarios and systems there are: runbooks that are no part of another, and what labs drill. Files are read one by one, nothing
//! is planned; a broken one is not this verb's business.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::check::collect;
use super::super::drill::labs;
use crate::document::{self, Alone};
use crate::report::trend::Known;

/// A runbook as it says of itself.
struct Runbook {
    name: String,
    title: String,
    file: PathBuf,
    system: Option<PathBuf>,
}

/// Below this directory, and in the labs that a drill would find.
pub fn known(directory: &Path) -> Known {
    let mut files = Vec::new();
    // No directory: nothing is known, and what was drilled is shown all the same.
    if directory.is_dir() && collect(directory, &mut files, &["runbook/", "system/"]).is_err() {
        files.clear();
    }
    let mut runbooks = Vec::new();
    let mut parts: BTreeSet<PathBuf> = BTreeSet::new();
    let mut systems: BTreeMap<PathBuf, String> = BTreeMap::new();
    for file in files {
        match document::alone(&file) {
            Some(Alone::Runbook { name, title, system, includes }) => {
                runbooks.push(Runbook { name, title, file, system });
                parts.extend(includes);
            }
            Some(Alone::System { name, runbooks }) => {
                systems.insert(document::normalise(&file), name);
                parts.extend(runbooks);
            }
            Some(Alone::Lab { .. }) | None => {}
        }
    }
    let mut known = Known::default();
    let mut name_of = |path: PathBuf| {
        let name = systems.get(&path).cloned().or_else(|| match document::alone(&path)? {
            Alone::System { name, .. } => Some(name),
            _ => None,
        })?;
        systems.insert(path, name.clone());
        Some(name)
    };
    for runbook in runbooks.into_iter().filter(|it| !parts.contains(&document::normalise(&it.file))) {
        let Runbook { name, title, file, system } = runbook;
        if let Some(system) = system.and_then(&mut name_of) {
            known.pairs.insert((name.clone(), system), None);
        }
        known.scenarios.insert(name, (title, file.display().to_string()));
    }
    for file in labs() {
        let Some(Alone::Lab { system, drills, .. }) = document::alone(&file) else { continue };
        let Some(system) = name_of(system) else { continue };
        for drill in drills {
            known.pairs.insert((drill, system.clone()), Some(file.display().to_string()));
        }
    }
    known
}
