//! Zones, regions, and what they offer: types of machines and disks, images.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::Ask;

/// The beginning of every link.
const LINKS: &str = "https://www.googleapis.com/compute/v1/";

/// The image of every family.
const IMAGE: &str = "debian-12-bookworm-v20251014";

pub fn zones(ask: &Ask<'_>, project: &str) -> Answer {
    let found = ask.lab.world().zone_documents(project);
    ask.list("zones", found)
}

pub fn zone(ask: &Ask<'_>, project: &str, zone: &str) -> Answer {
    ask.lab.world().zone_document(project, zone).into()
}

pub fn region(ask: &Ask<'_>, project: &str, region: &str) -> Answer {
    ask.lab.world().region_document(project, region).into()
}

pub fn regions(ask: &Ask<'_>, project: &str) -> Answer {
    let world = ask.lab.world();
    let found = world.zone_documents(project).and_then(|zones| {
        let mut names: Vec<&str> =
            zones.iter().filter_map(|zone| zone["region"].as_str()?.rsplit('/').next()).collect();
        names.dedup();
        names.into_iter().map(|name| world.region_document(project, name)).collect()
    });
    drop(world);
    ask.list("regions", found)
}

/// Images are not in the model: each project has every image.
pub fn image(project: &str, name: &str) -> Answer {
    let image = if name.contains("-v2") { name } else { IMAGE };
    Answer::ok(json!({
        "architecture": "X86_64",
        "diskSizeGb": "10",
        "family": name,
        "kind": "compute#image",
        "name": image,
        "selfLink": format!("{LINKS}projects/{project}/global/images/{image}"),
        "status": "READY",
    }))
}

/// A type of machine or disk: all that are named are there.
pub fn kind(ask: &Ask<'_>, project: &str, zone: &str, collection: &str, path: &[&str]) -> Answer {
    let kind = if collection == "machineTypes" { "compute#machineType" } else { "compute#diskType" };
    let document = |name: &str| -> Value {
        json!({
            "kind": kind,
            "name": name,
            "selfLink": format!("{LINKS}projects/{project}/zones/{zone}/{collection}/{name}"),
            "zone": zone,
        })
    };
    match path {
        [name] => Answer::ok(document(name)),
        [] => ask.list(collection, Ok(Vec::new())),
        _ => Answer::unknown(ask.request),
    }
}
