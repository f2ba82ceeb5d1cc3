//! Reads a bundle as a stranger made it: nothing is written to disk, nothing is held but small files, and every name, type and size is
//! looked at before anything else.

use std::collections::BTreeSet;
use std::io::{self, Read};

use tar::{Archive, Entry, EntryType, PaxExtensions};

use super::files::different;
use super::finding::Finding;
use super::gather::Gathered;
use super::manifest::{self, MANIFEST, Manifest, SIGNATURE, SUMS};
use super::pack::sha256;
use super::signatures::{BUNDLE, Checked, Signatures};

/// A larger manifest is absurd, bytes; it has about 200 a file.
const LARGEST_MANIFEST: u64 = 256 * 1024 * 1024;
/// A larger signature or longer name is absurd, bytes.
const SMALL: u64 = 64 * 1024;
/// A larger file is absurd, bytes.
const LARGEST: u64 = 1 << 40;

/// What was in a bundle.
#[derive(Debug)]
pub struct Opened {
    /// Its manifest.
    pub manifest: Manifest,
    /// All else, read.
    pub gathered: Gathered,
    /// What of the bundle itself holds and what does not.
    pub findings: Vec<Finding>,
}

/// Why a file cannot be looked into as a bundle.
#[derive(Debug)]
pub enum Refused {
    /// It is something else.
    NotABundle(String),
    /// It is a bundle whose manifest is missing or damaged: nothing says what has to be in it.
    NoManifest(String),
    /// It cannot be read.
    Storage(io::Error),
}

/// Reads a bundle to its end and holds it against its manifest.
///
/// # Errors
/// See [`Refused`].
pub fn open(bundle: impl Read, signatures: &dyn Signatures) -> Result<Opened, Refused> {
    let mut archive = Archive::new(bundle);
    let mut members = Members { entries: archive.entries().map_err(Refused::Storage)?.raw(true), long: None };
    let (top, json) = first(&mut members)?;
    let broken = |why: String| Refused::NoManifest(format!("{MANIFEST} {why}"));
    let manifest = Manifest::read(&json).map_err(broken)?;
    if top != manifest.top() {
        return Err(broken(format!("is that of {}, and lies in {top}", manifest.top())));
    }
    let mut reading = Reading::new(&manifest, &json);
    reading.all(&mut members);
    reading.against_manifest();
    reading.vouched(&json, signatures);
    let Reading { gathered, findings, .. } = reading;
    let mut opened = Opened { manifest, gathered, findings };
    if let Err(error) = nothing_behind(archive) {
        opened.findings.insert(0, Finding::broken("the archive", error.to_string()));
    }
    Ok(opened)
}

/// The manifest: its directory and its bytes.
fn first<R: Read>(members: &mut Members<'_, R>) -> Result<(String, Vec<u8>), Refused> {
    let member = match members.next() {
        Ok(Some(member)) => member,
        Ok(None) => return Err(Refused::NotABundle("it is empty".to_owned())),
        Err(why) => return Err(Refused::NotABundle(why)),
    };
    let (top, name) = member.path.split_once('/').unwrap_or(("", &member.path));
    if name != MANIFEST {
        let why = format!("its first member is `{}`, not its manifest", member.path.escape_debug());
        let is_ours = top.split_once('-').is_some_and(|(of, id)| matches!(of, "run" | "drill") && id.len() == 26);
        return Err(if is_ours { Refused::NoManifest(why) } else { Refused::NotABundle(why) });
    }
    let top = top.to_owned();
    match held(member.entry, LARGEST_MANIFEST) {
        Ok(Some(json)) => Ok((top, json)),
        Ok(None) => Err(Refused::NoManifest(format!("{MANIFEST} ends in the middle, or is absurdly large"))),
        Err(error) => Err(Refused::Storage(error)),
    }
}

/// All of a member, unless it is larger, or the archive ends before it.
fn held<R: Read>(mut entry: Entry<'_, R>, most: u64) -> io::Result<Option<Vec<u8>>> {
    let size = entry.size();
    if size > most {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == size).then_some(bytes))
}

