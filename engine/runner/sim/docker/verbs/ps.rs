//! `docker ps`.

use serde_json::{Value, json};

use super::super::super::world::{Container, MountSource, Status, World};
use super::super::client::Client;
use super::super::command::Given;
use super::super::document::bindings;
use super::super::engine::asked;
use super::super::fault::{Done, Fault};
use super::super::human::{ago, size, table_time};
use super::super::listing::{Line, Listing};
use super::filter::{Filters, matches};

const CONTAINERS: Listing = Listing {
    of_type: "*formatter.ContainerContext",
    wrong: ("failed to parse template: ", "failed to execute template: "),
    columns: &["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"],
    headings: HEADINGS,
    quiet: "ID",
};
/// The same with `--size`.
const SIZED: Listing =
    Listing { columns: &["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names", "Size"], ..CONTAINERS };
const HEADINGS: &[(&str, &str)] = &[
    ("ID", "CONTAINER ID"),
    ("Names", "NAMES"),
    ("Image", "IMAGE"),
    ("Command", "COMMAND"),
    ("CreatedAt", "CREATED AT"),
    ("RunningFor", "CREATED"),
    ("Ports", "PORTS"),
    ("State", "STATE"),
    ("Status", "STATUS"),
    ("Size", "SIZE"),
    ("Labels", "LABELS"),
    ("Mounts", "MOUNTS"),
    ("LocalVolumes", "LOCAL VOLUMES"),
    ("Networks", "NETWORKS"),
    ("Platform", "PLATFORM"),
];
const FILTERS: [&str; 11] =
    ["ancestor", "before", "exited", "health", "id", "label", "name", "network", "since", "status", "volume"];
const STATUSES: [&str; 7] = ["created", "dead", "exited", "paused", "removing", "restarting", "running"];

pub fn ps(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["all", "filter", "format", "last", "latest", "no-trunc", "quiet", "size"])?;
    client.take(12);
    let filters = Filters::of(given, &FILTERS, &["expose", "is-task", "isolation", "publish"])?;
    if let Some(wrong) = filters.values("status").iter().find(|status| !STATUSES.contains(&status.as_str())) {
        return Err(Fault::daemon(format!("Invalid filter 'status={wrong}'")));
    }
    client.engine()?;
    let machine = client.machine.clone();
    let last = given.text("last").and_then(|last| last.parse::<usize>().ok()).or(given.has("latest").then_some(1));
    let all = given.has("all") || last.is_some() || !filters.values("status").is_empty();
    let world = &*client.process.world;
    let mut found: Vec<&Container> =
        world.engine(&machine).map(|engine| engine.containers.values().collect()).unwrap_or_default();
    found.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
    let runs = |container: &Container| !matches!(container.at(world.now()).status, Status::Created | Status::Exited);
    found.retain(|container| all || runs(container));
    found.truncate(last.unwrap_or(usize::MAX));
    let moment = |name: &str| -> Done<_> {
        let of = |name: &String| {
            let container = world.engine(&machine).and_then(|engine| engine.container(name));
            container
                .map(|container| container.created)
                .ok_or_else(|| Fault::daemon(format!("No such container: {name}")))
        };
        filters.values(name).first().map(of).transpose()
    };
    let (before, since) = (moment("before")?, moment("since")?);
    found.retain(|container| {
        before.is_none_or(|moment| container.created < moment)
            && since.is_none_or(|moment| container.created > moment)
            && fits(world, &machine, container, &filters)
    });
    let short = !given.has("no-trunc");
    let format = given.text("format");
    let sized =
        given.has("size") || format.is_some_and(|format| format.contains(".Size") || format.contains("json .}"));
    let lines: Vec<Line> = found.iter().map(|container| table_line(world, &machine, container, short, sized)).collect();
    let listing = if given.has("size") { SIZED } else { CONTAINERS };
    listing.print(client, format, given.has("quiet"), &lines)
}

