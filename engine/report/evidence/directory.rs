//! Evidence where it was recorded: the directory of a run, or of a drill with that of its run.

use std::io;
use std::path::{Path, PathBuf};

use super::gather::Gathered;
use crate::journal::kept::{self, LeftOut, Listing};

/// The directory of a run or a drill.
#[derive(Clone, Debug)]
pub struct Directory {
    /// Where it is.
    pub path: PathBuf,
    /// The name that its files get in front: its id.
    pub id: String,
}

/// A file and the name that it has in evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// `<id>/…` or `runs/<id>/…`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// What was found in a directory.
#[derive(Debug, Default)]
pub struct Found {
    /// All of it, read.
    pub gathered: Gathered,
    /// In order of their names.
    pub sources: Vec<Source>,
    /// What lies there and is no evidence.
    pub left_out: Vec<LeftOut>,
}

impl Directory {
    /// Where the runs of drills are, beside the drill's own directory.
    #[must_use]
    pub fn run_of_drill(&self, run: &str) -> PathBuf {
        self.path.parent().unwrap_or_else(|| Path::new("")).join("runs").join(run)
    }

    /// Reads everything that is evidence.
    ///
    /// # Errors
    /// As the machine says, with the file.
    pub fn read(&self) -> Result<Found, (PathBuf, io::Error)> {
        let mut found = Found::default();
        found.add(&self.path, &self.id)?;
        let run = found.gathered.parts.get(&self.id).and_then(|part| part.facts.run.clone());
        // The journal is not trusted: a name that leads elsewhere is not followed.
        if let Some(run) = run.filter(|run| run.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
            found.add(&self.run_of_drill(&run), &format!("runs/{run}"))?;
        }
        found.sources.sort_unstable();
        Ok(found)
    }
}

impl Found {
    fn add(&mut self, directory: &Path, name: &str) -> Result<(), (PathBuf, io::Error)> {
        let listing = kept::list(directory).map_err(|error| (directory.to_path_buf(), error))?;
        let Listing { files, left_out } = listing;
        self.left_out
            .extend(left_out.into_iter().map(|out| LeftOut { path: format!("{name}/{}", out.path), why: out.why }));
        for file in files {
            let source = Source { name: format!("{name}/{file}"), path: directory.join(&file) };
            let taken = kept::open(&source.path).and_then(|open| self.gathered.take(&source.name, open).map(drop));
            taken.map_err(|error| (source.path.clone(), error))?;
            self.sources.push(source);
        }
        Ok(())
    }
}
