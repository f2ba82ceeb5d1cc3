//! What one file says of itself and names, without reading what it names: for verbs that look at many files.

use std::path::{Path, PathBuf};

use super::include::{Include, parse_include};
use super::load::{Document, Expected, Loader, includes_of};
use super::paths;

/// What kind of file it is, and what only that kind says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alone {
    /// `kind: runbook/v1`.
    Runbook {
        /// Its name.
        name: String,
        /// For people.
        title: String,
        /// Its own system.
        system: Option<PathBuf>,
        /// The runbooks that it includes by path.
        includes: Vec<PathBuf>,
    },
    /// `kind: system/v1`.
    System {
        /// Its name.
        name: String,
        /// The runbooks that it hands to others.
        runbooks: Vec<PathBuf>,
    },
    /// `kind: lab/v1`.
    Lab {
        /// Its system.
        system: PathBuf,
        /// Its environment of that system.
        environment: String,
        /// The names of the runbooks that it drills.
        drills: Vec<String>,
    },
}

/// Reads one file; none: it is of another kind, or broken, and `check` says why.
#[must_use]
pub fn alone(path: &Path) -> Option<Alone> {
    let mut loader = Loader::default();
    let at = |written: &str| paths::resolve(path, written);
    let (_, document) = loader.file(path, None, Expected::Any)?;
    match document {
        Document::Runbook(runbook) => {
            let texts = includes_of(&runbook);
            let includes = texts.iter().filter_map(|text| match parse_include(text) {
                Some(Include::Path(written)) => Some(at(written)),
                _ => None,
            });
            Some(Alone::Runbook {
                includes: includes.collect(),
                name: runbook.name.value.clone(),
                title: runbook.title.as_ref().map_or_else(String::new, |title| title.0.source.clone()),
                system: runbook.system.as_ref().map(|written| at(&written.value)),
            })
        }
        Document::System(system) => Some(Alone::System {
            name: system.name.value.clone(),
            runbooks: system.runbooks.iter().map(|(_, written)| at(&written.value)).collect(),
        }),
        Document::Lab(lab) => Some(Alone::Lab {
            system: at(&lab.system.value),
            environment: lab.environment.value.clone(),
            drills: lab.drills.iter().map(|(name, _)| name.value.clone()).collect(),
        }),
        Document::Test(_) | Document::Calendar(_) => None,
    }
}
