//! `gcloud compute disks`, without snapshots.

use super::super::world::{At, NewDisk, Notes, Operation, Source};
use super::client::{Client, ZONE_OR_REGION, last};
use super::{Stop, snapshots};

type Did = Result<(), Stop>;

/// Fields of a disk that a server filters by.
pub const FIELDS: [&str; 46] = [
    "accessMode",
    "architecture",
    "asyncPrimaryDisk",
    "asyncSecondaryDisks",
    "creationTimestamp",
    "description",
    "diskEncryptionKey",
    "enableConfidentialCompute",
    "guestOsFeatures",
    "id",
    "kind",
    "labelFingerprint",
    "labels",
    "lastAttachTimestamp",
    "lastDetachTimestamp",
    "licenseCodes",
    "licenses",
    "locationHint",
    "name",
    "options",
    "params",
    "physicalBlockSizeBytes",
    "provisionedIops",
    "provisionedThroughput",
    "region",
    "replicaZones",
    "resourcePolicies",
    "resourceStatus",
    "satisfiesPzi",
    "satisfiesPzs",
    "selfLink",
    "sizeGb",
    "sourceDisk",
    "sourceDiskId",
    "sourceImage",
    "sourceImageId",
    "sourceInstantSnapshot",
    "sourceSnapshot",
    "sourceSnapshotEncryptionKey",
    "sourceSnapshotId",
    "sourceStorageObject",
    "status",
    "storagePool",
    "type",
    "users",
    "zone",
];

/// GB.
const SMALLEST_SSD: u64 = 10;

/// A new disk without a file system.
const UNFORMATTED: &str = "\
    \n\
    New disks are unformatted. You must format and mount a disk before it\n\
    can be used. You can find instructions on how to do this at:\n\
    \n\
    https://cloud.google.com/compute/docs/disks/add-persistent-disk#formatting\n";

pub fn create(client: &mut Client<'_, '_>) -> Did {
    let all = client.all_zonal(ZONE_OR_REGION)?;
    let size_gb = client.args.value("--size").map(|text| client.gigabytes("--size", text)).transpose()?;
    let kind = client.args.value("--type").map_or("pd-standard", last).to_owned();
    let snapshot = client.args.value("--source-snapshot").map(|name| Source::Snapshot(last(name).to_owned()));
    let source = snapshot.unwrap_or(Source::Blank);
    let notes = notes(client)?;
    if let Some(size) =
        size_gb.filter(|size| *size < SMALLEST_SSD && matches!(kind.as_str(), "pd-balanced" | "pd-ssd" | "pd-extreme"))
    {
        let why = format!("Value must be greater than or equal to {SMALLEST_SSD} GB; reveived {size} GB");
        return Err(Stop::Failed(format!("Invalid value for [--size]: {why}")));
    }
    warn_of_size(client, size_gb, &kind);
    let policies = client.several_of("--resource-policies");
    let mut begun = Vec::new();
    for at in &all {
        let (kind, source, notes) = (kind.clone(), source.clone(), notes.clone());
        let new = NewDisk { at: at.clone(), size_gb, kind, source, notes, policies: policies.clone() };
        begun.push(client.process.world.insert_disk(&new).map_err(|error| client.not_fetched(&error))?);
    }
    wait_all(client, &begun)?;
    for at in &all {
        client.tell(format!("Created [{}].", at.link("disks")));
    }
    show_all(client, &all)?;
    if source == Source::Blank && client.args.value("--format").is_none() {
        client.tell(UNFORMATTED);
    }
    Ok(())
}

/// Labels and description.
pub fn notes(client: &Client<'_, '_>) -> Result<Notes, Stop> {
    Ok(Notes {
        labels: client.pairs_of("--labels")?,
        description: client.args.value("--description").map(str::to_owned),
        location: client.args.value("--storage-location").map(str::to_owned),
        ..Notes::default()
    })
}

