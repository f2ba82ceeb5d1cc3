//! The backups of a system where it keeps them: the newest half as old as it may be, and an older one.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::model::facts::{BackupFacts, DataFacts};
use crate::model::system::BackupKind;

use super::super::blob::{AsOf, Blob, Holds};
use super::super::place::{Place, Root};
use super::super::tree::{Kind, Node};
use super::super::world::World;
use super::content::system_identifier;
use super::moments::before;
use super::{cloud, naming};

/// The newest backup is so old where the system file does not say how old it may be.
const AGE: Duration = Duration::from_hours(12);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// And the one before it is older by as much as it may be, at least by this.
const LEAST: Duration = HOUR;

/// Archived WAL reaches back so far: a segment an hour, and one a minute ago.
const WAL_HOURS: u32 = 72;
const WAL_AGE: Duration = Duration::from_mins(1);
const SEGMENT: u64 = 16 << 20;

/// Makes all backups of the system.
pub(super) fn build(world: &mut World) {
    let system = Arc::clone(&world.system);
    for data in &system.data {
        for backup in &data.backups {
            place(world, data, backup, age(backup));
        }
    }
}

/// How old the newest one is in a healthy world.
pub(in crate::runner::sim) fn age(backup: &BackupFacts) -> Duration {
    let half = backup.max_age.map(|age| age / 2);
    match backup.kind {
        BackupKind::Wal => half.map_or(WAL_AGE, |half| half.min(WAL_AGE)),
        _ => half.unwrap_or(AGE),
    }
}

/// Makes a backup whose newest file is so old; what was there of it is replaced.
pub(in crate::runner::sim) fn place(world: &mut World, data: &DataFacts, backup: &BackupFacts, age: Duration) {
    clear(world, data, backup);
    let newest = before(world.began, age);
    let older = before(newest, backup.max_age.unwrap_or(DAY).max(LEAST));
    if backup.kind == BackupKind::DiskSnapshot {
        return snapshots(world, data, newest);
    }
    let Some(path) = backup.path.as_ref().filter(|path| path.starts_with('/')) else { return };
    let Some(machine) = world.machine_of_data(data).map(|machine| machine.name.clone()) else { return };
    let place = Place::machine(&machine);
    if world.make_dirs(&place, path).is_err() {
        return;
    }
    match backup.kind {
        BackupKind::Copy if backup.pattern.is_none() => {
            let files = world.files(data, AsOf::At(newest), newest);
            // The directory above it was just made.
            let _ = world.put(&place, path, files);
        }
        BackupKind::Wal => wal(world, data, &place, path, newest),
        BackupKind::Archive | BackupKind::Dump | BackupKind::BaseBackup | BackupKind::Copy => {
            for at in [older, newest] {
                let name = naming::file(backup, &data.id, at);
                let node = one(world, data, backup.kind, &name, at);
                let _ = world.put(&place, &format!("{path}/{name}"), node);
            }
        }
        BackupKind::DiskSnapshot => {}
    }
}

/// One backup of that moment.
fn one(world: &mut World, data: &DataFacts, kind: BackupKind, name: &str, at: DateTime<Utc>) -> Node {
    let as_of = AsOf::At(at);
    match kind {
        BackupKind::Dump => {
            let cluster = Arc::new(world.cluster(data, as_of));
            let holds = if name.contains(".sql") { Holds::SqlDump(cluster) } else { Holds::Dump(cluster) };
            packed(world, name, 31 << 20, holds, at)
        }
        BackupKind::Archive => {
            let files = world.files(data, as_of, at);
            packed(world, name, 60 << 20, Holds::Archive(Arc::new(files)), at)
        }
        BackupKind::BaseBackup => {
            let mut files = world.files(data, as_of, at);
            let label = format!(
                "START WAL LOCATION: 0/90000028 (file 000000010000000000000090)\nSTART TIME: {at}\nLABEL: {name}\n"
            );
            // The directory is new; the manifest is written last, so its time is the end of the backup.
            let _ = files.put("backup_label", Node::text(label, at));
            let _ = files.put("backup_manifest", Node::text("{ \"PostgreSQL-Backup-Manifest-Version\": 1 }\n", at));
            files
        }
        BackupKind::Copy | BackupKind::Wal | BackupKind::DiskSnapshot => world.files(data, as_of, at),
    }
}

/// A file with that content, compressed when its name says so.
fn packed(world: &mut World, name: &str, bytes: u64, holds: Holds, at: DateTime<Utc>) -> Node {
    let mut blob = Blob { id: world.dice.roll(), bytes, whole: true, holds };
    if [".gz", ".tgz"].iter().any(|end| name.ends_with(end)) {
        let of = Arc::new(Blob { bytes: bytes * 3, ..blob });
        blob = Blob { id: world.dice.roll(), bytes, whole: true, holds: Holds::Gzip(of) };
    }
    Node::blob(blob, at)
}

