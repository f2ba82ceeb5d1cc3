//! The data of a system at its place: a volume, a directory, or a disk of the cloud.

use std::sync::Arc;

use crate::model::facts::{DataFacts, RuntimeFacts};

use super::super::blob::AsOf;
use super::super::place::Place;
use super::super::tree::{Node, split};
use super::super::world::{LOCAL, Volume, World};
use super::{cloud, services};

/// Puts all data of the system where the system has it, whole and complete.
pub(super) fn build(world: &mut World) {
    let system = Arc::clone(&world.system);
    let at = world.began;
    // Other data may be in a directory of a disk.
    let (disks, others): (Vec<_>, Vec<_>) = system.data.iter().partition(|data| data.disk.is_some());
    for data in disks.into_iter().chain(others) {
        let files = world.files(data, AsOf::Present, at);
        place(world, data, files);
    }
}

/// Puts files where the system has some data; the place is made where it is gone, and what is there is replaced.
pub(in crate::runner::sim) fn place(world: &mut World, data: &DataFacts, files: Node) {
    let Some(machine) = world.machine_of_data(data).map(|machine| machine.name.clone()) else { return };
    if let Some(volume) = &data.volume {
        in_volume(world, data, &machine, volume, files);
    } else if let Some(device) = &data.disk {
        on_disk(world, data, &machine, device, files);
    } else if let Some(path) = &data.path {
        let place = Place::machine(&machine);
        // A path that leads through a file is one that the system file has wrong; then there is no data.
        let _ = world.make_dirs(&place, split(path).0);
        let _ = world.put(&place, path, files);
    }
}

fn in_volume(world: &mut World, data: &DataFacts, machine: &str, volume: &str, files: Node) {
    let service = world.system.service(&data.service);
    let compose = world
        .system
        .compose
        .as_ref()
        .filter(|_| service.is_some_and(|service| matches!(service.runtime, RuntimeFacts::Compose { .. })));
    let labels = compose.and_then(|compose| {
        let name = volume.strip_prefix(&compose.project)?.strip_prefix('_')?;
        Some(services::project_labels(&compose.project, "volume", name))
    });
    let labels = labels.unwrap_or_default();
    let created = world.began - super::machines::UPTIME;
    let Some(engine) = world.engine_mut(machine) else { return };
    engine.volumes.insert_mut(volume.to_owned(), Volume { files, created, labels });
}

/// Puts files on the disk that is attached under a device name; disk and virtual machine are made where they are missing.
fn on_disk(world: &mut World, data: &DataFacts, machine: &str, device: &str, mut files: Node) {
    if world.instance_of(machine).is_none() {
        let name = world.system.vars.get("vm").filter(|name| !name.is_empty()).cloned();
        let host = || world.machine(machine).map_or_else(|| machine.to_owned(), |machine| machine.hostname.clone());
        let own = if machine == LOCAL { host() } else { machine.to_owned() };
        cloud::instance(world, &name.unwrap_or(own), machine, None, None);
    }
    let Some((project, instance)) = world.instance_of(machine) else { return };
    let (project, zone, vm) = (project.clone(), instance.zone.clone(), instance.name.clone());
    let attached = instance.disks.iter().find(|attached| attached.device == device);
    let disk = attached.map_or_else(|| device.to_owned(), |attached| attached.disk.clone());
    let lost_and_found = Node { mode: 0o700, ..Node::directory(world.began) };
    // Every tree of data is a directory.
    let _ = files.put("lost+found", lost_and_found);
    let key = format!("{project}/{zone}/{disk}");
    if let Some(known) = world.disk_mut(&key) {
        known.files = Some(files);
    } else {
        let made = cloud::disk(world, &disk, &zone, Some(files));
        if let Some(project) = world.cloud.projects.get_mut(&project) {
            project.disks.insert_mut(format!("{zone}/{disk}"), made);
        }
    }
    cloud::attach(world, &project, &zone, &vm, &disk, device);
    if let Some(path) = &data.path {
        mount(world, machine, device, &key, path);
    }
}

/// Mounts a disk, now and at every boot.
pub(in crate::runner::sim) fn mount(world: &mut World, machine: &str, device: &str, key: &str, path: &str) {
    let path = path.trim_end_matches('/');
    let began = world.began;
    let Some(machine) = world.machine_mut(machine) else { return };
    let _ = machine.files.make_dirs(path, began);
    let source = format!("/dev/disk/by-id/google-{device} ");
    let known = match machine.files.get("etc/fstab").map(|node| &node.kind) {
        Some(super::super::tree::Kind::Text(text)) => text.to_string(),
        _ => String::new(),
    };
    if !known.lines().any(|line| line.starts_with(&source)) {
        let table = format!("{known}{source}{path} ext4 discard,defaults,nofail 0 2\n");
        let _ = machine.files.put("etc/fstab", Node::text(table, began));
    }
    machine.mounts.insert_mut(path.to_owned(), key.to_owned());
}
