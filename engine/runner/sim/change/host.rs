//! A machine that is off, cut off or started again, and files on machines.

use crate::model::change::HostState;

use super::super::build::machines;
use super::super::build::places::ssh_host;
use super::super::lifecycle;
use super::super::place::Place;
use super::super::tree::{Kind, Node, absolute, split};
use super::super::world::{LOCAL, Life, Power, World};
use super::Changed;

/// What Docker notes for a container whose end nobody saw.
const UNSEEN: i32 = 255;

pub(super) fn change(world: &mut World, name: Option<&str>, is: HostState, address: Option<&str>) -> Changed {
    let machine = match (name, name.and_then(|name| find(world, name))) {
        (_, Some(machine)) => machine,
        (None, None) => home(world),
        // A host that is not among the targets: it is brought in by its name.
        (Some(name), None) if is == HostState::Up || address.is_some() => {
            machines::create(world, name, &ssh_host(name))
        }
        (Some(name), None) => return Err(format!("there is no machine `{name}`")),
    };
    if let Some(address) = address {
        readdress(world, &machine, address);
    }
    match is {
        HostState::Up => {
            let was_off = world.machine(&machine).is_some_and(|machine| machine.power == Power::Down);
            power(world, &machine, Power::Up);
            if was_off {
                status(world, &machine, "RUNNING");
                boot(world, &machine);
            }
        }
        HostState::Cut => power(world, &machine, Power::Cut),
        HostState::Down => {
            halt(world, &machine);
            power(world, &machine, Power::Down);
            status(world, &machine, "TERMINATED");
        }
        HostState::Restarted => {
            halt(world, &machine);
            power(world, &machine, Power::Up);
            status(world, &machine, "RUNNING");
            boot(world, &machine);
        }
    }
    Ok(())
}

/// A machine by the id of a target, by its own name, or by a host name.
pub(super) fn find(world: &World, name: &str) -> Option<String> {
    let target = world.system.targets.iter().find(|(id, _)| id == name).map(|(_, target)| target);
    let by_target = target.and_then(|target| world.home_of(target));
    let found = by_target.or_else(|| world.machine(name)).or_else(|| world.machine_named(&ssh_host(name)));
    found.map(|machine| machine.name.clone())
}

/// The machine where services live.
fn home(world: &World) -> String {
    world.home_of(&world.system.target).map_or_else(|| LOCAL.to_owned(), |machine| machine.name.clone())
}

fn power(world: &mut World, machine: &str, power: Power) {
    if let Some(machine) = world.machine_mut(machine) {
        machine.power = power;
    }
}

/// The virtual machine that the machine is goes with it.
fn status(world: &mut World, machine: &str, status: &str) {
    let Some((project, instance)) = world.instance_of(machine) else { return };
    let (project, key) = (project.clone(), format!("{}/{}", instance.zone, instance.name));
    let instance = world.cloud.projects.get_mut(&project).and_then(|project| project.instances.get_mut(&key));
    if let Some(instance) = instance {
        status.clone_into(&mut instance.status);
    }
}

/// A machine answers to another address; names that led to the old one lead there.
pub(super) fn readdress(world: &mut World, machine: &str, address: &str) {
    let old = world.machine(machine).and_then(|machine| machine.address.clone());
    if let Some(old) = old {
        let names: Vec<String> =
            world.names.iter().filter(|(_, known)| **known == old).map(|(name, _)| name.clone()).collect();
        for name in names {
            world.names.insert_mut(name, address.to_owned());
        }
    }
    if let Some(machine) = world.machine_mut(machine) {
        machine.address = Some(address.to_owned());
    }
}

/// Nothing runs on a machine any more.
pub(super) fn halt(world: &mut World, machine: &str) {
    let now = world.now();
    let Some(machine) = world.machine_mut(machine) else { return };
    let units: Vec<String> = machine.units.keys().cloned().collect();
    for name in units {
        let own = name.trim_end_matches(".service") != "docker";
        if let Some(unit) = machine.units.get_mut(&name).filter(|_| own) {
            "inactive".clone_into(&mut unit.state);
            unit.ready = None;
        }
    }
    let Some(engine) = &mut machine.engine else { return };
    engine.running = false;
    let ids: Vec<String> = engine.containers.keys().cloned().collect();
    for id in ids {
        let Some(container) = engine.containers.get_mut(&id) else { continue };
        let started = match container.life {
            Life::Running(run) => run.started,
            Life::Looping { since, .. } => since,
            Life::Created | Life::Exited { .. } => continue,
        };
        container.paused = false;
        container.life = Life::Exited { code: UNSEEN, at: now, started, oom: false };
    }
}

/// A machine has just started: disks that may be missing (`nofail`, or not in fstab at all) are not mounted, and Docker is not up
/// unless its unit says so.
pub(super) fn boot(world: &mut World, name: &str) {
    let now = world.now();
    let Some(machine) = world.machine_mut(name) else { return };
    machine.booted = now;
    let table = match machine.files.get("etc/fstab").map(|node| &node.kind) {
        Some(Kind::Text(text)) => text.to_string(),
        _ => String::new(),
    };
    let kept = |dir: &str| {
        table.lines().any(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let here = fields.next().is_some_and(|at| at.trim_end_matches('/') == dir);
            here && !fields.nth(1).unwrap_or_default().split(',').any(|option| option == "nofail")
        })
    };
    let gone: Vec<String> = machine.mounts.keys().filter(|dir| !kept(dir)).cloned().collect();
    for dir in gone {
        machine.mounts.remove_mut(&dir);
    }
    if machine.unit("docker").is_some_and(|unit| unit.state == "active") {
        restart_containers(world, name);
    }
}

/// Docker starts what is to be always up.
fn restart_containers(world: &mut World, machine: &str) {
    let Some(engine) = world.engine_mut(machine) else { return };
    engine.running = true;
    let always = |restart: &str| matches!(restart, "always" | "unless-stopped");
    let ids: Vec<String> = engine
        .containers
        .values()
        .filter(|container| always(&container.restart) && matches!(container.life, Life::Exited { code: UNSEEN, .. }))
        .map(|container| container.id.clone())
        .collect();
    for id in ids {
        let life = lifecycle::start(world, machine, &id);
        if let Some(container) = world.engine_mut(machine).and_then(|engine| engine.containers.get_mut(&id)) {
            container.life = life;
        }
    }
}

pub(super) fn file(world: &mut World, path: &str, text: Option<&str>, host: Option<&str>) -> Changed {
    let machine = match host {
        Some(host) => find(world, host).ok_or_else(|| format!("there is no machine `{host}`"))?,
        None => home(world),
    };
    if !path.starts_with('/') {
        return Err(format!("the path `{path}` of a file must be absolute"));
    }
    let place = Place::machine(&machine);
    let path = absolute("/", path);
    let Some(text) = text else {
        // What is not there is gone already.
        let _ = world.remove(&place, &path);
        return Ok(());
    };
    let failed = |error| format!("file `{path}`: {error}");
    let node = Node::text(text, world.now());
    world.make_dirs(&place, split(&path).0).map_err(failed)?;
    world.put(&place, &path, node).map_err(failed)?;
    if let Some(machine) = world.machine_mut(&machine).filter(|_| path == "/etc/hostname") {
        text.trim().clone_into(&mut machine.hostname);
    }
    Ok(())
}
