//! What is different between two states of the world, as things that have to be done for real. Pure.

use crate::runner::sim::World;
use crate::runner::sim::cloud::{At, Instance, Project};

/// Something to be done, in the order in which it is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A snapshot is a copy of a disk as it is now (both by number).
    TakeSnapshot { id: String, disk: Option<String>, size_gb: u64 },
    /// A disk is a file of this size, or a copy of a snapshot.
    MakeDisk { id: String, size_gb: u64, snapshot: Option<String> },
    /// A disk's file is larger.
    GrowDisk { id: String, size_gb: u64 },
    /// A virtual machine is gone.
    Delete { at: At },
    /// There is a virtual machine; it has no device yet and was not set up.
    Create { at: At },
    /// It is off.
    Stop { at: At },
    /// It lost its power.
    Kill { at: At },
    /// It is on again.
    Start { at: At },
    /// It was switched off and on.
    Restart { at: At },
    /// A disk (by number) is no longer a device of a virtual machine.
    Detach { at: At, disk: Option<String>, device: String },
    /// A disk (by number) is a device of a virtual machine.
    Attach { at: At, disk: String, device: String },
    /// A virtual machine lets these keys in: lines `USER:KEY`.
    Keys { at: At, lines: Vec<String> },
    /// A new virtual machine is set up.
    SetUp { at: At },
    /// What its fstab names and was not there when it booted is mounted.
    Mount { at: At },
    /// No machine has a disk any more.
    Release { id: String },
    /// A disk's file is gone.
    DropDisk { id: String },
    /// A snapshot's file is gone.
    DropSnapshot { id: String },
}

/// What has to be done to get from one state to another.
pub fn effects(before: &World, after: &World) -> Vec<Effect> {
    let mut all = Vec::new();
    let none = Project::default();
    for (id, new) in &after.cloud().projects {
        let old = before.cloud().projects.get(id).unwrap_or(&none);
        snapshots(old, new, &mut all);
        disks(old, new, &mut all);
        machines((before, after), id, (old, new), &mut all);
        gone(old, new, &mut all);
    }
    all
}

fn snapshots(old: &Project, new: &Project, all: &mut Vec<Effect>) {
    for snapshot in new.snapshots.values() {
        if old.snapshots.values().all(|known| known.id != snapshot.id) {
            let disk = old.disks.get(&snapshot.disk).or_else(|| new.disks.get(&snapshot.disk));
            let disk = disk.map(|disk| disk.id.clone());
            all.push(Effect::TakeSnapshot { id: snapshot.id.clone(), disk, size_gb: snapshot.size_gb });
        }
    }
}

fn disks(old: &Project, new: &Project, all: &mut Vec<Effect>) {
    for disk in new.disks.values() {
        let (id, size_gb) = (disk.id.clone(), disk.size_gb);
        match old.disks.values().find(|known| known.id == disk.id) {
            Some(known) if known.size_gb < size_gb => all.push(Effect::GrowDisk { id, size_gb }),
            Some(_) => {}
            // The machine's own file system is what it boots from.
            None if boots(new, &disk.zone, &disk.name) => {}
            None => {
                let snapshot = disk.from.as_ref().and_then(|name| new.snapshots.get(name));
                all.push(Effect::MakeDisk { id, size_gb, snapshot: snapshot.map(|snapshot| snapshot.id.clone()) });
            }
        }
    }
}

/// An instance boots from a disk.
fn boots(project: &Project, zone: &str, disk: &str) -> bool {
    let mut here = project.instances.values().filter(|instance| instance.zone == zone);
    here.any(|instance| instance.disks.iter().any(|attached| attached.boot && attached.disk == disk))
}

fn machines(worlds: (&World, &World), id: &str, (old, new): (&Project, &Project), all: &mut Vec<Effect>) {
    for instance in old.instances.values() {
        if new.instances.values().all(|known| known.id != instance.id) {
            let at = At::zone(id, &instance.zone, &instance.name);
            let disks = instance.disks.iter().filter_map(|disk| old.disks.get(&at.beside(&disk.disk).key()));
            all.push(Effect::Delete { at: at.clone() });
            all.extend(disks.map(|disk| Effect::Release { id: disk.id.clone() }));
        }
    }
    for instance in new.instances.values() {
        let at = At::zone(id, &instance.zone, &instance.name);
        let keys = worlds.1.ssh_keys(&at);
        let Some(known) = old.instances.values().find(|known| known.id == instance.id) else {
            all.push(Effect::Create { at: at.clone() });
            attach(&at, instance, new, all);
            if !keys.is_empty() {
                all.push(Effect::Keys { at: at.clone(), lines: keys });
            }
            all.push(Effect::SetUp { at });
            continue;
        };
        change(&at, (known, instance), (old, new), all);
        if instance.status == "RUNNING" && keys != worlds.0.ssh_keys(&at) {
            all.push(Effect::Keys { at, lines: keys });
        }
    }
}

fn change(at: &At, (known, instance): (&Instance, &Instance), (old, new): (&Project, &Project), all: &mut Vec<Effect>) {
    let (was_on, is_on) = (known.status == "RUNNING", instance.status == "RUNNING");
    let again = instance.vm.started != known.vm.started;
    for attached in known.disks.iter().filter(|attached| !attached.boot && !instance.disks.contains(*attached)) {
        if was_on && instance.disks.iter().all(|kept| kept.disk != attached.disk || kept.device != attached.device) {
            let disk = old.disks.get(&at.beside(&attached.disk).key()).map(|disk| disk.id.clone());
            all.push(Effect::Detach { at: at.clone(), disk, device: attached.device.clone() });
        }
    }
    match (was_on, is_on) {
        (true, false) => all.push(Effect::Stop { at: at.clone() }),
        (_, true) if again => {
            let at = at.clone();
            all.push(if was_on { Effect::Restart { at } } else { Effect::Start { at } });
        }
        _ => {}
    }
    if is_on && (again || !was_on) {
        attach(at, instance, new, all);
        all.push(Effect::Mount { at: at.clone() });
    } else if is_on {
        let new_disks = instance.disks.iter().filter(|disk| {
            !disk.boot && known.disks.iter().all(|had| had.disk != disk.disk || had.device != disk.device)
        });
        for attached in new_disks {
            plug(at, &attached.disk, &attached.device, new, all);
        }
    }
}

/// Every disk of an instance but the one that it boots from.
fn attach(at: &At, instance: &Instance, project: &Project, all: &mut Vec<Effect>) {
    for attached in instance.disks.iter().filter(|attached| !attached.boot) {
        plug(at, &attached.disk, &attached.device, project, all);
    }
}

fn plug(at: &At, disk: &str, device: &str, project: &Project, all: &mut Vec<Effect>) {
    if let Some(disk) = project.disks.get(&at.beside(disk).key()) {
        all.push(Effect::Attach { at: at.clone(), disk: disk.id.clone(), device: device.to_owned() });
    }
}

fn gone(old: &Project, new: &Project, all: &mut Vec<Effect>) {
    for disk in old.disks.values() {
        if new.disks.values().all(|known| known.id != disk.id) {
            all.push(Effect::DropDisk { id: disk.id.clone() });
        }
    }
    for snapshot in old.snapshots.values() {
        if new.snapshots.values().all(|known| known.id != snapshot.id) {
            all.push(Effect::DropSnapshot { id: snapshot.id.clone() });
        }
    }
}
