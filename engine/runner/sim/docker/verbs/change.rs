//! `docker rename` and `docker update`.

use super::super::client::Client;
use super::super::command::Given;
use super::super::fault::{Done, Fault};
use super::super::human::bytes;
use super::run::{nano_cpus, restart_policy};

pub fn rename(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    client.take(15);
    let [from, to] = given.operands.as_slice() else { return Ok(1) };
    match renamed(client, from, to) {
        Ok(()) => Ok(0),
        Err(fault) => {
            let (exit, text) = fault.told()?;
            client.process.complain(text);
            client.process.complain(format!("Error: failed to rename container named {from}"));
            Ok(exit)
        }
    }
}

fn renamed(client: &mut Client<'_, '_>, from: &str, to: &str) -> Done {
    let container = client.container(from)?;
    let (id, name) = (container.id.clone(), container.name.clone());
    let to = to.trim_start_matches('/');
    if name == to {
        return Err(Fault::daemon("Renaming a container with the same name as its current name"));
    }
    let of = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let valid = to.len() > 1 && to.starts_with(|c: char| c.is_ascii_alphanumeric()) && to.chars().all(of);
    let wrong = if valid {
        client.taken(to)?
    } else {
        Some(format!("Invalid container name (/{to}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"))
    };
    if let Some(wrong) = wrong {
        return Err(Fault::daemon(format!("Error when allocating new name: {wrong}")));
    }
    to.clone_into(&mut client.container_mut(&id)?.name);
    let now = client.process.world.now();
    client.tell(now, &id, "rename")
}

pub fn update(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["restart", "memory", "memory-swap", "cpus"])?;
    if given.flags.is_empty() {
        return Err(Fault::said(1, "you must provide one or more flags when using this command"));
    }
    client.take(25);
    let restart = given.text("restart").map(restart_policy).transpose()?;
    let memory = given.text("memory").and_then(bytes);
    let swap = given.text("memory-swap").is_some();
    let cpus = given.text("cpus").map(nano_cpus).transpose()?;
    client.each(&given.operands, |client, name| {
        let container = client.container(name)?;
        let id = container.id.clone();
        if container.spec.memory == 0 && memory.is_some() && !swap {
            return Err(Fault::daemon(format!(
                "Cannot update container {id}: Memory limit should be smaller than already set memoryswap limit, update the \
                 memoryswap at the same time"
            )));
        }
        if let Some((policy, retries)) = restart.clone() {
            client.container_mut(&id)?.restart = policy;
            client.respecify(&id, |spec| spec.retries = retries)?;
        }
        client.respecify(&id, |spec| {
            spec.memory = memory.unwrap_or(spec.memory);
            spec.nano_cpus = cpus.unwrap_or(spec.nano_cpus);
        })?;
        let now = client.process.world.now();
        client.tell(now, &id, "update")
    })
}
