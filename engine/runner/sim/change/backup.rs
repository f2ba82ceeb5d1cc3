//! A backup of another age, damaged, or gone.

use std::sync::Arc;
use std::time::Duration;

use crate::model::change::BackupState;
use crate::model::facts::{BackupFacts, DataFacts};
use crate::model::system::BackupKind;

use super::super::blob::Blob;
use super::super::build::backups;
use super::super::dice::Dice;
use super::super::tree::{Kind, Node};
use super::super::world::World;
use super::Changed;

pub(super) fn change(world: &mut World, data: &str, id: &str, is: BackupState, age: Option<Duration>) -> Changed {
    let data = world.known_data(data)?;
    let backup = known(&data, id)?.clone();
    match is {
        BackupState::Absent => backups::clear(world, &data, &backup),
        BackupState::Whole => make(world, &data, &backup, age)?,
        BackupState::Damaged => {
            if age.is_some() || backups::newest(world, &data, &backup).is_none() {
                make(world, &data, &backup, age)?;
            }
            damage(world, &data, &backup);
        }
    }
    Ok(())
}

/// A backup of some data by its id.
pub(super) fn known<'d>(data: &'d DataFacts, id: &str) -> Result<&'d BackupFacts, String> {
    let missing = || format!("data `{}` has no backup `{id}`", data.id);
    data.backups.iter().find(|backup| backup.id == id).ok_or_else(missing)
}

fn make(world: &mut World, data: &DataFacts, backup: &BackupFacts, age: Option<Duration>) -> Changed {
    if world.machine_of_data(data).is_none() {
        return Err(format!("data `{}` has no machine", data.id));
    }
    backups::place(world, data, backup, age.unwrap_or_else(|| backups::age(backup)));
    Ok(())
}

/// None of its files can be read to its end.
fn damage(world: &mut World, data: &DataFacts, backup: &BackupFacts) {
    let mut dice = world.dice;
    if backup.kind == BackupKind::DiskSnapshot {
        if let Some((project, disk)) = backups::disk_of(world, data)
            && let Some(project) = world.cloud.projects.get_mut(&project)
        {
            let of_disk = project.snapshots.values().filter(|snapshot| snapshot.disk == disk);
            let names: Vec<String> = of_disk.map(|snapshot| snapshot.name.clone()).collect();
            for name in names {
                if let Some(files) = project.snapshots.get_mut(&name).and_then(|snapshot| snapshot.files.as_mut()) {
                    cut(files, &mut dice);
                }
            }
        }
    } else {
        for (root, path) in backups::files(world, data, backup) {
            if let Some(node) = world.root_mut(&root).and_then(|root| root.get_mut(&path)) {
                cut(node, &mut dice);
            }
        }
    }
    world.dice = dice;
}

/// Cuts every file below a node that holds something; each is a new one then, since its copies are whole.
fn cut(node: &mut Node, dice: &mut Dice) {
    match &mut node.kind {
        Kind::Directory(entries) => {
            let names: Vec<String> = entries.keys().cloned().collect();
            for name in names {
                if let Some(child) = entries.get_mut(&name) {
                    cut(child, dice);
                }
            }
        }
        Kind::Blob(blob) => {
            let cut = Blob { id: dice.roll(), whole: false, bytes: blob.bytes / 2, ..(**blob).clone() };
            *blob = Arc::new(cut);
        }
        Kind::Text(_) | Kind::Link(_) | Kind::Device(_) => {}
    }
}
