//! `docker top`, `stats`, `port`, `diff`.

use serde_json::json;

use super::super::super::tree::split;
use super::super::super::world::{Container, Status};
use super::super::client::Client;
use super::super::command::Given;
use super::super::document::{bindings, pid};
use super::super::engine::{image_files, with_mounts};
use super::super::fault::{Done, Fault, unsimulated};
use super::super::human::binary_size;
use super::super::listing::{Line, Listing};
use super::super::table::table;
use super::ps::cut;

const STATS: Listing = Listing {
    of_type: "*formatter.statsContext",
    wrong: ("template parsing error: ", "template parsing error: "),
    columns: &["ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"],
    headings: &[
        ("ID", "CONTAINER ID"),
        ("Container", "CONTAINER"),
        ("Name", "NAME"),
        ("CPUPerc", "CPU %"),
        ("MemUsage", "MEM USAGE / LIMIT"),
        ("MemPerc", "MEM %"),
        ("NetIO", "NET I/O"),
        ("BlockIO", "BLOCK I/O"),
        ("PIDs", "PIDS"),
    ],
    quiet: "ID",
};
/// The machine's memory.
const MEMORY: u64 = 25_276_510_208;

/// The processes of a container: heading and one line each.
pub fn processes(container: &Container, started: &str) -> [Vec<String>; 2] {
    let heading = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"].map(str::to_owned).to_vec();
    let pid = pid(container);
    let user = if container.spec.user.is_empty() { "root" } else { &container.spec.user };
    let command = container.command.join(" ");
    let (pid, parent) = (pid.to_string(), (pid - 20).to_string());
    let line = [user, &pid, &parent, "0", started, "?", "00:00:00", &command].map(str::to_owned).to_vec();
    [heading, line]
}

pub fn top(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    let [name] = given.operands.as_slice() else { return unsimulated("options of `ps` for `docker top`") };
    client.take(25);
    let now = client.process.world.now();
    let container = client.container(name)?;
    let seen = container.at(now);
    let id = &container.id;
    match seen.status {
        Status::Running | Status::Paused => {}
        Status::Restarting => {
            return Err(Fault::daemon(format!("Container {id} is restarting, wait until the container is running")));
        }
        Status::Created | Status::Exited => return Err(Fault::daemon(format!("Container {id} is not running"))),
    }
    let started = seen.started.unwrap_or(now).format("%H:%M").to_string();
    let rows = processes(container, &started);
    let text = table(&rows, 20, 1);
    client.process.stdout.push(&text);
    Ok(0)
}

pub fn stats(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["all", "format", "no-stream", "no-trunc"])?;
    if !given.has("no-stream") {
        return unsimulated("`docker stats` without `--no-stream`");
    }
    client.engine()?;
    let now = client.process.world.now();
    let mut containers = Vec::new();
    for name in &given.operands {
        containers.push((name.clone(), client.container(name)?.clone()));
    }
    if given.operands.is_empty() {
        let all = given.has("all");
        let mut found: Vec<Container> = client.engine()?.containers.values().cloned().collect();
        found.retain(|container| all || !matches!(container.at(now).status, Status::Created | Status::Exited));
        found.sort_by_key(|container| std::cmp::Reverse(container.created));
        containers.extend(found.into_iter().map(|container| (container.id.clone(), container)));
    }
    client.take(1500);
    let lines: Vec<Line> =
        containers.iter().map(|(asked, container)| stats_line(asked, container, given, now)).collect();
    STATS.print(client, given.text("format"), false, &lines)
}

fn stats_line(asked: &str, container: &Container, given: &Given, now: chrono::DateTime<chrono::Utc>) -> Line {
    let runs = matches!(container.at(now).status, Status::Running | Status::Paused);
    let limit = if container.spec.memory == 0 { MEMORY } else { container.spec.memory };
    let used = if runs { 602_112 } else { 0 };
    let usage = if runs { format!("{} / {}", binary_size(used), binary_size(limit)) } else { "0B / 0B".to_owned() };
    let fields = json!({
        "BlockIO": "0B / 0B",
        "CPUPerc": "0.00%",
        "Container": asked,
        "ID": cut(&container.id, !given.has("no-trunc")),
        "MemPerc": "0.00%",
        "MemUsage": usage,
        "Name": container.name,
        "NetIO": if runs { "486B / 0B" } else { "0B / 0B" },
        "PIDs": if runs { "1" } else { "0" },
    });
    Line::new(fields, std::collections::BTreeMap::new())
}

pub fn port(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    client.take(15);
    let Some((name, asked)) = given.operands.split_first() else { return Ok(1) };
    let now = client.process.world.now();
    let container = client.container(name)?;
    let runs = matches!(container.at(now).status, Status::Running | Status::Paused);
    let ports = if runs { bindings(container) } else { std::collections::BTreeMap::new() };
    let place = |address: &str, port: &str| {
        if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
    };
    let mut lines = Vec::new();
    for (port, places) in &ports {
        let wanted =
            asked.first().map(|asked| if asked.contains('/') { asked.clone() } else { format!("{asked}/tcp") });
        for binding in places.iter().flatten() {
            let shown = place(&binding.host_ip, &binding.host_port);
            match &wanted {
                None => lines.push(format!("{port} -> {shown}")),
                Some(wanted) if wanted == port => lines.push(shown),
                Some(_) => {}
            }
        }
    }
    if let (Some(asked), true) = (asked.first(), lines.is_empty()) {
        return Err(Fault::said(1, format!("Error: No public port '{asked}' published for {name}")));
    }
    for line in lines {
        client.say(line);
    }
    Ok(0)
}

pub fn diff(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    client.take(30);
    let Some(name) = given.operands.first() else { return Ok(1) };
    let container = client.container(name)?.clone();
    let Some(image) = client.engine()?.images.get(&container.image).cloned() else {
        return unsimulated("`docker diff` of a container whose image is gone");
    };
    let plain = image_files(&image, container.created);
    if with_mounts(plain.clone(), &container.mounts, container.created) != container.files {
        return unsimulated("`docker diff` of a container whose files have changed");
    }
    // The Engine has made the directories where something is mounted.
    for mount in container.mounts.iter().filter(|mount| plain.get(&mount.target).is_none()) {
        if plain.get(split(&mount.target).0).is_none() {
            return unsimulated("`docker diff` of a container with mounts below new directories");
        }
        client.say(format!("A {}", mount.target));
    }
    Ok(0)
}
