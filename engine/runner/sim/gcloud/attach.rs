//! `gcloud compute instances`: disks that are attached and detached, and the address outside.

use super::super::world::{At, Attached, External, Operation};
use super::Stop;
use super::client::{Client, last};
use super::disks::wait_all;
use super::instances::show_all;

type Did = Result<(), Stop>;

/// The only access configuration that this world has.
const ACCESS: &str = "external-nat";

fn check_scope(client: &Client<'_, '_>) -> Did {
    match client.args.value("--disk-scope") {
        Some("regional") => Err(Stop::unsimulated("regional disks")),
        _ => Ok(()),
    }
}

pub fn attach(client: &mut Client<'_, '_>) -> Did {
    check_scope(client)?;
    if client.args.value("--mode") == Some("ro") {
        return Err(Stop::unsimulated("`gcloud compute instances attach-disk --mode=ro`"));
    }
    if client.args.has("--boot") {
        return Err(Stop::unsimulated("`gcloud compute instances attach-disk --boot`"));
    }
    let at = client.instance()?;
    let disk = last(client.args.value("--disk").unwrap_or_default()).to_owned();
    let device = client.args.value("--device-name").map(str::to_owned);
    let begun = client.process.world.attach_disk(&at, &disk, device.as_deref());
    let begun = begun.map_err(|error| client.not_fetched(&error))?;
    updated(client, &at, &begun)
}

fn updated(client: &mut Client<'_, '_>, at: &At, begun: &Operation) -> Did {
    wait_all(client, std::slice::from_ref(begun))?;
    client.tell(format!("Updated [{}].", at.link("instances")));
    show_all(client, std::slice::from_ref(at))
}

pub fn detach(client: &mut Client<'_, '_>) -> Did {
    check_scope(client)?;
    client.one_of(&["--device-name", "--disk"])?;
    let at = client.instance()?;
    let device = device(client, &at)?;
    let begun = client.process.world.detach_disk(&at, &device).map_err(|error| client.not_fetched(&error))?;
    updated(client, &at, &begun)
}

pub fn set_auto_delete(client: &mut Client<'_, '_>) -> Did {
    client.one_of(&["--device-name", "--disk"])?;
    let at = client.instance()?;
    let device = device(client, &at)?;
    // Without the flag it is set: `--no-auto-delete` takes it back.
    let auto_delete = !client.args.names().any(|name| name == "--no-auto-delete") || client.args.has("--auto-delete");
    let begun = client.process.world.set_auto_delete(&at, &device, auto_delete);
    let begun = begun.map_err(|error| client.not_fetched(&error))?;
    updated(client, &at, &begun)
}

/// The device name of the disk that is meant.
fn device(client: &mut Client<'_, '_>, at: &At) -> Result<String, Stop> {
    let instance = client.process.world.get_instance(at).map(|instance| instance.disks.clone());
    let disks = instance.map_err(|error| client.not_fetched(&error))?;
    let place = format!("to instance [{}] in zone [{}].", at.name, at.zone_name());
    let find = |is: &dyn Fn(&Attached) -> bool| disks.iter().find(|disk| is(disk)).map(|disk| disk.device.clone());
    if let Some(name) = client.args.value("--disk").map(last) {
        return find(&|disk| disk.disk == name)
            .ok_or_else(|| Stop::Failed(format!("Disk [{name}] is not attached {place}")));
    }
    let name = client.args.value("--device-name").unwrap_or_default();
    find(&|disk| disk.device == name)
        .ok_or_else(|| Stop::Failed(format!("No disk with device name [{name}] is attached {place}")))
}

pub fn add_access(client: &mut Client<'_, '_>) -> Did {
    let at = client.instance()?;
    check_access(client)?;
    let given = client.args.value("--address").map(|address| External::Reserved(address.to_owned()));
    let external = given.unwrap_or(External::Pool);
    let begun = client.process.world.add_access(&at, &external).map_err(|error| client.not_fetched(&error))?;
    updated(client, &at, &begun)
}

pub fn delete_access(client: &mut Client<'_, '_>) -> Did {
    let at = client.instance()?;
    check_access(client)?;
    let begun = client.process.world.delete_access(&at).map_err(|error| client.not_fetched(&error))?;
    updated(client, &at, &begun)
}

/// The name is the usual one.
fn check_access(client: &Client<'_, '_>) -> Did {
    match client.args.value("--access-config-name") {
        None | Some(ACCESS) => Ok(()),
        Some(name) => Err(Stop::unsimulated(format!("access configuration `{name}`"))),
    }
}
