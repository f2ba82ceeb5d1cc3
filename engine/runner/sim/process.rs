//! A process of the simulated world while it runs: where it is, what it was given, what it has printed. Programs are functions over it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::blob::Blob;
use super::command::KILLED;
use super::place::Place;
use super::tree::{Kind, Node};
use super::world::World;
use super::{aws, docker, gcloud, http, names, postgres, programs, redis, shell};

/// One running process.
#[derive(Debug)]
pub struct Process<'w> {
    pub world: &'w mut World,
    pub place: Place,
    /// An absolute path.
    pub cwd: String,
    pub env: BTreeMap<String, String>,
    /// `root`, `postgres`, …
    pub user: String,
    pub stdin: Stream,
    pub stdout: Stream,
    pub stderr: String,
    /// How many processes are above it; a script that calls itself ends somewhere.
    pub depth: u8,
    /// Permission bits that new files do not get.
    pub umask: u32,
    /// Whoever started it ends it then: a script does nothing more from that moment on. None: nobody does.
    pub deadline: Option<DateTime<Utc>>,
}

/// What flows through a pipe: text, and files that only their own programs understand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stream(pub Vec<Chunk>);

/// A piece of a [`Stream`].
#[derive(Clone, Debug, PartialEq)]
pub enum Chunk {
    Text(String),
    Blob(Arc<Blob>),
}

/// Something that this world does not know: a program, a flag, a word of a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unsimulated(
    /// What, in a few words: "`xargs`", "`find -newer`".
    pub String,
);

/// The exit code.
pub type Ran = Result<i32, Unsimulated>;

/// A program: its arguments without its own name.
pub type Program = fn(&mut Process<'_>, &[String]) -> Ran;

/// What a process gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    /// Its exit code.
    pub exit: i32,
    /// What it printed.
    pub stdout: Stream,
    /// What it said.
    pub stderr: String,
}

/// Processes inside each other, at most.
const DEEPEST: u8 = 24;

