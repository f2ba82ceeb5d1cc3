//! Where the content of the system's data is: its place, and every other place that holds it by now.
//!
//! A copy is a place, not a file: the parts of the data below one directory belong together, and are whole when none is missing.

mod collect;
mod destroyed;
mod same;
#[cfg(test)]
mod tests;

use crate::model::facts::DataFacts;

use super::blob::AsOf;
use super::place::Root;
use super::tree::Node;
use super::world::{LOCAL, World};

pub use destroyed::Destroyed;

use collect::{Collector, Group};

/// A place that holds content of some data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The place, for people; the same as long as the content stays there: `volume notes_data`, `/data/postgres_before_20260209 on local`.
    pub place: String,
    /// How old the content is.
    pub as_of: AsOf,
    /// Nothing of it is missing or damaged.
    pub whole: bool,
    /// Somebody has read it to its end, and it was whole.
    pub proved: bool,
    /// It is where the system has its data, or in a server that is reached by name and takes writes.
    pub live: bool,
}

/// Where a copy is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Where<'w> {
    /// In a tree of the world.
    Tree(Root),
    /// In a snapshot of a disk, by its name.
    Snapshot(&'w str),
    /// In a bucket, by its name.
    Bucket(&'w str),
    /// In a PostgreSQL server that is reached by this host name.
    Server(&'w str),
}

impl World {
    /// Every place that holds content of some data now, in the order of machines, disks, snapshots, buckets and servers.
    #[must_use]
    pub fn copies(&self, data: &str) -> Vec<Copy> {
        self.inventory(Some(data)).into_iter().map(|(_, copy)| copy).collect()
    }

    /// The copies of all data, each with the id of its data; as much work as those of one.
    #[must_use]
    pub fn all_copies(&self) -> Vec<(String, Copy)> {
        self.inventory(None)
    }

    /// Both worlds hold the same content in the same places, so that what was seen of one is true of the other. It takes no time for
    /// worlds of which one is a fork of the other.
    #[must_use]
    pub fn holds_the_same_as(&self, other: &Self) -> bool {
        same::worlds(self, other)
    }

    /// The copies of one data, or of all, each with the id of its data.
    fn inventory(&self, data: Option<&str>) -> Vec<(String, Copy)> {
        let mut collector = Collector::new(self, data);
        for (name, machine) in &self.machines {
            collector.tree(|| Where::Tree(Root::Machine(name.clone())), &machine.files);
            let Some(engine) = &machine.engine else { continue };
            for (volume, content) in &engine.volumes {
                collector.tree(|| Where::Tree(Root::Volume(name.clone(), volume.clone())), &content.files);
            }
            for (id, container) in &engine.containers {
                collector.tree(|| Where::Tree(Root::Container(name.clone(), id.clone())), &container.files);
            }
        }
        for (project, content) in &self.cloud.projects {
            for (disk, content) in &content.disks {
                let Some(files) = &content.files else { continue };
                collector.tree(|| Where::Tree(Root::Disk(format!("{project}/{disk}"))), files);
            }
            for (snapshot, content) in &content.snapshots {
                let Some(files) = &content.files else { continue };
                collector.tree(|| Where::Snapshot(snapshot), files);
            }
        }
        for (bucket, files) in &self.buckets {
            collector.tree(|| Where::Bucket(bucket), files);
        }
        for (host, server) in &self.servers {
            collector.cluster(Where::Server(host), &server.cluster);
        }
        let groups = collector.finish();
        groups.iter().map(|group| self.copy(group)).collect()
    }

    /// What a place holds of some data in the files that the data has: how old, and whether nothing is missing or damaged.
    pub(super) fn content_of(&self, data: &DataFacts, place: &Node) -> Option<(AsOf, bool)> {
        let mut collector = Collector::new(self, Some(&data.id));
        collector.tree(|| Where::Snapshot(""), place);
        let own = collector.finish().into_iter().find(|group| group.path.is_empty());
        own.map(|group| (group.as_of, group.is_whole()))
    }

    fn copy(&self, group: &Group<'_>) -> (String, Copy) {
        let live = match &group.at {
            Where::Tree(root) => self
                .system
                .data(group.data)
                .and_then(|data| self.live_spot(data))
                .is_some_and(|spot| spot.root == *root && spot.path.trim_matches('/') == group.path),
            Where::Server(host) => self.servers.get(*host).is_some_and(|server| server.up && server.follows.is_none()),
            Where::Snapshot(_) | Where::Bucket(_) => false,
        };
        let copy = Copy {
            place: self.describe(&group.at, &group.path),
            as_of: group.as_of,
            whole: group.is_whole(),
            proved: group.proved,
            live,
        };
        (group.data.to_owned(), copy)
    }

    /// A place, for people.
    fn describe(&self, at: &Where<'_>, path: &str) -> String {
        let on = |machine: &str| if machine == LOCAL { String::new() } else { format!(" on {machine}") };
        let inside = |thing: String| if path.is_empty() { thing } else { format!("{path} in {thing}") };
        match at {
            Where::Tree(Root::Machine(machine)) => format!("/{path} on {machine}"),
            Where::Tree(Root::Disk(key)) => inside(format!("disk {}", key.rsplit('/').next().unwrap_or(key))),
            Where::Tree(Root::Volume(machine, volume)) => inside(format!("volume {volume}{}", on(machine))),
            Where::Tree(Root::Container(machine, id)) => {
                let container = self.engine(machine).and_then(|engine| engine.containers.get(id));
                let name = container.map_or(id.as_str(), |container| container.name.as_str());
                format!("/{path} in container {name}{}", on(machine))
            }
            Where::Snapshot(name) => inside(format!("snapshot {name}")),
            Where::Bucket(name) => format!("s3://{name}/{path}"),
            Where::Server(host) => format!("database server {host}"),
        }
    }
}
