//! The simulated world: plain persistent data. A clone is a fork; it costs next to nothing until one of the two changes.
//!
//! Nothing here happens by itself: what depends on time (a container that becomes healthy, a disk that becomes ready) is stored with
//! its moment and read against [`World::now`].

mod cloud;
mod container;
mod database;
mod due;
mod engine;
mod image;
mod machine;
mod store;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::facts::SystemFacts;

use super::dice::Dice;
use super::tree::Map;

pub use cloud::{
    Address, At, Attached, Cloud, CloudError, Disk, External, Instance, Lab, ManagedZone, NewAttached, NewDisk,
    NewInstance, Notes, Operation, Project, Record, RecordChange, Schedule, Scope, Snapshot, Source, Spread,
    SqlInstance, SqlOperation, SshCall, Vm,
};
pub use container::{Container, Life, Mount, MountSource, Past, Port, Run, Spec, Status, after};
pub use database::{Cluster, DROPPED, Database, Server, Startup};
pub use due::{Due, Task};
pub use engine::{Engine, Event, Network, OWN_NETWORKS, Volume, hexadecimal, tagged};
pub use image::{HealthCheck, Image, ImageConfig, Program};
pub use machine::{Machine, Power, Unit};
pub use store::{Store, Upload};

/// The machine that the engine is started on.
pub const LOCAL: &str = "local";

/// Everything that a rehearsal can see and change.
#[derive(Clone, Debug)]
pub struct World {
    /// The moment at which the world is looked at; whoever carries something out sets it first, and what is carried out moves it on.
    pub(in crate::runner::sim) now: DateTime<Utc>,
    /// When the rehearsal began; what was broken before it was broken right then.
    pub(in crate::runner::sim) began: DateTime<Utc>,
    pub(in crate::runner::sim) dice: Dice,
    pub(in crate::runner::sim) system: Arc<SystemFacts>,
    /// By name; [`LOCAL`] is among them.
    pub(in crate::runner::sim) machines: Map<String, Machine>,
    /// Host names (lower case, without a final dot) and the address each resolves to.
    pub(in crate::runner::sim) names: Map<String, String>,
    pub(in crate::runner::sim) cloud: Cloud,
    /// PostgreSQL servers that are reached by their host name.
    pub(in crate::runner::sim) servers: Map<String, Server>,
    /// What addresses answer whatever the services do; the last that matches counts.
    pub(in crate::runner::sim) answers: Arc<Vec<Reply>>,
    /// S3: buckets and their objects.
    pub(in crate::runner::sim) buckets: Map<String, super::tree::Node>,
    /// From then on programs do not go on: what starts them is gone.
    pub(in crate::runner::sim) cut: Option<DateTime<Utc>>,
    /// Buckets that do not keep old versions of their objects.
    pub(in crate::runner::sim) unversioned: Map<String, ()>,
    /// How objects were uploaded, by `BUCKET/KEY`, where that is not the default.
    pub(in crate::runner::sim) uploads: Map<String, Upload>,
    /// Ids of blobs that somebody has read to their end.
    pub(in crate::runner::sim) proved: Map<u64, ()>,
    /// What PostgreSQL servers do after a start that is more than a plain one, by machine and container.
    pub(in crate::runner::sim) startups: Map<(String, String), Startup>,
    /// What Redis servers hold in memory, by machine and container.
    pub(in crate::runner::sim) stores: Map<(String, String), Store>,
    /// What servers do by themselves, by moment and in the order of their begin: see [`World::settle`].
    pub(in crate::runner::sim) due: Map<(DateTime<Utc>, u64), Due>,
}

/// What an address answers; see `Change::Http`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Exact, or with `*` at its end.
    pub url: String,
    /// None: nobody answers.
    pub status: Option<u16>,
    pub body: String,
    /// Only while this service is healthy; otherwise it answers as the service does.
    pub service: Option<String>,
}

impl World {
    /// An empty world: this machine, without Docker, and nothing else.
    #[must_use]
    pub fn empty(began: DateTime<Utc>, seed: u64, system: Arc<SystemFacts>) -> Self {
        let mut machines = Map::new_sync();
        machines.insert_mut(LOCAL.to_owned(), Machine::new(LOCAL, began));
        Self {
            now: began,
            began,
            dice: Dice::new(seed),
            system,
            machines,
            names: Map::new_sync(),
            cloud: Cloud::default(),
            servers: Map::new_sync(),
            answers: Arc::default(),
            buckets: Map::new_sync(),
            cut: None,
            unversioned: Map::new_sync(),
            uploads: Map::new_sync(),
            proved: Map::new_sync(),
            startups: Map::new_sync(),
            stores: Map::new_sync(),
            due: Map::new_sync(),
        }
    }

    /// The moment at which the world is looked at.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Looks at the world at another moment, with what has happened by itself until then.
    pub fn set_now(&mut self, now: DateTime<Utc>) {
        self.now = now;
        self.settle();
    }

    /// Time passes: about so long, by the dice.
    pub(in crate::runner::sim) fn take(&mut self, about: Duration) {
        let took = self.dice.about(about);
        self.pass(took);
    }

    /// Time passes: exactly so long.
    pub(in crate::runner::sim) fn pass(&mut self, exactly: Duration) {
        let delta = TimeDelta::from_std(exactly).unwrap_or(TimeDelta::MAX);
        self.now = self.now.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC);
    }

    pub(in crate::runner::sim) fn machine(&self, name: &str) -> Option<&Machine> {
        self.machines.get(name)
    }

    pub(in crate::runner::sim) fn machine_mut(&mut self, name: &str) -> Option<&mut Machine> {
        self.machines.get_mut(name)
    }

    /// The Docker Engine of a machine.
    pub(in crate::runner::sim) fn engine(&self, machine: &str) -> Option<&Engine> {
        self.machines.get(machine)?.engine.as_ref()
    }

    pub(in crate::runner::sim) fn engine_mut(&mut self, machine: &str) -> Option<&mut Engine> {
        self.machines.get_mut(machine)?.engine.as_mut()
    }

    /// The address that a host name (or an address) leads to.
    pub(in crate::runner::sim) fn resolve(&self, host: &str) -> Option<String> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if host.parse::<std::net::IpAddr>().is_ok() {
            return Some(host);
        }
        if host == "localhost" {
            return Some("127.0.0.1".to_owned());
        }
        self.changed_name(&host).map_or_else(|| self.names.get(&host).cloned(), Clone::clone)
    }

    /// The machine that has an address.
    pub(in crate::runner::sim) fn machine_at(&self, address: &str) -> Option<&Machine> {
        self.machines.values().find(|machine| machine.address.as_deref() == Some(address))
    }

    /// Somebody has read a file to its end, and it was whole.
    pub(in crate::runner::sim) fn prove(&mut self, blob: u64) {
        self.proved.insert_mut(blob, ());
    }
}