fn fits(world: &World, machine: &str, container: &Container, filters: &Filters) -> bool {
    let seen = container.at(world.now());
    let engine = world.engine(machine);
    filters.any("name", |name| matches(name, &container.name) || matches(name, &format!("/{}", container.name)))
        && filters.any("id", |id| container.id.starts_with(id))
        && filters.labels(&container.labels)
        && filters.any("status", |status| status == seen.status.as_str())
        && filters.any("exited", |code| seen.status == Status::Exited && code == seen.code.to_string())
        && filters
            .any("health", |health| asked(world, machine, container).map_or("none", |asked| asked.status) == health)
        && filters.any("ancestor", |image| {
            engine.and_then(|engine| engine.image(image)).is_some_and(|image| image.id == container.image)
        })
        && filters.any("network", |network| {
            let name = engine.and_then(|engine| engine.network(network)).map(|(name, _)| name);
            name.is_some_and(|name| container.networks.contains_key(name))
        })
        && filters.any("volume", |volume| {
            container.mounts.iter().any(|mount| {
                mount.target == volume
                    || match &mount.source {
                        MountSource::Volume(name) => name == volume,
                        MountSource::Bind(path) => path == volume,
                        MountSource::Memory => false,
                    }
            })
        })
}

/// A container as a line of a table.
pub fn table_line(world: &World, machine: &str, container: &Container, short: bool, sized: bool) -> Line {
    let now = world.now();
    let seen = container.at(now);
    let mut labels: Vec<String> = container.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    labels.sort();
    let networks: Vec<&str> = container.networks.keys().map(String::as_str).collect();
    let volumes = super::super::engine::volumes(container).count();
    let size = if sized {
        format!("0B (virtual {})", size(image_size(world, machine, container), 3))
    } else {
        "0B".to_owned()
    };
    let fields = json!({
        "Command": command_text(container, short),
        "CreatedAt": table_time(container.created),
        "ID": cut(&container.id, short),
        "Image": image_text(world, machine, container, short),
        "Labels": labels.join(","),
        "LocalVolumes": volumes.to_string(),
        "Mounts": mounts_text(container, short),
        "Names": container.name,
        "Networks": networks.join(","),
        "Platform": Value::Null,
        "Ports": ports_text(container, seen.status, Ports::Bracketed),
        "RunningFor": format!("{} ago", ago(now - container.created)),
        "Size": size,
        "State": seen.status.as_str(),
        "Status": status_text(world, machine, container),
    });
    Line::new(fields, container.labels.clone())
}

/// Twelve digits of an id, or all.
pub fn cut(id: &str, short: bool) -> String {
    let id = if short { id.trim_start_matches("sha256:") } else { id };
    if short { id.get(..12).unwrap_or(id).to_owned() } else { id.to_owned() }
}

/// So many characters, the last of them an ellipsis when something is left out.
pub fn ellipsis(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(most.saturating_sub(1)).collect::<String>())
}

fn image_size(world: &World, machine: &str, container: &Container) -> u64 {
    let engine = world.engine(machine);
    engine.and_then(|engine| engine.images.get(&container.image)).map_or(0, |image| image.size)
}

/// The image as it was named, as long as the name means the same.
pub fn image_text(world: &World, machine: &str, container: &Container, short: bool) -> String {
    let known = world.engine(machine).and_then(|engine| engine.image(&container.image_name));
    if known.is_some_and(|image| image.id == container.image) {
        container.image_name.clone()
    } else {
        cut(&container.image, short)
    }
}

/// Program and arguments in quotes.
pub fn command_text(container: &Container, short: bool) -> String {
    let word = |(n, word): (usize, &String)| {
        if n > 0 && word.contains(' ') { format!("'{word}'") } else { word.clone() }
    };
    let text = container.command.iter().enumerate().map(word).collect::<Vec<_>>().join(" ");
    let text = if short { ellipsis(&text, 20) } else { text };
    serde_json::to_string(&text).unwrap_or_default()
}

