//! What of a system is in Google Cloud: its virtual machines, its disks.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::tree::{Kind, Node};
use super::super::world::{Attached, Disk, Instance, Notes, Power, Project, Snapshot, Vm, World};
use super::machines::{UPTIME, address};

/// Where a system says nothing.
const PROJECT: &str = "project";
const ZONE: &str = "us-central1-a";

/// Size of a data disk.
const SIZE_GB: u64 = 50;

/// The name of a project; one that was not known is there from now on.
pub(in crate::runner::sim) fn project(world: &mut World, name: Option<&str>) -> String {
    let own = || world.system.vars.get("project").filter(|name| !name.is_empty()).cloned();
    let only = || world.cloud.projects.keys().next().filter(|_| world.cloud.projects.size() == 1).cloned();
    let name = name.map(str::to_owned).or_else(own).or_else(only).unwrap_or_else(|| PROJECT.to_owned());
    if !world.cloud.projects.contains_key(&name) {
        let environment = world.system.environment.iter().map(|name| ("environment".to_owned(), name.clone()));
        let labels: BTreeMap<_, _> = environment.collect();
        world.cloud.projects.insert_mut(name.clone(), Project { labels, ..Project::default() });
    }
    name
}

/// The zone, where none is named.
pub(in crate::runner::sim) fn zone(world: &World, name: Option<&str>) -> String {
    let own = world.system.vars.get("zone").map(String::as_str).filter(|name| !name.is_empty());
    name.or(own).unwrap_or(ZONE).to_owned()
}

/// 64 bits as the cloud numbers its things.
fn number(world: &mut World) -> String {
    world.dice.between(1 << 60, 1 << 62).to_string()
}

/// Makes the virtual machine that a machine of the world is; gives its project.
pub(in crate::runner::sim) fn instance(
    world: &mut World,
    name: &str,
    machine: &str,
    in_project: Option<&str>,
    in_zone: Option<&str>,
) -> String {
    let project = project(world, in_project);
    let zone = zone(world, in_zone);
    let id = number(world);
    let external = address(world, machine);
    let known = world.cloud.projects.values().map(|project| project.instances.size()).sum::<usize>();
    let up = world.machine(machine).is_some_and(|machine| machine.power != Power::Down);
    let created = world.began - UPTIME;
    let instance = Instance {
        name: name.to_owned(),
        zone: zone.clone(),
        id,
        machine_type: "e2-medium".to_owned(),
        status: if up { "RUNNING" } else { "TERMINATED" }.to_owned(),
        machine: machine.to_owned(),
        internal: format!("10.166.0.{}", 2 + known % 250),
        external: Some(external),
        disks: vec![Attached {
            disk: name.to_owned(),
            device: "persistent-disk-0".to_owned(),
            boot: true,
            auto_delete: true,
        }],
        created,
        reachable: created + Duration::from_secs(40),
        vm: Vm::default(),
    };
    let boot = Disk { size_gb: 10, ..disk(world, name, &zone, None) };
    if let Some(project) = world.cloud.projects.get_mut(&project) {
        project.instances.insert_mut(format!("{zone}/{name}"), instance);
        project.disks.insert_mut(format!("{zone}/{name}"), boot);
    }
    project
}

/// A persistent disk as old as the machines.
pub(in crate::runner::sim) fn disk(world: &mut World, name: &str, zone: &str, files: Option<Node>) -> Disk {
    let created = world.began - UPTIME;
    Disk {
        name: name.to_owned(),
        zone: zone.to_owned(),
        id: number(world),
        size_gb: SIZE_GB,
        kind: "pd-balanced".to_owned(),
        ready: created,
        created,
        from: None,
        policies: Vec::new(),
        files,
        notes: Notes::default(),
    }
}

/// A snapshot of a disk (`ZONE/NAME`).
pub(in crate::runner::sim) fn snapshot(
    world: &mut World,
    name: &str,
    disk: &str,
    created: DateTime<Utc>,
    files: Option<Node>,
) -> Snapshot {
    Snapshot {
        name: name.to_owned(),
        id: number(world),
        disk: disk.to_owned(),
        size_gb: SIZE_GB,
        ready: created + Duration::from_secs(90),
        created,
        files,
        notes: Notes::default(),
    }
}

/// Attaches a disk of its zone to a virtual machine: the device is there from now on.
pub(in crate::runner::sim) fn attach(world: &mut World, project: &str, zone: &str, vm: &str, disk: &str, device: &str) {
    let Some(of) = world.cloud.projects.get_mut(project) else { return };
    let Some(instance) = of.instances.get_mut(&format!("{zone}/{vm}")) else { return };
    instance.disks.retain(|attached| attached.disk != disk && attached.device != device);
    let attached = Attached { disk: disk.to_owned(), device: device.to_owned(), boot: false, auto_delete: false };
    instance.disks.push(attached);
    let machine = instance.machine.clone();
    let began = world.began;
    let Some(machine) = world.machine_mut(&machine) else { return };
    let node = Node { kind: Kind::Device(format!("{project}/{zone}/{disk}")), ..Node::directory(began) };
    // Every machine is made with this directory; one that has lost it has no place for the device.
    let _ = machine.files.put(&format!("dev/disk/by-id/google-{device}"), Node { mode: 0o660, ..node });
}

/// Detaches a disk from whatever has it, with its device and its mounts.
pub(in crate::runner::sim) fn detach(world: &mut World, key: &str) {
    let Some((project, disk)) = key.split_once('/') else { return };
    let Some((zone, name)) = disk.split_once('/') else { return };
    let now = world.now();
    let Some(of) = world.cloud.projects.get(project) else { return };
    let has =
        |instance: &&Instance| instance.zone == zone && instance.disks.iter().any(|attached| attached.disk == name);
    let vms: Vec<(String, String)> =
        of.instances.values().filter(has).map(|instance| (instance.name.clone(), instance.machine.clone())).collect();
    for (vm, machine) in vms {
        if let Some(instance) =
            world.cloud.projects.get_mut(project).and_then(|project| project.instances.get_mut(&format!("{zone}/{vm}")))
        {
            instance.disks.retain(|attached| attached.disk != name);
        }
        let Some(machine) = world.machine_mut(&machine) else { continue };
        let devices = machine.files.get("dev/disk/by-id").into_iter().flat_map(Node::entries);
        let gone: Vec<String> = devices
            .filter(|(_, node)| matches!(&node.kind, Kind::Device(to) if to == key))
            .map(|(name, _)| format!("dev/disk/by-id/{name}"))
            .collect();
        for device in gone {
            machine.files.remove(&device, now);
        }
        let mounts: Vec<String> =
            machine.mounts.iter().filter(|(_, disk)| *disk == key).map(|(dir, _)| dir.clone()).collect();
        for dir in mounts {
            machine.mounts.remove_mut(&dir);
        }
    }
}
