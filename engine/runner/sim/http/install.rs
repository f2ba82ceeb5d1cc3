//! The script of get.docker.com, and what it does when a shell runs it.

use std::time::Duration;

use super::super::process::{Process, Ran, Unsimulated};
use super::super::world::Engine;
use super::url::Url;
use super::{Refusal, Request, Response, unknown};

pub const HOST: &str = "get.docker.com";

/// What the real script does is one program here.
const SCRIPT: &str = "#!/bin/sh\nset -e\n# Docker Engine for Linux installation script.\ninstall-docker-engine\n";

pub fn script(request: &Request, url: &Url) -> Result<Response, Refusal> {
    match url.path.as_str() {
        "/" => Ok(Response::new(200, SCRIPT).for_method(&request.method)),
        _ => Err(unknown(url)),
    }
}

/// Installs a Docker Engine on this machine, as the script of get.docker.com does.
pub fn install(process: &mut Process<'_>, _arguments: &[String]) -> Ran {
    if process.place.container.is_some() {
        return Err(Unsimulated("Docker installed inside a container".to_owned()));
    }
    process.say("# Executing docker install script, commit: 6d9743e9656cc56f699a64800b098d5ea5a60020");
    let machine = process.place.machine.clone();
    if process.world.engine(&machine).is_some() {
        process.complain("Warning: the \"docker\" command appears to already exist on this system.");
        process.world.pass(Duration::from_secs(20));
    }
    process.world.take(Duration::from_secs(40));
    // Registries are the same for every Engine.
    let registry = process.world.machines.values().find_map(|machine| {
        let registry = &machine.engine.as_ref()?.registry;
        (!registry.is_empty()).then(|| registry.clone())
    });
    if let Some(machine) = process.world.machine_mut(&machine) {
        machine.missing.remove_mut("docker");
        let engine = machine.engine.get_or_insert_with(Engine::new);
        engine.running = true;
        if let Some(registry) = registry.filter(|_| engine.registry.is_empty()) {
            engine.registry = registry;
        }
    }
    process.say("+ sh -c docker version");
    Ok(0)
}
