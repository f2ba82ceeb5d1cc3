//! `gcloud dns record-sets`, without transactions.

use serde_json::Value;

use super::super::world::{CloudError, Record};
use super::Stop;
use super::client::Client;
use super::managed_zones::DNS;

type Did = Result<(), Stop>;

/// Seconds, where nobody says how long a record is good for.
const TTL: u64 = 300;

/// What says where a name leads.
const DATA: &str = "--rrdatas | [--routing-policy-type (--routing-policy-data | --routing-policy-item | \
    [--routing-policy-backup-data-type --routing-policy-primary-data (--routing-policy-backup-data | \
    --routing-policy-backup-item) : --backup-data-trickle-ratio]) : --enable-geo-fencing --enable-health-checking | --health-check]";

/// The managed zone, which the grammar requires.
pub fn zone(client: &Client<'_, '_>) -> String {
    client.args.value("--zone").unwrap_or_default().to_owned()
}

/// A name with its final dot.
pub fn full(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

fn name_and_kind(client: &Client<'_, '_>) -> (String, String) {
    (full(client.args.first()), client.args.value("--type").unwrap_or_default().to_owned())
}

/// The data of `--rrdatas`; texts of several words are quoted.
fn data(client: &Client<'_, '_>) -> Result<Vec<String>, Stop> {
    let data: Vec<String> =
        client.args.values("--rrdatas").flat_map(|value| value.split(',')).map(str::to_owned).collect();
    if data.is_empty() {
        return Err(client.missing(DATA));
    }
    Ok(data)
}

pub fn create(client: &mut Client<'_, '_>) -> Did {
    let (project, zone) = (client.project()?, zone(client));
    let (name, kind) = name_and_kind(client);
    let record = Record { name, kind, ttl: client.number_of("--ttl")?.unwrap_or(TTL), data: data(client)? };
    let made = client.process.world.insert_record(&project, &zone, record.clone());
    made.map_err(|error| client.dns(&error))?;
    client.show_all(&[record.document()]);
    Ok(())
}

pub fn update(client: &mut Client<'_, '_>) -> Did {
    let (project, zone) = (client.project()?, zone(client));
    let (name, kind) = name_and_kind(client);
    let new = (client.number_of("--ttl")?, data(client)?);
    let record = client.process.world.update_record((&project, &zone), (&name, &kind), new);
    let record = record.map_err(|error| client.dns(&error))?;
    client.show_all(&[record.document()]);
    Ok(())
}

pub fn list(client: &mut Client<'_, '_>) -> Did {
    let (project, zone) = (client.project()?, zone(client));
    let name = client.args.value("--name").map(full);
    let kind = client.args.value("--type").map(str::to_owned);
    if kind.is_some() && name.is_none() {
        return Err(client.wrong("--type", "--name must be specified."));
    }
    let found = client.process.world.managed_zone("dns.resourceRecordSets.list", &project, &zone);
    let records = found.map(|zone| zone.records.clone()).map_err(|error| client.dns(&error))?;
    let wanted = records.iter().filter(|record| name.as_ref().is_none_or(|name| *name == record.name));
    let wanted = wanted.filter(|record| kind.as_ref().is_none_or(|kind| *kind == record.kind));
    let documents: Vec<Value> = wanted.map(Record::document).collect();
    client.list(documents, None)
}

pub fn describe(client: &mut Client<'_, '_>) -> Did {
    let (project, zone) = (client.project()?, zone(client));
    let (name, kind) = name_and_kind(client);
    let found = client.process.world.managed_zone("dns.resourceRecordSets.get", &project, &zone);
    let found = found.and_then(|zone| {
        let record = zone.records.iter().find(|record| record.name == name && record.kind == kind);
        record
            .map(Record::document)
            .ok_or_else(|| CloudError::NoSuch("parameters.name".to_owned(), format!("{name} ({kind})")))
    });
    let record = found.map_err(|error| client.dns(&error))?;
    client.show_all(&[record]);
    Ok(())
}

pub fn delete(client: &mut Client<'_, '_>) -> Did {
    let (project, zone) = (client.project()?, zone(client));
    let (name, kind) = name_and_kind(client);
    let deleted = client.process.world.delete_record(&project, &zone, &name, &kind);
    deleted.map_err(|error| client.dns(&error))?;
    let given = client.args.first().to_owned();
    client.tell(format!("Deleted [{DNS}projects/{project}/managedZones/{zone}/rrsets/{given}/{kind}]."));
    Ok(())
}

pub fn changes(client: &mut Client<'_, '_>) -> Did {
    let (project, zone) = (client.project()?, zone(client));
    let found = client.process.world.managed_zone("dns.changes.list", &project, &zone);
    let changes = found.map(|zone| zone.changes.clone()).map_err(|error| client.dns(&error))?;
    let documents = changes.iter().map(|change| client.process.world.change_document(change)).collect();
    client.list(documents, None)
}

pub fn describe_change(client: &mut Client<'_, '_>) -> Did {
    let (project, zone) = (client.project()?, zone(client));
    let id = client.args.first().to_owned();
    let found = client.process.world.managed_zone("dns.changes.get", &project, &zone);
    let found = found.and_then(|zone| {
        let change = zone.changes.iter().find(|change| change.id == id);
        change.ok_or_else(|| CloudError::NoSuch("parameters.changeId".to_owned(), id.clone()))
    });
    let document = found.map(|change| client.process.world.change_document(change));
    let document = document.map_err(|error| client.dns(&error))?;
    client.show(&document);
    Ok(())
}
