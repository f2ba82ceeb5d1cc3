//! Google Cloud: projects and what is in them. What can be done to it is in the files below, as the API would do it: who asks (the
//! client, a server that stands in for the API) has no part in it.

mod address;
mod at;
mod attach;
mod disk;
mod dns;
mod document;
mod error;
mod instance;
mod lab;
mod metadata;
mod operation;
mod permit;
mod power;
mod resolve;
mod schedule;
mod snapshot;
mod sql;
#[cfg(test)]
mod tests;
mod zones;

use std::collections::BTreeMap;

use chrono::{DateTime, Days, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::super::tree::{Map, Node};
use super::{Power, World};

pub use address::Address;
pub use at::{At, Scope};
pub use disk::{NewDisk, Source};
pub use dns::{ManagedZone, Record, RecordChange};
pub use error::CloudError;
pub use instance::{External, NewAttached, NewInstance};
pub use lab::{Lab, SshCall};
pub use operation::Operation;
pub use resolve::Spread;
pub use schedule::Schedule;
pub use sql::{SqlInstance, SqlOperation};

/// Everything behind the Google Cloud client.
#[derive(Clone, Debug)]
pub struct Cloud {
    /// An account is logged in.
    pub account: Option<String>,
    /// The client's configured project.
    pub project: Option<String>,
    /// Its other properties, by `SECTION/NAME`.
    pub properties: Map<String, String>,
    /// By id.
    pub projects: Map<String, Project>,
    /// What is refused: `zone:…` (no capacity), `quota:…`, `permission:…`, `api` (503), `rate`, `account` (nobody is logged in, or
    /// nobody but the one it says, whose credentials are gone), `network` (nobody answers); with what it says, where that is not what it
    /// says by default.
    pub refused: Map<String, String>,
    /// Names whose record was changed, while resolvers may still hold the old one.
    pub spreading: Map<String, Spread>,
    /// Numbers of new instances to which ssh has been used.
    pub known_hosts: Map<String, ()>,
    /// What is different where its machines are real.
    pub lab: Lab,
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
    /// Reserved addresses by `REGION/NAME`.
    pub addresses: Map<String, Address>,
    /// Snapshot schedules by `REGION/NAME`.
    pub schedules: Map<String, Schedule>,
    /// Of Compute, by name: in the order of their beginning.
    pub operations: Map<String, Operation>,
    /// Managed zones of Cloud DNS by name.
    pub zones: Map<String, ManagedZone>,
    /// Cloud SQL by name.
    pub databases: Map<String, SqlInstance>,
    /// Of Cloud SQL, in the order of their beginning.
    pub database_operations: Map<u64, SqlOperation>,
    /// Limits by metric (`SSD_TOTAL_GB`), the same in every region; what is not here has none.
    pub quotas: Map<String, u64>,
    /// The machines that instances were, by `ZONE/NAME`: an instance that is made again is the machine of that name again.
    pub machines: Map<String, String>,
    /// Its metadata has the operator's ssh key.
    pub has_keys: bool,
    /// Its metadata, the same for all its instances.
    pub metadata: BTreeMap<String, String>,
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
    /// What else is known of it.
    pub vm: Vm,
}

/// What else is known of an instance; the default is right for one that has always been there.
#[derive(Clone, Debug, Default)]
pub struct Vm {
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Metadata.
    pub metadata: BTreeMap<String, String>,
    /// Network tags.
    pub tags: Vec<String>,
    /// For people.
    pub description: Option<String>,
    /// Its address outside is its own only while it runs.
    pub ephemeral: bool,
    /// What it is until then, whatever `status` says: `PROVISIONING`, `STOPPING`, …
    pub until: Option<(String, DateTime<Utc>)>,
    /// Last start; none: when it was made.
    pub started: Option<DateTime<Utc>>,
    /// Last stop.
    pub stopped: Option<DateTime<Utc>>,
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
    /// What else is known of it.
    pub notes: Notes,
}

/// What else is known of a disk or a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// For people.
    pub description: Option<String>,
    /// Where a snapshot is stored.
    pub location: Option<String>,
    /// When a disk was last attached.
    pub attached: Option<DateTime<Utc>>,
    /// When a disk was last detached.
    pub detached: Option<DateTime<Utc>>,
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
    /// What else is known of it.
    pub notes: Notes,
}

