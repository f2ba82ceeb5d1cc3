//! The machines of a system: one for every target, and the names that lead to them.

use std::sync::Arc;

use crate::model::facts::{HealthFacts, SystemFacts};
use crate::model::work::Target;

use super::super::world::{LOCAL, Machine, World};
use super::cloud;
use super::places::{ssh_host, url_host};

/// Machines are up for so long before the rehearsal begins.
pub(super) const UPTIME: chrono::TimeDelta = chrono::TimeDelta::days(21);

/// Machines get addresses of 203.0.113.0/24, which is set aside for documentation.
const FIRST_ADDRESS: u8 = 101;
const LAST_ADDRESS: u8 = 250;

/// Makes the machines of all targets, and the names that lead to them.
pub(super) fn build(world: &mut World) {
    let system = Arc::clone(&world.system);
    for (id, target) in &system.targets {
        add(world, Some(id), target);
    }
    add(world, None, &system.target);
    for service in &system.services {
        add(world, None, &service.target);
        match &service.health {
            HealthFacts::Http { target, .. } | HealthFacts::Program { target, .. } => add(world, None, target),
            HealthFacts::Runtime => {}
        }
    }
    names(world, &system);
}

fn add(world: &mut World, id: Option<&str>, target: &Target) {
    match target {
        Target::Local => {}
        Target::Ssh { host, .. } => {
            let host = ssh_host(host);
            if !host.is_empty() && world.machine_named(&host).is_none() {
                create(world, id.unwrap_or(&host), &host);
            }
        }
        Target::Gcloud { vm, project, zone } => {
            if !vm.is_empty() && world.instance(vm, project.as_deref(), zone.as_deref()).is_none() {
                let machine = create(world, vm, vm);
                cloud::instance(world, vm, &machine, project.as_deref(), zone.as_deref());
            }
        }
        Target::Container { via, .. } => add(world, id, via),
    }
}

/// Makes a machine that is reached under a host name; gives its name in the world.
pub(in crate::runner::sim) fn create(world: &mut World, name: &str, host: &str) -> String {
    let name = if world.machines.contains_key(name) { host } else { name };
    let mut machine = Machine::new(name, world.began - UPTIME);
    host.split('.').next().unwrap_or(host).clone_into(&mut machine.hostname);
    if host.parse::<std::net::IpAddr>().is_ok() {
        host.clone_into(&mut machine.hostname);
        machine.address = Some(host.to_owned());
    }
    world.machines.insert_mut(name.to_owned(), machine);
    let address = address(world, name);
    if address != host {
        world.names.insert_mut(host.to_owned(), address);
    }
    name.to_owned()
}

/// The address of a machine; it gets one where it has none.
pub(in crate::runner::sim) fn address(world: &mut World, machine: &str) -> String {
    let known = world.machine(machine).and_then(|machine| machine.address.clone());
    let address = known.unwrap_or_else(|| free_address(world));
    if let Some(machine) = world.machine_mut(machine) {
        machine.address = Some(address.clone());
    }
    address
}

/// An address that nobody has yet; the last one of the network when all are taken.
pub(in crate::runner::sim) fn free_address(world: &World) -> String {
    let mut next = (FIRST_ADDRESS..LAST_ADDRESS).map(|last| format!("203.0.113.{last}"));
    let is_free =
        |address: &String| world.machine_at(address).is_none() && !world.names.values().any(|known| known == address);
    next.find(is_free).unwrap_or_else(|| format!("203.0.113.{LAST_ADDRESS}"))
}

/// Names that users know lead to the machine where the service lives.
fn names(world: &mut World, system: &SystemFacts) {
    let healths = system.services.iter().filter_map(|service| match &service.health {
        HealthFacts::Http { url, .. } => Some((url, &service.target)),
        HealthFacts::Program { .. } | HealthFacts::Runtime => None,
    });
    let own = system.vars.get("url").map(|url| (url, &system.target));
    for (url, target) in healths.chain(own) {
        let Some(host) = url_host(url) else { continue };
        if world.resolve(&host).is_some() {
            continue;
        }
        let machine = world.machine_for(target).map_or_else(|| LOCAL.to_owned(), |machine| machine.name.clone());
        let address = address(world, &machine);
        world.names.insert_mut(host, address);
    }
}
