//! Writes a bundle: a plain tar, the manifest first, then everything in order of names; owners, modes and times are always the same, so
//! that the same evidence gives the same bytes.

use std::io::{self, Read, Write};

use tar::{Builder, EntryType, Header};

use super::directory::Source;
use super::manifest::{MANIFEST, Manifest, README, SIGNATURE, SUMS};
use crate::journal::kept::{self, Digesting};
use crate::model::drill::KeptFile;
use crate::model::hex::hex;

/// The parts of a bundle that are made for it.
#[derive(Debug)]
pub struct Made {
    /// What is in the bundle.
    pub manifest: Manifest,
    /// The same as a file.
    pub json: Vec<u8>,
    /// The page for people.
    pub readme: String,
}

impl Made {
    /// The manifest with the page.
    ///
    /// # Errors
    /// None that a manifest of ours has.
    pub fn of(mut manifest: Manifest) -> Result<Self, serde_json::Error> {
        let readme = super::readme::text(&manifest);
        let mut file = Digesting::new(readme.as_bytes());
        let read = io::copy(&mut file, &mut io::sink());
        debug_assert!(read.is_ok(), "memory can be read");
        manifest.files.push(file.finish(README.to_owned()));
        manifest.files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { json: manifest.json()?, manifest, readme })
    }
}

/// Writes the bundle. `signature` is one over the manifest.
///
/// # Errors
/// As the machine says; a file is not any more what the manifest says of it.
pub fn pack(out: impl Write, made: &Made, sources: &[Source], signature: Option<&str>) -> io::Result<()> {
    let Made { manifest, json, readme } = made;
    let mut archive = Archive { tar: Builder::new(out), top: manifest.top(), time: manifest.created.timestamp() };
    archive.bytes(MANIFEST, json)?;
    if let Some(signature) = signature {
        archive.bytes(SIGNATURE, signature.as_bytes())?;
    }
    let sums = manifest.sums(&sha256(json));
    archive.bytes(SUMS, sums.as_bytes())?;
    archive.bytes(README, readme.as_bytes())?;
    for source in sources {
        let expected = manifest.files.iter().find(|file| file.path == source.name);
        let expected = expected.ok_or_else(|| changed(&source.name))?;
        archive.file(expected, kept::open(&source.path)?)?;
    }
    archive.tar.into_inner()?.flush()
}

/// SHA-256 as hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(bytes))
}

struct Archive<W: Write> {
    tar: Builder<W>,
    top: String,
    time: i64,
}

impl<W: Write> Archive<W> {
    fn bytes(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let header = self.header(name, bytes.len() as u64)?;
        self.tar.append(&header, bytes)
    }

    fn file(&mut self, expected: &KeptFile, file: impl Read) -> io::Result<()> {
        let header = self.header(&expected.path, expected.bytes)?;
        // Not more than was announced, whoever still writes to it; and one more byte shows that somebody does.
        let mut file = Digesting::new(file);
        self.tar.append(&header, file.by_ref().take(expected.bytes))?;
        io::copy(&mut file.by_ref().take(1), &mut io::sink())?;
        if file.finish(expected.path.clone()) == *expected { Ok(()) } else { Err(changed(&expected.path)) }
    }

    fn header(&mut self, name: &str, size: u64) -> io::Result<Header> {
        let path = format!("{}/{name}", self.top);
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(size);
        header.set_mtime(u64::try_from(self.time).unwrap_or(0));
        if header.set_path(&path).is_err() {
            // Longer than the header of POSIX 1988 takes: that of 2001.
            self.tar.append_pax_extensions([("path", path.as_bytes())])?;
            header.set_path(format!("{}/{}", self.top, sha256(name.as_bytes())))?;
        }
        header.set_cksum();
        Ok(header)
    }
}

fn changed(name: &str) -> io::Error {
    io::Error::other(format!("{name} was changed while it was being bundled"))
}
