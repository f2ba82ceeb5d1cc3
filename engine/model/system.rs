//! `system/v1` as authored: what is being recovered, and how it does things.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::operation::{Gate, Operation, Probe, Verb};
use super::rehearsal::ChangeDecl;
use super::runbook::{Objectives, SecretDecl, VarValue};
use super::source::{FileId, Map, Name, Span, Spanned, Text};

/// What an environment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the classes of the language")]
pub enum EnvironmentClass {
    Production,
    Staging,
    Lab,
}

/// One place where the system runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Environment {
    /// Where it was written.
    pub span: Span,
    /// What it is for.
    pub class: EnvironmentClass,
    /// Proves that this is it: before the run and before every destroy.
    pub identity: Option<Probe>,
    /// The environment of every program.
    pub env: Map<Text>,
    /// Over the system's.
    pub vars: Map<VarValue>,
    /// Over the system's.
    pub targets: Map<Target>,
    /// Over the system's.
    pub objectives: Objectives,
}

/// Where operations happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Target {
    /// This machine.
    Local,
    /// Another machine, over OpenSSH.
    Ssh {
        /// `host` or `user@host`; also an alias of the operator's ssh configuration.
        host: Text,
        /// None: OpenSSH decides.
        port: Option<Text>,
        /// Relative to the file that wrote it; none: OpenSSH decides.
        identity_file: Option<Text>,
    },
    /// A virtual machine, over `gcloud compute ssh`.
    Gcloud {
        /// Its name.
        vm: Text,
        /// None: the client's own.
        project: Option<Text>,
        /// None: the client's own.
        zone: Option<Text>,
    },
    /// Inside a container.
    Container {
        /// Its name.
        name: Text,
        /// The target where its Docker Engine is; none: this machine.
        via: Option<Name>,
    },
}

impl Target {
    /// Its texts.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        let texts = match self {
            Self::Local => [None, None, None],
            Self::Ssh { host, port, identity_file } => [Some(host), port.as_ref(), identity_file.as_ref()],
            Self::Gcloud { vm, project, zone } => [Some(vm), project.as_ref(), zone.as_ref()],
            Self::Container { name, .. } => [Some(name), None, None],
        };
        texts.into_iter().flatten()
    }
}

/// `target:` of a runbook, a system, a service or an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum TargetRef {
    /// `local`, or one of the system's by its id.
    Named(Text),
    /// Written out in place.
    Inline {
        /// Where it was written.
        span: Span,
        /// What it is.
        target: Box<Target>,
    },
}

impl TargetRef {
    /// Where it was written.
    #[must_use]
    pub const fn span(&self) -> Span {
        match self {
            Self::Named(text) => text.0.span,
            Self::Inline { span, .. } => *span,
        }
    }
}

/// The system's Compose project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compose {
    /// Where the files are; relative to the system file.
    pub dir: Text,
    /// Project name.
    pub project: Option<Text>,
    /// Compose files; empty: Compose's own default.
    pub files: Vec<Text>,
    /// A file of variables.
    pub env_file: Option<Text>,
}

/// What runs a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Runtime {
    /// A Compose service; its container name is derived unless given.
    Compose {
        /// The service's name in the Compose file.
        service: Text,
        /// The container, if it has a name of its own.
        container: Option<Text>,
    },
    /// A container by name.
    Container(Text),
    /// A systemd unit.
    Unit(Text),
}

/// How much a service matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the priorities of the language")]
pub enum Priority {
    Critical,
    High,
    Medium,
    Low,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Service {
    /// Where it was written.
    pub span: Span,
    /// What runs it.
    pub runtime: Runtime,
    /// Where it runs; none: where the runbook's steps happen.
    pub target: Option<TargetRef>,
    /// For people; none: the id.
    pub title: Option<Text>,
    /// Hard, ordered.
    pub needs: Vec<Name>,
    /// Order only.
    pub after: Vec<Name>,
    /// Absent: skipped; unhealthy: needs attention.
    pub optional: bool,
    /// Names for selections.
    pub tags: Vec<Name>,
    /// How much it matters.
    pub priority: Option<Priority>,
    /// Its own objectives.
    pub objectives: Objectives,
    /// Time to healthy.
    pub estimate: Option<Duration>,
    /// An image to go back to.
    pub known_good: Option<Text>,
    /// How it proves that it is healthy; none: its container runs (and Docker's own check passes).
    pub health: Option<Gate>,
    /// Over the system's and the runtime's.
    pub operations: Vec<(Spanned<Verb>, Operation)>,
    /// Free values, `service.vars.x`.
    pub vars: Map<VarValue>,
}

/// A kind of backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the kinds of the language")]
pub enum BackupKind {
    Dump,
    BaseBackup,
    Wal,
    Archive,
    Copy,
    DiskSnapshot,
}

/// A backup of some data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// Where it was written.
    pub span: Span,
    /// What it is.
    pub kind: BackupKind,
    /// Where it is kept.
    pub path: Option<Text>,
    /// Which files, as a glob.
    pub pattern: Option<String>,
    /// Which database, bucket or other target it restores to.
    pub target: Option<Text>,
    /// Older needs attention.
    pub max_age: Option<Duration>,
}

/// Data that can be lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Data {
    /// Where it was written.
    pub span: Span,
    /// The service that owns it.
    pub service: Name,
    /// A Docker volume.
    pub volume: Option<Text>,
    /// A path (with `disk`: where it is mounted).
    pub path: Option<Text>,
    /// A cloud disk.
    pub disk: Option<Text>,
    /// `uid:gid`.
    pub owner: Option<Text>,
    /// Free values.
    pub vars: Map<VarValue>,
    /// By id.
    pub backups: Map<Backup>,
}

/// A kind of channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// `{"text": …}`, as Slack and its like take it.
    Slack,
    /// Any URL: `{"text", "run", "runbook", "system", "outcome"}`.
    Webhook,
}

/// Where messages go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Channel {
    /// Its kind.
    pub kind: ChannelKind,
    /// Usually one secret.
    pub url: Text,
}

/// A whole system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct System {
    /// Its file.
    pub file: FileId,
    /// Machine name.
    pub name: Name,
    /// For people.
    pub title: Option<String>,
    /// A team or role.
    pub owner: Option<String>,
    /// For every runbook that has none.
    pub objectives: Objectives,
    /// Default target of every runbook.
    pub target: Option<TargetRef>,
    /// Values.
    pub vars: Map<VarValue>,
    /// Secrets.
    pub secrets: Map<SecretDecl>,
    /// Environments.
    pub environments: Map<Environment>,
    /// Targets.
    pub targets: Map<Target>,
    /// The Compose project.
    pub compose: Option<Compose>,
    /// Roles and their people.
    pub roles: Map<Vec<Spanned<String>>>,
    /// Channels.
    pub channels: Map<Channel>,
    /// How this system does a verb, for every service.
    pub operations: Vec<(Spanned<Verb>, Operation)>,
    /// Services.
    pub services: Map<Service>,
    /// Data.
    pub data: Map<Data>,
    /// What generic runbooks include, relative to the system file.
    pub runbooks: Map<Spanned<String>>,
    /// What a rehearsal starts from, beside services and data.
    pub world: Vec<ChangeDecl>,
}
