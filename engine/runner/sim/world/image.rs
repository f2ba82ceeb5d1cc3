//! Images: what they are made of, and what they do when they run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::tree::{Node, split};

/// One image.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// `sha256:…`.
    pub id: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Bytes.
    pub size: u64,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// What runs when nothing is said.
    pub command: Vec<String>,
    /// What it is, and what it does when it runs.
    pub program: Program,
    /// It dies right after its start, with this code and these last words.
    pub crashes: Option<(i32, String)>,
    /// It runs and never becomes healthy.
    pub unhealthy: bool,
    /// What else its containers are made with.
    pub config: Arc<ImageConfig>,
}

/// What an image gives to its containers beside its command.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageConfig {
    /// Stands in front of every command.
    pub entrypoint: Vec<String>,
    /// Its environment, in order.
    pub env: Vec<(String, String)>,
    /// `8000/tcp`.
    pub exposed: Vec<String>,
    /// Whose processes; empty: root's.
    pub user: String,
    /// Where they begin; empty: `/`.
    pub working_dir: String,
    /// Directories that get a volume of their own when none is mounted there.
    pub volumes: Vec<String>,
    /// How the Engine asks for health.
    pub health: Option<HealthCheck>,
    /// Its root directory; none: the usual directories, empty.
    pub files: Option<Node>,
    /// `Imported from -`.
    pub comment: String,
}

/// How the Engine asks a container for its health.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct HealthCheck {
    /// `CMD`, `CMD-SHELL` or `NONE`, and what follows it.
    pub test: Vec<String>,
    /// Between two questions; none: 30 s.
    pub interval: Option<Duration>,
    /// For one answer; none: 30 s.
    pub timeout: Option<Duration>,
    /// Failures do not count that long after the start.
    pub start_period: Option<Duration>,
    /// So many failures in a row are unhealthy; none: 3.
    pub retries: Option<u32>,
}

/// What a container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// A service that is known by its health only.
    Service,
    /// A `PostgreSQL` server.
    Postgres,
    /// A Redis server.
    Redis,
    /// Whatever its command says.
    Tools,
}

impl Image {
    /// An image that nobody has described: it has no files, and runs nothing.
    #[must_use]
    pub fn new(name: &str, program: Program, created: DateTime<Utc>) -> Self {
        Self {
            id: format!("sha256:{}", super::hexadecimal(name)),
            created,
            size: 0,
            labels: BTreeMap::new(),
            command: Vec::new(),
            program,
            crashes: None,
            unhealthy: false,
            config: Arc::default(),
        }
    }

    /// Puts a text file into it, with the directories above it; with a slash at its end a directory.
    pub fn write(&mut self, path: &str, text: &str) {
        let created = self.created;
        let files = Arc::make_mut(&mut self.config).files.get_or_insert_with(|| Node::directory(created));
        // What is in the way stays.
        let _ = match path.strip_suffix('/') {
            Some(dir) => files.make_dirs(dir, created),
            None => files.make_dirs(split(path).0, created).and_then(|()| files.put(path, Node::text(text, created))),
        };
    }
}

impl HealthCheck {
    /// The Engine's default.
    const INTERVAL: Duration = Duration::from_secs(30);

    /// Between two questions.
    #[must_use]
    pub fn every(&self) -> Duration {
        self.interval.filter(|interval| !interval.is_zero()).unwrap_or(Self::INTERVAL)
    }

    /// So many failures in a row are unhealthy.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.retries.filter(|retries| *retries > 0).unwrap_or(3)
    }
}
