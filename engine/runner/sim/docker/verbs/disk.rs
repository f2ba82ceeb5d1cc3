//! `docker system df`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::super::super::tree::Node;
use super::super::super::world::Status;
use super::super::client::Client;
use super::super::command::Given;
use super::super::fault::Done;
use super::super::human::size;
use super::super::listing::{Line, Listing};
use super::volume::users;

const DISK: Listing = Listing {
    of_type: "*formatter.diskUsageImagesContext",
    wrong: ("template parsing error: ", "template parsing error: "),
    columns: &["Type", "TotalCount", "Active", "Size", "Reclaimable"],
    headings: &[
        ("Type", "TYPE"),
        ("TotalCount", "TOTAL"),
        ("Active", "ACTIVE"),
        ("Size", "SIZE"),
        ("Reclaimable", "RECLAIMABLE"),
    ],
    quiet: "Type",
};

/// Bytes of the files below a directory.
pub fn content(node: &Node) -> u64 {
    node.walk().iter().filter(|(_, node)| node.is_file()).map(|(_, node)| node.size()).sum()
}

pub fn df(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["format"])?;
    client.take(20);
    let now = client.process.world.now();
    let engine = client.engine()?;
    let used: BTreeSet<&String> = engine.containers.values().map(|container| &container.image).collect();
    let all: u64 = engine.images.values().map(|image| image.size).sum();
    let free: u64 = engine.images.values().filter(|image| !used.contains(&image.id)).map(|image| image.size).sum();
    let images = engine.images.size();
    let active = engine.images.keys().filter(|id| used.contains(id)).count();
    let runs = engine
        .containers
        .values()
        .filter(|container| !matches!(container.at(now).status, Status::Created | Status::Exited))
        .count();
    let (mut bytes, mut unused, mut taken) = (0, 0, 0);
    for (name, volume) in &engine.volumes {
        let own = content(&volume.files);
        bytes += own;
        if users(engine, name).is_empty() { unused += own } else { taken += 1 }
    }
    let lines = [
        line("Images", images, active, all, free),
        line("Containers", engine.containers.size(), runs, 0, 0),
        line("Local Volumes", engine.volumes.size(), taken, bytes, unused),
        line("Build Cache", 0, 0, 0, 0),
    ];
    DISK.print(client, given.text("format"), false, &lines)
}

fn line(kind: &str, total: usize, active: usize, bytes: u64, free: u64) -> Line {
    let share = if free > 0 { format!(" ({}%)", free * 100 / bytes.max(1)) } else { String::new() };
    let fields = json!({
        "Active": active.to_string(),
        "Reclaimable": format!("{}{share}", size(free, 4)),
        "Size": size(bytes, 4),
        "TotalCount": total.to_string(),
        "Type": kind,
    });
    Line::new(fields, BTreeMap::new())
}
