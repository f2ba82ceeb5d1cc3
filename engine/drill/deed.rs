//! What a fault or a person does to a lab: machines from outside, programs in them, the cloud's stand-in.

use std::time::Duration;

use super::error::DrillError;
use super::lab::{Inside, Lab, Scene, change_machine};
use super::request;
use crate::model::lab::{Deed, MachineChange};
use crate::model::operation::Argv;
use crate::model::rehearsal::Word as _;

/// A program that breaks or mends something.
const WITHIN: Duration = Duration::from_mins(2);

/// As written.
fn word(change: MachineChange) -> &'static str {
    MachineChange::WORDS.iter().find(|(_, known)| *known == change).map_or("", |(word, _)| word)
}

/// What will be done, a line each.
///
/// # Errors
/// A text of the lab's file reads what is not there.
pub fn describe(deed: &Deed, scene: &Scene) -> Result<Vec<String>, DrillError> {
    let mut lines: Vec<String> =
        deed.machines.iter().map(|(machine, change)| format!("{} {}", word(*change), machine.value)).collect();
    if let Some(text) = &deed.cloud {
        lines.push(format!("cloud: {}", scene.text(text)?));
    }
    if let (Some(machine), Some(argv)) = (&deed.in_machine, &deed.exec) {
        lines.push(format!("in {}: {}", machine.value, scene.words(argv)?.join(" ")));
    }
    Ok(lines)
}

/// Does it.
///
/// # Errors
/// Whatever could not be done.
pub fn carry_out(deed: &Deed, lab: &Lab, scene: &Scene) -> Result<(), DrillError> {
    for (machine, change) in &deed.machines {
        if lab.state.machines.contains_key(&machine.value) {
            change_machine(&lab.container(&machine.value), *change)?;
        } else {
            // The cloud has to know what became of its machine.
            cloud(lab, &format!("vm/{}/{}", machine.value, word(*change)), "{}".to_owned())?;
        }
    }
    if let Some(text) = &deed.cloud {
        cloud(lab, "fault", scene.text(text)?)?;
    }
    if let (Some(machine), Some(argv)) = (&deed.in_machine, &deed.exec) {
        run_in(lab, &machine.value, argv, scene)?;
    }
    Ok(())
}

/// Runs a program in a machine; it has to end well.
///
/// # Errors
/// It does not.
pub fn run_in(lab: &Lab, machine: &str, argv: &Argv, scene: &Scene) -> Result<String, DrillError> {
    let container = lab.container(machine);
    Inside { container: &container }.checked(&scene.words(argv)?, WITHIN)
}

/// Tells the cloud's stand-in something that no cloud would be told.
fn cloud(lab: &Lab, path: &str, body: String) -> Result<(), DrillError> {
    let what = format!("tell the cloud's stand-in `{path}`");
    match &lab.state.cloud {
        Some(origin) => request::post(&what, &format!("{origin}/_lab/{path}"), body).map(drop),
        None => Err(DrillError::failed(what, "this lab has none")),
    }
}