fn mounts_text(container: &Container, short: bool) -> String {
    let names = container.mounts.iter().filter_map(|mount| match &mount.source {
        MountSource::Volume(name) => Some(name.as_str()),
        MountSource::Bind(path) => Some(path.as_str()),
        MountSource::Memory => None,
    });
    names.map(|name| if short { ellipsis(name, 15) } else { name.to_owned() }).collect::<Vec<_>>().join(",")
}

/// `Up 3 seconds (healthy)`.
pub fn status_text(world: &World, machine: &str, container: &Container) -> String {
    let now = world.now();
    let seen = container.at(now);
    let since = |moment: Option<chrono::DateTime<chrono::Utc>>| ago(now - moment.unwrap_or(now));
    match seen.status {
        Status::Created => "Created".to_owned(),
        Status::Exited => format!("Exited ({}) {} ago", seen.code, since(seen.finished)),
        Status::Restarting => format!("Restarting ({}) {} ago", seen.code, since(seen.finished)),
        Status::Paused => format!("Up {} (Paused)", since(seen.started)),
        Status::Running => match asked(world, machine, container).map(|asked| asked.status) {
            Some("starting") => format!("Up {} (health: starting)", since(seen.started)),
            Some(health) => format!("Up {} ({health})", since(seen.started)),
            None => format!("Up {}", since(seen.started)),
        },
    }
}

/// How addresses of version 6 are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// `[::]:80`, as the client does.
    Bracketed,
    /// `:::80`, as Compose does.
    Plain,
}

/// One port: in the container, its protocol, and where it is published.
type Shown = (u16, String, Option<(String, u16)>);

/// The ports of a container, in order.
pub fn displayed_ports(container: &Container, status: Status) -> Vec<Shown> {
    if !matches!(status, Status::Running | Status::Paused) {
        return Vec::new();
    }
    let mut found: Vec<Shown> = Vec::new();
    for (port, places) in bindings(container) {
        let Some((number, protocol)) = port.split_once('/') else { continue };
        let Ok(number) = number.parse() else { continue };
        match places {
            None => found.push((number, protocol.to_owned(), None)),
            Some(places) => found.extend(places.into_iter().filter_map(|place| {
                Some((number, protocol.to_owned(), Some((place.host_ip, place.host_port.parse().ok()?))))
            })),
        }
    }
    found.sort_by(|a, b| (a.0, &a.2, &a.1).cmp(&(b.0, &b.2, &b.1)));
    found
}

/// `127.0.0.1:8080->80/tcp, 90/tcp`.
pub fn ports_text(container: &Container, status: Status, how: Ports) -> String {
    let host = |address: &str| match how {
        Ports::Bracketed if address.contains(':') => format!("[{address}]"),
        _ => address.to_owned(),
    };
    let mut groups: Vec<(String, String, u16, u16)> = Vec::new();
    let mut mapped = Vec::new();
    for (port, protocol, place) in displayed_ports(container, status) {
        let address = match &place {
            Some((address, public)) if *public != port => {
                mapped.push(format!("{}:{public}->{port}/{protocol}", host(address)));
                continue;
            }
            Some((address, _)) => host(address),
            None => String::new(),
        };
        match groups.iter_mut().find(|group| group.0 == address && group.1 == protocol) {
            Some(group) if group.3.checked_add(1) == Some(port) => group.3 = port,
            _ => groups.push((address, protocol, port, port)),
        }
    }
    let range = |(address, protocol, first, last): (String, String, u16, u16)| {
        let ports = if first == last { first.to_string() } else { format!("{first}-{last}") };
        if address.is_empty() {
            format!("{ports}/{protocol}")
        } else {
            format!("{address}:{ports}->{ports}/{protocol}")
        }
    };
    groups.into_iter().map(range).chain(mapped).collect::<Vec<_>>().join(", ")
}
