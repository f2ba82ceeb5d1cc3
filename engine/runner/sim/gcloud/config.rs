//! `gcloud config`: the client's own properties.

use serde_json::json;

use super::Stop;
use super::client::Client;

type Did = Result<(), Stop>;

/// Properties that this world knows.
const KNOWN: [&str; 8] = [
    "core/project",
    "core/account",
    "core/disable_prompts",
    "core/verbosity",
    "compute/zone",
    "compute/region",
    "auth/access_token_file",
    "core/disable_usage_reporting",
];

/// A property with its section.
fn name(client: &Client<'_, '_>) -> Result<String, Stop> {
    let given = client.args.first();
    let name = if given.contains('/') { given.to_owned() } else { format!("core/{given}") };
    if KNOWN.contains(&name.as_str()) {
        Ok(name)
    } else {
        Err(Stop::unsimulated(format!("property `{given}` of gcloud")))
    }
}

pub fn set(client: &mut Client<'_, '_>) -> Did {
    let name = name(client)?;
    let value = client.args.operands.get(1).cloned().unwrap_or_default();
    let cloud = &mut client.process.world.cloud;
    if name == "core/project" {
        cloud.project = Some(value);
    } else {
        cloud.properties.insert_mut(name.clone(), value);
    }
    client.tell(format!("Updated property [{name}]."));
    Ok(())
}

pub fn unset(client: &mut Client<'_, '_>) -> Did {
    let name = name(client)?;
    let cloud = &mut client.process.world.cloud;
    if name == "core/project" {
        cloud.project = None;
    } else {
        cloud.properties.remove_mut(&name);
    }
    client.tell(format!("Unset property [{name}]."));
    Ok(())
}

/// `gcloud auth list`: who has credentials.
pub fn accounts(client: &mut Client<'_, '_>) -> Did {
    if client.args.value("--format").is_none() {
        return Err(Stop::unsimulated("`gcloud auth list` without `--format`"));
    }
    let cloud = &client.process.world.cloud;
    let logged_in = cloud.account.clone().filter(|_| !cloud.refused.contains_key("account"));
    let active = client.account();
    let accounts = logged_in.into_iter().map(|account| {
        let status = if account == active { "ACTIVE" } else { "" };
        json!({"account": account, "status": status})
    });
    client.list(accounts.collect(), None)
}

pub fn get(client: &mut Client<'_, '_>) -> Did {
    let name = name(client)?;
    match client.property(&name) {
        Some(value) => client.show(&value.into()),
        None => client.tell("(unset)"),
    }
    Ok(())
}
