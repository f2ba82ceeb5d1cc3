//! `gcloud sql`.

use serde_json::{Map as Object, Value, json};

use super::super::world::SqlOperation;
use super::Stop;
use super::client::Client;

type Did = Result<(), Stop>;

/// Flags of `patch` that are understood.
pub const PATCH: &str = "--activation-policy --availability-type --tier --async";

/// The address of Cloud SQL, as the client's own library gives it.
const SQL: &str = "https://sqladmin.googleapis.com/sql/v1beta4/";

const PROMOTING: &str = "\
    Promoting a read replica stops replication and converts the instance\n\
    to a standalone primary instance with read and write capabilities.\n\
    This can't be undone. To avoid loss of data, before promoting the\n\
    replica, you should verify that the replica has applied all\n\
    transactions received from the primary.\n\
    \n\
    Learn more:\n\
    https://cloud.google.com/sql/docs/postgres/replication/manage-replicas#promote-replica\n";

pub fn list(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let found = client.process.world.database_documents(&project).map_err(|error| client.sql(&error))?;
    client.list(found.into_iter().map(stopped).collect(), None)
}

pub fn describe(client: &mut Client<'_, '_>) -> Did {
    let (project, name) = (client.project()?, client.args.first().to_owned());
    let found = client.process.world.describe_database(&project, &name).map_err(|error| client.sql(&error))?;
    client.show(&stopped(found));
    Ok(())
}

/// The client calls an instance that is never to run stopped.
fn stopped(mut instance: Value) -> Value {
    if instance["settings"]["activationPolicy"] == "NEVER" && instance["state"] == "RUNNABLE" {
        instance["state"] = "STOPPED".into();
    }
    instance
}

/// Waits with a line of progress, or with `--async` shows the operation; false: nobody waits.
fn wait(client: &mut Client<'_, '_>, project: &str, begun: &SqlOperation, title: &str) -> bool {
    if client.args.has("--async") {
        let document = client.process.world.database_operation_document(project, begun);
        client.show(&document);
        return false;
    }
    let left = begun.ends - client.process.world.now();
    client.process.world.pass(left.to_std().unwrap_or_default());
    client.tell(format!("{title}...\n.done."));
    true
}

pub fn clone(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let [source, name] = client.args.operands.as_slice() else { return Ok(()) };
    let (source, name) = (source.clone(), name.clone());
    let begun = client.process.world.clone_database(&project, &source, &name).map_err(|error| client.sql(&error))?;
    if wait(client, &project, &begun, "Cloning Cloud SQL instance") {
        client.tell(format!("Created [{SQL}projects/{project}/instances/{name}]."));
        let made = client.process.world.describe_database(&project, &name).map_err(|error| client.sql(&error))?;
        client.show_all(&[stopped(made)]);
    }
    Ok(())
}

pub fn promote(client: &mut Client<'_, '_>) -> Did {
    let (project, name) = (client.project()?, client.args.first().to_owned());
    let known = client.process.world.describe_database(&project, &name);
    known.map_err(|error| client.sql(&error))?;
    client.tell(PROMOTING);
    client.confirm()?;
    let begun = client.process.world.promote_database(&project, &name).map_err(|error| client.sql(&error))?;
    if wait(client, &project, &begun, "Promoting Cloud SQL replica") {
        client.tell(format!("Promoted [{SQL}projects/{project}/instances/{name}]."));
    }
    Ok(())
}

pub fn patch(client: &mut Client<'_, '_>) -> Did {
    let (project, name) = (client.project()?, client.args.first().to_owned());
    let flags =
        [("--activation-policy", "activationPolicy"), ("--availability-type", "availabilityType"), ("--tier", "tier")];
    let given = flags.iter().filter_map(|(flag, field)| {
        let value = client.args.value(flag)?;
        let value = if *field == "tier" { value.to_owned() } else { value.to_uppercase() };
        Some(((*field).to_owned(), value.into()))
    });
    let mut settings: Object<String, Value> = given.collect();
    let mut old = client.process.world.describe_database(&project, &name).map_err(|error| client.sql(&error))?;
    let shown: Vec<String> = settings.iter().map(|(field, value)| format!("\"{field}\": {value}")).collect();
    client.tell(format!(
        "The following message will be used for the patch API method.\n{{\"name\": \"{name}\", \"project\": \"{project}\", \
         \"settings\": {{{}}}}}",
        shown.join(", ")
    ));
    settings.insert("kind".to_owned(), "sql#settings".into());
    let begun = client.process.world.patch_database(&project, &name, &settings.into());
    let begun = begun.map_err(|error| client.sql(&error))?;
    if !wait(client, &project, &begun, "Patching Cloud SQL instance") {
        return Ok(());
    }
    client.tell(format!("Updated [{SQL}projects/{project}/instances/{name}]."));
    let new = client.process.world.describe_database(&project, &name).map_err(|error| client.sql(&error))?;
    old["settings"]["kind"] = "sql#settings".into();
    client.show(&json!({"new": new, "old": old}));
    Ok(())
}

pub fn restart(client: &mut Client<'_, '_>) -> Did {
    let (project, name) = (client.project()?, client.args.first().to_owned());
    client.prompt(
        "The instance will shut down and start up again immediately if its activation \npolicy is \"always.\" If \"on demand,\" the \
         instance will start up again when a new \nconnection request is made.",
    )?;
    let begun = client.process.world.restart_database(&project, &name).map_err(|error| client.sql(&error))?;
    if wait(client, &project, &begun, "Restarting Cloud SQL instance") {
        client.tell(format!("Restarted [{SQL}projects/{project}/instances/{name}]."));
    }
    Ok(())
}

pub fn delete(client: &mut Client<'_, '_>) -> Did {
    let (project, name) = (client.project()?, client.args.first().to_owned());
    client.prompt("All of the instance data will be lost when the instance is deleted.")?;
    let begun = client.process.world.delete_database(&project, &name).map_err(|error| client.sql(&error))?;
    if wait(client, &project, &begun, "Deleting Cloud SQL instance") {
        client.tell(format!("Deleted [{SQL}projects/{project}/instances/{name}]."));
    }
    Ok(())
}

pub fn operations(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let of = client.args.value("--instance").map(str::to_owned);
    let found = client.process.world.database_operation_documents(&project, of.as_deref());
    let found = found.map_err(|error| client.sql(&error))?;
    client.list(found, None)
}

pub fn describe_operation(client: &mut Client<'_, '_>) -> Did {
    let (project, name) = (client.project()?, client.args.first().to_owned());
    let world = &client.process.world;
    let found =
        world.database_operation(&project, &name).map(|found| world.database_operation_document(&project, found));
    let found = found.map_err(|error| client.sql(&error))?;
    client.show(&found);
    Ok(())
}
