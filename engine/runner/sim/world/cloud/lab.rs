//! What a lab needs of the cloud, where machines and disks are real: a clock that follows another one, operations that last until the real
//! thing is done, addresses that real machines have. The resources themselves are what they are in a rehearsal.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::super::super::tree::Map;
use super::super::{Power, World};
use super::operation::Lasts;
use super::{At, Cloud, Operation, Project};

/// An operation that is held ends so much later than it would.
const HELD: Days = Days::new(36_500);

/// How the cloud of a lab differs from the one of a rehearsal.
#[derive(Clone, Debug)]
pub struct Lab {
    /// Operations take so many percent of what they take at Google.
    pub pace: u32,
    /// `gcloud compute ssh` is not simulated: somebody else carries it out (see [`World::take_ssh`]).
    pub real_ssh: bool,
    /// The addresses that instances get when they are made or started, by `PROJECT/ZONE/NAME`.
    pub lent: Map<String, String>,
    /// What is to be carried out by ssh.
    pub asked: Option<Arc<SshCall>>,
}

impl Default for Lab {
    fn default() -> Self {
        Self { pace: 100, real_ssh: false, lent: Map::new_sync(), asked: None }
    }
}

/// A `gcloud compute ssh` that got as far as ssh itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshCall {
    /// The instance.
    pub at: At,
    /// Its number: part of the name under which its host key is kept.
    pub id: String,
    /// Where it answers.
    pub address: String,
    /// Who logs in.
    pub user: String,
    /// Flags for ssh, in their order.
    pub flags: Vec<String>,
    /// The command; none: what stands behind `--`, or standard input.
    pub command: Option<String>,
    /// Words behind `--`.
    pub rest: Vec<String>,
    /// What the client says when ssh does not get through.
    pub lost: String,
}

impl World {
    /// Everything of Google Cloud.
    #[must_use]
    pub const fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// Operations take so many percent of what they take at Google from now on.
    pub const fn set_pace(&mut self, percent: u32) {
        self.cloud.lab.pace = percent;
    }

    /// `gcloud compute ssh` is left to somebody else from now on.
    pub const fn leave_ssh(&mut self) {
        self.cloud.lab.real_ssh = true;
    }

    /// What the last command left to ssh.
    pub fn take_ssh(&mut self) -> Option<Arc<SshCall>> {
        self.cloud.lab.asked.take()
    }

    /// The name of the account whose credentials the client has, and its project.
    pub fn log_in(&mut self, account: &str, project: &str) {
        self.cloud.account = Some(account.to_owned());
        self.cloud.project = Some(project.to_owned());
    }

    /// Nothing is refused any more.
    pub fn allow_everything(&mut self) {
        self.cloud.refused = Map::new_sync();
    }

    /// The address that an instance gets when it is made or started next.
    pub fn lend_address(&mut self, at: &At, address: &str) {
        self.cloud.lab.lent.insert_mut(format!("{}/{}", at.project, at.key()), address.to_owned());
    }

    /// An instance turned out to have this address: outside, where it has one of the pool, and inside.
    pub fn found_at(&mut self, at: &At, address: &str) {
        let Ok(instance) = self.instance_at_mut(at) else { return };
        address.clone_into(&mut instance.internal);
        let external = if instance.vm.ephemeral { Some(address.to_owned()) } else { instance.external.clone() };
        // The line above has found it.
        let _ = self.readdress(at, external);
    }

    /// An instance is off from now on, without anybody's request.
    pub fn lose_instance(&mut self, at: &At) {
        let now = self.now();
        let Ok(instance) = self.instance_at_mut(at) else { return };
        "TERMINATED".clone_into(&mut instance.status);
        instance.vm.until = None;
        instance.vm.stopped = Some(now);
        let machine = instance.machine.clone();
        self.set_power(&machine, Power::Down);
    }

    /// The operations of Compute that began since another state of this world, in their order.
    #[must_use]
    pub fn operations_since(&self, before: &Self) -> Vec<Operation> {
        let known = |project: &str, name: &str| {
            let project = before.cloud.projects.get(project);
            project.is_some_and(|project| project.operations.contains_key(name))
        };
        let projects = self.cloud.projects.iter();
        let new = projects.flat_map(|(id, project)| {
            let all = project.operations.values();
            all.filter(move |operation| !known(id, &operation.name))
        });
        new.cloned().collect()
    }

    /// An operation, and what becomes ready with it, is not done until [`World::finish`] says so.
    pub fn hold(&mut self, operation: &Operation) {
        let until = operation.ends.checked_add_days(HELD).unwrap_or(operation.ends);
        self.move_end(operation, operation.ends, until);
    }

