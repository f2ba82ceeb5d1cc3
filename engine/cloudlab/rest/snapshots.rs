//! `snapshots`.

use super::super::answer::Answer;
use super::Ask;
use super::disks::notes;
use super::instances::missing;
use crate::runner::sim::cloud::{At, CloudError};

pub fn answer(ask: &Ask<'_>, project: &str, path: &[&str]) -> Answer {
    let (lab, body) = (ask.lab, &ask.request.body);
    match (ask.request.method.as_str(), path) {
        ("GET", []) => {
            let found = lab.world().snapshot_documents(project);
            ask.list("snapshots", found)
        }
        ("POST", []) => {
            let Some(name) = body["name"].as_str() else { return missing("name") };
            let Some(disk) = body["sourceDisk"].as_str() else { return missing("sourceDisk") };
            let Some(disk) = zonal(disk) else {
                return CloudError::invalid("resource.sourceDisk", disk, "cloudlab knows disks of zones only.").into();
            };
            ask.begun(lab.change(|world| world.insert_snapshot(&disk, name, notes(body), true)))
        }
        ("GET", [name]) => lab.world().describe_snapshot(&At::global(project, name)).into(),
        ("DELETE", [name]) => ask.begun(lab.change(|world| world.delete_snapshot(&At::global(project, name)))),
        _ => Answer::unknown(ask.request),
    }
}

/// A disk by its link or path.
fn zonal(link: &str) -> Option<At> {
    let path = &link[link.find("projects/")?..];
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["projects", project, "zones", zone, "disks", name] => Some(At::zone(project, zone, name)),
        _ => None,
    }
}
