//! Containers: what they were made with, and what they are at a moment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::tree::{Map, Node};
use super::{HealthCheck, Program};

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
    /// What else it was made with.
    pub spec: Arc<Spec>,
    /// What is kept of its earlier lives.
    pub past: Past,
}

/// What a container was made with, beside what everybody asks for. Only `docker update` changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "what a client says with flags")]
pub struct Spec {
    /// The part of the command that is its entrypoint.
    pub entrypoint: Vec<String>,
    /// None: the first digits of its id.
    pub hostname: Option<String>,
    /// Whose process; empty: root's.
    pub user: String,
    /// Where it begins; empty: `/`.
    pub working_dir: String,
    /// Published ports, as asked for.
    pub ports: Vec<Port>,
    /// `80/tcp`: what it listens on, as far as somebody said so.
    pub exposed: Vec<String>,
    /// How the Engine asks for health; none: nobody said how.
    pub health: Option<HealthCheck>,
    /// `on-failure:N`.
    pub retries: u32,
    /// Bytes; 0: no limit.
    pub memory: u64,
    /// Billionths of a CPU; 0: no limit.
    pub nano_cpus: u64,
    /// Has all rights.
    pub privileged: bool,
    /// Somebody reaps its processes.
    pub init: bool,
    /// Has a terminal.
    pub tty: bool,
    /// Reads standard input.
    pub open_stdin: bool,
    /// Made to be run in the foreground.
    pub attached: bool,
    /// Sent by `stop`; none: TERM.
    pub stop_signal: Option<String>,
    /// Seconds that `stop` waits.
    pub stop_timeout: Option<u32>,
    /// `-v` as it was given, with an absolute source.
    pub binds: Vec<String>,
    /// Where `--tmpfs` mounts memory.
    pub tmpfs: Vec<String>,
    /// Its network as it was named; empty: the default.
    pub network_mode: String,
    /// Further names by network.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Made by Compose, which leaves other things empty than `docker run`.
    pub by_compose: bool,
}

/// A published port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Empty: all addresses.
    pub address: String,
    /// None: any that is free.
    pub host: Option<u16>,
    /// In the container.
    pub container: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// What is kept of a container's earlier lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// When the last life ended.
    pub finished: Option<DateTime<Utc>>,
    /// How.
    pub code: i32,
    /// Why it could not be started.
    pub error: String,
    /// Host ports of `spec.ports`, in its order, while they are taken.
    pub published: Vec<u16>,
}

/// What a container does.
#[derive(Clone, Debug, PartialEq)]
pub enum Life {
    /// Made, never started.
    Created,
    /// Runs; with a start in the future it waits for its restart.
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

/// `.State.Status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Created,
    Running,
    Paused,
    Restarting,
    Exited,
}

/// A container as it is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub status: Status,
    /// How its last life ended; 0 while it runs.
    pub code: i32,
    /// The last start.
    pub started: Option<DateTime<Utc>>,
    /// The last end.
    pub finished: Option<DateTime<Utc>>,
    /// How often the Engine restarted it.
    pub restarts: u32,
    /// Killed for its memory.
    pub oom: bool,
}

/// What crashes at its start lives so long.
const SHORT: TimeDelta = TimeDelta::milliseconds(50);
/// What the Engine waits before the first restart, doubled by every further one.
const BACKOFF: TimeDelta = TimeDelta::milliseconds(100);
/// It never waits longer.
const LONGEST: TimeDelta = TimeDelta::minutes(1);
/// Who lived so long is restarted at once.
const LIVED: TimeDelta = TimeDelta::seconds(10);
/// Starting takes so long.
const STARTING: TimeDelta = TimeDelta::milliseconds(200);

/// A moment that much later, as far as there are such moments.
pub fn after(moment: DateTime<Utc>, passed: TimeDelta) -> DateTime<Utc> {
    moment.checked_add_signed(passed).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Exited => "exited",
        }
    }
}

