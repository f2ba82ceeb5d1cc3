//! Where runs are kept: `runs/<ulid>/{plan.json, journal.jsonl, lease, lock, inbox/, steps/<id>/<attempt>.log}`. Directories 0700, files 0600.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::private;
use super::read::{self, Known, Loaded, ReadError};
use super::storage::{self, FileStorage};
use crate::model::id::RunId;

/// The directory of all runs.
#[derive(Clone, Debug)]
pub struct Runs {
    path: PathBuf,
}

/// The directory of one run.
#[derive(Clone, Debug)]
pub struct RunDirectory {
    path: PathBuf,
    run: RunId,
}

impl Runs {
    /// Touches nothing.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the directory of a new run, durable with its name.
    ///
    /// # Errors
    /// As the machine says; a run of that id is an error.
    pub fn create(&self, run: &RunId) -> io::Result<RunDirectory> {
        let fresh = !self.path.exists();
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
        let path = self.path.join(&run.0);
        DirBuilder::new().mode(0o700).create(&path)?;
        DirBuilder::new().mode(0o700).create(path.join("inbox"))?;
        private::sync_directory(&self.path)?;
        if fresh && let Some(parent) = self.path.parent() {
            private::sync_directory(parent)?;
        }
        Ok(RunDirectory { path, run: run.clone() })
    }

    /// The directory of a run that is there, by its id or by a beginning of it that only one run has.
    ///
    /// # Errors
    /// No such run, or several.
    pub fn open(&self, id: &str) -> io::Result<RunDirectory> {
        let mut found: Vec<RunId> = self.list()?.into_iter().filter(|run| run.0.starts_with(id)).collect();
        match (found.pop(), found.len()) {
            (Some(run), 0) => Ok(RunDirectory { path: self.path.join(&run.0), run }),
            (None, _) => Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("there is no run `{id}` in {}", self.path.display()),
            )),
            (Some(_), others) => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{} runs in {} begin with `{id}`", others + 1, self.path.display()),
            )),
        }
    }

    /// Every run, oldest first (a ULID sorts by time). No directory: no runs.
    ///
    /// # Errors
    /// As the machine says.
    pub fn list(&self) -> io::Result<Vec<RunId>> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut runs = Vec::new();
        for entry in entries {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string()
                && ulid::Ulid::from_string(&name).is_ok()
                && entry.file_type()?.is_dir()
            {
                runs.push(RunId(name));
            }
        }
        runs.sort_unstable();
        Ok(runs)
    }

    /// The run that began last.
    ///
    /// # Errors
    /// As the machine says.
    pub fn newest(&self) -> io::Result<Option<RunDirectory>> {
        Ok(self.list()?.pop().map(|run| RunDirectory { path: self.path.join(&run.0), run }))
    }
}

impl RunDirectory {
    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run's id.
    #[must_use]
    pub const fn run(&self) -> &RunId {
        &self.run
    }

    /// The journal's file.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    /// The plan's file.
    #[must_use]
    pub fn plan(&self) -> PathBuf {
        self.path.join("plan.json")
    }

    /// Where letters to the run arrive.
    #[must_use]
    pub fn inbox(&self) -> PathBuf {
        self.path.join("inbox")
    }

    /// Who drives the run, and its epoch.
    #[must_use]
    pub fn lease(&self) -> PathBuf {
        self.path.join("lease")
    }

    /// Locked while an engine drives the run.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// Makes the journal's file.
    ///
    /// # Errors
    /// As the machine says; a journal that is there is an error.
    pub fn create_journal(&self) -> io::Result<FileStorage> {
        FileStorage::create(&self.journal())
    }

    /// Opens the journal to go on with it: verified, and without a torn tail (durably; [`Loaded::torn`] says what was cut off).
    /// It is a new file of the same name: who follows a journal opens it anew. The caller holds the run's lease.
    ///
    /// # Errors
    /// See [`ReadError`]; a damaged journal is left as it is.
    pub fn reopen_journal(&self) -> Result<(FileStorage, Loaded), ReadError> {
        let path = self.journal();
        let failed = |source| ReadError::Storage { path: path.clone(), source };
        let mut storage = storage::rewrite(&path).and_then(|()| FileStorage::open(&path)).map_err(failed)?;
        let bytes = storage.read_all().map_err(failed)?;
        let loaded = super::recover(&mut storage, &bytes).map_err(|error| error.at(&path))?;
        Ok((storage, loaded))
    }

    /// The same for a journal that has just been read: none where it still holds the same bytes, so that `known` stands.
    ///
    /// # Errors
    /// See [`ReadError`]; a damaged journal is left as it is.
    pub fn reopen_known(&self, known: &Known) -> Result<(FileStorage, Option<Loaded>), ReadError> {
        let path = self.journal();
        let failed = |source| ReadError::Storage { path: path.clone(), source };
        let mut storage = storage::rewrite(&path).and_then(|()| FileStorage::open(&path)).map_err(failed)?;
        let bytes = storage.read_all().map_err(failed)?;
        if known.holds(&bytes) {
            read::settle(&mut storage, &known.loaded).map_err(|error| error.at(&path))?;
            return Ok((storage, None));
        }
        let loaded = super::recover(&mut storage, &bytes).map_err(|error| error.at(&path))?;
        Ok((storage, Some(loaded)))
    }

    /// Removes the directory of a run that has not begun. Best effort: what is left names no effect.
    pub fn discard(&self) {
        let begun = self.journal().symlink_metadata().is_ok();
        if !begun {
            let _ = fs::remove_dir_all(&self.path);
        }
    }

    /// Writes the plan, durable on return. Only once: a plan is sealed.
    ///
    /// # Errors
    /// As the machine says; a plan that is there is an error.
    pub fn write_plan(&self, json: &[u8]) -> io::Result<()> {
        let mut file = private::create(&self.plan(), 0o600)?;
        file.write_all(json)?;
        file.sync_all()?;
        private::sync_directory(&self.path)
    }
}