/// Archived segments: one an hour, and the last one as old as it is to be.
fn wal(world: &mut World, data: &DataFacts, place: &Place, path: &str, newest: DateTime<Utc>) {
    let system = system_identifier(&world.system, data);
    let moments = (1..=WAL_HOURS).rev().map(|hours| before(newest, HOUR * hours)).chain([newest]);
    let mut segments = Vec::new();
    for (number, at) in (0x40_u64..).zip(moments) {
        let blob = Blob {
            id: world.dice.roll(),
            bytes: SEGMENT,
            whole: true,
            holds: Holds::Wal { system, until: AsOf::At(at) },
        };
        segments.push((
            format!("{:08X}{:08X}{number:08X}", 1, 0),
            Node { mode: 0o600, uid: 999, gid: 999, ..Node::blob(blob, at) },
        ));
    }
    let Ok(spot) = world.spot(place, path, true) else { return };
    let Some(dir) = world.root_mut(&spot.root).and_then(|root| root.get_mut(&spot.path)) else { return };
    (dir.uid, dir.gid) = (999, 999);
    for (name, node) in segments {
        // The directory is there.
        let _ = dir.put(&name, node);
    }
}

/// Snapshots of the disk, one a day, three of them.
fn snapshots(world: &mut World, data: &DataFacts, newest: DateTime<Utc>) {
    let Some((project, disk)) = disk_of(world, data) else { return };
    let name = disk.rsplit('/').next().unwrap_or(&disk).to_owned();
    for day in 0..3 {
        let at = before(newest, DAY * day);
        let files = world.files(data, AsOf::At(at), at);
        let name = format!("{name}-{}", at.format("%Y%m%d"));
        let snapshot = cloud::snapshot(world, &name, &disk, at, Some(files));
        if let Some(project) = world.cloud.projects.get_mut(&project) {
            project.snapshots.insert_mut(name, snapshot);
        }
    }
}

/// The project and `ZONE/NAME` of the disk that holds some data where the system has it.
pub(in crate::runner::sim) fn disk_of(world: &World, data: &DataFacts) -> Option<(String, String)> {
    let machine = world.machine_of_data(data)?;
    let (project, instance) = world.instance_of(&machine.name)?;
    let attached = instance.disks.iter().find(|disk| Some(&disk.device) == data.disk.as_ref())?;
    Some((project.clone(), format!("{}/{}", instance.zone, attached.disk)))
}

/// The files of a backup, as (path in its tree, tree): those that its pattern names, and for `copy` the directory itself.
pub(in crate::runner::sim) fn files(world: &World, data: &DataFacts, backup: &BackupFacts) -> Vec<(Root, String)> {
    let Some(machine) = world.machine_of_data(data) else { return Vec::new() };
    let Some(path) = &backup.path else { return Vec::new() };
    let Ok(spot) = world.spot(&Place::machine(&machine.name), path, true) else { return Vec::new() };
    if backup.kind == BackupKind::Copy && backup.pattern.is_none() {
        return vec![(spot.root, spot.path)];
    }
    let dir = world.root(&spot.root).and_then(|root| root.get(&spot.path));
    let matches = naming::matcher(backup);
    let names = dir.into_iter().flat_map(Node::entries).map(|(name, _)| name).filter(|name| matches(name));
    names.map(|name| (spot.root.clone(), format!("{}/{name}", spot.path))).collect()
}

/// Takes away what there is of a backup.
pub(in crate::runner::sim) fn clear(world: &mut World, data: &DataFacts, backup: &BackupFacts) {
    let now = world.now();
    if backup.kind == BackupKind::DiskSnapshot {
        let Some((project, disk)) = disk_of(world, data) else { return };
        let Some(project) = world.cloud.projects.get_mut(&project) else { return };
        let of_disk = project.snapshots.values().filter(|snapshot| snapshot.disk == disk);
        let names: Vec<String> = of_disk.map(|snapshot| snapshot.name.clone()).collect();
        for name in names {
            project.snapshots.remove_mut(&name);
        }
        return;
    }
    for (root, path) in files(world, data, backup) {
        let Some(tree) = world.root_mut(&root) else { continue };
        if backup.kind == BackupKind::Copy && backup.pattern.is_none() {
            if let Some(Kind::Directory(entries)) = tree.get_mut(&path).map(|dir| &mut dir.kind) {
                *entries = super::super::tree::Map::new_sync();
            }
        } else {
            tree.remove(&path, now);
        }
    }
}

/// How old the newest content of a backup is; none: there is none.
pub(in crate::runner::sim) fn newest(world: &World, data: &DataFacts, backup: &BackupFacts) -> Option<AsOf> {
    let of_node =
        |node: &Node| node.data().into_iter().filter(|(id, ..)| *id == data.id).map(|(_, as_of, _)| as_of).max();
    if backup.kind == BackupKind::DiskSnapshot {
        let (project, disk) = disk_of(world, data)?;
        let snapshots = world.cloud.projects.get(&project)?.snapshots.values().filter(|snapshot| snapshot.disk == disk);
        return snapshots.filter_map(|snapshot| snapshot.files.as_ref()).filter_map(of_node).max();
    }
    let nodes = files(world, data, backup);
    let nodes = nodes.iter().filter_map(|(root, path)| world.root(root)?.get(path));
    let ages = nodes.filter_map(|node| match &node.kind {
        Kind::Blob(blob) if matches!(blob.holds, Holds::Wal { .. }) => match blob.holds {
            Holds::Wal { until, .. } => Some(until),
            _ => None,
        },
        _ => of_node(node),
    });
    ages.max()
}
