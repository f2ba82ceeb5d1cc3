//! `gcloud compute operations`, and what is said of operations that nobody waits for.

use super::super::world::{At, Operation, Scope};
use super::Stop;
use super::client::{Client, last};

type Did = Result<(), Stop>;

/// Fields of an operation that the server filters by.
const FIELDS: [&str; 22] = [
    "clientOperationId",
    "creationTimestamp",
    "description",
    "endTime",
    "error",
    "httpErrorMessage",
    "httpErrorStatusCode",
    "id",
    "insertTime",
    "kind",
    "name",
    "operationGroupId",
    "operationType",
    "progress",
    "region",
    "selfLink",
    "startTime",
    "status",
    "statusMessage",
    "targetId",
    "targetLink",
    "user",
];

/// Where an operation says that it is.
const PLACES: [&str; 2] = ["zone", "warnings"];

pub fn list(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let zones = client.several_of("--zones").into_iter().map(Scope::Zone);
    let regions = client.several_of("--regions").into_iter().map(Scope::Region);
    let global = client.args.has("--global").then_some(Scope::Global);
    let scopes: Vec<Scope> = zones.chain(regions).chain(global).collect();
    let world = &client.process.world;
    let found = if scopes.is_empty() {
        world.operation_documents(&project, None)
    } else {
        let each: Result<Vec<_>, _> =
            scopes.iter().map(|scope| world.operation_documents(&project, Some(scope))).collect();
        each.map(|each| each.concat())
    };
    let found = found.map_err(|error| client.not_listed(&error))?;
    let fields: Vec<&str> = FIELDS.into_iter().chain(PLACES).collect();
    client.list(found, Some(&fields))
}

pub fn describe(client: &mut Client<'_, '_>) -> Did {
    let (project, name) = (client.project()?, last(client.args.first()).to_owned());
    let at = match (client.args.value("--zone"), client.args.value("--region")) {
        (Some(zone), _) => At::zone(&project, last(zone), &name),
        (None, Some(region)) => At::region(&project, last(region), &name),
        (None, None) => At::global(&project, &name),
    };
    let found = client.process.world.operation_at(&at).map(|found| client.process.world.operation_document(found));
    let found = found.map_err(|error| client.not_fetched(&error))?;
    client.show(&found);
    Ok(())
}

/// Says where operations are to be found.
pub fn in_progress(client: &mut Client<'_, '_>, what: &str, begun: &[Operation]) {
    for operation in begun {
        client.tell(format!("{what} in progress for [{}].", operation.at.link("operations")));
    }
    hint(client, begun);
}

/// How to ask for operations, and the operations themselves where a form was asked for.
pub fn hint(client: &mut Client<'_, '_>, begun: &[Operation]) {
    client.tell("Use [gcloud compute operations describe URI] command to check the status of the operation(s).");
    let shown: Vec<_> = begun.iter().map(|operation| client.process.world.operation_document(operation)).collect();
    client.show_all(&shown);
}