/// The members of an archive, one after the other; long names are put together.
struct Members<'a, R: Read> {
    entries: tar::Entries<'a, R>,
    long: Option<String>,
}

/// A regular file in an archive.
struct Member<'a, R: Read> {
    path: String,
    entry: Entry<'a, R>,
}

impl<'a, R: Read> Members<'a, R> {
    /// The next one. An error: nothing behind it can be read.
    fn next(&mut self) -> Result<Option<Member<'a, R>>, String> {
        loop {
            let Some(entry) = self.entries.next() else {
                return self.long.as_ref().map_or(Ok(None), |_| Err("ends behind a long name".to_owned()));
            };
            let entry = entry.map_err(|error| format!("is damaged: {error}"))?;
            let header = entry.header();
            let kind = header.entry_type();
            let name = || String::from_utf8_lossy(&header.path_bytes()).escape_debug().to_string();
            match kind {
                EntryType::Regular => {}
                EntryType::XHeader => {
                    self.long = Some(long_name(entry)?);
                    continue;
                }
                other => return Err(format!("has `{}`, which is {}: not read any further", name(), article(other))),
            }
            if entry.size() > LARGEST {
                return Err(format!("has `{}` of {} bytes: not read any further", name(), entry.size()));
            }
            let path = match self.long.take() {
                Some(path) => path,
                None => String::from_utf8(header.path_bytes().into_owned())
                    .map_err(|_| format!("has `{}`, a name that is not UTF-8: not read any further", name()))?,
            };
            return Ok(Some(Member { path, entry }));
        }
    }
}

fn article(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Link | EntryType::Symlink => "a link",
        EntryType::Directory => "a directory",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Fifo => "a pipe",
        _ => "no plain file",
    }
}

/// The path of a header of POSIX 2001; it says nothing else.
fn long_name<R: Read>(entry: Entry<'_, R>) -> Result<String, String> {
    let unusable = || "has an extended header that is more than a long name: not read any further".to_owned();
    let bytes = held(entry, SMALL).ok().flatten().ok_or_else(unusable)?;
    let mut path = None;
    for extension in PaxExtensions::new(&bytes) {
        let extension = extension.map_err(|_| unusable())?;
        match (extension.key(), extension.value()) {
            (Ok("path"), Ok(value)) if path.is_none() => path = Some(value.to_owned()),
            _ => return Err(unusable()),
        }
    }
    path.ok_or_else(unusable)
}

/// What has been read of a bundle.
struct Reading<'a> {
    manifest: &'a Manifest,
    /// What `SHA256SUMS` has to be.
    sums: String,
    gathered: Gathered,
    findings: Vec<Finding>,
    signature: Option<String>,
    has_sums: bool,
    seen: BTreeSet<String>,
}

impl<'a> Reading<'a> {
    fn new(manifest: &'a Manifest, json: &[u8]) -> Self {
        Self {
            manifest,
            sums: manifest.sums(&sha256(json)),
            gathered: Gathered::default(),
            findings: Vec::new(),
            signature: None,
            has_sums: false,
            seen: BTreeSet::from([MANIFEST.to_owned()]),
        }
    }

    /// Every other member.
    fn all<R: Read>(&mut self, members: &mut Members<'_, R>) {
        let top = self.manifest.top();
        let known: BTreeSet<&str> = self.manifest.files.iter().map(|file| file.path.as_str()).collect();
        loop {
            let Member { path, entry } = match members.next() {
                Ok(Some(member)) => member,
                Ok(None) => return,
                Err(why) => return self.findings.push(Finding::broken("the archive", why)),
            };
            let shown = path.escape_debug().to_string();
            let Some(name) = inside(&path, &top) else {
                let text = "leads out of the bundle, or is no plain name: not read any further";
                return self.findings.push(Finding::broken(shown, text));
            };
            if !self.seen.insert(name.to_owned()) {
                return self.findings.push(Finding::broken(shown, "is there twice: not read any further"));
            }
            let read = match name {
                SIGNATURE | SUMS => self.own(name, entry),
                _ if known.contains(name) => self.file(name, entry),
                _ => return self.findings.push(Finding::broken(name, "was added: the manifest does not know it")),
            };
            if let Err(why) = read {
                return self.findings.push(Finding::broken(name, why));
            }
        }
    }

