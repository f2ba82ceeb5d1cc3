//! Who may write a run's journal: the port, and its adapter over files.
//!
//! In a run's directory, `lock` is held by `flock` while an engine drives the run, and `lease` says who it is and the epoch. Every
//! taking over replaces `lease` with a higher epoch: an engine whose lease is no longer the file at that name has been overtaken. Breaking
//! the lease of a living engine (frozen, or on the far side of a suspended terminal) also moves the journal to a new file: what the
//! old engine may have been about to write goes where nobody reads.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::directory::RunDirectory;
use super::holder::{Holder, LockError};
use super::{flock, private, storage};

/// The right to write, as long as the epoch is the current one.
pub trait Lease: Send {
    /// The epoch this engine writes in: 1 for a run's first engine.
    fn epoch(&self) -> u64;

    /// The epoch that the run is in.
    ///
    /// # Errors
    /// As the machine says.
    fn current(&self) -> io::Result<u64>;
}

impl<L: Lease + Sync + ?Sized> Lease for Arc<L> {
    fn epoch(&self) -> u64 {
        (**self).epoch()
    }

    fn current(&self) -> io::Result<u64> {
        (**self).current()
    }
}

/// What stands in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Written {
    v: u32,
    epoch: u64,
    holder: Holder,
}

/// The lease of a run in a directory; held until dropped.
#[derive(Debug)]
pub struct FileLease {
    path: PathBuf,
    epoch: u64,
    /// Open, so that no other file gets its number.
    _file: File,
    identity: (u64, u64),
    _lock: File,
}

impl FileLease {
    /// Takes a run over: the next epoch is this engine's.
    ///
    /// # Errors
    /// [`LockError::Held`] while an engine drives the run.
    pub fn acquire(directory: &RunDirectory, holder: &Holder) -> Result<Self, LockError> {
        let (path, lock) = (directory.lease(), directory.lock());
        let storage = || LockError::storage(format!("take the lease of run {}", directory.run()));
        let Some(lock) = flock::acquire(&lock, 0o600).map_err(storage())? else {
            return Err(LockError::Held(read(&path).ok().flatten().map(|written| Box::new(written.holder))));
        };
        let epoch = next_epoch(directory).map_err(storage())?;
        write(&path, epoch, holder).map_err(storage())?;
        let file = private::open(&path).map_err(storage())?;
        let identity = private::identity(&file).map_err(storage())?;
        Ok(Self { path, epoch, _file: file, identity, _lock: lock })
    }

    /// Who drives a run now, if anybody does.
    ///
    /// # Errors
    /// As the machine says.
    pub fn holder(directory: &RunDirectory) -> io::Result<Option<Holder>> {
        if !flock::is_held(&directory.lock())? {
            return Ok(None);
        }
        Ok(read(&directory.lease())?.map(|written| written.holder))
    }

    /// Takes the run out of the hands of its engine: the epoch is raised, so that the engine's next write fails, and another can
    /// take the run over. Gives the raised epoch. `by` is who breaks it.
    ///
    /// # Errors
    /// As the machine says.
    pub fn break_held(directory: &RunDirectory, by: &Holder) -> io::Result<u64> {
        let epoch = next_epoch(directory)?;
        write(&directory.lease(), epoch, by)?;
        storage::rewrite(&directory.journal())?;
        flock::break_open(&directory.lock(), 0o600)?;
        Ok(epoch)
    }
}

impl Lease for FileLease {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn current(&self) -> io::Result<u64> {
        if private::identity_at(&self.path)? == self.identity {
            return Ok(self.epoch);
        }
        let written = read(&self.path)?;
        written.map(|written| written.epoch).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the lease is gone"))
    }
}

/// A run whose journal is there and whose lease is not had an engine, too.
fn next_epoch(directory: &RunDirectory) -> io::Result<u64> {
    match read(&directory.lease())? {
        Some(written) => Ok(written.epoch + 1),
        None => Ok(if directory.journal().symlink_metadata().is_ok() { 2 } else { 1 }),
    }
}

fn read(path: &Path) -> io::Result<Option<Written>> {
    let mut text = String::new();
    match private::open(path) {
        Ok(file) => drop(file.take(64 * 1024).read_to_string(&mut text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let written = serde_json::from_str(&text)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display())))?;
    Ok(Some(written))
}

fn write(path: &Path, epoch: u64, holder: &Holder) -> io::Result<()> {
    let written = Written { v: 1, epoch, holder: holder.clone() };
    private::renew(path, &serde_json::to_vec(&written)?, 0o600)
}