impl Default for Cloud {
    fn default() -> Self {
        Self {
            account: Some("operator@example.com".to_owned()),
            project: None,
            properties: Map::new_sync(),
            projects: Map::new_sync(),
            refused: Map::new_sync(),
            spreading: Map::new_sync(),
            known_hosts: Map::new_sync(),
            lab: Lab::default(),
        }
    }
}

impl Default for Project {
    fn default() -> Self {
        Self {
            labels: BTreeMap::new(),
            instances: Map::new_sync(),
            disks: Map::new_sync(),
            snapshots: Map::new_sync(),
            addresses: Map::new_sync(),
            schedules: Map::new_sync(),
            operations: Map::new_sync(),
            zones: Map::new_sync(),
            databases: Map::new_sync(),
            database_operations: Map::new_sync(),
            quotas: Map::new_sync(),
            machines: Map::new_sync(),
            has_keys: false,
            metadata: BTreeMap::new(),
        }
    }
}

impl Instance {
    /// Its status at a moment.
    #[must_use]
    pub fn status_at(&self, now: DateTime<Utc>) -> &str {
        match &self.vm.until {
            Some((status, until)) if now < *until => status,
            _ => &self.status,
        }
    }

    /// A disk is attached to it.
    #[must_use]
    pub fn is_attached(&self, disk: &str) -> bool {
        self.disks.iter().any(|attached| attached.disk == disk)
    }
}

impl World {
    /// Makes a project, or gives one that is there other labels.
    pub fn add_project(&mut self, name: &str, labels: &[(&str, &str)]) {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let known = self.cloud.projects.get(name).cloned().unwrap_or_default();
        self.cloud.projects.insert_mut(name.to_owned(), Project { labels, ..known });
    }

    /// A project.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn project_document(&self, name: &str) -> Result<Value, CloudError> {
        self.permit("resourcemanager.projects.get", &format!("projects/{name}"))?;
        let project = self.project(name)?;
        let mut document = json!({
            "createTime": self.began.checked_sub_days(Days::new(400)).unwrap_or(self.began).to_rfc3339_opts(SecondsFormat::Millis, true),
            "lifecycleState": "ACTIVE",
            "name": name,
            "projectId": name,
            "projectNumber": &document::number_of(name)[..12],
        });
        document::add(&mut document, [("labels", document::texts(&project.labels))]);
        Ok(document)
    }

    /// Google Cloud refuses something from now on; see [`Cloud::refused`] for what, and what it says by default.
    pub fn refuse(&mut self, what: &str, says: &str) {
        self.cloud.refused.insert_mut(what.to_owned(), says.to_owned());
    }

    /// It refuses it no longer.
    pub fn allow(&mut self, what: &str) {
        self.cloud.refused.remove_mut(what);
    }

    /// Sets the limit of a quota in a project, the same in every region.
    pub fn limit(&mut self, project: &str, metric: &str, limit: u64) {
        if let Some(project) = self.cloud.projects.get_mut(project) {
            project.quotas.insert_mut(metric.to_owned(), limit);
        }
    }

    /// A machine is on, off or cut off from now on; nobody has done it, so the cloud does not notice.
    pub fn set_power(&mut self, machine: &str, power: Power) {
        if let Some(machine) = self.machine_mut(machine) {
            machine.power = power;
        }
    }

    fn project(&self, name: &str) -> Result<&Project, CloudError> {
        self.cloud.projects.get(name).ok_or_else(|| CloudError::NoProject(name.to_owned()))
    }

    fn project_mut(&mut self, name: &str) -> Result<&mut Project, CloudError> {
        self.cloud.projects.get_mut(name).ok_or_else(|| CloudError::NoProject(name.to_owned()))
    }

    /// 64 bits as the cloud numbers its things.
    fn number(&mut self) -> String {
        self.dice.between(1 << 60, 1 << 62).to_string()
    }
}

/// The path of a collection: in one zone, or in all of them.
fn collection(kind: &str, zone: Option<&str>) -> String {
    zone.map_or_else(|| format!("aggregated/{kind}"), |zone| format!("zones/{zone}/{kind}"))
}
