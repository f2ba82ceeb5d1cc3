//! Letters to a run from other terminals: one file a letter, put there by a rename, taken in the order of their names.
//!
//! A letter says what is wanted, never who wants it: that is the owner of the file, as the kernel knows it. What was taken lies in
//! `inbox/taken/`, what could not be used in `inbox/refused/`.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use serde::{Deserialize, Serialize};

use super::directory::RunDirectory;
use super::holder::user_at_host;
use super::private;
use crate::model::id::StepId;
use crate::secret::{Masker, SecretStore};

/// Version of the letters this program writes, and the only one that it reads.
pub const VERSION: u32 = 1;
/// The largest letter, bytes.
pub const LARGEST: u64 = 64 * 1024;

/// One wish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// See [`VERSION`].
    pub v: u32,
    /// What is wanted.
    #[serde(flatten)]
    pub kind: LetterKind,
}

/// What can be wanted of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LetterKind {
    /// A waiting step may run.
    Approve {
        /// The step.
        step: StepId,
        /// What was looked at: SHA-256 of the rendered step.
        digest: String,
        /// In the person's words.
        reason: String,
        /// Made by `ssh-keygen -Y sign` over the digest and a newline, if at all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
    },
    /// It may not.
    Reject {
        /// The step.
        step: StepId,
        /// What was looked at: SHA-256 of the rendered step.
        digest: String,
        /// In the person's words.
        reason: String,
        /// Made by `ssh-keygen -Y sign` over the digest and a newline, if at all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
    },
    /// Finish what runs, and leave.
    Pause {
        /// In the person's words.
        why: String,
    },
    /// Give the run up.
    Cancel {
        /// In the person's words.
        why: String,
    },
    /// Undo what was done.
    Rollback {
        /// In the person's words.
        why: String,
    },
}

impl From<LetterKind> for Letter {
    fn from(kind: LetterKind) -> Self {
        Self { v: VERSION, kind }
    }
}

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Owner of the file, as `user@host`.
    pub by: String,
    /// Where it lies now.
    pub path: PathBuf,
    /// The letter, or why it is none.
    pub letter: Result<Letter, String>,
}

/// Puts a letter into a run's inbox; durable on return. Gives its file.
///
/// # Errors
/// As the machine says: another user's run takes letters only if its directory lets them in.
pub fn post(directory: &RunDirectory, letter: &Letter) -> io::Result<PathBuf> {
    let json = serde_json::to_vec(letter)?;
    if json.len() as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("a letter has at most {LARGEST} bytes")));
    }
    let inbox = directory.inbox();
    // Who reads it is the owner of the inbox.
    let is_mine = checked(&inbox)? == nix::unistd::geteuid().as_raw();
    let path = inbox.join(format!("{}.json", ulid::Ulid::generate()));
    private::replace(&path, &json, if is_mine { 0o600 } else { 0o644 })?;
    Ok(path)
}

/// Takes every letter that is there, oldest first. One that cannot be used is put aside and reported; it keeps no other away.
///
/// # Errors
/// The inbox itself cannot be read.
pub fn take(directory: &RunDirectory) -> io::Result<Vec<Received>> {
    take_masked(directory, &Masker::new(&SecretStore::default()))
}