    /// A file of evidence, or the page for people.
    fn file<R: Read>(&mut self, name: &str, entry: Entry<'_, R>) -> Result<(), String> {
        let size = entry.size();
        let taken = self.gathered.take(name, entry).map_err(|error| format!("cannot be read: {error}"))?;
        if taken.bytes == size {
            Ok(())
        } else {
            Err(format!("ends in the middle: the archive is cut off, {size} bytes announced"))
        }
    }

    /// A file that was made for the bundle.
    fn own<R: Read>(&mut self, name: &str, entry: Entry<'_, R>) -> Result<(), String> {
        let most = if name == SUMS { self.sums.len() as u64 } else { SMALL };
        let bytes = held(entry, most).map_err(|error| format!("cannot be read: {error}"))?;
        let bytes = bytes.ok_or_else(|| "is larger than it can be, or ends in the middle".to_owned())?;
        if name == SUMS {
            self.has_sums = true;
            return if bytes == self.sums.as_bytes() {
                Ok(())
            } else {
                Err("was changed: it is not that of the manifest".to_owned())
            };
        }
        self.signature = Some(String::from_utf8(bytes).map_err(|_| "is no signature".to_owned())?);
        Ok(())
    }

    /// Every file that the manifest has, and no other; the journals' heads are its own.
    fn against_manifest(&mut self) {
        let mut wrong = Vec::new();
        for was in &self.manifest.files {
            match self.gathered.files.get(&was.path) {
                Some(is) if is == was => {}
                Some(is) => wrong.push(Finding::broken(&was.path, different(was, is))),
                None => wrong.push(Finding::broken(&was.path, "is not there: the manifest has its digest")),
            }
        }
        if !self.has_sums {
            wrong.push(Finding::broken(SUMS, "is not there"));
        }
        let mut heads: Vec<_> = self.gathered.parts.values().filter_map(manifest::head).collect();
        for head in &self.manifest.heads {
            match heads.iter().position(|have| have == head) {
                Some(at) => drop(heads.swap_remove(at)),
                None => wrong.push(Finding::broken(MANIFEST, format!("names a head that no journal has: {head}"))),
            }
        }
        if wrong.is_empty() && self.findings.is_empty() {
            let text = format!("{} files as the manifest has them, and no other", self.manifest.files.len());
            wrong.push(Finding::holds("the bundle", text));
        }
        self.findings.extend(wrong);
    }

    /// Who vouches for the manifest.
    fn vouched(&mut self, json: &[u8], signatures: &dyn Signatures) {
        let Some(signature) = &self.signature else {
            let text = "is not signed: whoever changed the bundle could have made its manifest anew";
            self.findings.push(Finding::not_provable(MANIFEST, text));
            return;
        };
        self.findings.push(match signatures.check(BUNDLE, json, signature, None) {
            Checked::Of(who) => Finding::holds(SIGNATURE, format!("the manifest is signed by {who}")),
            Checked::Key(key) => Finding::not_provable(
                SIGNATURE,
                format!("the manifest is signed with the key {key}; whose that is, --signers FILE says"),
            ),
            Checked::Not(why) => Finding::broken(SIGNATURE, format!("proves nothing: {why}")),
            Checked::Unchecked(why) => Finding::not_provable(SIGNATURE, format!("cannot be checked here: {why}")),
        });
    }
}

/// The path below the bundle's directory, if that is where it leads.
fn inside<'path>(path: &'path str, top: &str) -> Option<&'path str> {
    let name = path.strip_prefix(top)?.strip_prefix('/')?;
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(char::is_control);
    name.split('/').all(is_plain).then_some(name)
}

/// Behind the end of the archive there is nothing but zeros.
fn nothing_behind<R: Read>(archive: Archive<R>) -> io::Result<()> {
    let mut rest = archive.into_inner();
    let mut buffer = [0; 8192];
    loop {
        match rest.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) if buffer[..read].iter().all(|byte| *byte == 0) => {}
            Ok(_) => return Err(io::Error::other("has something behind its end")),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