    /// An operation that was held is done, not earlier than it would have been; with `error` it has failed, and what it was to make is
    /// not there.
    pub fn finish(&mut self, operation: &Operation, error: Option<&str>) {
        let held = operation.ends.checked_add_days(HELD).unwrap_or(operation.ends);
        self.move_end(operation, held, operation.ends.max(self.now()));
        let Some(error) = error else { return };
        if let Some(project) = self.cloud.projects.get_mut(&operation.at.project) {
            if let Some(kept) = project.operations.get_mut(&operation.name) {
                kept.error = Some(super::CloudError::Refused(error.to_owned()));
            }
            if operation.kind == "insert" {
                forget(project, &operation.target);
            }
        }
    }

    fn move_end(&mut self, operation: &Operation, from: DateTime<Utc>, to: DateTime<Utc>) {
        let Some(project) = self.cloud.projects.get_mut(&operation.at.project) else { return };
        if let Some(kept) = project.operations.get_mut(&operation.name) {
            kept.ends = to;
        }
        each_moment(project, &|moment| {
            if *moment == from {
                *moment = to;
            }
        });
    }

    /// The time between two moments is taken out: what happened then happened at its beginning, what is to come comes so much earlier.
    pub fn skip(&mut self, from: DateTime<Utc>, to: DateTime<Utc>) {
        let gap = to - from;
        if gap <= TimeDelta::zero() {
            return;
        }
        let skip = move |moment: &mut DateTime<Utc>| {
            if *moment > to {
                *moment -= gap;
            } else if *moment > from {
                *moment = from;
            }
        };
        let names: Vec<String> = self.cloud.projects.keys().cloned().collect();
        for name in names {
            let Some(project) = self.cloud.projects.get_mut(&name) else { continue };
            each_moment(project, &skip);
            each(&mut project.operations, |operation| {
                skip(&mut operation.began);
                skip(&mut operation.ends);
            });
            each(&mut project.addresses, |address| skip(&mut address.created));
            each(&mut project.schedules, |schedule| skip(&mut schedule.created));
            each(&mut project.databases, |database| {
                skip(&mut database.created);
                skip(&mut database.ready);
            });
            each(&mut project.database_operations, |operation| {
                skip(&mut operation.began);
                skip(&mut operation.ends);
            });
            each(&mut project.zones, |zone| {
                skip(&mut zone.created);
                zone.changes.iter_mut().for_each(|change| skip(&mut change.started));
            });
        }
        each(&mut self.cloud.spreading, |spread| skip(&mut spread.from));
        self.now = from;
    }

    /// How long an operation takes.
    pub(super) fn lasts(&mut self, (least, most): Lasts) -> Duration {
        let lasts = self.dice.between(least, most);
        Duration::from_millis(lasts.saturating_mul(self.cloud.lab.pace.into()) / 100)
    }
}

/// The moments of instances, disks and snapshots.
fn each_moment(project: &mut Project, change: &dyn Fn(&mut DateTime<Utc>)) {
    each(&mut project.instances, |instance| {
        change(&mut instance.created);
        change(&mut instance.reachable);
        instance.vm.until.iter_mut().for_each(|(_, until)| change(until));
        instance.vm.started.iter_mut().for_each(change);
        instance.vm.stopped.iter_mut().for_each(change);
    });
    each(&mut project.disks, |disk| {
        change(&mut disk.created);
        change(&mut disk.ready);
        disk.notes.attached.iter_mut().for_each(change);
        disk.notes.detached.iter_mut().for_each(change);
    });
    each(&mut project.snapshots, |snapshot| {
        change(&mut snapshot.created);
        change(&mut snapshot.ready);
    });
}

/// Every value of a map.
fn each<K: Clone + Ord, V: Clone>(map: &mut Map<K, V>, change: impl Fn(&mut V)) {
    let keys: Vec<K> = map.keys().cloned().collect();
    for key in keys {
        if let Some(value) = map.get_mut(&key) {
            change(value);
        }
    }
}

/// What could not be made is not there, nor the disks that were made for it.
fn forget(project: &mut Project, target: &str) {
    let parts: Vec<&str> = target.split('/').collect();
    match parts.as_slice() {
        ["projects", _, "zones", zone, "instances", name] => {
            let key = format!("{zone}/{name}");
            let disks = project.instances.get(&key).map(|instance| instance.disks.clone()).unwrap_or_default();
            for disk in disks.iter().filter(|disk| disk.auto_delete) {
                project.disks.remove_mut(&format!("{zone}/{}", disk.disk));
            }
            project.instances.remove_mut(&key);
        }
        ["projects", _, "zones", zone, "disks", name] => drop(project.disks.remove_mut(&format!("{zone}/{name}"))),
        ["projects", _, "global", "snapshots", name] => drop(project.snapshots.remove_mut(*name)),
        _ => {}
    }
}
