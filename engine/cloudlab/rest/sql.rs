//! SQL admin v1beta4, as far as the model knows it: nothing of it is made for real.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::Ask;
use super::instances::missing;
use crate::runner::sim::World;
use crate::runner::sim::cloud::{CloudError, SqlOperation};

pub fn answer(ask: &Ask<'_>, project: &str, path: &[&str]) -> Answer {
    let (lab, body) = (ask.lab, &ask.request.body);
    match (ask.request.method.as_str(), path) {
        ("GET", ["instances"]) => {
            let found = lab.world().database_documents(project);
            found.map(|items| list("sql#instancesList", &items)).into()
        }
        ("GET", ["instances", name]) => lab.world().describe_database(project, name).into(),
        ("PATCH", ["instances", name]) => {
            begun(ask, project, |world| world.patch_database(project, name, &body["settings"]))
        }
        ("DELETE", ["instances", name]) => begun(ask, project, |world| world.delete_database(project, name)),
        ("POST", ["instances", name, "clone"]) => {
            let Some(new) = body["cloneContext"]["destinationInstanceName"].as_str() else {
                return missing("cloneContext.destinationInstanceName");
            };
            begun(ask, project, |world| world.clone_database(project, name, new))
        }
        ("POST", ["instances", name, "promoteReplica"]) => {
            begun(ask, project, |world| world.promote_database(project, name))
        }
        ("POST", ["instances", name, "restart"]) => begun(ask, project, |world| world.restart_database(project, name)),
        ("GET", ["operations"]) => {
            let found = lab.world().database_operation_documents(project, ask.query("instance"));
            found.map(|items| list("sql#operationsList", &items)).into()
        }
        ("GET", ["operations", name]) => {
            let world = lab.world();
            let found = world.database_operation(project, name);
            found.map(|operation| world.database_operation_document(project, operation)).into()
        }
        ("GET", ["tiers"]) => Answer::ok(list("sql#tiersList", &[])),
        _ => Answer::unknown(ask.request),
    }
}

fn list(kind: &str, items: &[Value]) -> Value {
    if items.is_empty() { json!({"kind": kind}) } else { json!({"kind": kind, "items": items}) }
}

/// Something began; it is told as it is at that moment.
fn begun(ask: &Ask<'_>, project: &str, change: impl FnOnce(&mut World) -> Result<SqlOperation, CloudError>) -> Answer {
    let told = ask.lab.change(|world| {
        let operation = change(world)?;
        Ok(world.database_operation_document(project, &operation))
    });
    told.into()
}
