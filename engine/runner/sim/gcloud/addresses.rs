//! `gcloud compute addresses`.

use super::super::world::At;
use super::Stop;
use super::client::Client;
use super::disks::wait_all;
use super::snapshots::deleted;

type Did = Result<(), Stop>;

const REGION: &str = "one of the [--global, --region] flags";

pub fn create(client: &mut Client<'_, '_>) -> Did {
    let given = client.several_of("--addresses");
    let names = client.args.operands.clone();
    if names.is_empty() && given.is_empty() {
        let message = "One of [NAME, --address] must be supplied: At least one name or address must be provided..";
        return Err(Stop::Failed(message.to_owned()));
    }
    if names.is_empty() || !given.is_empty() && given.len() != names.len() {
        return Err(Stop::unsimulated("`gcloud compute addresses create` with other names than addresses"));
    }
    let mut all: Vec<At> = Vec::new();
    let mut begun = Vec::new();
    for (n, name) in names.iter().enumerate() {
        let at = client.regional(name, REGION)?;
        let description = client.args.value("--description").map(str::to_owned);
        let operation = client.process.world.insert_address(&at, given.get(n).map(String::as_str), description);
        begun.push(operation.map_err(|error| client.not_fetched(&error))?);
        all.push(at);
    }
    wait_all(client, &begun)?;
    let mut shown = Vec::new();
    for at in &all {
        client.tell(format!("Created [{}].", at.link("addresses")));
        shown.push(client.process.world.describe_address(at).map_err(|error| client.not_fetched(&error))?);
    }
    client.show_all(&shown);
    Ok(())
}

pub fn describe(client: &mut Client<'_, '_>) -> Did {
    let at = client.regional(client.args.first(), REGION)?;
    let address = client.process.world.describe_address(&at).map_err(|error| client.not_fetched(&error))?;
    client.show(&address);
    Ok(())
}

pub fn list(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let regions = client.several_of("--regions");
    let world = &client.process.world;
    let found = if regions.is_empty() {
        world.address_documents(&project, None)
    } else {
        let each: Result<Vec<_>, _> =
            regions.iter().map(|region| world.address_documents(&project, Some(region))).collect();
        each.map(|each| each.concat())
    };
    let found = found.map_err(|error| client.not_listed(&error))?;
    client.list(found, None)
}

pub fn delete(client: &mut Client<'_, '_>) -> Did {
    let names = client.args.operands.clone();
    let all: Vec<At> = names.iter().map(|name| client.regional(name, REGION)).collect::<Result<_, _>>()?;
    let listed: Vec<String> = all.iter().map(|at| format!(" - [{}] in [{}]", at.name, at.region_name())).collect();
    client.prompt(&format!("The following addresses will be deleted:\n{}", listed.join("\n")))?;
    let mut begun = Vec::new();
    for at in &all {
        begun.push(client.process.world.delete_address(at).map_err(|error| client.not_fetched(&error))?);
    }
    wait_all(client, &begun)?;
    deleted(client, &all, "addresses");
    Ok(())
}
