//! The services of a system in the world: running, ready containers, and units.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::model::facts::{ComposeFacts, HealthFacts, RuntimeFacts, ServiceFacts};
use crate::model::work::Target;

use super::super::tree::{Map, Node};
use super::super::world::{Container, Life, Mount, MountSource, Network, Program, Run, Spec, Unit, World};
use super::content::{Content, wal_path};
use super::images::{image_of, keep, program_of};
use super::moments::after;

/// Services have been up for so long when the rehearsal begins.
const UPTIME: TimeDelta = TimeDelta::days(3);

/// The recorded version of Compose.
const COMPOSE: &str = "2.26.1";

/// Makes every service of the system, and the containers that targets name.
pub(super) fn build(world: &mut World) {
    let system = Arc::clone(&world.system);
    for service in &system.services {
        build_one(world, service);
    }
    for (_, target) in &system.targets {
        if let Target::Container { name, via } = target {
            helper(world, name, via);
        }
    }
}

/// Makes one service anew, as it should be: its unit, or its container with its image. Its data is not touched.
pub(in crate::runner::sim) fn build_one(world: &mut World, service: &ServiceFacts) {
    let Some(machine) = world.machine_for(&service.target).map(|machine| machine.name.clone()) else { return };
    match &service.runtime {
        RuntimeFacts::Unit(unit) => {
            let unit_name = if unit.contains('.') { unit.clone() } else { format!("{unit}.service") };
            let ready = world.began - UPTIME;
            let state =
                Unit { state: "active".to_owned(), restarts: 0, service: Some(service.id.clone()), ready: Some(ready) };
            if let Some(machine) = world.machine_mut(&machine) {
                machine.units.insert_mut(unit_name, state);
            }
        }
        RuntimeFacts::Compose { .. } | RuntimeFacts::Container(_) => {
            let name = image_of(&world.system, service);
            let image = world.image_named(&name, "");
            keep(world, &machine, &name, image);
            let container = container(world, &machine, service);
            if let Some(engine) = world.engine_mut(&machine) {
                engine.containers.insert_mut(container.id.clone(), container);
            }
        }
    }
}

/// The container of a service, running and ready.
fn container(world: &mut World, machine: &str, service: &ServiceFacts) -> Container {
    let system = Arc::clone(&world.system);
    let image_name = image_of(&system, service);
    let image = world.image_named(&image_name, "");
    let program = program_of(&system, service);
    let by_compose = matches!(service.runtime, RuntimeFacts::Compose { .. });
    let (labels, network) = match (&service.runtime, &system.compose) {
        (RuntimeFacts::Compose { service: name, .. }, Some(compose)) => {
            (compose_labels(world, compose, name, service, &image.id), network(world, machine, &compose.project))
        }
        _ => (BTreeMap::new(), ("bridge".to_owned(), bridge_address(world, machine))),
    };
    let started = world.began - UPTIME;
    let ready = after(started, service.estimate.unwrap_or_default()).min(world.began);
    let mounts = mounts(world, service);
    let id = world.dice.hex(64);
    Container {
        image: image.id,
        image_name,
        program,
        service: Some(service.id.clone()),
        command: image.command,
        labels,
        files: root(started, &mounts),
        mounts,
        networks: [network].into_iter().collect(),
        restart: "unless-stopped".to_owned(),
        has_health_check: has_health_check(service),
        life: Life::Running(Run { started, ready: Some(ready), ends: None }),
        log: vec![(ready, program == Program::Postgres, words(program).to_owned())],
        spec: Arc::new(Spec { by_compose, ..Spec::default() }),
        ..Container::new(&id, service.runtime.container().unwrap_or_default(), started)
    }
}

/// Compose waits for Docker's own check, where there is one.
fn has_health_check(service: &ServiceFacts) -> bool {
    matches!(service.runtime, RuntimeFacts::Compose { .. }) || service.health == HealthFacts::Runtime
}

/// What a server says once it can do its work.
const fn words(program: Program) -> &'static str {
    match program {
        Program::Postgres => "LOG:  database system is ready to accept connections",
        Program::Redis => "* Ready to accept connections tcp",
        Program::Service | Program::Tools => "started",
    }
}

/// A container's own files, with the directories on which something is mounted.
fn root(at: DateTime<Utc>, mounts: &[Mount]) -> Node {
    let mut files = Node::directory(at);
    let own = ["bin", "data", "dev", "etc", "proc", "root", "tmp", "usr/bin", "var/lib"];
    for dir in own.into_iter().chain(mounts.iter().map(|mount| mount.target.as_str())) {
        // The tree is new, so every part of the path is a directory.
        let _ = files.make_dirs(dir, at);
    }
    let _ = files.put("dev/null", Node::text("", at));
    files
}

