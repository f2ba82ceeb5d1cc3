//! Making a container.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::super::super::place;
use super::super::super::process;
use super::super::super::tree::{Map, Node};
use super::super::super::world::World;
use super::super::super::world::{Container, Image, Mount, MountSource, Program, Spec, Volume, hexadecimal, tagged};
use super::super::client::Client;
use super::super::fault::{Done, Fault};
use crate::model::facts::RuntimeFacts;

/// What a container is to be made with.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// None: the Engine chooses one.
    pub name: Option<String>,
    /// As it is named.
    pub image: String,
    /// Instead of the image's command; empty: the image's.
    pub command: Vec<String>,
    /// Instead of the image's entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// Over the image's environment; none: the variable is taken away.
    pub env: Vec<(String, Option<String>)>,
    /// Over the image's labels.
    pub labels: Vec<(String, String)>,
    /// What is mounted.
    pub places: Vec<Place>,
    /// Networks by name.
    pub networks: Vec<String>,
    /// Restart policy.
    pub restart: String,
    /// Removed at its end.
    pub auto_remove: bool,
    /// The Engine asks for its health in a way that nobody describes.
    pub asks_health: bool,
    /// Health is not asked for, whatever the image says.
    pub no_health: bool,
    /// The rest; what the image says is filled in.
    pub spec: Spec,
}

/// Something to be mounted.
#[derive(Clone, Debug)]
pub struct Place {
    pub mount: Mount,
    /// A directory of the machine that is missing is made.
    pub creates: bool,
}

/// First halves of names that the Engine chooses.
const ADJECTIVES: [&str; 8] = ["brave", "calm", "eager", "gentle", "happy", "keen", "quiet", "wise"];
/// Second halves.
const SURNAMES: [&str; 8] = ["curie", "darwin", "euler", "hopper", "lovelace", "noether", "ride", "turing"];
/// Programs that are a server whatever the image is.
const POSTGRES: [&str; 2] = ["postgres", "start-postgres"];
const REDIS: [&str; 2] = ["redis-server", "start-redis"];

impl Client<'_, '_> {
    /// Makes a container; its id.
    ///
    /// # Errors
    /// The name is taken or none, the image is not here, a mount cannot be.
    pub fn create(&mut self, wanted: Wanted) -> Done<String> {
        let image = self.engine()?.image(&wanted.image).cloned();
        let missing = || Fault::daemon(format!("No such image: {}", tagged(&wanted.image)));
        let image = image.ok_or_else(missing)?;
        let id = self.process.world.dice.hex(64);
        let name = match &wanted.name {
            Some(name) => self.free_name(name)?,
            None => self.chosen_name(),
        };
        for place in &wanted.places {
            self.check(place)?;
        }
        let mut mounts: Vec<Mount> = Vec::new();
        for place in &wanted.places {
            if mounts.iter().any(|known| known.target == place.mount.target) {
                return Err(Fault::daemon(format!("Duplicate mount point: {}", place.mount.target)));
            }
            mounts.push(self.mount(&image, place.mount.clone())?);
        }
        for target in &image.config.volumes {
            if !mounts.iter().any(|mount| mount.target == *target) {
                let source = MountSource::Volume(String::new());
                mounts.push(self.mount(&image, Mount { target: target.clone(), source, read_only: false })?);
            }
        }
        let container = self.filled(&id, &name, mounts, &image, wanted);
        let now = self.process.world.now();
        let engine = self.engine_mut()?;
        engine.tell(now, "create", &container, &[]);
        engine.containers.insert_mut(id.clone(), container);
        Ok(id)
    }

    fn filled(&self, id: &str, name: &str, mounts: Vec<Mount>, image: &Image, wanted: Wanted) -> Container {
        let now = self.process.world.now();
        // Whoever says another entrypoint does not get the image's arguments.
        let kept = wanted.entrypoint.is_none() && wanted.command.is_empty();
        let own = if kept { &image.command } else { &wanted.command };
        let mut spec = wanted.spec;
        spec.entrypoint = wanted.entrypoint.unwrap_or_else(|| image.config.entrypoint.clone());
        spec.health = if wanted.no_health { None } else { spec.health.or_else(|| image.config.health.clone()) };
        for port in &image.config.exposed {
            if !spec.exposed.contains(port) {
                spec.exposed.push(port.clone());
            }
        }
        if spec.user.is_empty() {
            spec.user.clone_from(&image.config.user);
        }
        if spec.working_dir.is_empty() {
            spec.working_dir.clone_from(&image.config.working_dir);
        }
        let command: Vec<String> = spec.entrypoint.iter().chain(own).cloned().collect();
        let mut container = Container::new(id, name, now);
        container.env = image.config.env.iter().cloned().collect();
        for (name, value) in wanted.env {
            match value {
                Some(value) => drop(container.env.insert(name, value)),
                None => drop(container.env.remove(&name)),
            }
        }
        container.labels = image.labels.clone();
        container.labels.extend(wanted.labels);
        container.networks =
            wanted.networks.into_iter().fold(Map::new_sync(), |map, name| map.insert(name, String::new()));
        container.program = program(image, &command, kept);
        container.service = service(self.process.world, name);
        container.image.clone_from(&image.id);
        container.image_name = wanted.image;
        container.command = command;
        container.mounts = mounts;
        container.restart = wanted.restart;
        container.auto_remove = wanted.auto_remove;
        container.has_health_check = spec.health.is_some() || wanted.asks_health;
        container.files = with_mounts(image_files(image, now), &container.mounts, now);
        container.spec = Arc::new(spec);
        container
    }

