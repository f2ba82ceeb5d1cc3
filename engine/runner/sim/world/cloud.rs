//! Google Cloud: projects and what is in them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::super::tree::{Map, Node};

/// Everything behind the Google Cloud client.
#[derive(Clone, Debug)]
pub struct Cloud {
    /// An account is logged in.
    pub account: Option<String>,
    /// The client's configured project.
    pub project: Option<String>,
    /// By id.
    pub projects: Map<String, Project>,
    /// What is refused: `zone:…`, `quota:…`, `permission:…`, `api`; with what it says.
    pub refused: Map<String, String>,
}

/// One project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// By `ZONE/NAME`.
    pub instances: Map<String, Instance>,
    /// By `ZONE/NAME`.
    pub disks: Map<String, Disk>,
    /// By name.
    pub snapshots: Map<String, Snapshot>,
}

/// A virtual machine.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// 64-bit number, as text.
    pub id: String,
    /// `e2-medium`.
    pub machine_type: String,
    /// `RUNNING`, `TERMINATED`, …; see `until` for what is under way.
    pub status: String,
    /// The machine of the world that it is.
    pub machine: String,
    /// Inside the network.
    pub internal: String,
    /// Outside; none: it has none.
    pub external: Option<String>,
    /// What is attached, the boot disk first.
    pub disks: Vec<Attached>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// From then on ssh answers.
    pub reachable: DateTime<Utc>,
}

/// A disk of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The disk's name.
    pub disk: String,
    /// Its device name.
    pub device: String,
    /// It holds the operating system.
    pub boot: bool,
    /// Deleted with the instance.
    pub auto_delete: bool,
}

/// A persistent disk.
#[derive(Clone, Debug)]
pub struct Disk {
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// 64-bit number, as text.
    pub id: String,
    /// Its size.
    pub size_gb: u64,
    /// `pd-balanced`.
    pub kind: String,
    /// From then on READY.
    pub ready: DateTime<Utc>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// The snapshot it was made of.
    pub from: Option<String>,
    /// Names of its snapshot schedules.
    pub policies: Vec<String>,
    /// Its file system; none: it has none yet.
    pub files: Option<Node>,
}

/// A snapshot of a disk.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Its name.
    pub name: String,
    /// 64-bit number, as text.
    pub id: String,
    /// `ZONE/NAME` of the disk.
    pub disk: String,
    /// Size of the disk.
    pub size_gb: u64,
    /// From then on READY.
    pub ready: DateTime<Utc>,
    /// When it was taken.
    pub created: DateTime<Utc>,
    /// The file system as it was.
    pub files: Option<Node>,
}

impl Default for Cloud {
    fn default() -> Self {
        Self {
            account: Some("operator@example.com".to_owned()),
            project: None,
            projects: Map::new_sync(),
            refused: Map::new_sync(),
        }
    }
}

impl Default for Project {
    fn default() -> Self {
        Self { labels: BTreeMap::new(), instances: Map::new_sync(), disks: Map::new_sync(), snapshots: Map::new_sync() }
    }
}
