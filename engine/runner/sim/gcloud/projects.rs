//! `gcloud projects`.

use super::super::world::CloudError;
use super::Stop;
use super::client::Client;

type Did = Result<(), Stop>;

const HOST: &str = "cloudresourcemanager.googleapis.com";

pub fn describe(client: &mut Client<'_, '_>) -> Did {
    let name = client.args.first().to_owned();
    match client.process.world.project_document(&name) {
        Ok(project) => {
            client.show(&project);
            Ok(())
        }
        Err(error) => Err(refused(client, &name, &error)),
    }
}

pub fn list(client: &mut Client<'_, '_>) -> Did {
    let names: Vec<String> = client.process.world.cloud.projects.keys().cloned().collect();
    let mut found = Vec::new();
    for name in names {
        let document = client.process.world.project_document(&name);
        found.push(document.map_err(|error| refused(client, &name, &error))?);
    }
    client.list(found, None)
}

/// A project that is not there and one that nobody may see are the same.
fn refused(client: &mut Client<'_, '_>, name: &str, error: &CloudError) -> Stop {
    match error {
        CloudError::NoProject(_) | CloudError::Forbidden(_) => {
            let (account, who) = (client.account(), client.credentials());
            Stop::Failed(format!(
                "[{account}] does not have permission to access projects instance [{name}] (or it may not exist): The caller does not have \
                 permission. {}",
                who.trim_end_matches('.')
            ))
        }
        CloudError::Unreachable(_) => client.crashed(HOST, &format!("/v1/projects/{name}?alt=json")),
        error => client.http(error),
    }
}
