//! `instances`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::answer::{Answer, last, number, texts};
use super::Ask;
use crate::runner::sim::cloud::{At, CloudError, External, NewAttached, NewInstance, Source, Vm};

pub fn answer(ask: &Ask<'_>, at: &At, path: &[&str]) -> Answer {
    let body = &ask.request.body;
    let (lab, device) = (ask.lab, ask.query("deviceName").unwrap_or_default());
    match (ask.request.method.as_str(), path) {
        ("GET", []) => {
            let found = lab.world().instance_documents(&at.project, Some(at.zone_name()));
            ask.list("instances", found)
        }
        ("POST", []) => insert(ask, at),
        ("GET", [_]) => lab.world().describe_instance(at).into(),
        ("DELETE", [_]) => ask.begun(lab.change(|world| world.delete_instance(at))),
        ("POST", [_, "start"]) => ask.begun(lab.change(|world| world.start_instance(at))),
        ("POST", [_, "stop"]) => ask.begun(lab.change(|world| world.stop_instance(at))),
        ("POST", [_, "reset"]) => ask.begun(lab.change(|world| world.reset_instance(at))),
        ("POST", [_, "attachDisk"]) => {
            let Some(disk) = last(body, "source") else { return missing("source") };
            ask.begun(lab.change(|world| world.attach_disk(at, disk, body["deviceName"].as_str())))
        }
        ("POST", [_, "detachDisk"]) => ask.begun(lab.change(|world| world.detach_disk(at, device))),
        ("POST", [_, "setDiskAutoDelete"]) => {
            let auto_delete = ask.query("autoDelete") == Some("true");
            ask.begun(lab.change(|world| world.set_auto_delete(at, device, auto_delete)))
        }
        ("POST", [_, "addAccessConfig"]) => {
            let external = external(Some(body));
            ask.begun(lab.change(|world| world.add_access(at, &external)))
        }
        ("POST", [_, "deleteAccessConfig"]) => ask.begun(lab.change(|world| world.delete_access(at))),
        ("POST", [_, "setMetadata"]) => ask.begun(lab.change(|world| world.set_metadata(at, items(body)))),
        _ => Answer::unknown(ask.request),
    }
}

/// A request lacks a field.
pub fn missing(field: &str) -> Answer {
    Answer::error(400, "required", &format!("Required field '{field}' not specified"))
}

/// `items` of metadata.
pub fn items(metadata: &Value) -> BTreeMap<String, String> {
    let items = metadata["items"].as_array().into_iter().flatten();
    let pairs = items.filter_map(|item| {
        Some((item["key"].as_str()?.to_owned(), item["value"].as_str().unwrap_or_default().to_owned()))
    });
    pairs.collect()
}

fn external(access: Option<&Value>) -> External {
    match access.map(|access| access["natIP"].as_str().filter(|address| !address.is_empty())) {
        None => External::None,
        Some(None) => External::Pool,
        Some(Some(address)) => External::Reserved(address.to_owned()),
    }
}

fn insert(ask: &Ask<'_>, at: &At) -> Answer {
    let body = &ask.request.body;
    let Some(name) = body["name"].as_str() else { return missing("name") };
    let at = at.beside(name);
    let disks = body["disks"].as_array().into_iter().flatten().enumerate();
    let disks = disks.map(|(n, disk)| attached(&at, n, disk)).collect();
    let tags = body["tags"]["items"].as_array().into_iter().flatten();
    let vm = Vm {
        labels: texts(&body["labels"]),
        metadata: items(&body["metadata"]),
        tags: tags.filter_map(|tag| tag.as_str().map(str::to_owned)).collect(),
        description: body["description"].as_str().map(str::to_owned),
        ..Vm::default()
    };
    if let Some(key) = vm.metadata.keys().find(|key| key.contains("startup-script") || key.as_str() == "user-data") {
        let why = "cloudlab runs no startup scripts; `setup` of its configuration is run in every new machine";
        return CloudError::invalid("resource.metadata", key, why).into();
    }
    let new = NewInstance {
        at,
        machine_type: last(body, "machineType").unwrap_or("n1-standard-1").to_owned(),
        disks,
        external: external(body["networkInterfaces"][0]["accessConfigs"].get(0)),
        vm,
    };
    ask.begun(ask.lab.change(|world| world.insert_instance(new)))
}

fn attached(at: &At, n: usize, disk: &Value) -> NewAttached {
    let new = &disk["initializeParams"];
    let boot = disk["boot"].as_bool().unwrap_or(n == 0);
    let source = match (last(new, "sourceSnapshot"), new["sourceImage"].as_str()) {
        (Some(snapshot), _) => Source::Snapshot(snapshot.to_owned()),
        (None, Some(_)) => Source::Image,
        (None, None) => Source::Blank,
    };
    let own_name = if n == 0 { at.name.clone() } else { format!("{}-{n}", at.name) };
    let (name, made_of) = if let Some(name) = last(disk, "source") {
        (name.to_owned(), None)
    } else {
        let kind = last(new, "diskType").unwrap_or("pd-standard").to_owned();
        let name = new["diskName"].as_str().map_or(own_name, str::to_owned);
        (name, Some((source, number(&new["diskSizeGb"]), kind)))
    };
    NewAttached {
        disk: name,
        made_of,
        device: disk["deviceName"].as_str().map(str::to_owned),
        boot,
        auto_delete: disk["autoDelete"].as_bool().unwrap_or(false),
    }
}
