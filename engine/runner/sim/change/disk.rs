//! A persistent disk that is there, with the name that it has, or gone.

use std::sync::Arc;

use crate::model::change::{Change, Presence};
use crate::model::facts::DataFacts;

use super::super::blob::AsOf;
use super::super::build::{cloud, data as place};
use super::super::place::Root;
use super::super::tree::{Kind, Node};
use super::super::world::{Disk, World};
use super::Changed;
use super::data::remove_disk;

/// The disk that holds some data where the system has it: its project and `ZONE/NAME`.
pub(super) fn live_disk(world: &World, data: &DataFacts) -> Option<(String, String)> {
    match world.live_spot(data)?.root {
        Root::Disk(key) => key.split_once('/').map(|(project, disk)| (project.to_owned(), disk.to_owned())),
        _ => None,
    }
}

/// A disk by its name: its project and `ZONE/NAME`.
pub(super) fn find_disk(
    world: &World,
    name: &str,
    project: Option<&str>,
    zone: Option<&str>,
) -> Option<(String, String)> {
    let projects = world.cloud.projects.iter().filter(|(id, _)| project.is_none_or(|wanted| wanted == *id));
    let mut all = projects.flat_map(|(id, project)| project.disks.iter().map(move |(key, disk)| (id, key, disk)));
    let found = all.find(|(_, _, disk)| disk.name == name && zone.is_none_or(|zone| zone == disk.zone));
    found.map(|(id, key, _)| (id.clone(), key.clone()))
}

pub(super) fn change(world: &mut World, change: &Change) -> Changed {
    let Change::Disk { name, is, vm, device, data, project, zone } = change else { return Ok(()) };
    let data = data.as_ref().map(|data| world.known_data(data)).transpose()?;
    let known = find_disk(world, name, project.as_deref(), zone.as_deref());
    if *is == Presence::Absent {
        let Some((id, key)) = known else { return Ok(()) };
        delete_disk(world, &format!("{id}/{key}"));
        return Ok(());
    }
    let of_vm = match vm {
        None => None,
        Some(vm) => {
            let found = world.instance(vm, project.as_deref(), zone.as_deref());
            let found = found.map(|(id, instance)| (id.clone(), instance.zone.clone()));
            Some(found.ok_or_else(|| format!("there is no virtual machine `{vm}`"))?)
        }
    };
    let (id, key) = match (known, data.as_ref().and_then(|data| live_disk(world, data))) {
        (Some(known), _) => known,
        // The disk of this data has another name than the one that the world had to invent.
        (None, Some((from, source))) => {
            let id = cloud::project(world, project.as_deref().or(Some(&from)));
            let old = source.split_once('/').map_or("", |(zone, _)| zone);
            let key = format!("{}/{name}", zone.as_deref().unwrap_or(old));
            rename_attached(world, (&from, &source), &id, &key);
            (id, key)
        }
        (None, None) => {
            let id = cloud::project(world, project.as_deref().or(of_vm.as_ref().map(|(id, _)| id.as_str())));
            let zone = zone.clone().or(of_vm.as_ref().map(|(_, zone)| zone.clone()));
            let zone = cloud::zone(world, zone.as_deref());
            let began = world.began;
            let files = data.as_ref().map(|data| world.files(data, AsOf::Present, began));
            let made = cloud::disk(world, name, &zone, files);
            if let Some(project) = world.cloud.projects.get_mut(&id) {
                project.disks.insert_mut(format!("{zone}/{name}"), made);
            }
            (id, format!("{zone}/{name}"))
        }
    };
    let Some(vm) = vm else { return Ok(()) };
    let (disk_zone, _) = key.split_once('/').unwrap_or_default();
    if of_vm.is_some_and(|(project, zone)| project != id || zone != disk_zone) {
        return Err(format!("disk `{name}` and virtual machine `{vm}` are not in the same zone"));
    }
    let device = device.clone().or_else(|| data.as_ref()?.disk.clone()).unwrap_or_else(|| name.clone());
    cloud::attach(world, &id, disk_zone, vm, name, &device);
    if let Some(data) = data.filter(|data| data.disk.as_ref() == Some(&device))
        && let Some(path) = &data.path
        && let Some(machine) = world.instance(vm, Some(&id), Some(disk_zone)).map(|(_, vm)| vm.machine.clone())
    {
        place::mount(world, &machine, &device, &format!("{id}/{key}"), path);
    }
    Ok(())
}

