//! `kill` on a machine, for the first processes of its containers: a crash, which the restart policy answers.

use super::super::process::{Process, Ran, Unsimulated};
use super::super::world::Status;
use super::document::pid;
use super::engine::crash;

pub fn kill(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let mut signal = "TERM".to_owned();
    let mut pids = Vec::new();
    for argument in arguments {
        match argument.strip_prefix('-') {
            Some("-" | "s") => {}
            Some(name) => signal = name.trim_start_matches("SIG").to_ascii_uppercase(),
            None => pids.push(argument),
        }
    }
    if process.place.container.is_some() {
        return Err(Unsimulated("`kill` in a container".to_owned()));
    }
    let code = match signal.as_str() {
        "9" | "KILL" => 137,
        _ => return Err(Unsimulated(format!("`kill -{signal}`"))),
    };
    let now = process.world.now();
    let machine = process.place.machine.clone();
    let mut exit = 0;
    for text in pids {
        let Ok(wanted) = text.parse::<u32>() else { return Err(Unsimulated(format!("`kill {text}`"))) };
        let engine = process.world.engine(&machine);
        let found = engine.and_then(|engine| {
            let alive = |status| matches!(status, Status::Running | Status::Paused);
            engine.containers.values().find(|container| pid(container) == wanted && alive(container.at(now).status))
        });
        match found.map(|container| container.id.clone()) {
            Some(id) => crash(process.world, &machine, &id, code, false),
            None => exit = process.fail(1, format!("kill: ({wanted}) - No such process"))?,
        }
    }
    Ok(exit)
}