    /// A name that nobody has.
    fn free_name(&mut self, name: &str) -> Done<String> {
        let of = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let valid = name.len() > 1 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(of);
        if !valid {
            return Err(Fault::daemon(format!(
                "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
            )));
        }
        match self.taken(name)? {
            Some(conflict) => Err(Fault::daemon(conflict)),
            None => Ok(name.to_owned()),
        }
    }

    /// Who has a name, in the daemon's words.
    pub fn taken(&mut self, name: &str) -> Done<Option<String>> {
        let taken = self.engine()?.containers.values().find(|container| container.name == name);
        Ok(taken.map(|other| {
            format!(
                "Conflict. The container name \"/{name}\" is already in use by container \"{}\". You have to remove (or rename) \
                 that container to be able to reuse that name.",
                other.id
            )
        }))
    }

    fn chosen_name(&mut self) -> String {
        let dice = &mut self.process.world.dice;
        let roll = usize::try_from(dice.between(0, 64)).unwrap_or_default();
        format!("{}_{}_{}", ADJECTIVES[roll / 8], SURNAMES[roll % 8], dice.hex(4))
    }

    /// What the daemon refuses to mount.
    fn check(&mut self, place: &Place) -> Done {
        let mount = &place.mount;
        let kind = match &mount.source {
            MountSource::Bind(_) => "bind",
            MountSource::Volume(_) => "volume",
            MountSource::Memory => "tmpfs",
        };
        let refused = |why: String| Err(Fault::daemon(format!("invalid mount config for type \"{kind}\": {why}")));
        if !mount.target.starts_with('/') {
            return refused(format!("invalid mount path: '{}' mount path must be absolute", mount.target));
        }
        match &mount.source {
            MountSource::Bind(source) if source.is_empty() => refused("field Source must not be empty".to_owned()),
            MountSource::Bind(source) if !source.starts_with('/') => {
                refused(format!("invalid mount path: '{source}' mount path must be absolute"))
            }
            MountSource::Bind(source) if !place.creates => {
                let host = place::Place::machine(&self.machine);
                match self.process.world.node(&host, source) {
                    Ok(_) => Ok(()),
                    Err(_) => refused(format!("bind source path does not exist: {source}")),
                }
            }
            MountSource::Volume(name) if !name.is_empty() => super::super::verbs::volume_name(name, name),
            _ => Ok(()),
        }
    }

    /// Makes what a mount needs: a volume with what the image has there, a directory of the machine.
    fn mount(&mut self, image: &Image, mut mount: Mount) -> Done<Mount> {
        let now = self.process.world.now();
        match &mut mount.source {
            MountSource::Volume(name) => {
                if name.is_empty() {
                    *name = self.process.world.dice.hex(64);
                }
                if !self.engine()?.volumes.contains_key(name) {
                    let own = image.config.files.as_ref().and_then(|files| files.get(&mount.target)).cloned();
                    let files = own.filter(Node::is_directory).unwrap_or_else(|| Node::directory(now));
                    let volume = Volume { files, created: now, labels: std::collections::BTreeMap::new() };
                    self.engine_mut()?.volumes.insert_mut(name.clone(), volume);
                }
            }
            MountSource::Bind(source) => {
                let host = place::Place::machine(&self.machine);
                if self.process.world.node(&host, source).is_err() {
                    let made = self.process.world.make_dirs(&host, source);
                    let why = |error| {
                        Fault::daemon(format!(
                            "error while creating mount source path '{source}': mkdir {source}: {error}"
                        ))
                    };
                    made.map_err(why)?;
                }
            }
            MountSource::Memory => {}
        }
        Ok(mount)
    }
}

/// What runs: the image's own program, a server by its name, or a program that everybody knows.
fn program(image: &Image, command: &[String], kept: bool) -> Program {
    let mut words = command.iter().map(|word| word.rsplit('/').next().unwrap_or(word));
    let first = words.next().unwrap_or_default();
    let first = if first == "docker-entrypoint.sh" { words.next().unwrap_or_default() } else { first };
    if POSTGRES.contains(&first) {
        Program::Postgres
    } else if REDIS.contains(&first) {
        Program::Redis
    } else if kept || first.is_empty() || first.starts_with('-') || process::find(first).is_none() {
        image.program
    } else {
        Program::Tools
    }
}

/// The service of the system that a container is, by its name.
fn service(world: &World, name: &str) -> Option<String> {
    let is = |runtime: &RuntimeFacts| match runtime {
        RuntimeFacts::Compose { container, .. } | RuntimeFacts::Container(container) => container == name,
        RuntimeFacts::Unit(_) => false,
    };
    world.system.services.iter().find(|service| is(&service.runtime)).map(|service| service.id.clone())
}

/// The root directory of an image: its own, or the usual directories.
pub fn image_files(image: &Image, now: DateTime<Utc>) -> Node {
    if let Some(files) = &image.config.files {
        return files.clone();
    }
    let mut files = Node::directory(now);
    for dir in [
        "bin", "data", "dev", "etc", "home", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp", "usr/bin",
        "var/lib",
    ] {
        // The tree is new, so every part of the path is a directory.
        let _ = files.make_dirs(dir, now);
    }
    files
}

/// An id that belongs to another one: a container's endpoint, its layer.
pub fn derived(id: &str, what: &str) -> String {
    hexadecimal(&format!("{id} {what}"))
}

/// The same with directories where something is mounted.
pub fn with_mounts(mut files: Node, mounts: &[Mount], now: DateTime<Utc>) -> Node {
    for mount in mounts {
        // What is in the way is hidden by the mount.
        let _ = files.make_dirs(&mount.target, now);
    }
    files
}
