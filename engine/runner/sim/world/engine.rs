//! A Docker Engine: containers, images, volumes, networks.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::super::tree::{Map, Node};

/// One Engine.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The daemon answers.
    pub running: bool,
    /// By id.
    pub containers: Map<String, Container>,
    /// By id (`sha256:…`).
    pub images: Map<String, Image>,
    /// Name with its tag, and the id it stands for here.
    pub tags: Map<String, String>,
    /// Images that a registry has: by name with its tag.
    pub registry: Map<String, Image>,
    /// By name.
    pub volumes: Map<String, Volume>,
    /// By name.
    pub networks: Map<String, Network>,
}

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
}

/// What a container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// A service that is known by its health only.
    Service,
    /// A PostgreSQL server.
    Postgres,
    /// A Redis server.
    Redis,
    /// Whatever its command says.
    Tools,
}

/// One container.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Without the slash.
    pub name: String,
    /// The image's id.
    pub image: String,
    /// The image as it was named.
    pub image_name: String,
    /// What runs in it.
    pub program: Program,
    /// The service of the system that it is.
    pub service: Option<String>,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// Labels, those of Compose among them.
    pub labels: BTreeMap<String, String>,
    /// What is mounted in it.
    pub mounts: Vec<Mount>,
    /// Networks by name, with its address there.
    pub networks: Map<String, String>,
    /// `no`, `always`, `unless-stopped`, `on-failure`.
    pub restart: String,
    /// Removed at its end.
    pub auto_remove: bool,
    /// Docker asks for its health.
    pub has_health_check: bool,
    /// Its own files, over which mounts lie.
    pub files: Node,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// What it does.
    pub life: Life,
    /// Frozen.
    pub paused: bool,
    /// How often the Engine restarted it.
    pub restarts: u32,
    /// What it printed: when, to standard error or not, what.
    pub log: Vec<(DateTime<Utc>, bool, String)>,
}

/// What a container does.
#[derive(Clone, Debug, PartialEq)]
pub enum Life {
    /// Made, never started.
    Created,
    /// Runs.
    Running(Run),
    /// Starts and dies, again and again, from `since` on.
    Looping {
        /// The first start.
        since: DateTime<Utc>,
        /// The code with which it dies.
        code: i32,
    },
    /// Has ended.
    Exited {
        /// Its exit code.
        code: i32,
        /// When.
        at: DateTime<Utc>,
        /// When it had been started.
        started: DateTime<Utc>,
        /// Killed for its memory.
        oom: bool,
    },
}

/// One life of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Since when.
    pub started: DateTime<Utc>,
    /// From then on it can do its work; none: never.
    pub ready: Option<DateTime<Utc>>,
    /// It ends by itself then, with this code.
    pub ends: Option<(DateTime<Utc>, i32)>,
}

/// Something mounted in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where in the container.
    pub target: String,
    /// From where.
    pub source: MountSource,
    /// Nothing can be written there.
    pub read_only: bool,
}

/// Where a mount comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountSource {
    /// A path of the machine.
    Bind(String),
    /// A volume of the Engine.
    Volume(String),
    /// Memory.
    Memory,
}

/// A volume.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    /// Its content.
    pub files: Node,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// A network.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// 64 hexadecimal digits.
    pub id: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// `172.18.0.0/16`.
    pub subnet: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

impl Engine {
    /// An Engine without anything but its own networks.
    pub fn new() -> Self {
        Self {
            running: true,
            containers: Map::new_sync(),
            images: Map::new_sync(),
            tags: Map::new_sync(),
            registry: Map::new_sync(),
            volumes: Map::new_sync(),
            networks: Map::new_sync(),
        }
    }

    /// A container by its name, its id, or the beginning of its id.
    pub fn container(&self, name: &str) -> Option<&Container> {
        let by_name = || self.containers.values().find(|container| container.name == name.trim_start_matches('/'));
        let by_id = || {
            let mut found = self.containers.values().filter(|container| container.id.starts_with(name));
            found.next().filter(|_| found.next().is_none())
        };
        self.containers.get(name).or_else(by_name).or_else(by_id)
    }

    /// The same, to be changed.
    pub fn container_mut(&mut self, name: &str) -> Option<&mut Container> {
        let id = self.container(name)?.id.clone();
        self.containers.get_mut(&id)
    }

    /// An image by its name (without a tag: `latest`) or its id.
    pub fn image(&self, name: &str) -> Option<&Image> {
        let tagged = tagged(name);
        let id = self.tags.get(&tagged).cloned();
        let by_id = || {
            let digits = name.strip_prefix("sha256:").unwrap_or(name);
            let long = digits.len() >= 4 && digits.chars().all(|c| c.is_ascii_hexdigit());
            self.images.values().find(|image| long && image.id["sha256:".len()..].starts_with(digits))
        };
        id.and_then(|id| self.images.get(&id)).or_else(by_id)
    }
}

/// A name with its tag.
pub fn tagged(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') || name.contains('@') { name.to_owned() } else { format!("{name}:latest") }
}

impl Container {
    /// Its process exists and is not frozen.
    pub fn runs(&self, now: DateTime<Utc>) -> bool {
        match &self.life {
            Life::Running(run) => !self.paused && run.ends.is_none_or(|(at, _)| now < at),
            Life::Created | Life::Looping { .. } | Life::Exited { .. } => false,
        }
    }

    /// It can do its work.
    pub fn is_ready(&self, now: DateTime<Utc>) -> bool {
        match &self.life {
            Life::Running(run) => self.runs(now) && run.ready.is_some_and(|ready| now >= ready),
            Life::Created | Life::Looping { .. } | Life::Exited { .. } => false,
        }
    }
}
