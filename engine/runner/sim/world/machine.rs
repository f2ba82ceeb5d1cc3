//! Machines: files, mounted disks, units, and perhaps a Docker Engine.

use chrono::{DateTime, Utc};

use super::super::tree::{Map, Node};
use super::Engine;

/// One machine.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its name in the world: `local`, a target's id, a VM's name.
    pub name: String,
    /// What `hostname` says.
    pub hostname: String,
    /// The address under which others reach it.
    pub address: Option<String>,
    /// Whether it runs.
    pub power: Power,
    /// Its root directory.
    pub files: Node,
    /// Persistent disks by the path where they are mounted.
    pub mounts: Map<String, String>,
    /// Docker, where it is installed.
    pub engine: Option<Engine>,
    /// systemd units that matter.
    pub units: Map<String, Unit>,
    /// Programs that are not installed on it.
    pub missing: Map<String, ()>,
    /// `MemAvailable`, KiB.
    pub memory: u64,
    /// Percent of its disks that are in use.
    pub used: u8,
    /// When it was started.
    pub booted: DateTime<Utc>,
}

/// Whether a machine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// Runs and is reached.
    Up,
    /// Off.
    Down,
    /// Runs; nobody reaches it.
    Cut,
}

/// A systemd unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// `active`, `inactive` or `failed`.
    pub state: String,
    /// How often it was restarted by itself.
    pub restarts: u32,
    /// The service of the system that it is.
    pub service: Option<String>,
    /// Active from then on; it takes a moment to be ready.
    pub ready: Option<DateTime<Utc>>,
}

impl Machine {
    /// A machine with the directories that every machine has, without Docker.
    pub fn new(name: &str, booted: DateTime<Utc>) -> Self {
        let mut files = Node::directory(booted);
        for dir in [
            "bin",
            "dev/disk/by-id",
            "etc",
            "home",
            "mnt",
            "opt",
            "proc",
            "root",
            "srv",
            "tmp",
            "usr/bin",
            "var/backups",
            "var/lib",
        ] {
            // The tree is new, so every part of the path is a directory.
            let _ = files.make_dirs(dir, booted);
        }
        let _ = files.put("dev/null", Node::text("", booted));
        let _ = files.put("etc/fstab", Node::text("UUID=0001 / ext4 defaults 0 1\n", booted));
        Self {
            name: name.to_owned(),
            hostname: name.to_owned(),
            address: None,
            power: Power::Up,
            files,
            mounts: Map::new_sync(),
            engine: None,
            units: Map::new_sync(),
            missing: Map::new_sync(),
            memory: 6_000_000,
            used: 40,
            booted,
        }
    }

    /// A unit by its name, with or without `.service`.
    pub fn unit(&self, name: &str) -> Option<&Unit> {
        self.units.get(&self.unit_name(name))
    }

    /// The same, to be changed.
    pub fn unit_mut(&mut self, name: &str) -> Option<&mut Unit> {
        let name = self.unit_name(name);
        self.units.get_mut(&name)
    }

    /// The name under which a unit is in `units`.
    pub fn unit_name(&self, name: &str) -> String {
        if self.units.contains_key(name) || name.contains('.') { name.to_owned() } else { format!("{name}.service") }
    }
}
