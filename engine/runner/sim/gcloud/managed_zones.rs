//! `gcloud dns managed-zones`.

use super::super::world::{CloudError, ManagedZone};
use super::Stop;
use super::client::Client;

type Did = Result<(), Stop>;

/// The address of Cloud DNS.
pub const DNS: &str = "https://dns.googleapis.com/dns/v1/";

pub fn create(client: &mut Client<'_, '_>) -> Did {
    if client.args.value("--visibility").is_some_and(|visibility| visibility != "public") {
        return Err(Stop::unsimulated("private zones of Cloud DNS"));
    }
    let (project, name) = (client.project()?, client.args.first().to_owned());
    let domain = format!("{}.", client.args.value("--dns-name").unwrap_or_default().trim_end_matches('.'));
    let description = client.args.value("--description").unwrap_or_default().to_owned();
    let made = client.process.world.insert_zone(&project, &name, &domain, &description);
    made.map_err(|error| match error {
        CloudError::ExistsAlready(..) => {
            Stop::Failed(format!("Resource in projects [{project}] is the subject of a conflict: {error}"))
        }
        error => client.dns(&error),
    })?;
    client.tell(format!("Created [{DNS}projects/{project}/managedZones/{name}]."));
    Ok(())
}

pub fn list(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let found = client.process.world.zone_list(&project).map_err(|error| client.dns(&error))?;
    client.list(found, None)
}

pub fn describe(client: &mut Client<'_, '_>) -> Did {
    let (project, name) = (client.project()?, client.args.first().to_owned());
    let zone = client.process.world.managed_zone("dns.managedZones.get", &project, &name).map(ManagedZone::document);
    let zone = zone.map_err(|error| client.dns(&error))?;
    client.show(&zone);
    Ok(())
}