/// Where the data of a service is in its container.
pub(in crate::runner::sim) fn mounts(world: &World, service: &ServiceFacts) -> Vec<Mount> {
    let own = world.system.data.iter().filter(|data| data.service == service.id);
    let mut found = Vec::new();
    for (n, data) in own.enumerate() {
        let source = match (&data.volume, &data.path) {
            (Some(volume), _) => MountSource::Volume(volume.clone()),
            (None, Some(path)) => MountSource::Bind(path.clone()),
            (None, None) => continue,
        };
        let target = match Content::of(&world.system, data) {
            Content::Postgres if n == 0 => "/var/lib/postgresql/data".to_owned(),
            _ if n == 0 => "/data".to_owned(),
            _ => format!("/data/{}", data.id),
        };
        found.push(Mount { target, source, read_only: false });
        if let Some(wal) = wal_path(data) {
            // The server archives from inside its container, and reads the archive there when it is recovered.
            found.push(Mount { target: wal.to_owned(), source: MountSource::Bind(wal.to_owned()), read_only: false });
        }
    }
    found
}

fn compose_labels(
    world: &World,
    compose: &ComposeFacts,
    name: &str,
    service: &ServiceFacts,
    image: &str,
) -> BTreeMap<String, String> {
    let needs = service.needs.iter().filter_map(|id| match &world.system.service(id)?.runtime {
        RuntimeFacts::Compose { service, .. } => Some(format!("{service}:service_healthy:false")),
        RuntimeFacts::Container(_) | RuntimeFacts::Unit(_) => None,
    });
    let needs = needs.collect::<Vec<_>>().join(",");
    let default = ["docker-compose.yml".to_owned()];
    let files = if compose.files.is_empty() { &default[..] } else { &compose.files[..] };
    let files = files.iter().map(|file| super::super::tree::absolute(&compose.dir, file)).collect::<Vec<_>>().join(",");
    let hash = Sha256::digest(format!("{} {name}", compose.project));
    let hash = hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let labels = [
        ("config-hash", hash),
        ("container-number", "1".to_owned()),
        ("depends_on", needs),
        ("image", image.to_owned()),
        ("oneoff", "False".to_owned()),
        ("project", compose.project.clone()),
        ("project.config_files", files),
        ("project.working_dir", compose.dir.clone()),
        ("service", name.to_owned()),
        ("version", COMPOSE.to_owned()),
    ];
    labels.into_iter().map(|(key, value)| (format!("com.docker.compose.{key}"), value)).collect()
}

/// The labels of a volume or network that Compose has made; `kind` is `volume` or `network`.
pub(in crate::runner::sim) fn project_labels(project: &str, kind: &str, name: &str) -> BTreeMap<String, String> {
    let labels = [(kind, name), ("project", project), ("version", COMPOSE)];
    labels.iter().map(|(key, value)| (format!("com.docker.compose.{key}"), (*value).to_owned())).collect()
}

/// The project's network and the next address in it; the network is there from now on.
fn network(world: &mut World, machine: &str, project: &str) -> (String, String) {
    let name = format!("{project}_default");
    let id = world.dice.hex(64);
    let created = world.began - UPTIME;
    let Some(engine) = world.engine_mut(machine) else { return (name, String::new()) };
    if !engine.networks.contains_key(&name) {
        let subnet = "172.18.0.0/16".to_owned();
        let labels = project_labels(project, "network", "default");
        engine.networks.insert_mut(name.clone(), Network { id, created, subnet, labels });
    }
    let used = engine.containers.values().filter(|container| container.networks.contains_key(&name)).count();
    (name, format!("172.18.0.{}", 2 + used))
}

fn bridge_address(world: &World, machine: &str) -> String {
    let containers = world.engine(machine).into_iter().flat_map(|engine| engine.containers.values());
    format!("172.17.0.{}", 2 + containers.filter(|container| container.networks.contains_key("bridge")).count())
}

/// A container that a target names and no service is.
fn helper(world: &mut World, name: &str, via: &Target) {
    let Some(machine) = world.machine_for(via).map(|machine| machine.name.clone()) else { return };
    if world.engine(&machine).is_none() {
        let engine = world.fresh_engine();
        if let Some(machine) = world.machine_mut(&machine) {
            machine.engine = Some(engine);
        }
    }
    if name.is_empty() || world.engine(&machine).is_some_and(|engine| engine.container(name).is_some()) {
        return;
    }
    let image_name = "debian:12".to_owned();
    let image = world.image_named(&image_name, "");
    keep(world, &machine, &image_name, image.clone());
    let started = world.began - UPTIME;
    let id = world.dice.hex(64);
    let container = Container {
        image: image.id,
        image_name,
        program: Program::Tools,
        command: vec!["sleep".to_owned(), "infinity".to_owned()],
        networks: [("bridge".to_owned(), bridge_address(world, &machine))].into_iter().collect::<Map<_, _>>(),
        restart: "unless-stopped".to_owned(),
        files: root(started, &[]),
        life: Life::Running(Run { started, ready: Some(started), ends: None }),
        ..Container::new(&id, name, started)
    };
    if let Some(engine) = world.engine_mut(&machine) {
        engine.containers.insert_mut(container.id.clone(), container);
    }
}
