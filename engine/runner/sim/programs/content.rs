//! Files as programs see them: by a path from where the process is, with what only the kernel knows (`/dev/null`, `/proc/meminfo`).

use std::sync::Arc;

use super::super::place::Spot;
use super::super::process::{Chunk, Process, Stream, Unsimulated};
use super::super::tree::{FileError, Kind, Node, absolute};

/// What came of something that a file may refuse.
pub type Tried<T> = Result<Result<T, FileError>, Unsimulated>;

/// Bytes of text in one file, at most.
const LARGEST: usize = 32 << 20;

/// Directories of which this world has only a part: what is missing there may well be there on a real machine.
const UNKNOWN: [&str; 6] = ["/proc/", "/sys/", "/dev/", "/run/", "/usr/", "/etc/"];

impl Process<'_> {
    /// What is at a path; links are followed.
    ///
    /// # Errors
    /// It is not there.
    pub fn node(&self, path: &str) -> Result<&Node, FileError> {
        self.world.node(&self.place, &self.checked(path)?)
    }

    /// What is at a path; a link at its end is itself.
    ///
    /// # Errors
    /// It is not there.
    pub fn link_node(&self, path: &str) -> Result<&Node, FileError> {
        let checked = self.checked(path)?;
        if path.ends_with('/') {
            self.world.node(&self.place, &checked)
        } else {
            self.world.link_node(&self.place, &checked)
        }
    }

    /// What is at a path, with what is mounted below.
    ///
    /// # Errors
    /// It is not there.
    pub fn tree(&self, path: &str, follow: bool) -> Result<Node, FileError> {
        self.world.tree(&self.place, &self.checked(path)?, follow || path.ends_with('/'))
    }

    /// Where a path leads.
    ///
    /// # Errors
    /// A part on the way is missing.
    pub fn spot(&self, path: &str) -> Result<Spot, FileError> {
        self.world.spot(&self.place, &self.checked(path)?, true)
    }

    /// The absolute path, if what stands before its `..` is there; a `/` at its end asks for a directory.
    fn checked(&self, path: &str) -> Result<String, FileError> {
        if path.is_empty() {
            return Err(FileError::NotFound);
        }
        let whole = self.path(path);
        if let Some((before, _)) = path.split_once("/..")
            && !before.is_empty()
            && !before.trim_matches(['.', '/']).is_empty()
        {
            self.world.node(&self.place, &self.path(before))?;
        }
        let wants_directory = path.ends_with('/') || path.ends_with("/.");
        if wants_directory && whole != "/" {
            match self.world.node(&self.place, &whole) {
                Ok(node) if !node.is_directory() => return Err(FileError::NotADirectory),
                _ => {}
            }
        }
        Ok(whole)
    }

    /// The path with all links followed; its last part need not exist.
    ///
    /// # Errors
    /// A part on the way is missing.
    pub fn real_path(&self, path: &str) -> Result<String, FileError> {
        let mut whole = self.checked(path)?;
        // Each round follows one link; the world follows no more than a few itself.
        for _ in 0..40 {
            let mut at = String::new();
            let parts: Vec<&str> = super::super::tree::parts(&whole).collect();
            let mut next = None;
            for (n, part) in parts.iter().enumerate() {
                let dir = at.clone();
                at = format!("{at}/{part}");
                if let Ok(Node { kind: Kind::Link(to), .. }) = self.world.link_node(&self.place, &at) {
                    let base = if dir.is_empty() { "/" } else { &dir };
                    next = Some(absolute(&absolute(base, to), &parts[n + 1..].join("/")));
                    break;
                }
            }
            match next {
                Some(path) => whole = path,
                None => return Ok(whole),
            }
        }
        Err(FileError::Loop)
    }

    /// Something can be written there.
    pub fn is_writable(&self, path: &str) -> bool {
        self.spot(path).is_ok_and(|spot| !spot.read_only)
    }

    /// What a file holds.
    ///
    /// # Errors
    /// It is a file that this world does not know.
    pub fn read(&self, path: &str) -> Tried<Stream> {
        let whole = self.path(path);
        match whole.as_str() {
            "/dev/null" => return Ok(Ok(Stream::default())),
            "/proc/meminfo" => return Ok(Ok(Stream::text(self.memory()))),
            _ => {}
        }
        match self.node(path) {
            Ok(node) => match &node.kind {
                Kind::Text(text) => Ok(Ok(Stream::text(&**text))),
                Kind::Blob(blob) => Ok(Ok(Stream::blob(Arc::clone(blob)))),
                Kind::Directory(_) => Ok(Err(FileError::IsADirectory)),
                Kind::Device(_) => Err(Unsimulated(format!("reading the device `{path}`"))),
                Kind::Link(_) => Ok(Err(FileError::Loop)),
            },
            Err(FileError::NotFound) if UNKNOWN.iter().any(|dir| whole.starts_with(dir)) => {
                Err(Unsimulated(format!("the content of `{whole}`")))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    fn memory(&self) -> String {
        let available = self.world.machine(&self.place.machine).map_or(0, |machine| machine.memory);
        let total = available.saturating_mul(4) / 3;
        let free = available / 2;
        format!("MemTotal:       {total:>8} kB\nMemFree:        {free:>8} kB\nMemAvailable:   {available:>8} kB\n")
    }

    /// Writes a file, or adds to it. A new one gets the process' owner and what its umask leaves of `rw-rw-rw-`.
    ///
    /// # Errors
    /// Text and other content would come together in one file.
    pub fn write(&mut self, path: &str, content: &Stream, append: bool) -> Tried<()> {
        if self.path(path) == "/dev/null" {
            return Ok(Ok(()));
        }
        let now = self.world.now();
        let (place, whole) = (self.place.clone(), self.path(path));
        if path.is_empty() {
            return Ok(Err(FileError::NotFound));
        }
        if path.ends_with('/') {
            return Ok(Err(FileError::IsADirectory));
        }
        match self.world.node_mut(&place, &whole) {
            Ok(node) => match &node.kind {
                Kind::Text(_) | Kind::Blob(_) => {
                    if !append || !content.is_empty() {
                        let before = if append { Some(&node.kind) } else { None };
                        node.kind = joined(before, content)?;
                        node.modified = now;
                    }
                    Ok(Ok(()))
                }
                Kind::Directory(_) => Ok(Err(FileError::IsADirectory)),
                Kind::Device(_) => Err(Unsimulated(format!("writing to the device `{path}`"))),
                Kind::Link(_) => Ok(Err(FileError::NotFound)),
            },
            Err(FileError::NotFound) => {
                let (uid, gid) = (self.uid(), self.gid());
                let node = Node { kind: joined(None, content)?, mode: 0o666 & !self.umask, uid, gid, modified: now };
                Ok(self.world.put(&place, &whole, node))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    /// Adds to a file that is open; if it was removed meanwhile, nobody sees it.
    ///
    /// # Errors
    /// Text and other content would come together in one file.
    pub fn append(&mut self, spot: &Spot, content: &Stream) -> Result<(), Unsimulated> {
        let now = self.world.now();
        if let Some(node) = self.world.root_mut(&spot.root).and_then(|root| root.get_mut(&spot.path))
            && node.is_file()
            && !content.is_empty()
        {
            node.kind = joined(Some(&node.kind), content)?;
            node.modified = now;
        }
        Ok(())
    }

    /// A file or directory of this process' own, made now.
    pub fn owned(&self, kind: Kind) -> Node {
        let mode = match kind {
            Kind::Directory(_) | Kind::Link(_) => 0o777,
            Kind::Text(_) | Kind::Blob(_) | Kind::Device(_) => 0o666,
        };
        Node { kind, mode: mode & !self.umask, uid: self.uid(), gid: self.gid(), modified: self.world.now() }
    }
}

/// Content behind what is there.
fn joined(before: Option<&Kind>, content: &Stream) -> Result<Kind, Unsimulated> {
    if content.has_blob() {
        let is_empty = match before {
            None => true,
            Some(Kind::Text(text)) => text.is_empty(),
            Some(_) => false,
        };
        return match content.as_blob() {
            Some(blob) if is_empty => Ok(Kind::Blob(Arc::clone(blob))),
            _ => Err(Unsimulated("text and other content in one file".to_owned())),
        };
    }
    let more = content.to_text();
    match before {
        _ if more.len() > LARGEST => Err(Unsimulated("a text file of more than 32 MiB".to_owned())),
        None => Ok(Kind::Text(more.into())),
        Some(Kind::Text(text)) if text.is_empty() => Ok(Kind::Text(more.into())),
        Some(Kind::Text(text)) if text.len().saturating_add(more.len()) > LARGEST => {
            Err(Unsimulated("a text file of more than 32 MiB".to_owned()))
        }
        Some(Kind::Text(text)) => Ok(Kind::Text(format!("{text}{more}").into())),
        Some(kind) if more.is_empty() => Ok(kind.clone()),
        Some(_) => Err(Unsimulated("text and other content in one file".to_owned())),
    }
}

/// What a stream is as the content of a file.
///
/// # Errors
/// Text and other content would come together in one file.
pub fn as_kind(content: &Stream) -> Result<Kind, Unsimulated> {
    joined(None, content)
}

/// The text of a stream.
///
/// # Errors
/// There is something else in it.
pub fn as_text(program: &str, content: &Stream) -> Result<String, Unsimulated> {
    match content.0.as_slice() {
        [] => Ok(String::new()),
        [Chunk::Text(text)] => Ok(text.clone()),
        _ if content.has_blob() => Err(Unsimulated(format!("`{program}` of content that is no text"))),
        _ => Ok(content.to_text()),
    }
}

impl Process<'_> {
    /// What a program's operands hold: a name and its content each; `-`, or no operand, is standard input. What cannot be read is
    /// complained about, and gives status 1.
    ///
    /// # Errors
    /// A file that this world does not know.
    pub fn inputs(&mut self, program: &str, operands: &[String]) -> Result<(Vec<(String, Stream)>, i32), Unsimulated> {
        if operands.is_empty() {
            return Ok((vec![("-".to_owned(), std::mem::take(&mut self.stdin))], 0));
        }
        let (mut found, mut status) = (Vec::with_capacity(operands.len()), 0);
        for operand in operands {
            if operand == "-" || operand == "/dev/stdin" {
                found.push(("-".to_owned(), std::mem::take(&mut self.stdin)));
                continue;
            }
            match self.read(operand)? {
                Ok(content) => found.push((operand.clone(), content)),
                Err(error) => {
                    self.complain(format!("{program}: {operand}: {error}"));
                    status = 1;
                }
            }
        }
        Ok((found, status))
    }

    /// The time that so many bytes need at so many megabytes a second.
    pub fn transfer(&mut self, bytes: u64, megabytes: u64) {
        let micros = bytes / megabytes.max(1);
        if micros > 0 {
            self.world.take(std::time::Duration::from_micros(micros));
        }
    }
}
