//! `gcloud compute instances`: describe, list, start, stop, reset, delete.

use super::super::world::{At, Operation};
use super::client::{COMPUTE, Client, ZONE};
use super::disks::wait_all;
use super::{Stop, operations, snapshots};

type Did = Result<(), Stop>;

/// Fields of an instance that a server filters by.
pub const FIELDS: [&str; 37] = [
    "advancedMachineFeatures",
    "canIpForward",
    "confidentialInstanceConfig",
    "cpuPlatform",
    "creationTimestamp",
    "deletionProtection",
    "description",
    "disks",
    "displayDevice",
    "fingerprint",
    "guestAccelerators",
    "hostname",
    "id",
    "kind",
    "labelFingerprint",
    "labels",
    "lastStartTimestamp",
    "lastStopTimestamp",
    "lastSuspendedTimestamp",
    "machineType",
    "metadata",
    "minCpuPlatform",
    "name",
    "networkInterfaces",
    "params",
    "reservationAffinity",
    "resourcePolicies",
    "resourceStatus",
    "scheduling",
    "selfLink",
    "serviceAccounts",
    "shieldedInstanceConfig",
    "startRestricted",
    "status",
    "statusMessage",
    "tags",
    "zone",
];

pub fn describe(client: &mut Client<'_, '_>) -> Did {
    let at = client.instance()?;
    let instance = client.process.world.describe_instance(&at).map_err(|error| client.not_fetched(&error))?;
    client.show(&instance);
    Ok(())
}

pub fn list(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let zones = client.several_of("--zones");
    let world = &client.process.world;
    let found = if zones.is_empty() {
        world.instance_documents(&project, None)
    } else {
        let each: Result<Vec<_>, _> = zones.iter().map(|zone| world.instance_documents(&project, Some(zone))).collect();
        each.map(|each| each.concat())
    };
    let found = found.map_err(|error| client.not_listed(&error))?;
    client.list(found, (!zones.is_empty()).then_some(&FIELDS))
}

/// The documents of instances, as most commands show them in the end.
pub fn show_all(client: &mut Client<'_, '_>, all: &[At]) -> Did {
    let mut shown = Vec::new();
    for at in all {
        shown.push(client.process.world.describe_instance(at).map_err(|error| client.not_fetched(&error))?);
    }
    client.show_all(&shown);
    Ok(())
}

fn names(all: &[At]) -> String {
    all.iter().map(|at| at.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Waits with a line of progress.
fn progress(client: &mut Client<'_, '_>, title: &str, begun: &[Operation]) -> Did {
    client.tell(format!("{title}..."));
    for operation in begun {
        if let Err(error) = client.wait(operation) {
            client.tell("....failed.");
            return Err(client.operation_failed(&error));
        }
    }
    client.tell("....done.");
    Ok(())
}

pub fn stop(client: &mut Client<'_, '_>) -> Did {
    let all = client.all_zonal(ZONE)?;
    let mut begun = Vec::new();
    for at in &all {
        begun.push(client.process.world.stop_instance(at).map_err(|error| client.http(&error))?);
    }
    if client.args.has("--async") {
        operations::in_progress(client, "Stop instance", &begun);
        return Ok(());
    }
    progress(client, &format!("Stopping instance(s) {}", names(&all)), &begun)?;
    for at in &all {
        client.tell(format!("Updated [{COMPUTE}{}].", at.path("instances")));
    }
    show_all(client, &all)
}

pub fn start(client: &mut Client<'_, '_>) -> Did {
    let all = client.all_zonal(ZONE)?;
    let mut begun = Vec::new();
    for at in &all {
        begun.push(client.process.world.start_instance(at).map_err(|error| client.http(&error))?);
    }
    if client.args.has("--async") {
        operations::in_progress(client, "Start instance", &begun);
        return Ok(());
    }
    progress(client, &format!("Starting instance(s) {}", names(&all)), &begun)?;
    for at in &all {
        client.tell(format!("Updated [{COMPUTE}{}].", at.path("instances")));
        let instance = client.process.world.get_instance(at);
        let addresses = instance.map(|instance| (instance.internal.clone(), instance.external.clone()));
        let (internal, external) = addresses.map_err(|error| client.http(&error))?;
        client.tell(format!("Instance internal IP is {internal}"));
        if let Some(external) = external {
            client.tell(format!("Instance external IP is {external}"));
        }
    }
    show_all(client, &all)
}

pub fn reset(client: &mut Client<'_, '_>) -> Did {
    let all = client.all_zonal(ZONE)?;
    let mut begun = Vec::new();
    for at in &all {
        begun.push(client.process.world.reset_instance(at).map_err(|error| client.not_fetched(&error))?);
    }
    wait_all(client, &begun)?;
    for at in &all {
        client.tell(format!("Updated [{}].", at.link("instances")));
    }
    show_all(client, &all)
}

pub fn delete(client: &mut Client<'_, '_>) -> Did {
    let all = client.all_zonal(ZONE)?;
    let listed: Vec<String> = all.iter().map(|at| format!(" - [{}] in [{}]", at.name, at.zone_name())).collect();
    client.prompt(&format!(
        "The following instances will be deleted. Any attached disks configured to be \nauto-deleted will be deleted unless they are \
         attached to any other instances or \nthe `--keep-disks` flag is given and specifies them for keeping. Deleting a disk\n is \
         irreversible and any data on the disk will be lost.\n{}",
        listed.join("\n")
    ))?;
    let keep = client.args.value("--keep-disks").map(|which| (which.to_owned(), false));
    let which = keep.or_else(|| client.args.value("--delete-disks").map(|which| (which.to_owned(), true)));
    if let Some((which, auto_delete)) = which {
        for at in &all {
            set_auto_delete(client, at, &which, auto_delete)?;
        }
    }
    let mut begun = Vec::new();
    for at in &all {
        begun.push(client.process.world.delete_instance(at).map_err(|error| client.not_fetched(&error))?);
    }
    wait_all(client, &begun)?;
    snapshots::deleted(client, &all, "instances");
    Ok(())
}

/// Which disks go with an instance, before it goes: `boot`, `data` or `all` of them.
fn set_auto_delete(client: &mut Client<'_, '_>, at: &At, which: &str, auto_delete: bool) -> Did {
    let disks = client.process.world.get_instance(at).map(|instance| instance.disks.clone());
    let disks = disks.map_err(|error| client.several("Failed to fetch some instances:", &error))?;
    let meant = disks.iter().filter(|disk| match which {
        "boot" => disk.boot,
        "data" => !disk.boot,
        _ => true,
    });
    let devices: Vec<String> =
        meant.filter(|disk| disk.auto_delete != auto_delete).map(|disk| disk.device.clone()).collect();
    for device in &devices {
        let begun = client.process.world.set_auto_delete(at, device, auto_delete);
        let begun = begun.map_err(|error| client.not_fetched(&error))?;
        wait_all(client, &[begun])?;
    }
    if !devices.is_empty() {
        client.tell(format!("Updated [{}].", at.link("instances")));
    }
    Ok(())
}
