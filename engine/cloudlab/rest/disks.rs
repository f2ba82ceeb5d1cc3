//! `disks`.

use serde_json::Value;

use super::super::answer::{Answer, last, number, texts};
use super::Ask;
use super::instances::missing;
use crate::runner::sim::cloud::{At, NewDisk, Notes, Source};

pub fn answer(ask: &Ask<'_>, at: &At, path: &[&str]) -> Answer {
    let (lab, body) = (ask.lab, &ask.request.body);
    match (ask.request.method.as_str(), path) {
        ("GET", []) => {
            let found = lab.world().disk_documents(&at.project, Some(at.zone_name()));
            ask.list("disks", found)
        }
        ("POST", []) => insert(ask, at),
        ("GET", [_]) => lab.world().describe_disk(at).into(),
        ("DELETE", [_]) => ask.begun(lab.change(|world| world.delete_disk(at))),
        ("POST", [_, "createSnapshot"]) => {
            let Some(name) = body["name"].as_str() else { return missing("name") };
            ask.begun(lab.change(|world| world.insert_snapshot(at, name, notes(body), false)))
        }
        ("POST", [_, "resize"]) => {
            let Some(size_gb) = number(&body["sizeGb"]) else { return missing("sizeGb") };
            ask.begun(lab.change(|world| world.resize_disk(at, size_gb)))
        }
        ("POST", [_, "addResourcePolicies"]) => {
            let names = names(&body["resourcePolicies"]);
            ask.begun(lab.change(|world| world.add_policies(at, &names)))
        }
        ("POST", [_, "removeResourcePolicies"]) => {
            let names = names(&body["resourcePolicies"]);
            ask.begun(lab.change(|world| world.remove_policies(at, &names)))
        }
        _ => Answer::unknown(ask.request),
    }
}

fn insert(ask: &Ask<'_>, at: &At) -> Answer {
    let body = &ask.request.body;
    let Some(name) = body["name"].as_str() else { return missing("name") };
    let snapshot = last(body, "sourceSnapshot").map(|name| Source::Snapshot(name.to_owned()));
    let image = body["sourceImage"].as_str().map(|_| Source::Image);
    let new = NewDisk {
        at: at.beside(name),
        size_gb: number(&body["sizeGb"]),
        kind: last(body, "type").unwrap_or("pd-standard").to_owned(),
        source: snapshot.or(image).unwrap_or(Source::Blank),
        notes: notes(body),
        policies: names(&body["resourcePolicies"]),
    };
    ask.begun(ask.lab.change(|world| world.insert_disk(&new)))
}

/// Labels, description and where a snapshot is stored.
pub fn notes(body: &Value) -> Notes {
    Notes {
        labels: texts(&body["labels"]),
        description: body["description"].as_str().map(str::to_owned),
        location: body["storageLocations"][0].as_str().map(str::to_owned),
        ..Notes::default()
    }
}

/// The names of a list of links.
fn names(links: &Value) -> Vec<String> {
    let links = links.as_array().into_iter().flatten().filter_map(Value::as_str);
    links.map(|link| link.rsplit('/').next().unwrap_or(link).to_owned()).collect()
}
