//! A kernel lock on a file: it is gone with the process that holds it, however that ended. The file may be replaced by who breaks the
//! lock; who locked the old one then has nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use super::private;

/// Someone who only looks ([`is_held`]) holds the lock for a moment, and a new holder needs one to say who it is.
const MOMENT: Duration = Duration::from_millis(5);
/// How many moments a lock is tried for.
const TRIES: u32 = 5;

/// Locks the file, made with this mode if it is not there; none: somebody else has it. Closing the file frees it.
pub(super) fn acquire(path: &Path, mode: u32) -> io::Result<Option<File>> {
    for _ in 0..TRIES {
        let file = open_or_create(path, mode)?;
        match locked(&file, path)? {
            Locked::Yes => return Ok(Some(file)),
            Locked::Replaced => {}
            Locked::Busy => std::thread::sleep(MOMENT),
        }
    }
    Ok(None)
}

/// What one try gave.
#[derive(Debug, PartialEq, Eq)]
enum Locked {
    Yes,
    /// It is locked, and another file stands at its name by now: that counts for nothing.
    Replaced,
    Busy,
}

fn locked(file: &File, path: &Path) -> io::Result<Locked> {
    match file.try_lock() {
        Ok(()) if is_at(file, path)? => Ok(Locked::Yes),
        Ok(()) => Ok(Locked::Replaced),
        Err(TryLockError::WouldBlock) => Ok(Locked::Busy),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// True while somebody has it.
pub(super) fn is_held(path: &Path) -> io::Result<bool> {
    let file = match private::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Takes the file out of the hands of who has it locked.
pub(super) fn break_open(path: &Path, mode: u32) -> io::Result<()> {
    private::replace(path, b"", mode)
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    match private::identity_at(path) {
        Ok(found) => Ok(found == private::identity(file)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Another user's file can only be read, which is enough to lock it; `O_CREAT` on it would be refused in a sticky directory.
fn open_or_create(path: &Path, mode: u32) -> io::Result<File> {
    for _ in 0..TRIES {
        let opened = match private::open_with(OpenOptions::new().read(true).write(true), path) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => private::open(path),
            other => other,
        };
        match opened {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        match private::create(path, mode) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other,
        }
    }
    // Neither there nor not there: somebody makes and removes it, or plays with links.
    Err(io::Error::new(io::ErrorKind::WouldBlock, "the lock file comes and goes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_on_a_file_that_was_replaced_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let holder = acquire(&path, 0o600).unwrap().unwrap();
        // It opens the file, and is about to lock it.
        let late = open_or_create(&path, 0o600).unwrap();
        assert_eq!(locked(&late, &path).unwrap(), Locked::Busy);
        break_open(&path, 0o600).unwrap();
        drop(holder);
        let next = acquire(&path, 0o600).unwrap();
        assert!(next.is_some());
        assert_eq!(locked(&late, &path).unwrap(), Locked::Replaced);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(locked(&late, &path).unwrap(), Locked::Replaced);
    }

    #[test]
    fn a_file_that_is_neither_there_nor_not_there_is_given_up() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        std::os::unix::fs::symlink(directory.path().join("nowhere"), &path).unwrap();
        assert!(acquire(&path, 0o600).is_err());
        assert!(!directory.path().join("nowhere").exists());
    }
}
