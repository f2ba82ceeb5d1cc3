//! A virtual machine that runs, is off, or is gone.

use crate::model::change::{Change, VmState};

use super::super::build::{cloud, machines};
use super::super::world::{Attached, Instance, LOCAL, Power, World};
use super::disk::rename;
use super::{Changed, host};

pub(super) fn change(world: &mut World, change: &Change) -> Changed {
    let Change::Vm { name, is, project, zone, address, host } = change else { return Ok(()) };
    if name.is_empty() {
        return Err("a virtual machine needs a name".to_owned());
    }
    let machine = host.as_ref().and_then(|host| host::find(world, host));
    let known = world.instance(name, project.as_deref(), zone.as_deref());
    let known = known.map(|(project, instance)| (project.clone(), instance.clone()));
    // The machine may be a virtual machine already, under a name that the world had to invent.
    let other = machine.as_ref().and_then(|machine| world.instance_of(machine));
    let other = other.map(|(project, instance)| (project.clone(), instance.clone()));
    let (id, key, machine) = match (known, other, machine) {
        (Some((id, instance)), _, _) => {
            let key = format!("{}/{}", instance.zone, instance.name);
            (id, key, instance.machine)
        }
        (None, Some((from, instance)), Some(machine)) => {
            let id = cloud::project(world, project.as_deref().or(Some(&from)));
            let zone = zone.clone().unwrap_or_else(|| instance.zone.clone());
            move_vm(world, (&from, &instance), (&id, &zone), name);
            (id, format!("{zone}/{name}"), machine)
        }
        (None, _, _) if *is == VmState::Absent => return Ok(()),
        (None, _, machine) => {
            let machine = machine.unwrap_or_else(|| machines::create(world, name, host.as_deref().unwrap_or(name)));
            let id = cloud::instance(world, name, &machine, project.as_deref(), zone.as_deref());
            (id, format!("{}/{name}", cloud::zone(world, zone.as_deref())), machine)
        }
    };
    if let Some(address) = address {
        host::readdress(world, &machine, address);
        if let Some(instance) = instance(world, &id, &key) {
            instance.external = Some(address.clone());
        }
    }
    match is {
        VmState::Running => {
            let was_off = world.machine(&machine).is_some_and(|machine| machine.power == Power::Down);
            set(world, &id, &key, &machine, ("RUNNING", Power::Up));
            if was_off {
                host::boot(world, &machine);
            }
        }
        VmState::Terminated => {
            host::halt(world, &machine);
            set(world, &id, &key, &machine, ("TERMINATED", Power::Down));
        }
        VmState::Absent => {
            if machine == LOCAL {
                return Err(format!("virtual machine `{name}` is this machine, which cannot be absent"));
            }
            delete_vm(world, &id, &key, &machine);
        }
    }
    Ok(())
}

fn instance<'w>(world: &'w mut World, project: &str, key: &str) -> Option<&'w mut Instance> {
    world.cloud.projects.get_mut(project)?.instances.get_mut(key)
}

fn set(world: &mut World, id: &str, key: &str, machine: &str, (status, power): (&str, Power)) {
    if let Some(instance) = instance(world, id, key) {
        status.clone_into(&mut instance.status);
    }
    if let Some(machine) = world.machine_mut(machine) {
        machine.power = power;
    }
}

/// Gives a virtual machine its right name, project and zone; its disks and their snapshots go with it.
fn move_vm(world: &mut World, (from, old): (&str, &Instance), (to, zone): (&str, &str), name: &str) {
    if let Some(project) = world.cloud.projects.get_mut(from) {
        project.instances.remove_mut(&format!("{}/{}", old.zone, old.name));
    }
    let mut moved = Instance { name: name.to_owned(), zone: zone.to_owned(), disks: Vec::new(), ..old.clone() };
    for attached in &old.disks {
        let disk = if attached.boot { name } else { &attached.disk };
        let (source, target) = (format!("{}/{}", old.zone, attached.disk), format!("{zone}/{disk}"));
        rename(world, (from, &source), (to, &target));
        moved.disks.push(Attached { disk: disk.to_owned(), ..attached.clone() });
    }
    if let Some(project) = world.cloud.projects.get_mut(to) {
        project.instances.insert_mut(format!("{zone}/{name}"), moved);
    }
}

/// The virtual machine is gone with its boot disk; its other disks stay, attached to nothing.
fn delete_vm(world: &mut World, id: &str, key: &str, machine: &str) {
    let Some(disks) = instance(world, id, key).map(|instance| instance.disks.clone()) else { return };
    let zone = key.split_once('/').map_or("", |(zone, _)| zone).to_owned();
    if let Some(project) = world.cloud.projects.get_mut(id) {
        project.instances.remove_mut(key);
        for disk in disks.iter().filter(|disk| disk.auto_delete) {
            project.disks.remove_mut(&format!("{zone}/{}", disk.disk));
        }
    }
    world.machines.remove_mut(machine);
}