/// Small disks are slow.
pub fn warn_of_size(client: &mut Client<'_, '_>, size_gb: Option<u64>, kind: &str) {
    let least = match kind {
        "pd-balanced" | "pd-ssd" | "pd-extreme" => 10,
        kind if kind.starts_with("hyperdisk-") => 0,
        _ => 200,
    };
    if size_gb.is_some_and(|size| size < least) {
        client.warn(&format!(
            "You have selected a disk size of under [{least}GB]. This may result in poor I/O performance. For more information, see: \
             https://developers.google.com/compute/docs/disks#performance."
        ));
    }
}

/// Waits for several operations at once.
pub fn wait_all(client: &mut Client<'_, '_>, begun: &[Operation]) -> Did {
    for operation in begun {
        client.wait(operation).map_err(|error| client.not_fetched(&error))?;
    }
    Ok(())
}

fn show_all(client: &mut Client<'_, '_>, all: &[At]) -> Did {
    let mut shown = Vec::new();
    for at in all {
        shown.push(client.process.world.describe_disk(at).map_err(|error| client.not_fetched(&error))?);
    }
    client.show_all(&shown);
    Ok(())
}

pub fn describe(client: &mut Client<'_, '_>) -> Did {
    let at = client.disk()?;
    let disk = client.process.world.describe_disk(&at).map_err(|error| client.http(&error))?;
    client.show(&disk);
    Ok(())
}

pub fn list(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let zones = client.several_of("--zones");
    let world = &client.process.world;
    let found = if zones.is_empty() {
        world.disk_documents(&project, None)
    } else {
        let each: Result<Vec<_>, _> = zones.iter().map(|zone| world.disk_documents(&project, Some(zone))).collect();
        each.map(|each| each.concat())
    };
    let found = found.map_err(|error| client.not_listed(&error))?;
    client.list(found, (!zones.is_empty()).then_some(&FIELDS))
}

pub fn delete(client: &mut Client<'_, '_>) -> Did {
    let all = client.all_zonal(ZONE_OR_REGION)?;
    let names: Vec<String> = all.iter().map(|at| format!(" - [{}] in [{}]", at.name, at.zone_name())).collect();
    client.prompt(&format!("The following disks will be deleted:\n{}", names.join("\n")))?;
    let mut begun = Vec::new();
    for at in &all {
        begun.push(client.process.world.delete_disk(at).map_err(|error| client.not_fetched(&error))?);
    }
    wait_all(client, &begun)?;
    snapshots::deleted(client, &all, "disks");
    Ok(())
}

pub fn resize(client: &mut Client<'_, '_>) -> Did {
    let all = client.all_zonal(ZONE_OR_REGION)?;
    let size = client.args.value("--size").unwrap_or_default().to_owned();
    let size = client.gigabytes("--size", &size)?;
    client.prompt(
        "\nThis command increases disk size. This change is not reversible.\nFor more information, see:\n\
         https://cloud.google.com/sdk/gcloud/reference/compute/disks/resize",
    )?;
    let mut begun = Vec::new();
    for at in &all {
        begun.push(client.process.world.resize_disk(at, size).map_err(|error| client.not_fetched(&error))?);
    }
    wait_all(client, &begun)?;
    for at in &all {
        client.tell(format!("Updated [{}].", at.link("disks")));
    }
    show_all(client, &all)
}

pub fn add_policies(client: &mut Client<'_, '_>) -> Did {
    let at = client.disk()?;
    let policies = client.several_of("--resource-policies");
    let begun = client.process.world.add_policies(&at, &policies).map_err(|error| client.not_fetched(&error))?;
    updated(client, &at, &begun)
}

pub fn remove_policies(client: &mut Client<'_, '_>) -> Did {
    let at = client.disk()?;
    let policies = client.several_of("--resource-policies");
    let begun = client.process.world.remove_policies(&at, &policies).map_err(|error| client.not_fetched(&error))?;
    updated(client, &at, &begun)
}

fn updated(client: &mut Client<'_, '_>, at: &At, begun: &Operation) -> Did {
    wait_all(client, std::slice::from_ref(begun))?;
    client.tell(format!("Updated [{}].", at.link("disks")));
    show_all(client, std::slice::from_ref(at))
}
