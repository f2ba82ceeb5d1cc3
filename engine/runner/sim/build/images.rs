//! Images: those that services run, those that runbooks name for help, and what a registry has.

use std::sync::Arc;

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::model::facts::{HealthFacts, RuntimeFacts, ServiceFacts, SystemFacts};

use super::super::tree::Map;
use super::super::world::{Engine, Image, LOCAL, Program, World, tagged};

/// Images that runbooks take for help; a registry has them.
const HELPERS: [&str; 8] = [
    "alpine:3",
    "alpine:latest",
    "busybox:latest",
    "debian:12",
    "postgres:15",
    "postgres:latest",
    "redis:7",
    "redis:latest",
];

/// Images are so old when the rehearsal begins.
const AGE: TimeDelta = TimeDelta::days(30);

/// The image that a service runs when it is well: the one to go back to, that of its data, or one of its own name.
pub(in crate::runner::sim) fn image_of(system: &SystemFacts, service: &ServiceFacts) -> String {
    let known = service.known_good.clone().filter(|image| !image.is_empty());
    let of_data = || {
        let mut own = system.data.iter().filter(|data| data.service == service.id);
        own.find_map(|data| data.vars.get("image")).cloned()
    };
    known.or_else(of_data).map_or_else(|| format!("{}:current", service.id), |image| tagged(&image))
}

/// What a service is, by the programs that ask for its health, its image and its data.
pub(in crate::runner::sim) fn program_of(system: &SystemFacts, service: &ServiceFacts) -> Program {
    for word in own_check(service) {
        match word.rsplit('/').next().unwrap_or(word) {
            "pg_isready" | "psql" => return Program::Postgres,
            "redis-cli" => return Program::Redis,
            _ => {}
        }
    }
    match by_name(&image_of(system, service)) {
        Program::Tools => Program::Service,
        program => program,
    }
}

/// The words of the program or script that asks for a service's health; none when they ask another container.
fn own_check(service: &ServiceFacts) -> Vec<&str> {
    let HealthFacts::Program { argv, .. } = &service.health else { return Vec::new() };
    let words: Vec<&str> = argv.iter().flat_map(|word| word.split_whitespace()).collect();
    let names: &[&String] = match &service.runtime {
        RuntimeFacts::Compose { service, container } => &[service, container],
        RuntimeFacts::Container(container) => &[container],
        RuntimeFacts::Unit(_) => &[],
    };
    let elsewhere = words.contains(&"exec") && !words.iter().any(|word| names.iter().any(|name| name == word));
    if elsewhere { Vec::new() } else { words }
}

/// What an image is, by its name alone.
fn by_name(image: &str) -> Program {
    let name = repository(image).rsplit('/').next().unwrap_or_default();
    match name {
        "postgres" | "postgis" | "timescaledb" | "pgvector" => Program::Postgres,
        "redis" | "valkey" => Program::Redis,
        "alpine" | "busybox" | "debian" | "ubuntu" => Program::Tools,
        _ => Program::Service,
    }
}

/// A name without its tag or digest.
fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

impl World {
    /// An image of that name as it should be. Two images differ when their `build` does.
    pub(in crate::runner::sim) fn image_named(&self, name: &str, build: &str) -> Image {
        let digest = Sha256::digest(format!("{name} {build}"));
        let id = digest.iter().fold("sha256:".to_owned(), |id, byte| format!("{id}{byte:02x}"));
        let services = self.system.services.iter();
        let of = services.map(|service| (image_of(&self.system, service), service));
        let family = of.filter(|(image, _)| repository(image) == repository(name));
        // The exact name first: services may run different tags of one repository.
        let service = family.max_by_key(|(image, _)| image == name).map(|(_, service)| service);
        let program = service.map_or_else(|| by_name(name), |service| program_of(&self.system, service));
        Image {
            id,
            size: 40_000_000 + u64::from(digest[0]) * 1_000_000,
            command: command(program, name),
            ..Image::new(name, program, self.began - AGE)
        }
    }

    /// A Docker Engine without any image, which pulls from the same registry as the others.
    pub(in crate::runner::sim) fn fresh_engine(&self) -> Engine {
        let registry = self.engine(LOCAL).map_or_else(Map::new_sync, |engine| engine.registry.clone());
        Engine { registry, ..Engine::new() }
    }
}

fn command(program: Program, image: &str) -> Vec<String> {
    let words: &[&str] = match program {
        Program::Postgres => &["postgres"],
        Program::Redis => &["redis-server"],
        Program::Tools if image.starts_with("debian") || image.starts_with("ubuntu") => &["bash"],
        Program::Tools => &["sh"],
        Program::Service => &["/app"],
    };
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Gives this machine and every machine of a service in a container its Engine, with the images that are there.
pub(super) fn build(world: &mut World) {
    let system = Arc::clone(&world.system);
    let of_services = system.services.iter().map(|service| image_of(&system, service));
    let of_data = system.data.iter().filter_map(|data| data.vars.get("image")).map(|image| tagged(image));
    let names = HELPERS.iter().map(|&name| name.to_owned()).chain(of_services).chain(of_data);
    let mut registry = Map::new_sync();
    for name in names {
        let image = world.image_named(&name, "");
        registry.insert_mut(name, image);
    }
    give(world, LOCAL, Engine { registry, ..Engine::new() });
    for service in &system.services {
        let Some(machine) = world.machine_for(&service.target).map(|machine| machine.name.clone()) else { continue };
        if matches!(service.runtime, RuntimeFacts::Unit(_)) {
            continue;
        }
        if world.engine(&machine).is_none() {
            let engine = world.fresh_engine();
            give(world, &machine, engine);
        }
        let helpers = system.data.iter().filter(|data| data.service == service.id);
        let helpers = helpers.filter_map(|data| data.vars.get("image")).map(|image| tagged(image));
        let present: Vec<String> = helpers.chain([image_of(&system, service)]).collect();
        for name in present {
            let image = world.image_named(&name, "");
            keep(world, &machine, &name, image);
        }
    }
}

fn give(world: &mut World, machine: &str, engine: Engine) {
    if let Some(machine) = world.machine_mut(machine) {
        machine.engine = Some(engine);
        // `df` and `du` of the place where Docker keeps everything.
        let _ = machine.files.make_dirs("var/lib/docker", machine.booted);
    }
}

/// An image is on a machine from now on, under a name.
pub(in crate::runner::sim) fn keep(world: &mut World, machine: &str, name: &str, image: Image) {
    let Some(engine) = world.engine_mut(machine) else { return };
    engine.tags.insert_mut(tagged(name), image.id.clone());
    engine.images.insert_mut(image.id.clone(), image);
}
