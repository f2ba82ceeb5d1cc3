//! `docker container|image|volume|network|system prune`.

use super::super::super::world::{OWN_NETWORKS, Status};
use super::super::client::Client;
use super::super::command::Given;
use super::super::document::members;
use super::super::fault::{Done, Fault, unsimulated};
use super::super::human::size;
use super::filter::Filters;

/// Without `--force` the client asks, and nobody answers.
fn asks(client: &mut Client<'_, '_>, given: &Given, what: &str) -> bool {
    if given.has("force") {
        return false;
    }
    client
        .process
        .stdout
        .push(&format!("WARNING! This will remove {what}.\nAre you sure you want to continue? [y/N] "));
    true
}

fn report(client: &mut Client<'_, '_>, heading: &str, gone: &[String]) {
    if !gone.is_empty() {
        client.say(format!("{heading}:"));
        for name in gone {
            client.say(name);
        }
        client.say("");
    }
}

fn filters(given: &Given) -> Done<Filters> {
    Filters::of(given, &["label"], &["label!", "until"])
}

pub fn containers(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["filter", "force"])?;
    let filters = filters(given)?;
    client.take(12);
    client.engine()?;
    if asks(client, given, "all stopped containers") {
        return Ok(0);
    }
    let gone = stopped(client, &filters)?;
    report(client, "Deleted Containers", &gone);
    client.say("Total reclaimed space: 0B");
    Ok(0)
}

/// Removes the containers that do not run.
fn stopped(client: &mut Client<'_, '_>, filters: &Filters) -> Done<Vec<String>> {
    let now = client.process.world.now();
    let mut gone: Vec<_> = client.engine()?.containers.values().collect();
    gone.retain(|container| {
        matches!(container.at(now).status, Status::Created | Status::Exited) && filters.labels(&container.labels)
    });
    gone.sort_by_key(|container| std::cmp::Reverse(container.created));
    let gone: Vec<String> = gone.into_iter().map(|container| container.id.clone()).collect();
    for id in &gone {
        client.take(12);
        client.forget(id, false);
    }
    Ok(gone)
}

pub fn images(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["all", "filter", "force"])?;
    let filters = filters(given)?;
    client.take(15);
    client.engine()?;
    let what = if given.has("all") {
        "all images without at least one container associated to them"
    } else {
        "all dangling images"
    };
    if asks(client, given, what) {
        return Ok(0);
    }
    let (gone, bytes) = unused(client, &filters, given.has("all"))?;
    report(client, "Deleted Images", &gone);
    client.say(format!("Total reclaimed space: {}", size(bytes, 4)));
    Ok(0)
}

/// Removes images without a name, or all without a container.
fn unused(client: &mut Client<'_, '_>, filters: &Filters, all: bool) -> Done<(Vec<String>, u64)> {
    let engine = client.engine()?;
    let named = |id: &str| engine.tags.values().any(|known| known == id);
    let used = |id: &str| engine.containers.values().any(|container| container.image == id);
    let mut gone: Vec<_> = engine.images.values().collect();
    gone.retain(|image| !used(&image.id) && (all || !named(&image.id)) && filters.labels(&image.labels));
    let gone: Vec<(String, u64)> = gone.into_iter().map(|image| (image.id.clone(), image.size)).collect();
    let mut lines = Vec::new();
    for (id, _) in &gone {
        for line in client.remove_image(id, true)? {
            let lower = line.strip_prefix("Untagged: ").map(|name| format!("untagged: {name}"));
            lines.push(lower.unwrap_or_else(|| line.replacen("Deleted: ", "deleted: ", 1)));
        }
    }
    Ok((lines, gone.iter().map(|(_, bytes)| bytes).sum()))
}

pub fn volumes(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    if given.has("all") {
        let why = r#""--all" requires API version 1.42, but the Docker daemon API version is 1.41"#;
        return Err(Fault::said(1, why));
    }
    given.only(&["filter", "force"])?;
    let filters = filters(given)?;
    client.take(15);
    client.engine()?;
    if asks(client, given, "all local volumes not used by at least one container") {
        return Ok(0);
    }
    let (gone, bytes) = unmounted(client, &filters)?;
    report(client, "Deleted Volumes", &gone);
    client.say(format!("Total reclaimed space: {}", size(bytes, 4)));
    Ok(0)
}

/// Removes the volumes that no container has.
fn unmounted(client: &mut Client<'_, '_>, filters: &Filters) -> Done<(Vec<String>, u64)> {
    let engine = client.engine()?;
    let free = engine
        .volumes
        .iter()
        .filter(|(name, volume)| super::volume::users(engine, name).is_empty() && filters.labels(&volume.labels));
    let free: Vec<(String, u64)> =
        free.map(|(name, volume)| (name.clone(), super::disk::content(&volume.files))).collect();
    for (name, _) in &free {
        client.remove_volume(name)?;
    }
    let bytes = free.iter().map(|(_, bytes)| bytes).sum();
    Ok((free.into_iter().map(|(name, _)| name).collect(), bytes))
}

pub fn networks(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["filter", "force"])?;
    let filters = filters(given)?;
    client.take(12);
    client.engine()?;
    if asks(client, given, "all custom networks not used by at least one container") {
        return Ok(0);
    }
    let gone = empty(client, &filters)?;
    report(client, "Deleted Networks", &gone);
    Ok(0)
}

/// Removes the networks in which nobody is.
fn empty(client: &mut Client<'_, '_>, filters: &Filters) -> Done<Vec<String>> {
    let networks: Vec<String> = client
        .engine()?
        .networks
        .iter()
        .filter(|(name, network)| !OWN_NETWORKS.contains(&name.as_str()) && filters.labels(&network.labels))
        .map(|(name, _)| name.clone())
        .collect();
    let mut gone = Vec::new();
    for name in networks {
        if members(client.process.world, &client.machine, &name).next().is_none() {
            client.remove_network(&name)?;
            gone.push(name);
        }
    }
    Ok(gone)
}

pub fn system(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["all", "filter", "force", "volumes"])?;
    if !given.has("force") {
        return unsimulated("`docker system prune` without `--force`");
    }
    let filters = filters(given)?;
    client.take(20);
    client.engine()?;
    let containers = stopped(client, &filters)?;
    report(client, "Deleted Containers", &containers);
    let networks = empty(client, &filters)?;
    report(client, "Deleted Networks", &networks);
    let mut bytes = 0;
    if given.has("volumes") {
        let (volumes, freed) = unmounted(client, &filters)?;
        report(client, "Deleted Volumes", &volumes);
        bytes += freed;
    }
    let (images, freed) = unused(client, &filters, given.has("all"))?;
    report(client, "Deleted Images", &images);
    client.say(format!("Total reclaimed space: {}", size(bytes + freed, 4)));
    Ok(0)
}
