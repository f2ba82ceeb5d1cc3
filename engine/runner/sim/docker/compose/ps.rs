//! `docker compose ps`.

use serde_json::{Value, json};

use super::super::super::world::{Container, Status};
use super::super::command::Given;
use super::super::engine::asked;
use super::super::fault::{Done, unsimulated};
use super::super::listing::{Line, Listing};
use super::super::verbs::{Ports, displayed_ports, ports_text, table_line};
use super::{Compose, service_of};

const CONTAINERS: Listing = Listing {
    of_type: "*formatter.ContainerContext",
    wrong: ("template parsing error: ", "template parsing error: "),
    columns: &["Name", "Image", "Command", "Service", "RunningFor", "Status", "Ports"],
    headings: &[
        ("Name", "NAME"),
        ("Names", "NAMES"),
        ("Image", "IMAGE"),
        ("Command", "COMMAND"),
        ("Service", "SERVICE"),
        ("RunningFor", "CREATED"),
        ("CreatedAt", "CREATED AT"),
        ("Status", "STATUS"),
        ("State", "STATE"),
        ("Health", "HEALTH"),
        ("ExitCode", "EXIT CODE"),
        ("Ports", "PORTS"),
        ("Publishers", "PUBLISHERS"),
        ("ID", "CONTAINER ID"),
        ("Project", "PROJECT"),
        ("Labels", "LABELS"),
        ("LocalVolumes", "LOCAL VOLUMES"),
        ("Mounts", "MOUNTS"),
        ("Networks", "NETWORKS"),
        ("Size", "SIZE"),
    ],
    quiet: "ID",
};

pub fn ps(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["all", "filter", "format", "no-trunc", "orphans", "quiet", "services", "status"])?;
    let known = compose.known(&[])?;
    let mut statuses: Vec<&str> = given.all("status").collect();
    match given.text("filter").map(|filter| filter.split_once('=').unwrap_or((filter, ""))) {
        None => {}
        Some(("status", status)) => statuses.push(status),
        Some((other, _)) => return unsimulated(format!("`docker compose ps --filter {other}`")),
    }
    let all = given.has("all") || !statuses.is_empty();
    let now = compose.client.process.world.now();
    let mut containers = compose.chosen(&known.name, &given.operands, all)?;
    containers.retain(|container| {
        let status = container.at(now).status;
        let alive = !matches!(status, Status::Created | Status::Exited);
        (all || alive) && (statuses.is_empty() || statuses.contains(&status.as_str()))
    });
    containers.sort_by(|a, b| a.name.cmp(&b.name));
    if given.has("quiet") {
        for container in containers {
            compose.client.say(container.id);
        }
        return Ok(0);
    }
    if given.has("services") {
        let mut names: Vec<&str> = containers.iter().map(service_of).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            compose.client.say(name);
        }
        return Ok(0);
    }
    let short = !given.has("no-trunc");
    let lines: Vec<Line> = containers.iter().map(|container| line(compose, &known.name, container, short)).collect();
    CONTAINERS.print(compose.client, given.text("format"), false, &lines)
}

fn line(compose: &Compose<'_, '_, '_>, project: &str, container: &Container, short: bool) -> Line {
    let world = &*compose.client.process.world;
    let seen = container.at(world.now());
    let base = table_line(world, &compose.client.machine, container, short, false);
    let of = |name: &str| base.fields.get(name).cloned().unwrap_or_default();
    let health = match seen.status {
        Status::Running => asked(world, &compose.client.machine, container).map_or("", |asked| asked.status),
        _ => "",
    };
    let publishers: Vec<Value> = displayed_ports(container, seen.status)
        .into_iter()
        .map(|(port, protocol, place)| {
            let (address, public) = place.unwrap_or_default();
            json!({ "URL": address, "TargetPort": port, "PublishedPort": public, "Protocol": protocol })
        })
        .collect();
    let fields = json!({
        "Command": of("Command"),
        "CreatedAt": of("CreatedAt"),
        "ExitCode": if seen.status == Status::Exited { seen.code } else { 0 },
        "Health": health,
        "ID": of("ID"),
        "Image": container.image_name,
        "Labels": of("Labels"),
        "LocalVolumes": of("LocalVolumes"),
        "Mounts": of("Mounts"),
        "Name": container.name,
        "Names": container.name,
        "Networks": of("Networks"),
        "Ports": ports_text(container, seen.status, Ports::Plain),
        "Project": project,
        "Publishers": if publishers.is_empty() { Value::Null } else { publishers.into() },
        "RunningFor": of("RunningFor"),
        "Service": service_of(container),
        "Size": "0B",
        "State": seen.status.as_str(),
        "Status": of("Status"),
    });
    Line::new(fields, container.labels.clone())
}
