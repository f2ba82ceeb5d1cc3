//! Cloud DNS v1: managed zones, sets of records, changes. A record is served at once.

use serde_json::{Value, json};

use super::super::answer::{Answer, number};
use super::Ask;
use super::instances::missing;
use crate::runner::sim::cloud::{CloudError, ManagedZone, Record};

pub fn answer(ask: &Ask<'_>, project: &str, path: &[&str]) -> Answer {
    let (lab, body) = (ask.lab, &ask.request.body);
    match (ask.request.method.as_str(), path) {
        ("GET", []) => {
            let found = lab.world().zone_list(project);
            found.map(|zones| json!({"kind": "dns#managedZonesListResponse", "managedZones": zones})).into()
        }
        ("POST", []) => insert_zone(ask, project),
        ("GET", [zone]) => {
            let world = lab.world();
            world.managed_zone("dns.managedZones.get", project, zone).map(ManagedZone::document).into()
        }
        ("GET", [zone, "rrsets"]) => list(ask, project, zone),
        ("POST", [zone, "rrsets"]) => match record(body) {
            Some(record) => {
                let made = lab.change(|world| world.insert_record(project, zone, record.clone()));
                made.map(|()| record.document()).into()
            }
            None => missing("entity.rrset"),
        },
        ("GET", [zone, "rrsets", name, kind]) => {
            let world = lab.world();
            let found = world.managed_zone("dns.resourceRecordSets.get", project, zone);
            let found = found.and_then(|zone| zone.record(name, kind).ok_or_else(|| no_record(name, kind)));
            found.map(Record::document).into()
        }
        ("PATCH", [zone, "rrsets", name, kind]) => {
            let new = (number(&body["ttl"]), data(body));
            let changed = lab.change(|world| world.update_record((project, zone), (name, kind), new));
            changed.map(|record| record.document()).into()
        }
        ("DELETE", [zone, "rrsets", name, kind]) => {
            lab.change(|world| world.delete_record(project, zone, name, kind)).map(|()| json!({})).into()
        }
        (_, [zone, "changes", rest @ ..]) => changes(ask, project, zone, rest),
        _ => Answer::unknown(ask.request),
    }
}

fn no_record(name: &str, kind: &str) -> CloudError {
    CloudError::NoSuch("parameters.name".to_owned(), format!("{name} ({kind})"))
}

fn insert_zone(ask: &Ask<'_>, project: &str) -> Answer {
    let body = &ask.request.body;
    let (Some(name), Some(domain)) = (body["name"].as_str(), body["dnsName"].as_str()) else {
        return missing("entity.managedZone");
    };
    let says = body["description"].as_str().unwrap_or_default();
    let made = ask.lab.change(|world| {
        world.insert_zone(project, name, domain, says)?;
        world.managed_zone("dns.managedZones.create", project, name).map(ManagedZone::document)
    });
    made.into()
}

fn list(ask: &Ask<'_>, project: &str, zone: &str) -> Answer {
    let world = ask.lab.world();
    let found = world.managed_zone("dns.resourceRecordSets.list", project, zone);
    let wanted = |record: &&Record| {
        ask.query("name").is_none_or(|name| name == record.name)
            && ask.query("type").is_none_or(|kind| kind == record.kind)
    };
    let found = found.map(|zone| zone.records.iter().filter(wanted).map(Record::document).collect::<Vec<Value>>());
    found.map(|records| json!({"kind": "dns#resourceRecordSetsListResponse", "rrsets": records})).into()
}

fn changes(ask: &Ask<'_>, project: &str, zone: &str, path: &[&str]) -> Answer {
    let body = &ask.request.body;
    match (ask.request.method.as_str(), path) {
        ("POST", []) => {
            let records = |field: &str| body[field].as_array().into_iter().flatten().map(record).collect();
            let (Some(additions), Some(deletions)) = (records("additions"), records("deletions")) else {
                return missing("entity.change");
            };
            let made = ask.lab.change(|world| {
                let change = world.change_records(project, zone, additions, deletions)?;
                Ok(world.change_document(&change))
            });
            made.into()
        }
        ("GET", []) => {
            let world = ask.lab.world();
            let found = world.managed_zone("dns.changes.list", project, zone);
            let found = found.map(|zone| zone.changes.iter().map(|change| world.change_document(change)).collect());
            found.map(|all: Vec<Value>| json!({"kind": "dns#changesListResponse", "changes": all})).into()
        }
        ("GET", [id]) => {
            let world = ask.lab.world();
            let found = world.managed_zone("dns.changes.get", project, zone).and_then(|zone| {
                let none = || CloudError::NoSuch("parameters.changeId".to_owned(), (*id).to_owned());
                zone.changes.iter().find(|change| change.id == *id).ok_or_else(none)
            });
            found.map(|change| world.change_document(change)).into()
        }
        _ => Answer::unknown(ask.request),
    }
}

fn data(record: &Value) -> Vec<String> {
    let data = record["rrdatas"].as_array().into_iter().flatten();
    data.filter_map(|data| data.as_str().map(str::to_owned)).collect()
}

fn record(value: &Value) -> Option<Record> {
    Some(Record {
        name: value["name"].as_str()?.to_owned(),
        kind: value["type"].as_str()?.to_owned(),
        ttl: number(&value["ttl"]).unwrap_or(300),
        data: data(value),
    })
}