impl Stream {
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::default() } else { Self(vec![Chunk::Text(text)]) }
    }

    pub fn blob(blob: Arc<Blob>) -> Self {
        Self(vec![Chunk::Blob(blob)])
    }

    /// What reading a file gives.
    pub fn of(node: &Node) -> Self {
        match &node.kind {
            Kind::Text(text) => Self::text(&**text),
            Kind::Blob(blob) => Self::blob(blob.clone()),
            Kind::Directory(_) | Kind::Link(_) | Kind::Device(_) => Self::default(),
        }
    }

    pub fn push(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Chunk::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push(Chunk::Text(text.to_owned())),
        }
    }

    pub fn push_blob(&mut self, blob: Arc<Blob>) {
        self.0.push(Chunk::Blob(blob));
    }

    pub fn extend(&mut self, other: Self) {
        for chunk in other.0 {
            match chunk {
                Chunk::Text(text) => self.push(&text),
                Chunk::Blob(blob) => self.push_blob(blob),
            }
        }
    }

    /// Its text; what cannot be read as text is left out.
    pub fn to_text(&self) -> String {
        let texts = self.0.iter().filter_map(|chunk| match chunk {
            Chunk::Text(text) => Some(text.as_str()),
            Chunk::Blob(_) => None,
        });
        texts.collect()
    }

    /// The one file that it is; none: text, several, or nothing.
    pub fn as_blob(&self) -> Option<&Arc<Blob>> {
        match self.0.as_slice() {
            [Chunk::Blob(blob)] => Some(blob),
            _ => None,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes.
    pub fn bytes(&self) -> u64 {
        let sizes = self.0.iter().map(|chunk| match chunk {
            Chunk::Text(text) => text.len() as u64,
            Chunk::Blob(blob) => blob.bytes,
        });
        sizes.sum()
    }

    /// There is something in it that is no text.
    pub fn has_blob(&self) -> bool {
        self.0.iter().any(|chunk| matches!(chunk, Chunk::Blob(_)))
    }
}

impl<'w> Process<'w> {
    /// A process that was just started by the engine.
    pub fn new(world: &'w mut World, place: Place) -> Self {
        Self {
            world,
            place,
            cwd: "/root".to_owned(),
            env: BTreeMap::new(),
            user: "root".to_owned(),
            stdin: Stream::default(),
            stdout: Stream::default(),
            stderr: String::new(),
            depth: 0,
            umask: 0o022,
            deadline: None,
        }
    }

    /// Prints a line.
    pub fn say(&mut self, line: impl AsRef<str>) {
        self.stdout.push(line.as_ref());
        self.stdout.push("\n");
    }

    /// Complains, and gives the exit code.
    #[expect(clippy::unnecessary_wraps, reason = "the end of a program")]
    pub fn fail(&mut self, exit: i32, line: impl AsRef<str>) -> Ran {
        self.complain(line);
        Ok(exit)
    }

    /// Prints a line to standard error.
    pub fn complain(&mut self, line: impl AsRef<str>) {
        self.stderr.push_str(line.as_ref());
        self.stderr.push('\n');
    }

    /// An absolute path.
    pub fn path(&self, path: &str) -> String {
        super::tree::absolute(&self.cwd, path)
    }

    /// Runs a program in this process' place with its streams: what `exec` would do, and a shell does for each command.
    ///
    /// # Errors
    /// The program, or something it was told, is not simulated.
    pub fn run(&mut self, argv: &[String]) -> Ran {
        let Some((program, arguments)) = argv.split_first() else { return Ok(0) };
        if self.is_ended() {
            return Ok(KILLED);
        }
        self.world.settle();
        if self.depth >= DEEPEST {
            return Err(Unsimulated("processes inside each other without an end".to_owned()));
        }
        if let Some(ran) = shell::run_file(self, program, arguments) {
            return ran;
        }
        match self.lookup(program) {
            Lookup::Found(run) => run(self, arguments),
            Lookup::Missing => self.fail(127, format!("{program}: command not found")),
            Lookup::Unknown(name) => Err(Unsimulated(format!("`{name}`"))),
        }
    }

    /// A program by its name or path, where this process is.
    pub fn lookup<'p>(&self, program: &'p str) -> Lookup<'p> {
        let name = program.rsplit('/').next().unwrap_or(program);
        if self.is_missing(name) {
            return Lookup::Missing;
        }
        find(name).map_or(Lookup::Unknown(name), Lookup::Found)
    }

    /// A process that this one starts somewhere else, in a container or on another machine; it ends with this one.
    pub fn started(&mut self, place: Place, stdin: Stream) -> Process<'_> {
        let (depth, deadline) = (self.depth + 1, self.deadline);
        Process { stdin, depth, deadline, ..Process::new(self.world, place) }
    }

    /// Whoever started it has ended it by now.
    pub fn is_ended(&self) -> bool {
        self.deadline.is_some_and(|deadline| self.world.now() >= deadline)
    }

    fn is_missing(&self, name: &str) -> bool {
        if self.place.container.is_some() {
            return false;
        }
        let docker = matches!(name, "docker" | "docker-compose" | "dockerd");
        let machine = self.world.machine(&self.place.machine);
        machine.is_some_and(|machine| machine.missing.contains_key(name) || (docker && machine.engine.is_none()))
    }
}

/// What is known of a program's name.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'p> {
    /// It runs.
    Found(Program),
    /// It is not installed here.
    Missing,
    /// This world does not know it.
    Unknown(&'p str),
}

/// A program by its name.
pub fn find(name: &str) -> Option<Program> {
    [
        shell::find,
        programs::find,
        docker::find,
        gcloud::find,
        postgres::find,
        redis::find,
        http::find,
        aws::find,
        names::find,
    ]
    .iter()
    .find_map(|find| find(name))
}
