//! What a run has left behind: helpers that still run, half-done files, disks and mounts.

use std::ptr;

use super::super::place::Root;
use super::super::tree::{Kind, Map, Node, parts};
use super::super::world::{Container, Disk, Engine, Machine, World};

impl World {
    /// What was not there in an earlier world and should not stay, a line each.
    #[must_use]
    pub fn left_behind(&self, before: &Self) -> Vec<String> {
        let mut found = Vec::new();
        for (name, machine) in &self.machines {
            let known = before.machine(name);
            if known.is_some_and(|known| ptr::eq(known, machine)) {
                continue;
            }
            self.on_machine(machine, known, &mut found);
        }
        for (id, project) in &self.cloud.projects {
            let known = before.cloud.projects.get(id);
            if known.is_some_and(|known| ptr::eq(known, project)) {
                continue;
            }
            self.attached(before, id, &mut found);
            for (key, disk) in &project.disks {
                let known = known.and_then(|known| known.disks.get(key));
                in_disk(disk, known, &mut found);
            }
        }
        found
    }

    fn on_machine(&self, machine: &Machine, known: Option<&Machine>, found: &mut Vec<String>) {
        if let Some(engine) = &machine.engine {
            self.containers(&machine.name, engine, known.and_then(|known| known.engine.as_ref()), found);
        }
        for dir in machine.mounts.keys() {
            let new = known.is_none_or(|known| !known.mounts.contains_key(dir));
            if new && !self.is_place_of_data(machine, dir) {
                found.push(format!("{dir} is still mounted on {}", machine.name));
            }
        }
        let mut files = Vec::new();
        unfinished(&machine.files, known.map(|known| &known.files), &mut String::new(), &mut files);
        found.extend(files.into_iter().map(|path| format!("{path} on {}", machine.name)));
        for (name, volume) in machine.engine.iter().flat_map(|engine| &engine.volumes) {
            let known = known.and_then(|known| known.engine.as_ref()).and_then(|engine| engine.volumes.get(name));
            let mut files = Vec::new();
            unfinished(&volume.files, known.map(|known| &known.files), &mut String::new(), &mut files);
            found.extend(files.into_iter().map(|path| format!("{path} in volume {name}")));
        }
    }

    fn containers(&self, machine: &str, engine: &Engine, known: Option<&Engine>, found: &mut Vec<String>) {
        let was = |container: &Container| known.and_then(|known| known.containers.get(&container.id));
        for container in engine.containers.values() {
            let before = was(container);
            if container.service.is_none() && container.runs(self.now()) && before.is_none() {
                found.push(format!("container {} still runs on {machine}", container.name));
            }
        }
    }

    /// Disks that were attached and are no place of the system's data.
    fn attached(&self, before: &Self, id: &str, found: &mut Vec<String>) {
        let Some(project) = self.cloud.projects.get(id) else { return };
        for (key, instance) in &project.instances {
            let known = before.cloud.projects.get(id).and_then(|project| project.instances.get(key));
            let new = instance.disks.iter().filter(|disk| {
                let known = known.is_some_and(|known| known.disks.iter().any(|known| known.disk == disk.disk));
                !disk.boot && !known
            });
            for attached in new {
                let key = Root::Disk(format!("{id}/{}/{}", instance.zone, attached.disk));
                let is_place = |data| self.live_spot(data).is_some_and(|spot| spot.root == key);
                if !self.system.data.iter().any(is_place) {
                    found.push(format!("disk {} is still attached to {}", attached.disk, instance.name));
                }
            }
        }
    }

    /// A path at which the system has data on this machine.
    fn is_place_of_data(&self, machine: &Machine, dir: &str) -> bool {
        let here = |target: &Machine| target.name == machine.name;
        self.system.data.iter().any(|data| {
            let same = data.path.as_ref().is_some_and(|path| parts(path).eq(parts(dir)));
            same && self.machine_of_data(data).is_some_and(here)
        })
    }
}

fn in_disk(disk: &Disk, known: Option<&Disk>, found: &mut Vec<String>) {
    let Some(files) = &disk.files else { return };
    let mut paths = Vec::new();
    unfinished(files, known.and_then(|known| known.files.as_ref()), &mut String::new(), &mut paths);
    found.extend(paths.into_iter().map(|path| format!("{path} on disk {}", disk.name)));
}

/// A name that says that somebody has not finished.
fn is_unfinished(name: &str) -> bool {
    name == "transaction.yaml" || [".incomplete", ".lock"].iter().any(|end| name.ends_with(end))
}

/// Paths with such a name that were not there before. What both worlds share is not looked into.
fn unfinished(node: &Node, known: Option<&Node>, path: &mut String, found: &mut Vec<String>) {
    if known.is_some_and(|known| ptr::eq(known, node)) {
        return;
    }
    let Kind::Directory(entries) = &node.kind else { return };
    let before: Option<&Map<String, Node>> = match known.map(|known| &known.kind) {
        Some(Kind::Directory(entries)) => Some(entries),
        _ => None,
    };
    let length = path.len();
    for (name, child) in entries {
        path.push('/');
        path.push_str(name);
        let known = before.and_then(|before| before.get(name));
        if is_unfinished(name) && known.is_none() {
            found.push(path.clone());
        } else {
            unfinished(child, known, path, found);
        }
        path.truncate(length);
    }
}
