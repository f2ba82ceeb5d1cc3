//! A system as plain data: every text rendered for one environment. What a simulated world is built from.

use std::collections::BTreeMap;
use std::time::Duration;

use super::system::BackupKind;
use super::work::Target;

/// A whole system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemFacts {
    /// Its name.
    pub name: String,
    /// The environment that it is rendered for; none: it has none, or none was chosen.
    pub environment: Option<String>,
    /// Those of its `vars` that are one text. `project`, `zone`, `vm` and `url` tell a simulated world what nothing else does.
    pub vars: BTreeMap<String, String>,
    /// Where its services live unless they say otherwise.
    pub target: Target,
    /// Its Compose project.
    pub compose: Option<ComposeFacts>,
    /// Targets by their id.
    pub targets: Vec<(String, Target)>,
    /// In the system's order.
    pub services: Vec<ServiceFacts>,
    /// In the system's order.
    pub data: Vec<DataFacts>,
}

/// A Compose project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComposeFacts {
    /// Its name.
    pub project: String,
    /// Its directory, where it is.
    pub dir: String,
    /// Its files; empty: Compose's own default.
    pub files: Vec<String>,
}

/// What runs a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuntimeFacts {
    /// A service of the Compose project, and its container.
    Compose {
        /// Its name in the Compose file.
        service: String,
        /// The container's name.
        container: String,
    },
    /// A container by name.
    Container(String),
    /// A systemd unit.
    Unit(String),
}

/// How a service proves that it is healthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthFacts {
    /// Its container runs, and Docker's own check passes.
    Runtime,
    /// A request; from where.
    Http {
        /// Its address.
        url: String,
        /// Where it is asked from.
        target: Target,
    },
    /// A program; `docker exec DB pg_isready` as its words.
    Program {
        /// Program and arguments, secrets as `***`.
        argv: Vec<String>,
        /// Where it runs.
        target: Target,
    },
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceFacts {
    /// Its id.
    pub id: String,
    /// What runs it.
    pub runtime: RuntimeFacts,
    /// Where it runs.
    pub target: Target,
    /// Services that must be healthy first.
    pub needs: Vec<String>,
    /// May be absent.
    pub optional: bool,
    /// Names for selections (`writer`).
    pub tags: Vec<String>,
    /// Time until healthy.
    pub estimate: Option<Duration>,
    /// An image to go back to.
    pub known_good: Option<String>,
    /// How it proves that it is healthy.
    pub health: HealthFacts,
}

/// Data that can be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFacts {
    /// Its id.
    pub id: String,
    /// The service that owns it.
    pub service: String,
    /// A Docker volume.
    pub volume: Option<String>,
    /// A path (with `disk`: where it is mounted).
    pub path: Option<String>,
    /// A cloud disk, by its device name.
    pub disk: Option<String>,
    /// `uid:gid` of its files.
    pub owner: Option<String>,
    /// Those of its `vars` that are one text.
    pub vars: BTreeMap<String, String>,
    /// Its backups.
    pub backups: Vec<BackupFacts>,
}

/// A backup of some data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupFacts {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: BackupKind,
    /// Where it is kept.
    pub path: Option<String>,
    /// Which files, as a glob.
    pub pattern: Option<String>,
    /// Older needs attention.
    pub max_age: Option<Duration>,
}
