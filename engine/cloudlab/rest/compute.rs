//! Compute v1: which collection a path is about.

use super::super::answer::Answer;
use super::{Ask, disks, instances, operations, places, policies, projects, snapshots};
use crate::runner::sim::cloud::{At, Scope};

pub fn answer(ask: &Ask<'_>, project: &str, path: &[&str]) -> Answer {
    let method = ask.request.method.as_str();
    match (method, path) {
        ("GET", []) => projects::compute(ask, project),
        ("POST", ["setCommonInstanceMetadata"]) => projects::set_metadata(ask, project),
        ("GET", ["zones"]) => places::zones(ask, project),
        ("GET", ["zones", zone]) => places::zone(ask, project, zone),
        ("GET", ["regions"]) => places::regions(ask, project),
        ("GET", ["regions", region]) => places::region(ask, project, region),
        ("GET", ["aggregated", collection]) => aggregated(ask, project, collection),
        ("GET", ["global", "images", "family", family]) => places::image(project, family),
        ("GET", ["global", "images", image]) => places::image(project, image),
        (_, ["global", "snapshots", rest @ ..]) => snapshots::answer(ask, project, rest),
        (_, ["global", "operations", rest @ ..]) => operations::answer(ask, project, &Scope::Global, rest),
        (_, ["zones", zone, collection, rest @ ..]) => {
            let at = |name: &str| At::zone(project, zone, name);
            match *collection {
                "instances" => instances::answer(ask, &at(rest.first().unwrap_or(&"")), rest),
                "disks" => disks::answer(ask, &at(rest.first().unwrap_or(&"")), rest),
                "operations" => operations::answer(ask, project, &Scope::Zone((*zone).to_owned()), rest),
                "machineTypes" | "diskTypes" if method == "GET" => places::kind(ask, project, zone, collection, rest),
                _ => Answer::unknown(ask.request),
            }
        }
        (_, ["regions", region, collection, rest @ ..]) => {
            let at = At::region(project, region, rest.first().unwrap_or(&""));
            match *collection {
                "resourcePolicies" => policies::schedules(ask, &at, rest),
                "addresses" => policies::addresses(ask, &at, rest),
                "operations" => operations::answer(ask, project, &Scope::Region((*region).to_owned()), rest),
                _ => Answer::unknown(ask.request),
            }
        }
        _ => Answer::unknown(ask.request),
    }
}

/// What is in all zones or regions.
fn aggregated(ask: &Ask<'_>, project: &str, collection: &str) -> Answer {
    let world = ask.lab.world();
    let found = match collection {
        "instances" => world.instance_documents(project, None),
        "disks" => world.disk_documents(project, None),
        "operations" => world.operation_documents(project, None),
        "addresses" => world.address_documents(project, None),
        "resourcePolicies" => world.schedule_documents(project),
        _ => return Answer::unknown(ask.request),
    };
    drop(world);
    ask.aggregated(collection, found)
}
