//! `gcloud dns record-sets transaction`: changes that are collected in a file first.

use serde_json::{Value, json};

use super::super::tree::{Kind, Node};
use super::super::world::Record;
use super::Stop;
use super::client::Client;
use super::format::to_yaml;
use super::managed_zones::DNS;
use super::record_sets::{full, zone};

type Did = Result<(), Stop>;

/// What comes and what goes.
#[derive(Debug, Default)]
struct Transaction {
    additions: Vec<Record>,
    deletions: Vec<Record>,
}

/// The file's name as it was given.
fn file(client: &Client<'_, '_>) -> String {
    client.args.value("--transaction-file").unwrap_or("transaction.yaml").to_owned()
}

fn read(client: &Client<'_, '_>) -> Result<Transaction, Stop> {
    let (file, place) = (file(client), client.process.place.clone());
    let found = client.process.world.node(&place, &client.process.path(&file)).map(|node| node.kind.clone());
    let Ok(Kind::Text(text)) = found else {
        return Err(Stop::Failed(format!("Transaction not found at [{file}]")));
    };
    let value: Option<Value> = serde_yaml::from_str(&text).ok();
    let corrupt =
        || Stop::Failed(format!("Corrupted transaction file.\n\nPlease abort and start a new transaction [{file}]."));
    let value = value.ok_or_else(corrupt)?;
    let records = |name: &str| value[name].as_array().into_iter().flatten().map(record).collect::<Option<Vec<_>>>();
    match (records("additions"), records("deletions")) {
        (Some(additions), Some(deletions)) => Ok(Transaction { additions, deletions }),
        _ => Err(corrupt()),
    }
}

fn record(value: &Value) -> Option<Record> {
    let data = value["rrdatas"].as_array()?.iter().map(|data| data.as_str().map(str::to_owned));
    Some(Record {
        name: value["name"].as_str()?.to_owned(),
        kind: value["type"].as_str()?.to_owned(),
        ttl: value["ttl"].as_u64()?,
        data: data.collect::<Option<_>>()?,
    })
}

fn write(client: &mut Client<'_, '_>, transaction: &Transaction) -> Did {
    let (file, place) = (file(client), client.process.place.clone());
    let path = client.process.path(&file);
    let text = format!("---\n{}", to_yaml(&document(transaction)));
    let node = Node::text(text, client.process.world.now());
    client
        .process
        .world
        .put(&place, &path, node)
        .map_err(|error| Stop::Failed(format!("Unable to write file [{file}]: {error}")))
}

fn document(transaction: &Transaction) -> Value {
    let documents = |records: &[Record]| records.iter().map(Record::document).collect::<Vec<_>>();
    json!({"additions": documents(&transaction.additions), "deletions": documents(&transaction.deletions)})
}

/// The records of the managed zone.
fn records(client: &mut Client<'_, '_>) -> Result<Vec<Record>, Stop> {
    let (project, zone) = (client.project()?, zone(client));
    let found = client.process.world.managed_zone("dns.resourceRecordSets.list", &project, &zone);
    found.map(|zone| zone.records.clone()).map_err(|error| client.dns(&error))
}

pub fn start(client: &mut Client<'_, '_>) -> Did {
    let (file, place) = (file(client), client.process.place.clone());
    if client.process.world.node(&place, &client.process.path(&file)).is_ok() {
        return Err(Stop::Failed(format!("Transaction already exists at [{file}]")));
    }
    let mut transaction = Transaction::default();
    if let Some(soa) = records(client)?.into_iter().find(|record| record.kind == "SOA") {
        transaction.additions.push(next(&soa));
        transaction.deletions.push(soa);
    }
    write(client, &transaction)?;
    client.tell(format!("Transaction started [{file}]."));
    Ok(())
}

/// The start of authority with the next serial number.
fn next(soa: &Record) -> Record {
    let data = soa.data.iter().map(|data| {
        let mut words: Vec<String> = data.split(' ').map(str::to_owned).collect();
        if let Some(serial) = words.get_mut(2) {
            let number: u64 = serial.parse().unwrap_or(0);
            *serial = number.wrapping_add(1).to_string();
        }
        words.join(" ")
    });
    Record { data: data.collect(), ..soa.clone() }
}

fn asked(client: &Client<'_, '_>) -> Result<Record, Stop> {
    Ok(Record {
        name: full(client.args.value("--name").unwrap_or_default()),
        kind: client.args.value("--type").unwrap_or_default().to_owned(),
        ttl: client.number_of("--ttl")?.unwrap_or_default(),
        data: client.args.operands.clone(),
    })
}

pub fn add(client: &mut Client<'_, '_>) -> Did {
    let mut transaction = read(client)?;
    transaction.additions.push(asked(client)?);
    write(client, &transaction)?;
    let file = file(client);
    client.tell(format!("Record addition appended to transaction at [{file}]."));
    Ok(())
}

pub fn remove(client: &mut Client<'_, '_>) -> Did {
    let mut transaction = read(client)?;
    let gone = asked(client)?;
    if !records(client)?.contains(&gone) {
        return Err(Stop::Failed("Record to be removed does not exist".to_owned()));
    }
    transaction.deletions.push(gone);
    write(client, &transaction)?;
    let file = file(client);
    client.tell(format!("Record removal appended to transaction at [{file}]."));
    Ok(())
}

pub fn describe(client: &mut Client<'_, '_>) -> Did {
    let transaction = read(client)?;
    client.show(&document(&transaction));
    Ok(())
}

pub fn execute(client: &mut Client<'_, '_>) -> Did {
    let transaction = read(client)?;
    let (project, zone, file) = (client.project()?, zone(client), file(client));
    let Transaction { additions, deletions } = transaction;
    let change = client.process.world.change_records(&project, &zone, additions, deletions);
    let change = change.map_err(|error| client.dns(&error))?;
    remove_file(client, &file);
    client.tell(format!("Executed transaction [{file}] for managed-zone [{zone}]."));
    client.tell(format!("Created [{DNS}projects/{project}/managedZones/{zone}/changes/{}].", change.id));
    let document = client.process.world.change_document(&change);
    client.show_all(&[document]);
    Ok(())
}

pub fn abort(client: &mut Client<'_, '_>) -> Did {
    let file = file(client);
    let place = client.process.place.clone();
    if client.process.world.node(&place, &client.process.path(&file)).is_err() {
        return Err(Stop::Failed(format!("Transaction not found at [{file}]")));
    }
    remove_file(client, &file);
    client.tell(format!("Aborted transaction [{file}]."));
    Ok(())
}

fn remove_file(client: &mut Client<'_, '_>, file: &str) {
    let (place, path) = (client.process.place.clone(), client.process.path(file));
    // It was read a moment ago; where it cannot be removed, it stays.
    let _ = client.process.world.remove(&place, &path);
}
