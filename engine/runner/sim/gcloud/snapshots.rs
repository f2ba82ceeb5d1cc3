//! Snapshots: `gcloud compute snapshots`, and of one disk or several.

use super::super::world::{At, Operation};
use super::client::{COMPUTE, Client, ZONE_OR_REGION, last};
use super::disks::{notes, wait_all};
use super::{Stop, operations};

type Did = Result<(), Stop>;

/// Fields of a snapshot that the server filters by.
pub const FIELDS: [&str; 34] = [
    "architecture",
    "autoCreated",
    "chainName",
    "creationSizeBytes",
    "creationTimestamp",
    "description",
    "diskSizeGb",
    "downloadBytes",
    "enableConfidentialCompute",
    "guestFlush",
    "guestOsFeatures",
    "id",
    "kind",
    "labelFingerprint",
    "labels",
    "licenseCodes",
    "licenses",
    "locationHint",
    "name",
    "satisfiesPzi",
    "satisfiesPzs",
    "selfLink",
    "snapshotType",
    "sourceDisk",
    "sourceDiskForRecoveryCheckpoint",
    "sourceDiskId",
    "sourceInstantSnapshot",
    "sourceInstantSnapshotId",
    "sourceSnapshotSchedulePolicy",
    "sourceSnapshotSchedulePolicyId",
    "status",
    "storageBytes",
    "storageBytesStatus",
    "storageLocations",
];

const SOURCE: &str = "one of the [--source-disk-region, --source-disk-zone] flags";

pub fn of_disk(client: &mut Client<'_, '_>) -> Did {
    let disks = client.all_zonal(ZONE_OR_REGION)?;
    let mut names = client.several_of("--snapshot-names");
    if names.is_empty() {
        names = disks.iter().map(|_| generated(client)).collect();
    } else if names.len() != disks.len() {
        let message = "Invalid value for [--snapshot-names]: [--snapshot-names] must have the same number of values as disks being snapshotted.";
        return Err(Stop::Failed(message.to_owned()));
    }
    let notes = notes(client)?;
    let mut begun = Vec::new();
    for (disk, name) in disks.iter().zip(&names) {
        let operation = client.process.world.insert_snapshot(disk, name, notes.clone(), false);
        begun.push(operation.map_err(|error| client.http(&error))?);
    }
    if client.args.has("--async") {
        operations::in_progress(client, "Disk snapshot", &begun);
        return Ok(());
    }
    client.tell(format!("Creating snapshot(s) {}...", names.join(", ")));
    wait_all(client, &begun)?;
    client.tell("....done.");
    let mut shown = Vec::new();
    for (disk, name) in disks.iter().zip(&names) {
        let at = At::global(&disk.project, name);
        shown.push(client.process.world.describe_snapshot(&at).map_err(|error| client.http(&error))?);
    }
    client.show_all(&shown);
    Ok(())
}

/// A name that nobody chose.
fn generated(client: &mut Client<'_, '_>) -> String {
    let letter = |n: u64| char::from(b'a' + u8::try_from(n).unwrap_or(0));
    (0..12).map(|_| letter(client.process.world.dice.between(0, 26))).collect()
}

pub fn create(client: &mut Client<'_, '_>) -> Did {
    let Some(disk) = client.args.value("--source-disk").map(str::to_owned) else {
        return Err(Stop::unsimulated("`gcloud compute snapshots create` without `--source-disk`"));
    };
    let disk = client.zonal(&disk, "--source-disk-zone", SOURCE)?;
    let name = last(client.args.first()).to_owned();
    let notes = notes(client)?;
    let begun = client.process.world.insert_snapshot(&disk, &name, notes, true);
    let begun = begun.map_err(|error| client.http(&error))?;
    if client.args.has("--async") {
        let link = format!("{COMPUTE}{}", begun.at.path("operations"));
        client.tell(format!(
            "Update in progress for gce snapshot {name} [{link}] Use [gcloud compute operations describe] command to check the status of \
             this operation."
        ));
        return Ok(());
    }
    client.tell(format!("Creating gce snapshot {name}..."));
    wait_all(client, std::slice::from_ref(&begun))?;
    client.tell("....done.");
    let at = At::global(&disk.project, &name);
    let snapshot = client.process.world.describe_snapshot(&at).map_err(|error| client.http(&error))?;
    client.show(&snapshot);
    Ok(())
}

pub fn list(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let found = client.process.world.snapshot_documents(&project).map_err(|error| client.not_listed(&error))?;
    client.list(found, Some(&FIELDS))
}

pub fn describe(client: &mut Client<'_, '_>) -> Did {
    let at = At::global(&client.project()?, last(client.args.first()));
    let snapshot = client.process.world.describe_snapshot(&at).map_err(|error| client.not_fetched(&error))?;
    client.show(&snapshot);
    Ok(())
}

pub fn delete(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let all: Vec<At> = client.args.operands.iter().map(|name| At::global(&project, last(name))).collect();
    let names: Vec<String> = all.iter().map(|at| format!(" - [{}]", at.name)).collect();
    client.prompt(&format!("The following snapshots will be deleted:\n{}", names.join("\n")))?;
    let mut begun: Vec<Operation> = Vec::new();
    for at in &all {
        begun.push(client.process.world.delete_snapshot(at).map_err(|error| client.not_fetched(&error))?);
    }
    wait_all(client, &begun)?;
    deleted(client, &all, "snapshots");
    Ok(())
}

/// Says what is gone; nothing is left to be shown.
pub fn deleted(client: &mut Client<'_, '_>, all: &[At], collection: &str) {
    for at in all {
        client.tell(format!("Deleted [{}].", at.link(collection)));
    }
    client.show_all(&[]);
}
