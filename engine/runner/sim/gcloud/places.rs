//! `gcloud compute regions` and `zones`.

use super::Stop;
use super::client::{Client, last};

type Did = Result<(), Stop>;

pub fn describe_region(client: &mut Client<'_, '_>) -> Did {
    let (project, region) = (client.project()?, last(client.args.first()).to_owned());
    let found = client.process.world.region_document(&project, &region).map_err(|error| client.not_fetched(&error))?;
    client.show(&found);
    Ok(())
}

pub fn list_zones(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let found = client.process.world.zone_documents(&project).map_err(|error| client.not_listed(&error))?;
    client.list(found, Some(&["kind", "name", "region", "selfLink", "status"]))
}

pub fn describe_zone(client: &mut Client<'_, '_>) -> Did {
    let (project, zone) = (client.project()?, last(client.args.first()).to_owned());
    let found = client.process.world.zone_document(&project, &zone).map_err(|error| client.not_fetched(&error))?;
    client.show(&found);
    Ok(())
}
