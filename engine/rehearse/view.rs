//! `world` in expressions: the services, the data, what was destroyed and what was proved, as they are at one moment.

use super::scene::Seen;
use crate::runner::sim::World;
use crate::template::{Scope, Value, value};

/// A scope with `world` in it. What is not read is not looked at: invariants are asked again and again.
pub fn over(scope: &Scope, world: &World, seen: &Seen) -> Scope {
    let (world, destroyed) = (world.clone(), seen.destroyed.clone());
    scope.with_lazy("world", move || Ok(value_of(world.clone(), destroyed.clone())))
}

fn value_of(world: World, destroyed: Vec<String>) -> Value {
    value::lazy(["services", "data", "destroyed", "proved"], move |part| {
        Some(match part {
            "services" => services(world.clone()),
            "data" => data(world.clone()),
            "destroyed" => destroyed.iter().map(String::as_str).collect(),
            _ => proved(&world),
        })
    })
}

fn services(world: World) -> Value {
    let ids: Vec<String> = world.facts().services.iter().map(|service| service.id.clone()).collect();
    value::lazy(ids, move |id| {
        let (world, id) = (world.clone(), id.to_owned());
        Some(value::lazy(["state", "healthy", "running", "paused", "image", "needs"], move |field| {
            if field == "healthy" {
                return world.service(&id).map(|service| Value::from(service.healthy));
            }
            if field == "needs" {
                let service = world.facts().services.iter().find(|service| service.id == id)?;
                return Some(service.needs.iter().map(String::as_str).collect());
            }
            let service = world.service_by_looks(&id)?;
            Some(match field {
                "state" => Value::from(service.state),
                "running" => Value::from(service.running),
                "paused" => Value::from(service.paused),
                _ => Value::from(service.image),
            })
        }))
    })
}

fn data(world: World) -> Value {
    let ids: Vec<String> = world.facts().data.iter().map(|data| data.id.clone()).collect();
    value::lazy(ids, move |id| {
        let (world, id) = (world.clone(), id.to_owned());
        Some(value::lazy(["state", "copies", "loss"], move |field| {
            if field == "copies" {
                return Some(Value::from(world.copies(&id).len()));
            }
            let data = world.data().into_iter().find(|data| data.id == id)?;
            Some(match field {
                "state" => Value::from(data.state),
                _ => data.loss.map_or_else(|| Value::from(()), value::duration),
            })
        }))
    })
}

fn proved(world: &World) -> Value {
    let copies = world.all_copies().into_iter().filter(|(_, copy)| copy.proved);
    copies.map(|(data, copy)| format!("{data} in {}", copy.place)).collect()
}
