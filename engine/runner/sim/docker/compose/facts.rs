//! A project whose files nobody has put into the world: what the system file knows of it.

use serde_json::{Map, Value, json};

use super::super::super::world::{Container, Mount, MountSource};
use super::super::client::Client;
use super::Globals;
use super::model::{Project, Use};
use crate::model::facts::{HealthFacts, RuntimeFacts, ServiceFacts, SystemFacts};

/// Where database servers have their data.
const POSTGRES: &str = "/var/lib/postgresql/data";

/// The flags mean the project of the system.
fn is_meant(system: &SystemFacts, globals: &Globals, dir: &str) -> bool {
    let Some(compose) = &system.compose else { return false };
    let same = |a: &str, b: &str| a.trim_end_matches('/') == b.trim_end_matches('/');
    globals.name.as_deref() == Some(&compose.project) || (globals.name.is_none() && same(&compose.dir, dir))
}

/// The project's files are named by the system, and so they are there.
pub fn has_files(client: &Client<'_, '_>, globals: &Globals, dir: &str) -> bool {
    is_meant(&client.process.world.system, globals, dir)
}

/// A Compose file as it could be.
pub fn document(client: &Client<'_, '_>, globals: &Globals, dir: &str) -> Option<Value> {
    let system = &client.process.world.system;
    if !is_meant(system, globals, dir) {
        return None;
    }
    let project = &system.compose.as_ref()?.project;
    let of = |service: &ServiceFacts| {
        let RuntimeFacts::Compose { service: name, container } = &service.runtime else { return None };
        let needs = service.needs.iter().filter_map(|need| {
            let need = system.services.iter().find(|other| other.id == *need)?;
            let RuntimeFacts::Compose { service, .. } = &need.runtime else { return None };
            Some((service.clone(), json!({ "condition": "service_healthy" })))
        });
        let needs: Map<String, Value> = needs.collect();
        let mut value = json!({ "image": image(client, service, name, container), "depends_on": needs });
        value["restart"] = "unless-stopped".into();
        if *container != format!("{project}-{name}-1") {
            value["container_name"] = container.clone().into();
        }
        Some((name.clone(), value))
    };
    let services: Map<String, Value> = system.services.iter().filter_map(of).collect();
    Some(json!({ "name": project, "services": services }))
}

/// The image that the file would name: the known good one, what runs and was not laid over the file, or one by the service's name.
fn image(client: &Client<'_, '_>, service: &ServiceFacts, name: &str, container: &str) -> String {
    if let Some(image) = &service.known_good {
        return image.clone();
    }
    let engine = client.process.world.engine(&client.machine);
    let own = engine.and_then(|engine| engine.container(container)).filter(|container| {
        !container
            .labels
            .get("com.docker.compose.project.config_files")
            .is_some_and(|files| files.split(',').any(|file| file == "-"))
    });
    if let Some(container) = own {
        return container.image_name.clone();
    }
    let current = format!("{}:current", service.id);
    let known = engine.is_some_and(|engine| engine.image(&current).is_some() || engine.registry.contains_key(&current));
    if known { current } else { format!("{name}:latest") }
}

/// What a file says of mounts, health and the rest, taken from the system and from the container that is there.
pub fn fill(client: &Client<'_, '_>, project: &mut Project) {
    let world = &*client.process.world;
    let name = project.name.clone();
    for service in project.services.values_mut() {
        let of = |facts: &&ServiceFacts| matches!(&facts.runtime, RuntimeFacts::Compose { service: known, .. } if *known == service.name);
        let Some(facts) = world.system.services.iter().find(of) else { continue };
        service.asks_health = true;
        let container = service.container(&name, 1);
        let own = world.engine(&client.machine).and_then(|engine| engine.container(&container));
        service.mounts = own.map_or_else(|| mounts(&world.system, facts, &service.image), kept);
        let Some(own) = own else { continue };
        service.asks_health = own.has_health_check;
        service.restart.clone_from(&own.restart);
        service.ports.clone_from(&own.spec.ports);
        service.environment = own.env.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
    }
}

fn kept(container: &Container) -> Vec<Use> {
    let of = |mount: &Mount| Use { mount: mount.clone(), bind: None, creates: true };
    container.mounts.iter().map(of).collect()
}

/// The data of a service, mounted where servers look for it.
fn mounts(system: &SystemFacts, service: &ServiceFacts, image: &str) -> Vec<Use> {
    let words = match &service.health {
        HealthFacts::Program { argv, .. } => argv.join(" "),
        HealthFacts::Runtime | HealthFacts::Http { .. } => String::new(),
    };
    let is_postgres =
        ["pg_isready", "psql"].iter().any(|program| words.contains(program)) || image.contains("postgres");
    let target = if is_postgres { POSTGRES } else { "/data" };
    let of = |data: &crate::model::facts::DataFacts| {
        let source = match (&data.volume, &data.path) {
            (Some(volume), _) => MountSource::Volume(volume.clone()),
            (None, Some(path)) => MountSource::Bind(path.clone()),
            (None, None) => return None,
        };
        Some(Use { mount: Mount { target: target.to_owned(), source, read_only: false }, bind: None, creates: true })
    };
    system.data.iter().filter(|data| data.service == service.id).filter_map(of).take(1).collect()
}
