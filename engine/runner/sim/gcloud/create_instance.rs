//! `gcloud compute instances create`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::super::world::{At, CloudError, External, NewAttached, NewInstance, Source, Vm};
use super::client::{Client, ZONE, last};
use super::disks::{wait_all, warn_of_size};
use super::instances::show_all;
use super::{Stop, operations};

/// Its flags that are understood.
pub const KNOWS: &str = "--zone --machine-type --image-family --image-project --image --disk --create-disk --address --metadata --labels \
    --tags --description --boot-disk-size --boot-disk-type --boot-disk-device-name --boot-disk-auto-delete --network-tier --async";

/// Machine types of Compute Engine.
static MACHINE_TYPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let sizes = "standard|highmem|highcpu|ultramem|megamem|highgpu|megagpu|ultragpu";
    let usual = format!("[a-z][0-9][a-z]{{0,2}}-(?:micro|small|medium|(?:{sizes})-[0-9]+.*)");
    Regex::new(&format!("^(?:{usual}|f1-micro|g1-small|(?:[a-z0-9]+-)?custom-.*)$")).ok()
});

pub fn create(client: &mut Client<'_, '_>) -> Result<(), Stop> {
    let all = client.all_zonal(ZONE)?;
    let machine_type = client.args.value("--machine-type").map_or("n1-standard-1", last).to_owned();
    let vm = vm(client)?;
    let mut begun = Vec::new();
    for at in &all {
        if !MACHINE_TYPE.as_ref().is_some_and(|pattern| pattern.is_match(&machine_type)) {
            let link = at.beside(&machine_type).link("machineTypes");
            let why = "The referenced resource does not exist.";
            return Err(client.not_fetched(&CloudError::invalid("resource.machineType", &link, why)));
        }
        let disks = disks(client, at)?;
        let external = external(client, at)?;
        let new = NewInstance { at: at.clone(), machine_type: machine_type.clone(), disks, external, vm: vm.clone() };
        begun.push(client.process.world.insert_instance(new).map_err(|error| client.not_fetched(&error))?);
    }
    if client.args.has("--async") {
        client.tell("NOTE: The users will be charged for public IPs when VMs are created.");
        for (at, operation) in all.iter().zip(&begun) {
            client.tell(format!(
                "Instance creation in progress for [{}]: {}",
                at.name,
                operation.at.link("operations")
            ));
        }
        operations::hint(client, &begun);
        return Ok(());
    }
    wait_all(client, &begun)?;
    for at in &all {
        client.tell(format!("Created [{}].", at.link("instances")));
    }
    show_all(client, &all)
}

fn vm(client: &Client<'_, '_>) -> Result<Vm, Stop> {
    let metadata = client.pairs_of("--metadata")?;
    if let Some(key) = metadata.keys().find(|key| key.contains("startup-script") || key.as_str() == "user-data") {
        return Err(Stop::unsimulated(format!("metadata `{key}`, which runs at boot")));
    }
    Ok(Vm {
        labels: client.pairs_of("--labels")?,
        metadata,
        tags: client.several_of("--tags"),
        description: client.args.value("--description").map(str::to_owned),
        ..Vm::default()
    })
}

/// The boot disk, then the others in their order.
fn disks(client: &mut Client<'_, '_>, at: &At) -> Result<Vec<NewAttached>, Stop> {
    let given: Vec<String> = client.args.values("--disk").map(str::to_owned).collect();
    let created: Vec<String> = client.args.values("--create-disk").map(str::to_owned).collect();
    let mut others = Vec::new();
    for text in &given {
        others.push(existing(text)?);
    }
    for (n, text) in created.iter().enumerate() {
        others.push(new(client, at, text, n + 1)?);
    }
    let is_new = |disk: &NewAttached| matches!(disk.made_of, Some((Source::Image, ..)));
    if others.iter().any(|disk| disk.boot && !is_new(disk)) {
        return Err(Stop::unsimulated("an instance whose boot disk is not made of an image"));
    }
    let has_boot = others.iter().any(|disk| disk.boot);
    let size_gb =
        client.args.value("--boot-disk-size").map(|text| client.gigabytes("--boot-disk-size", text)).transpose()?;
    let kind = client.args.value("--boot-disk-type").map_or("pd-standard", last).to_owned();
    let boot = NewAttached {
        disk: at.name.clone(),
        made_of: Some((Source::Image, size_gb, kind.clone())),
        device: client.args.value("--boot-disk-device-name").map(str::to_owned),
        boot: true,
        auto_delete: !client.args.names().any(|name| name == "--no-boot-disk-auto-delete"),
    };
    if !has_boot {
        warn_of_size(client, size_gb, &kind);
        others.insert(0, boot);
    }
    Ok(others)
}

