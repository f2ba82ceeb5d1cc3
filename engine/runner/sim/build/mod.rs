//! The world of a system in which everything is well: its machines, services, data and backups.
//!
//! What a system file does not say is filled in as an operator would expect it; `Change`s correct that afterwards.

pub(super) mod backups;
pub(super) mod cloud;
pub(super) mod content;
pub(super) mod data;
pub(super) mod images;
pub(super) mod machines;
pub(super) mod moments;
mod naming;
pub(super) mod places;
pub(super) mod services;
#[cfg(test)]
pub(in crate::runner::sim) mod tests;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::facts::SystemFacts;

use super::place::Place;
use super::tree::Node;
use super::world::World;

impl World {
    /// The world of a system in which everything is well at the moment `began`. The same seed gives the same world.
    #[must_use]
    pub fn of(system: Arc<SystemFacts>, began: DateTime<Utc>, seed: u64) -> Self {
        let mut world = Self::empty(began, seed, system);
        machines::build(&mut world);
        images::build(&mut world);
        data::build(&mut world);
        backups::build(&mut world);
        services::build(&mut world);
        directories(&mut world);
        buckets(&mut world);
        world
    }
}

/// The directory of the Compose project, where services live.
fn directories(world: &mut World) {
    let system = Arc::clone(&world.system);
    let Some(compose) = system.compose.as_ref().filter(|compose| compose.dir.starts_with('/')) else { return };
    let Some(machine) = world.machine_for(&system.target).map(|machine| machine.name.clone()) else { return };
    let place = Place::machine(&machine);
    if world.make_dirs(&place, &compose.dir).is_ok() {
        let settings = Node { mode: 0o600, ..Node::text("# settings of the project\n", world.began) };
        // The directory was just made.
        let _ = world.put(&place, &format!("{}/.env", compose.dir), settings);
    }
}

/// The buckets that the system names (`s3://NAME/…`), empty.
fn buckets(world: &mut World) {
    let system = Arc::clone(&world.system);
    let names = system.vars.values().filter_map(|value| value.strip_prefix("s3://")?.split('/').next());
    for name in names.filter(|name| !name.is_empty()) {
        world.buckets.insert_mut(name.to_owned(), Node::directory(world.began));
    }
}
