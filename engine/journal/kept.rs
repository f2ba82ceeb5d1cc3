//! What of a run's or drill's directory is evidence, and the digests of it: the journal, the plan, what steps and the canary wrote,
//! letters that were taken or refused. Locks, the lease and what is still on its way are none.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::private;
use crate::model::drill::KeptFile;
use crate::model::hex::hex;

/// Files that stand directly in the directory of a run or a drill.
const FILES: [&str; 5] = ["canary.jsonl", "checks.log", "journal.jsonl", "plan.json", "run.log"];
/// Directories that hold evidence, with everything below them.
const TREES: [&str; 3] = ["inbox/refused", "inbox/taken", "steps"];
/// Deeper than any file of ours.
const DEEPEST: usize = 4;

/// What there is, by its path in the directory, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Regular files whose names are plain text.
    pub files: Vec<String>,
    /// What stands there and is none, with the reason.
    pub left_out: Vec<LeftOut>,
}

/// What is not taken as evidence though it lies among it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its path, as far as it is text.
    pub path: String,
    /// Why not.
    pub why: String,
}

/// Looks through the directory of a run or a drill. Links are not followed.
///
/// # Errors
/// As the machine says.
pub fn list(directory: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    for name in FILES {
        match fs::symlink_metadata(directory.join(name)) {
            Ok(found) => listing.add(name.to_owned(), found.is_file()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    for name in TREES {
        walk(directory, name, 0, &mut listing)?;
    }
    listing.files.sort_unstable();
    Ok(listing)
}

impl Listing {
    fn add(&mut self, path: String, is_file: bool) {
        if !is_file {
            self.left_out.push(LeftOut { path, why: "it is not a regular file".to_owned() });
        } else if path.contains(char::is_control) {
            let path = path.escape_debug().to_string();
            self.left_out.push(LeftOut { path, why: "its name has control characters".to_owned() });
        } else {
            self.files.push(path);
        }
    }
}

fn walk(directory: &Path, below: &str, depth: usize, listing: &mut Listing) -> io::Result<()> {
    let path = directory.join(below);
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_dir() && depth < DEEPEST => {}
        Ok(_) => {
            listing.add(below.to_owned(), false);
            return Ok(());
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            let path = format!("{below}/{}", name.to_string_lossy());
            listing.left_out.push(LeftOut { path, why: "its name is not UTF-8".to_owned() });
            continue;
        };
        let path = format!("{below}/{name}");
        if kind.is_dir() { walk(directory, &path, depth + 1, listing)? } else { listing.add(path, kind.is_file()) }
    }
    Ok(())
}

/// Opens a file of a run or a drill: never through a link, nothing but a regular file.
///
/// # Errors
/// As the machine says.
pub fn open(path: &Path) -> io::Result<File> {
    private::open(path)
}

/// The digest of a file under the name that it has among its like.
///
/// # Errors
/// As the machine says.
pub fn digest(path: &Path, name: String) -> io::Result<KeptFile> {
    let mut reader = Digesting::new(open(path)?);
    io::copy(&mut reader, &mut io::sink())?;
    Ok(reader.finish(name))
}

/// Digests what passes through it.
pub struct Digesting<R> {
    inner: R,
    sha: Sha256,
    bytes: u64,
}

impl<R: Read> Digesting<R> {
    /// Nothing has passed yet.
    pub fn new(inner: R) -> Self {
        Self { inner, sha: Sha256::new(), bytes: 0 }
    }

    /// What has passed, under this name.
    #[must_use]
    pub fn finish(self, path: String) -> KeptFile {
        KeptFile { path, bytes: self.bytes, sha256: hex(&self.sha.finalize()) }
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.sha.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