/// `--disk=name=…,device-name=…`
fn existing(text: &str) -> Result<NewAttached, Stop> {
    let mut fields = fields("--disk", text)?;
    let Some(name) = fields.remove("name") else {
        return Err(Stop::Failed(
            "[name] is missing in [--disk]. [--disk] value must be of the form [name=NAME].".to_owned(),
        ));
    };
    let attached = NewAttached {
        disk: last(&name).to_owned(),
        made_of: None,
        device: fields.remove("device-name"),
        boot: is_yes(fields.remove("boot")),
        auto_delete: is_yes(fields.remove("auto-delete")),
    };
    only_writable("--disk", &mut fields)?;
    Ok(attached)
}

/// `--create-disk=name=…,source-snapshot=…,size=…`
fn new(client: &Client<'_, '_>, at: &At, text: &str, n: usize) -> Result<NewAttached, Stop> {
    let mut fields = fields("--create-disk", text)?;
    let size = fields.remove("size").map(|size| client.gigabytes("--create-disk", &size)).transpose()?;
    let kind = fields.remove("type").map_or_else(|| "pd-standard".to_owned(), |kind| last(&kind).to_owned());
    let snapshot = fields.remove("source-snapshot").map(|name| Source::Snapshot(last(&name).to_owned()));
    let images = ["image", "image-family", "image-project"].map(|name| fields.remove(name));
    let image = images.iter().any(Option::is_some).then_some(Source::Image);
    let auto_delete = fields.remove("auto-delete");
    let attached = NewAttached {
        disk: fields.remove("name").unwrap_or_else(|| format!("{}-{n}", at.name)),
        made_of: Some((snapshot.or(image).unwrap_or(Source::Blank), size, kind)),
        device: fields.remove("device-name"),
        boot: is_yes(fields.remove("boot")),
        auto_delete: auto_delete.is_none() || is_yes(auto_delete),
    };
    only_writable("--create-disk", &mut fields)?;
    Ok(attached)
}

fn fields(flag: &str, text: &str) -> Result<BTreeMap<String, String>, Stop> {
    let fields = text.split(',').map(|field| match field.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err(Stop::unsimulated(format!("`{flag}={text}`"))),
    });
    fields.collect()
}

/// Nothing is left but a mode that is the usual one.
fn only_writable(flag: &str, fields: &mut BTreeMap<String, String>) -> Result<(), Stop> {
    if fields.get("mode").is_some_and(|mode| mode == "rw") {
        fields.remove("mode");
    }
    match fields.keys().next() {
        Some(key) => Err(Stop::unsimulated(format!("`{key}` in `{flag}`"))),
        None => Ok(()),
    }
}

fn is_yes(value: Option<String>) -> bool {
    value.is_some_and(|value| matches!(value.as_str(), "yes" | "true"))
}

/// `--address` is an address, or the name of a reserved one.
fn external(client: &mut Client<'_, '_>, at: &At) -> Result<External, Stop> {
    if client.args.names().any(|name| name == "--no-address") {
        return Ok(External::None);
    }
    let Some(given) = client.args.value("--address").map(str::to_owned) else { return Ok(External::Pool) };
    if given.parse::<std::net::IpAddr>().is_ok() {
        return Ok(External::Reserved(given));
    }
    let reserved = At::region(&at.project, at.region_name(), last(&given));
    let found = client.process.world.describe_address(&reserved).map_err(|error| client.not_fetched(&error))?;
    Ok(External::Reserved(found["address"].as_str().unwrap_or_default().to_owned()))
}
