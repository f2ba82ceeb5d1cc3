//! `docker compose images`, `port`, `top`, `cp`, `version`.

use super::super::super::world::Status;
use super::super::command::Given;
use super::super::document::bindings;
use super::super::fault::{Done, Fault, unsimulated};
use super::super::human::size;
use super::super::table::table;
use super::super::verbs::{cut, named, processes};
use super::Compose;

pub fn version(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["format", "short"])?;
    let version = super::VERSION;
    match given.text("format") {
        _ if given.has("short") => compose.client.say(version),
        Some("json") => compose.client.say(format!("{{\"version\":{version:?}}}")),
        _ => compose.client.say(format!("Docker Compose version {version}")),
    }
    Ok(0)
}

pub fn images(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["quiet"])?;
    let known = compose.known(&[])?;
    let mut containers = compose.chosen(&known.name, &given.operands, true)?;
    containers.sort_by(|a, b| a.name.cmp(&b.name));
    let mut rows = vec![["CONTAINER", "REPOSITORY", "TAG", "IMAGE ID", "SIZE"].map(str::to_owned).to_vec()];
    let mut ids = Vec::new();
    for container in containers {
        let engine = compose.client.engine()?;
        let Some(image) = engine.images.get(&container.image) else { continue };
        let own = engine
            .tags
            .iter()
            .find(|(name, id)| **id == image.id && **name == super::super::super::world::tagged(&container.image_name));
        let any = || engine.tags.iter().find(|(_, id)| **id == image.id);
        let (repository, tag) =
            own.or_else(any).map_or_else(|| ("<none>".to_owned(), "<none>".to_owned()), |(name, _)| named(name));
        ids.push(image.id.trim_start_matches("sha256:").to_owned());
        rows.push(vec![container.name.clone(), repository, tag, cut(&image.id, true), size(image.size, 3)]);
    }
    if given.has("quiet") {
        ids.sort();
        ids.dedup();
        for id in ids {
            compose.client.say(id);
        }
        return Ok(0);
    }
    let text = table(&rows, 20, 3);
    compose.client.process.stdout.push(&text);
    Ok(0)
}

pub fn port(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["index", "protocol"])?;
    let [service, port] = given.operands.as_slice() else { return Ok(1) };
    let known = compose.known(&[])?;
    let index = given.text("index").and_then(|index| index.parse().ok()).filter(|index| *index > 0);
    let container = compose.running(&known.name, service, index)?;
    let wanted = format!("{port}/{}", given.text("protocol").unwrap_or("tcp"));
    let ports = bindings(&container);
    let places = ports.iter().flat_map(|(port, places)| places.iter().flatten().map(move |place| (port, place)));
    let found = places.clone().find(|(port, _)| **port == wanted);
    if found.is_none() && ports.contains_key(&wanted) {
        // Exposed, and published nowhere.
        compose.client.say(":0");
        return Ok(0);
    }
    let Some((_, place)) = found else {
        let others: Vec<String> = places
            .map(|(port, place)| format!("{}/{}", place.host_port, port.split('/').nth(1).unwrap_or("tcp")))
            .collect();
        return Err(Fault::said(
            1,
            format!("no port {wanted} for container {}: {}", container.name, others.join(", ")),
        ));
    };
    let text = format!("{}:{}", place.host_ip, place.host_port);
    compose.client.say(text);
    Ok(0)
}

pub fn top(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&[])?;
    let known = compose.known(&[])?;
    let now = compose.client.process.world.now();
    let mut containers = compose.chosen(&known.name, &given.operands, false)?;
    containers.retain(|container| matches!(container.at(now).status, Status::Running | Status::Paused));
    containers.sort_by(|a, b| a.name.cmp(&b.name));
    for container in containers {
        let started = container.at(now).started.unwrap_or(now).format("%H:%M").to_string();
        let [heading, mut line] = processes(&container, &started);
        // The last cell of a line with processes is followed by a blank column.
        line.push(String::new());
        let text = table(&[heading, line], 0, 3);
        compose.client.say(&container.name);
        compose.client.say(text);
    }
    Ok(0)
}

pub fn copy(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["archive", "follow-link", "index"])?;
    let [from, to] = given.operands.as_slice() else { return Ok(1) };
    let split = |text: &str| {
        let (service, path) = text.split_once(':')?;
        (!service.is_empty() && !service.starts_with(['/', '.'])).then(|| (service.to_owned(), path.to_owned()))
    };
    let (service, outward) = match (split(from), split(to)) {
        (Some((service, _)), None) => (service, true),
        (None, Some((service, _))) => (service, false),
        (Some(_), Some(_)) => return Err(Fault::said(1, "copying between services is not supported")),
        (None, None) => return Err(Fault::said(1, "unknown copy direction")),
    };
    if from == "-" || to == "-" {
        return unsimulated("`docker compose cp -`");
    }
    let known = compose.known(&[])?;
    let index: Option<usize> = given.text("index").and_then(|index| index.parse().ok()).filter(|index| *index > 0);
    let mut containers = compose.chosen(&known.name, std::slice::from_ref(&service), false)?;
    containers.retain(|container| index.is_none_or(|index| super::number_of(container) == index));
    if outward {
        containers.truncate(1);
    }
    if containers.is_empty() {
        return Err(Fault::said(1, format!("no container found for service {service:?}")));
    }
    for container in containers {
        let path =
            |text: &str| split(text).map_or_else(|| text.to_owned(), |(_, path)| format!("{}:{path}", container.id));
        let shown =
            |text: &str| split(text).map_or_else(|| text.to_owned(), |(_, path)| format!("{}:{path}", container.name));
        let what = format!(" {} copy {} to {}", container.name, shown(from), shown(to));
        if !compose.globals.quiet {
            compose.client.process.complain(format!("{what} Copying"));
        }
        compose.client.copy(&path(from), &path(to))?;
        if !compose.globals.quiet {
            compose.client.process.complain(format!("{what} Copied"));
        }
    }
    Ok(0)
}
