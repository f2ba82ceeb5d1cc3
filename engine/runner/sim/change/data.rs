//! Data in another state, where the system has it. Copies and backups stay as they are.

use std::sync::Arc;

use crate::model::change::DataState;
use crate::model::facts::DataFacts;

use super::super::blob::{AsOf, Blob, Holds};
use super::super::build::{backups, cloud, data as place};
use super::super::dice::Dice;
use super::super::place::{Place, Root};
use super::super::tree::{Kind, Map, Node};
use super::super::world::{Cluster, World};
use super::Changed;

pub(super) fn change(world: &mut World, id: &str, is: DataState, from: Option<&str>) -> Changed {
    let data = world.known_data(id)?;
    if world.machine_of_data(&data).is_none() {
        return Err(format!("data `{id}` has no machine"));
    }
    match is {
        DataState::Whole => {
            let as_of = age(world, &data, from)?;
            let now = world.now();
            let files = world.files(&data, as_of, now);
            place::place(world, &data, files);
        }
        DataState::Damaged => damage(world, &data)?,
        DataState::Empty => {
            let files = world.empty_place(&data);
            place::place(world, &data, files);
            world.crash_owner(&data);
        }
        DataState::Lost => {
            lose(world, &data);
            world.crash_owner(&data);
        }
    }
    Ok(())
}

/// How old data is that was restored.
fn age(world: &World, data: &DataFacts, from: Option<&str>) -> Result<AsOf, String> {
    let Some(from) = from else { return Ok(AsOf::Present) };
    let backup = super::backup::known(data, from)?;
    backups::newest(world, data, backup).ok_or_else(|| format!("data `{}` has no backup in `{from}`", data.id))
}

fn damage(world: &mut World, data: &DataFacts) -> Changed {
    let missing = || format!("data `{}` is not there, so it cannot be damaged", data.id);
    let spot = world.live_spot(data).ok_or_else(missing)?;
    let mut dice = world.dice;
    let node = world.root_mut(&spot.root).and_then(|root| root.get_mut(&spot.path)).ok_or_else(missing)?;
    damage_below(node, &data.id, &mut dice);
    world.dice = dice;
    Ok(())
}

/// Damages everything below a node that holds the data; text and other files stay.
fn damage_below(node: &mut Node, data: &str, dice: &mut Dice) {
    match &mut node.kind {
        Kind::Directory(entries) => {
            let names: Vec<String> = entries.keys().cloned().collect();
            for name in names {
                if let Some(child) = entries.get_mut(&name) {
                    damage_below(child, data, dice);
                }
            }
        }
        Kind::Blob(blob) => {
            if let Some(damaged) = damaged(blob, data, dice) {
                *blob = Arc::new(damaged);
            }
        }
        Kind::Text(_) | Kind::Link(_) | Kind::Device(_) => {}
    }
}

/// The blob with its content damaged; a new one, since its copies are not. A server's files can still be read; its rows are wrong.
fn damaged(blob: &Blob, data: &str, dice: &mut Dice) -> Option<Blob> {
    match &blob.holds {
        Holds::Data { data: held, .. } if held == data => Some(Blob { id: dice.roll(), whole: false, ..blob.clone() }),
        Holds::Cluster(cluster) if cluster.data.as_deref() == Some(data) => {
            let cluster = Cluster { damaged: true, ..(**cluster).clone() };
            Some(Blob { id: dice.roll(), holds: Holds::Cluster(Arc::new(cluster)), ..blob.clone() })
        }
        _ => None,
    }
}

/// The volume, the directory or the disk is gone.
fn lose(world: &mut World, data: &DataFacts) {
    let Some(spot) = world.live_spot(data) else { return };
    let now = world.now();
    match &spot.root {
        Root::Volume(machine, name) => {
            if let Some(engine) = world.engine_mut(machine) {
                engine.volumes.remove_mut(name);
            }
        }
        Root::Disk(key) if data.disk.is_some() => {
            cloud::detach(world, key);
            remove_disk(world, key);
        }
        root => {
            if let Some(tree) = world.root_mut(root) {
                tree.remove(&spot.path, now);
            }
            // A directory that something is mounted on cannot go; what is in it can.
            let Some(machine) = world.machine_of_data(data).map(|machine| machine.name.clone()) else { return };
            let Some(path) = &data.path else { return };
            if let Ok(node) = world.node_mut(&Place::machine(&machine), path)
                && let Kind::Directory(entries) = &mut node.kind
            {
                *entries = Map::new_sync();
            }
        }
    }
}

/// Takes a disk out of its project.
pub(super) fn remove_disk(world: &mut World, key: &str) {
    let Some((project, disk)) = key.split_once('/') else { return };
    if let Some(project) = world.cloud.projects.get_mut(project) {
        project.disks.remove_mut(disk);
    }
}
