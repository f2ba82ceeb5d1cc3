//! Files of the simulated world. A tree shares everything with its copies until one of them changes, so copying a directory, taking a
//! snapshot of a disk and forking the world cost next to nothing.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rpds::RedBlackTreeMapSync;

use super::blob::Blob;

/// A persistent map in key order.
pub type Map<K, V> = RedBlackTreeMapSync<K, V>;

/// A file, directory, link or device, with its attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Permission bits, `0o755`.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last changed.
    pub modified: DateTime<Utc>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Names and what they are.
    Directory(Map<String, Node>),
    /// Text that programs can read.
    Text(Arc<str>),
    /// Content that only its own programs understand.
    Blob(Arc<Blob>),
    /// A symbolic link and where it leads.
    Link(String),
    /// A block device: the name of the disk behind it.
    Device(String),
}

/// Why something cannot be done to a path; `Display` is what the C library says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("No such file or directory")]
    NotFound,
    #[error("Not a directory")]
    NotADirectory,
    #[error("Is a directory")]
    IsADirectory,
    #[error("File exists")]
    Exists,
    #[error("Directory not empty")]
    NotEmpty,
    #[error("Read-only file system")]
    ReadOnly,
    #[error("Device or resource busy")]
    Busy,
    #[error("Invalid cross-device link")]
    CrossDevice,
    #[error("Too many levels of symbolic links")]
    Loop,
    #[error("No space left on device")]
    NoSpace,
    #[error("File name too long")]
    TooLong,
}

impl Node {
    /// An empty directory of root's.
    pub fn directory(modified: DateTime<Utc>) -> Self {
        Self { kind: Kind::Directory(Map::new_sync()), mode: 0o755, uid: 0, gid: 0, modified }
    }

    /// A text file of root's.
    pub fn text(text: impl Into<Arc<str>>, modified: DateTime<Utc>) -> Self {
        Self { kind: Kind::Text(text.into()), mode: 0o644, uid: 0, gid: 0, modified }
    }

    /// A file of root's with content that only its own programs understand.
    pub fn blob(blob: Blob, modified: DateTime<Utc>) -> Self {
        Self { kind: Kind::Blob(Arc::new(blob)), mode: 0o644, uid: 0, gid: 0, modified }
    }

    pub fn is_directory(&self) -> bool {
        matches!(self.kind, Kind::Directory(_))
    }

    pub fn is_file(&self) -> bool {
        matches!(self.kind, Kind::Text(_) | Kind::Blob(_))
    }

    /// Bytes, as `stat` gives them.
    pub fn size(&self) -> u64 {
        match &self.kind {
            Kind::Directory(_) => 4096,
            Kind::Text(text) => text.len() as u64,
            Kind::Blob(blob) => blob.bytes,
            Kind::Link(to) => to.len() as u64,
            Kind::Device(_) => 0,
        }
    }

    /// Names and nodes of a directory, in order; none of anything else.
    pub fn entries(&self) -> impl Iterator<Item = (&String, &Self)> {
        let entries = match &self.kind {
            Kind::Directory(entries) => Some(entries),
            _ => None,
        };
        entries.into_iter().flat_map(Map::iter)
    }

    pub fn child(&self, name: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Directory(entries) => entries.get(name),
            _ => None,
        }
    }

    /// What is at a path below this node (`a/b`; empty parts do not count). Links are not followed.
    pub fn get(&self, path: &str) -> Option<&Self> {
        parts(path).try_fold(self, |node, name| node.child(name))
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, path: &str) -> Option<&mut Self> {
        let mut node = self;
        for name in parts(path) {
            node = match &mut node.kind {
                Kind::Directory(entries) => entries.get_mut(name)?,
                _ => return None,
            };
        }
        Some(node)
    }

    /// Puts a node at a path whose directory is there; what is at the path is replaced.
    ///
    /// # Errors
    /// The directory is missing, or none.
    pub fn put(&mut self, path: &str, node: Self) -> Result<(), FileError> {
        let (dir, name) = split(path);
        let changed = node.modified;
        let parent = self.get_mut(dir).ok_or(FileError::NotFound)?;
        let Kind::Directory(entries) = &mut parent.kind else { return Err(FileError::NotADirectory) };
        entries.insert_mut(name.to_owned(), node);
        parent.modified = parent.modified.max(changed);
        Ok(())
    }

    /// Makes a directory and those above it; what is there stays.
    ///
    /// # Errors
    /// Something on the way is no directory.
    pub fn make_dirs(&mut self, path: &str, at: DateTime<Utc>) -> Result<(), FileError> {
        let mut node = self;
        for name in parts(path) {
            let Kind::Directory(entries) = &mut node.kind else { return Err(FileError::NotADirectory) };
            if !entries.contains_key(name) {
                entries.insert_mut(name.to_owned(), Self::directory(at));
            }
            node = entries.get_mut(name).ok_or(FileError::NotFound)?;
        }
        if node.is_directory() { Ok(()) } else { Err(FileError::NotADirectory) }
    }

    /// Takes away what is at a path, with everything below it.
    pub fn remove(&mut self, path: &str, at: DateTime<Utc>) -> Option<Self> {
        let (dir, name) = split(path);
        let parent = self.get_mut(dir)?;
        let Kind::Directory(entries) = &mut parent.kind else { return None };
        let removed = entries.get(name)?.clone();
        entries.remove_mut(name);
        parent.modified = at;
        Some(removed)
    }

    /// Everything below this node, itself first, as (path, node); the path of the node itself is empty. In the order of `find`.
    pub fn walk(&self) -> Vec<(String, &Self)> {
        let mut found = Vec::new();
        let mut open = vec![(String::new(), self)];
        while let Some((path, node)) = open.pop() {
            let below = open.len();
            for (name, child) in node.entries() {
                open.push((if path.is_empty() { name.clone() } else { format!("{path}/{name}") }, child));
            }
            open[below..].reverse();
            found.push((path, node));
        }
        found
    }

    /// Bytes of this node and everything below it.
    pub fn total(&self) -> u64 {
        self.entries().fold(self.size(), |sum, (_, child)| sum.saturating_add(child.total()))
    }
}

/// The parts of a path.
pub fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// Directory and last part.
pub fn split(path: &str) -> (&str, &str) {
    let path = path.trim_end_matches('/');
    path.rsplit_once('/').unwrap_or(("", path))
}

/// An absolute path without `.`, `..` and doubled slashes.
pub fn absolute(cwd: &str, path: &str) -> String {
    let mut found: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { cwd };
    for part in parts(base).chain(parts(path)) {
        match part {
            "." => {}
            ".." => drop(found.pop()),
            part => found.push(part),
        }
    }
    format!("/{}", found.join("/"))
}