/// Renames a disk, also where it is attached.
fn rename_attached(world: &mut World, (from, source): (&str, &str), to: &str, target: &str) {
    let (old, new) = (source.rsplit('/').next().unwrap_or(source), target.rsplit('/').next().unwrap_or(target));
    rename(world, (from, source), (to, target));
    let Some(project) = world.cloud.projects.get_mut(from) else { return };
    let keys: Vec<String> = project.instances.keys().cloned().collect();
    for key in keys {
        let Some(instance) = project.instances.get_mut(&key) else { continue };
        for attached in instance.disks.iter_mut().filter(|attached| attached.disk == old) {
            new.clone_into(&mut attached.disk);
        }
    }
}

/// A disk is gone, and the services whose data it held die.
fn delete_disk(world: &mut World, key: &str) {
    let system = Arc::clone(&world.system);
    let root = Root::Disk(key.to_owned());
    let on_it = |world: &World, data: &DataFacts| world.live_spot(data).is_some_and(|spot| spot.root == root);
    let owners: Vec<&DataFacts> = system.data.iter().filter(|data| on_it(world, data)).collect();
    cloud::detach(world, key);
    remove_disk(world, key);
    for data in owners {
        world.crash_owner(data);
    }
}

/// Gives a disk (`ZONE/NAME`) another name, with its snapshots, devices and mounts.
pub(super) fn rename(world: &mut World, (from, source): (&str, &str), (to, target): (&str, &str)) {
    if (from, source) == (to, target) {
        return;
    }
    let Some((zone, name)) = target.split_once('/') else { return };
    let Some(project) = world.cloud.projects.get_mut(from) else { return };
    let Some(disk) = project.disks.get(source).cloned() else { return };
    project.disks.remove_mut(source);
    let snapshots: Vec<_> = project.snapshots.values().filter(|snapshot| snapshot.disk == source).cloned().collect();
    for snapshot in &snapshots {
        project.snapshots.remove_mut(&snapshot.name);
    }
    let old = source.rsplit('/').next().unwrap_or(source).to_owned();
    if let Some(project) = world.cloud.projects.get_mut(to) {
        project.disks.insert_mut(target.to_owned(), Disk { name: name.to_owned(), zone: zone.to_owned(), ..disk });
        for mut snapshot in snapshots {
            target.clone_into(&mut snapshot.disk);
            // Its name was made of the disk's.
            let stamp = snapshot.name.strip_prefix(&old).map(str::to_owned);
            snapshot.name = stamp.map_or(snapshot.name, |stamp| format!("{name}{stamp}"));
            project.snapshots.insert_mut(snapshot.name.clone(), snapshot);
        }
    }
    let (old, new) = (format!("{from}/{source}"), format!("{to}/{target}"));
    let machines: Vec<String> = world.machines.keys().cloned().collect();
    for machine in machines {
        let Some(machine) = world.machine_mut(&machine) else { continue };
        let mounts: Vec<String> =
            machine.mounts.iter().filter(|(_, key)| **key == old).map(|(dir, _)| dir.clone()).collect();
        for dir in mounts {
            machine.mounts.insert_mut(dir, new.clone());
        }
        let devices = machine.files.get("dev/disk/by-id").into_iter().flat_map(Node::entries);
        let is_old = |node: &Node| matches!(&node.kind, Kind::Device(to) if *to == old);
        let devices: Vec<String> =
            devices.filter(|(_, node)| is_old(node)).map(|(name, _)| format!("dev/disk/by-id/{name}")).collect();
        for device in devices {
            if let Some(node) = machine.files.get_mut(&device) {
                node.kind = Kind::Device(new.clone());
            }
        }
    }
}
