//! Google Cloud: snapshots, records of its DNS, and what is refused.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::change::{Change, Presence};
use crate::model::facts::DataFacts;

use super::super::blob::AsOf;
use super::super::build::cloud;
use super::super::build::moments::before;
use super::super::place::Root;
use super::super::tree::Node;
use super::super::world::World;
use super::Changed;
use super::disk::{find_disk, live_disk};

/// A snapshot that still uploads takes so much longer.
const UPLOAD: TimeDelta = TimeDelta::minutes(10);

/// Kinds of refusal: with a name behind a colon, and without.
const NAMED: [&str; 3] = ["zone:", "quota:", "permission:"];
const PLAIN: [&str; 4] = ["api", "rate", "account", "network"];

pub(super) fn refuse(world: &mut World, what: &str, refused: bool) -> Changed {
    let is_named = NAMED.iter().any(|kind| what.strip_prefix(kind).is_some_and(|name| !name.is_empty()));
    if !is_named && !PLAIN.contains(&what) {
        return Err(format!(
            "Google Cloud cannot refuse `{what}`; it can `zone:ZONE`, `quota:NAME`, `permission:NAME`, `api`, `rate`, `account`, `network`"
        ));
    }
    if refused {
        world.cloud.refused.insert_mut(what.to_owned(), String::new());
    } else {
        world.cloud.refused.remove_mut(what);
    }
    Ok(())
}

pub(super) fn snapshot(world: &mut World, change: &Change) -> Changed {
    let Change::Snapshot { name, is, disk, age, ready } = change else { return Ok(()) };
    if *is == Presence::Absent {
        let projects: Vec<String> = world.cloud.projects.keys().cloned().collect();
        for id in projects {
            if let Some(project) = world.cloud.projects.get_mut(&id) {
                project.snapshots.remove_mut(name);
            }
        }
        return Ok(());
    }
    let (id, key) = source(world, name, disk.as_deref())?;
    let created = age.map_or(world.began, |age| before(world.began, age));
    let files = frozen(world, &format!("{id}/{key}"), created);
    let mut made = cloud::snapshot(world, name, &key, created, files);
    if !*ready {
        made.ready = world.now() + UPLOAD;
    }
    if let Some(project) = world.cloud.projects.get_mut(&id) {
        project.snapshots.insert_mut(name.clone(), made);
    }
    Ok(())
}

/// The disk that a snapshot is of: the one that is named, or the only one that holds data.
fn source(world: &World, snapshot: &str, disk: Option<&str>) -> Result<(String, String), String> {
    if let Some(disk) = disk {
        // Snapshots outlive their disk.
        let gone = || {
            let mut all = world
                .cloud
                .projects
                .iter()
                .flat_map(|(id, project)| project.snapshots.values().map(move |snapshot| (id, &snapshot.disk)));
            let found = all.find(|(_, key)| key.rsplit('/').next() == Some(disk));
            found.map(|(id, key)| (id.clone(), key.clone()))
        };
        return find_disk(world, disk, None, None).or_else(gone).ok_or_else(|| format!("there is no disk `{disk}`"));
    }
    let mut found: Vec<_> = world.system.data.iter().filter_map(|data| live_disk(world, data)).collect();
    found.dedup();
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(format!("snapshot `{snapshot}` needs the disk that it is of")),
    }
}

/// What was on a disk at that moment, when all was well with it.
fn frozen(world: &mut World, key: &str, at: DateTime<Utc>) -> Option<Node> {
    let system = Arc::clone(&world.system);
    let root = Root::Disk(key.to_owned());
    let device = key.rsplit('/').next().map(str::to_owned);
    let here = |data: &&DataFacts| world.live_spot(data).is_some_and(|spot| spot.root == root) || data.disk == device;
    match system.data.iter().find(here) {
        Some(data) => Some(world.files(data, AsOf::At(at), at)),
        None => world.disk(key).and_then(|disk| disk.files.clone()),
    }
}

/// The A record of a name in a managed zone of Cloud DNS; the zone is there from now on.
pub(super) fn record(world: &mut World, zone: &str, name: &str, address: Option<&str>) {
    let projects = world.cloud.projects.iter();
    let known = projects.filter(|(_, project)| project.zones.contains_key(zone)).map(|(id, _)| id.clone()).next();
    let id = known.unwrap_or_else(|| cloud::project(world, None));
    world.set_record(&id, zone, name, address);
}