impl Container {
    /// The container of an image, as good as unspecified: for whoever fills it in.
    pub fn new(id: &str, name: &str, created: DateTime<Utc>) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            image: String::new(),
            image_name: String::new(),
            program: Program::Service,
            service: None,
            command: Vec::new(),
            env: BTreeMap::new(),
            labels: BTreeMap::new(),
            mounts: Vec::new(),
            networks: Map::new_sync(),
            restart: "no".to_owned(),
            auto_remove: false,
            has_health_check: false,
            files: Node::directory(created),
            created,
            life: Life::Created,
            paused: false,
            restarts: 0,
            log: Vec::new(),
            spec: Arc::default(),
            past: Past::default(),
        }
    }

    /// What it is at a moment.
    pub fn at(&self, now: DateTime<Utc>) -> Seen {
        let seen = Seen {
            status: Status::Created,
            code: self.past.code,
            started: None,
            finished: self.past.finished,
            restarts: self.restarts,
            oom: false,
        };
        match &self.life {
            Life::Created => seen,
            Life::Running(run) if self.paused => {
                Seen { status: Status::Paused, code: 0, started: Some(run.started), ..seen }
            }
            Life::Running(run) if run.started > now => Seen { status: Status::Restarting, ..seen },
            Life::Running(run) => match run.ends {
                Some((end, code)) if end <= now => self.cycle(seen, run.started, end - run.started, code, now),
                _ => Seen { status: Status::Running, code: 0, started: Some(run.started), ..seen },
            },
            Life::Looping { since, code } => self.cycle(seen, *since, SHORT, *code, now),
            Life::Exited { code, at, started, oom } => Seen {
                status: Status::Exited,
                code: *code,
                started: Some(*started),
                finished: Some(*at),
                oom: *oom,
                ..seen
            },
        }
    }

    /// Lives of the same length one after the other, as far as the restart policy wants them.
    fn cycle(&self, seen: Seen, first: DateTime<Utc>, lives: TimeDelta, code: i32, now: DateTime<Utc>) -> Seen {
        let mut seen = Seen { started: Some(first), ..seen };
        let mut wait = BACKOFF;
        loop {
            // Both are set on the way into every turn.
            let (Some(started), restarts) = (seen.started, seen.restarts) else { return seen };
            let end = after(started, lives);
            if end > now {
                return Seen { status: Status::Running, code: 0, ..seen };
            }
            seen = Seen { code, finished: Some(end), ..seen };
            if !self.is_restarted(code, restarts) {
                return Seen { status: Status::Exited, ..seen };
            }
            seen.restarts = restarts.saturating_add(1);
            let next = after(end, if lives > LIVED { BACKOFF } else { wait } + STARTING);
            if next > now {
                return Seen { status: Status::Restarting, ..seen };
            }
            let turn = next - started;
            let steady = lives > LIVED || wait >= LONGEST;
            // As many turns at once as have passed: time may have made a long leap.
            let turns = if steady && self.restart != "on-failure" {
                (now - started).num_milliseconds() / turn.num_milliseconds().max(1)
            } else {
                1
            };
            let turns = i32::try_from(turns.max(1)).unwrap_or(i32::MAX);
            seen.restarts = restarts.saturating_add(turns.unsigned_abs());
            seen.started = Some(after(started, turn * turns));
            wait = (wait * 2).min(LONGEST);
        }
    }

    /// The Engine starts it again after such an end.
    pub fn is_restarted(&self, code: i32, restarts: u32) -> bool {
        match self.restart.as_str() {
            "always" | "unless-stopped" => true,
            "on-failure" => code != 0 && (self.spec.retries == 0 || restarts < self.spec.retries),
            _ => false,
        }
    }

    /// Its process exists and is not frozen.
    pub fn runs(&self, now: DateTime<Utc>) -> bool {
        self.at(now).status == Status::Running && !matches!(self.life, Life::Looping { .. })
    }

    /// It can do its work.
    pub fn is_ready(&self, now: DateTime<Utc>) -> bool {
        let Life::Running(run) = &self.life else { return false };
        let seen = self.at(now);
        let (Some(ready), Some(started)) = (run.ready, seen.started) else { return false };
        seen.status == Status::Running && now >= after(started, (ready - run.started).max(TimeDelta::zero()))
    }

    /// How long it has been up.
    pub fn up(&self, now: DateTime<Utc>) -> Duration {
        let started = self.at(now).started.unwrap_or(now);
        (now - started).to_std().unwrap_or_default()
    }
}

impl Container {
    /// When it ends by itself for good, and how.
    pub fn ends_at(&self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, i32)> {
        match &self.life {
            Life::Running(run) => run.ends.filter(|(end, code)| *end > now && !self.is_restarted(*code, self.restarts)),
            Life::Created | Life::Looping { .. } | Life::Exited { .. } => None,
        }
    }
}