/// As [`take`]; a letter in which a secret stands is kept without it.
///
/// # Errors
/// The inbox itself cannot be read.
pub fn take_masked(directory: &RunDirectory, masker: &Masker) -> io::Result<Vec<Received>> {
    let inbox = directory.inbox();
    checked(&inbox)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(&inbox)? {
        let name = entry?.file_name();
        // Hidden ones are being written.
        let is_ours = name.to_str().is_some_and(|name| name.starts_with('.') || matches!(name, "taken" | "refused"));
        if !is_ours {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names.into_iter().map(|name| take_one(&inbox, Path::new(&name), masker)).collect())
}

/// The owner of a real directory.
fn checked(inbox: &Path) -> io::Result<u32> {
    let found = fs::symlink_metadata(inbox)?;
    if found.is_dir() {
        Ok(found.uid())
    } else {
        Err(io::Error::new(io::ErrorKind::NotADirectory, "it is not a directory"))
    }
}

fn take_one(inbox: &Path, name: &Path, masker: &Masker) -> Received {
    let path = inbox.join(name);
    let mut bytes = Vec::new();
    let (uid, letter) = match open(&path, name) {
        Ok(file) => (file.metadata().map(|found| found.uid()), read(file, &mut bytes)),
        Err(why) => (fs::symlink_metadata(&path).map(|found| found.uid()), Err(why)),
    };
    let kept = masked(masker, &bytes);
    let by = uid.map_or_else(|_| "unknown".to_owned(), user_at_host);
    let place = if letter.is_ok() { "taken" } else { "refused" };
    match put_aside(&path, &inbox.join(place), name, kept.as_deref()) {
        Ok(path) => Received { by, path, letter },
        // It would be taken again: it counts only once it is out of the way.
        Err(error) => {
            let why = letter.err().map(|why| format!("; and {why}")).unwrap_or_default();
            let letter = Err(format!("it cannot be moved to {}: {error}{why}", inbox.join(place).display()));
            Received { by, path, letter }
        }
    }
}

fn open(path: &Path, name: &Path) -> Result<File, String> {
    let ulid = name.to_str().and_then(|name| name.strip_suffix(".json"));
    if ulid.is_none_or(|ulid| ulid::Ulid::from_string(ulid).is_err()) {
        return Err("its name is not that of a letter".to_owned());
    }
    let file = private::open(path).map_err(|error| error.to_string())?;
    match file.metadata() {
        Err(error) => Err(error.to_string()),
        // A second name for somebody's letter would be that person's letter again.
        Ok(found) if found.nlink() != 1 => Err("its file has other names".to_owned()),
        Ok(found) if found.len() > LARGEST => {
            Err(format!("it has {} bytes, and a letter has at most {LARGEST}", found.len()))
        }
        Ok(_) => Ok(file),
    }
}

fn read(file: File, bytes: &mut Vec<u8>) -> Result<Letter, String> {
    file.take(LARGEST).read_to_end(bytes).map_err(|error| error.to_string())?;
    let letter: Letter = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if letter.v == VERSION { Ok(letter) } else { Err(format!("it has format {}", letter.v)) }
}

/// None: there is nothing to mask in it.
fn masked(masker: &Masker, bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut stream, mut kept) = (masker.stream(), Vec::with_capacity(bytes.len()));
    stream.push(bytes, &mut kept);
    stream.finish(&mut kept);
    (kept != bytes).then_some(kept)
}

/// Moves it as it is, or leaves a copy without secrets in its place; that one is this user's own, the record says whose it was.
fn put_aside(path: &Path, place: &Path, name: &Path, kept: Option<&[u8]>) -> io::Result<PathBuf> {
    match DirBuilder::new().mode(0o700).create(place) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    checked(place)?;
    let to = place.join(name);
    match kept {
        None => fs::rename(path, &to)?,
        Some(bytes) => {
            private::replace(&to, bytes, 0o600)?;
            fs::remove_file(path)?;
        }
    }
    Ok(to)
}

/// Tells when a letter arrives, without looking: its descriptor becomes readable. Make it, then [`take`], then wait; a letter that comes
/// in between is told, too. A hint: letters on a network file system written by another machine are not told.
#[derive(Debug)]
pub struct Watch {
    inotify: Inotify,
}

impl Watch {
    /// Watches a run's inbox.
    ///
    /// # Errors
    /// As the machine says: a user has only so many watches (`fs.inotify.max_user_instances`).
    pub fn new(directory: &RunDirectory) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        let arrives = AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_ONLYDIR | AddWatchFlags::IN_DONT_FOLLOW;
        inotify.add_watch(&directory.inbox(), arrives)?;
        Ok(Self { inotify })
    }

    /// Makes the descriptor unreadable again; true when something had arrived. Never blocks.
    ///
    /// # Errors
    /// As the machine says.
    pub fn drain(&self) -> io::Result<bool> {
        let mut any = false;
        loop {
            match self.inotify.read_events() {
                Ok(events) => any |= !events.is_empty(),
                Err(Errno::EAGAIN) => return Ok(any),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

impl AsRawFd for Watch {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}
