//! The real file behind a journal: append only, 0600, never through a link, with a reserve for its last words.
//!
//! The reserve is room behind the end of the file, given by the file system before it is needed (`fallocate`, which leaves the length
//! as it is). An ordinary append first makes sure that the reserve will still be there after it: a full disk refuses it
//! before anything is written. A file beside the journal that is removed at need would be no reserve: whatever fills the disk takes that
//! room first. File systems that cannot give room (`EOPNOTSUPP`) leave the journal without a reserve.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, fallocate};

use super::private;
use crate::model::port::Storage;

/// Room for the last words, bytes.
pub const RESERVE: u64 = 64 * 1024;
/// Room is asked for in pieces of this size, bytes, so that it is not asked for at every append.
const PIECE: u64 = 256 * 1024;

/// One journal file.
#[derive(Debug)]
pub struct FileStorage {
    file: File,
    /// Length as this engine knows it.
    end: u64,
    /// The file system has given room up to here; none: it cannot.
    given: Option<u64>,
}

impl FileStorage {
    /// Makes the file with its reserve, and makes its name durable by syncing its directory.
    ///
    /// # Errors
    /// As the machine says; a file or link of that name is an error.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut storage = Self { file: private::create(path, 0o600)?, end: 0, given: Some(0) };
        storage.make_room(0)?;
        storage.file.sync_all()?;
        if let Some(directory) = path.parent() {
            private::sync_directory(directory)?;
        }
        Ok(storage)
    }

    /// Opens a journal that is there, to go on with it.
    ///
    /// # Errors
    /// As the machine says; a link, anything but a regular file, and a file that others may write.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = private::open_with(OpenOptions::new().read(true).append(true), path)?;
        private::is_ours_alone(&file)?;
        let end = file.metadata()?.len();
        Ok(Self { file, end, given: Some(end) })
    }

    /// Everything in it.
    ///
    /// # Errors
    /// As the machine says.
    pub(super) fn read_all(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.end).unwrap_or_default());
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Sees to it that `bytes` more and the reserve fit.
    fn make_room(&mut self, bytes: usize) -> io::Result<()> {
        let Some(given) = self.given else { return Ok(()) };
        let needed = self.end + bytes as u64 + RESERVE;
        if needed <= given {
            return Ok(());
        }
        self.given = match self.give(needed + PIECE) {
            Err(Errno::ENOSPC | Errno::EDQUOT | Errno::EFBIG) => self.give(needed)?,
            other => other?,
        };
        Ok(())
    }

    /// Asks for room up to `until`; none: the file system cannot.
    fn give(&self, until: u64) -> Result<Option<u64>, Errno> {
        let offset = |at: u64| i64::try_from(at).map_err(|_| Errno::EFBIG);
        let (from, length) = (offset(self.end)?, offset(until - self.end)?);
        loop {
            match fallocate(&self.file, FallocateFlags::FALLOC_FL_KEEP_SIZE, from, length) {
                Ok(()) => return Ok(Some(until)),
                Err(Errno::EINTR) => {}
                Err(Errno::EOPNOTSUPP | Errno::ENOSYS | Errno::EINVAL) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Puts the same bytes into a new file of the same name, durably; no file: nothing. Whoever still has the old one open writes where
/// nobody reads. And after a failed sync the kernel shows bytes that the disk may not have: only a copy makes sure of them.
pub(super) fn rewrite(path: &Path) -> io::Result<()> {
    let mut bytes = Vec::new();
    match private::open(path) {
        Ok(mut file) => {
            private::is_ours_alone(&file)?;
            file.read_to_end(&mut bytes)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    private::renew(path, &bytes, 0o600)
}

impl Storage for FileStorage {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.make_room(bytes.len())?;
        self.append_last(bytes)
    }

    fn append_last(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn length(&mut self) -> io::Result<u64> {
        self.file.metadata().map(|found| found.len())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.end = length;
        // The room behind the end is gone, too.
        self.given = self.given.map(|_| length);
        Ok(())
    }
}
