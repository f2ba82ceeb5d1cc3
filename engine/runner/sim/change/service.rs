//! A service in another state: its container, or its unit.

use crate::model::change::ServiceState;
use crate::model::facts::{RuntimeFacts, ServiceFacts};

use super::super::build::images::keep;
use super::super::build::services::build_one;
use super::super::world::{Container, Image, Life, Run, Unit, World};
use super::Changed;

/// Killed by a signal nobody can refuse.
const KILLED: i32 = 137;

pub(super) fn change(world: &mut World, id: &str, is: ServiceState, image: Option<&str>) -> Changed {
    let service = world.known_service(id)?;
    let Some(machine) = world.home_of(&service.target).map(|machine| machine.name.clone()) else {
        return Err(format!("service `{id}` has no machine"));
    };
    if let RuntimeFacts::Unit(name) = &service.runtime {
        return unit(world, &machine, &service, name, is);
    }
    if is == ServiceState::Absent {
        remove(world, &machine, &service);
        return Ok(());
    }
    if world.container_of(&service).is_none() {
        if world.engine(&machine).is_none() {
            let engine = world.fresh_engine();
            if let Some(machine) = world.machine_mut(&machine) {
                machine.engine = Some(engine);
            }
        }
        build_one(world, &service);
    }
    if image.is_some() || matches!(is, ServiceState::CrashLoop | ServiceState::Unhealthy) {
        run_image(world, &machine, &service, is, image);
    }
    let now = world.now();
    if let Some(engine) = world.engine_mut(&machine).filter(|_| is == ServiceState::Running) {
        engine.running = true;
    }
    let Some(container) = container(world, &machine, &service) else {
        return Err(format!("service `{id}` has no container"));
    };
    let started = match &container.life {
        Life::Running(run) => run.started,
        Life::Exited { started, .. } => *started,
        Life::Looping { since, .. } => *since,
        Life::Created => container.created,
    };
    container.paused = is == ServiceState::Paused;
    container.life = match is {
        // It has been well for a while.
        ServiceState::Running | ServiceState::Paused => Life::Running(Run { started, ready: Some(now), ends: None }),
        ServiceState::Unhealthy => Life::Running(Run { started, ready: None, ends: None }),
        ServiceState::CrashLoop => Life::Looping { since: now, code: 1 },
        ServiceState::Stopped | ServiceState::Absent => Life::Exited { code: 0, at: now, started, oom: false },
        ServiceState::Crashed => Life::Exited { code: KILLED, at: now, started, oom: false },
    };
    Ok(())
}

fn container<'w>(world: &'w mut World, machine: &str, service: &ServiceFacts) -> Option<&'w mut Container> {
    world.engine_mut(machine)?.container_mut(service.runtime.container()?)
}

fn remove(world: &mut World, machine: &str, service: &ServiceFacts) {
    let Some(id) = world.container_of(service).map(|(_, container)| container.id.clone()) else { return };
    if let Some(engine) = world.engine_mut(machine) {
        engine.containers.remove_mut(&id);
    }
}

/// The container runs another image: the one that is named, or a bad build of its own. A restart keeps it; a deploy of the good one
/// brings the service back.
fn run_image(world: &mut World, machine: &str, service: &ServiceFacts, is: ServiceState, name: Option<&str>) {
    let Some(own) = world.container_of(service).map(|(_, container)| container.image_name.clone()) else { return };
    let image_name = name.map_or(own, super::super::world::tagged);
    let program = super::super::build::images::program_of(&world.system, service);
    let build = match is {
        ServiceState::CrashLoop => "crashes",
        ServiceState::Unhealthy => "unhealthy",
        _ => "",
    };
    let bad = bad(Image { program, ..world.image_named(&image_name, build) }, is);
    let id = bad.id.clone();
    if name.is_some() {
        keep(world, machine, &image_name, bad);
    } else if let Some(engine) = world.engine_mut(machine) {
        engine.images.insert_mut(id.clone(), bad);
    }
    if let Some(container) = container(world, machine, service) {
        container.image = id;
        container.image_name = image_name;
    }
}

/// An image that does what is wrong with the service.
fn bad(image: Image, is: ServiceState) -> Image {
    match is {
        ServiceState::CrashLoop => Image { crashes: Some((1, "ERROR: cannot start".to_owned())), ..image },
        ServiceState::Unhealthy => Image { unhealthy: true, ..image },
        _ => image,
    }
}

/// Its process dies; nothing starts it again.
pub(super) fn crash(world: &mut World, service: &ServiceFacts) {
    let now = world.now();
    let Some(machine) = world.home_of(&service.target).map(|machine| machine.name.clone()) else { return };
    if let RuntimeFacts::Unit(name) = &service.runtime {
        if let Some(unit) = world.machine_mut(&machine).and_then(|machine| machine.unit_mut(name)) {
            "failed".clone_into(&mut unit.state);
        }
        return;
    }
    let Some(container) = container(world, &machine, service) else { return };
    if let Life::Running(Run { started, .. }) = container.life {
        container.paused = false;
        container.life = Life::Exited { code: KILLED, at: now, started, oom: false };
    }
}

fn unit(world: &mut World, machine: &str, service: &ServiceFacts, name: &str, is: ServiceState) -> Changed {
    if is == ServiceState::Paused {
        return Err(format!("service `{}` is a unit, which cannot be paused", service.id));
    }
    let now = world.now();
    let Some(machine) = world.machine_mut(machine) else { return Ok(()) };
    let known = machine.unit_name(name);
    if is == ServiceState::Absent {
        machine.units.remove_mut(&known);
        return Ok(());
    }
    let (state, restarts, ready) = match is {
        ServiceState::Running => ("active", 0, Some(now)),
        ServiceState::Unhealthy => ("active", 0, None),
        ServiceState::CrashLoop => ("failed", 5, None),
        ServiceState::Crashed => ("failed", 0, None),
        ServiceState::Stopped | ServiceState::Paused | ServiceState::Absent => ("inactive", 0, None),
    };
    machine
        .units
        .insert_mut(known, Unit { state: state.to_owned(), restarts, service: Some(service.id.clone()), ready });
    Ok(())
}
