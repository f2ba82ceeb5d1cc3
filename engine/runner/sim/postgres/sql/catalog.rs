//! Catalogs and views of the server's state, as far as recovery asks them: the system's own tables and what belongs to them.

use chrono::TimeDelta;

use super::super::server::Backend;
use super::super::session::Session;
use super::super::{settings, wal};
use super::Fail;
use super::value::Value;

/// A catalog with its rows.
pub struct Known {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    /// It has columns that this world does not know.
    pub partial: bool,
}

/// The id of the first table.
const FIRST: i64 = 16_402;

/// A catalog by its name; none: it is none.
pub fn table(session: &Session<'_>, name: &str) -> Result<Option<Known>, Fail> {
    let name = match name.strip_prefix("pg_catalog.") {
        Some(name) => name,
        None if name.starts_with("pg_") || name.starts_with("information_schema.") => name,
        None => return Ok(None),
    };
    let known = match name {
        "pg_database" => databases(session),
        "pg_stat_user_tables" | "pg_stat_all_tables" | "pg_statio_user_tables" => user_tables(session),
        "pg_tables" | "information_schema.tables" => tables(session, name == "pg_tables"),
        "pg_class" => classes(session),
        "pg_namespace" => namespaces(session),
        "pg_index" => indexes(session),
        "pg_constraint" => constraints(session),
        "pg_stat_activity" => activity(session),
        "pg_stat_replication" => replication(session),
        "pg_stat_wal_receiver" => receiver(session),
        "pg_replication_slots" => empty(&["slot_name", "slot_type", "active", "restart_lsn"]),
        "pg_settings" => all_settings(session),
        "pg_stat_archiver" => archiver(session),
        _ => return Err(Fail::unknown(&format!("the catalog {name}"))),
    };
    Ok(Some(known))
}

/// Names that `to_regclass` finds.
pub fn is_known(name: &str) -> bool {
    matches!(
        name.strip_prefix("pg_catalog.").unwrap_or(name),
        "pg_class" | "pg_database" | "pg_stat_activity" | "pg_namespace"
    )
}

/// The name of a table by its id.
pub fn table_of(session: &Session<'_>, id: i64) -> Option<String> {
    let n = usize::try_from((id - FIRST) / 4).ok()?;
    session.tables().into_iter().nth(n).map(|(name, _)| name)
}

fn known(columns: &[&str], rows: Vec<Vec<Value>>) -> Known {
    Known { columns: columns.iter().map(|&column| column.to_owned()).collect(), rows, partial: true }
}

fn empty(columns: &[&str]) -> Known {
    known(columns, Vec::new())
}

/// Id, schema, name and rows of each listed table.
fn listed(session: &Session<'_>) -> Vec<(i64, String, String, u64)> {
    let split = |name: &str| match name.split_once('.') {
        Some((schema, name)) => (schema.to_owned(), name.to_owned()),
        None => ("public".to_owned(), name.to_owned()),
    };
    let tables = session.tables().into_iter().zip(0_i64..);
    tables
        .map(|((name, rows), n)| {
            let (schema, name) = split(&name);
            (FIRST + 4 * n, schema, name, rows)
        })
        .collect()
}

fn databases(session: &Session<'_>) -> Known {
    let names = session.cluster().databases.keys();
    let mut names: Vec<&str> = names.map(String::as_str).collect();
    for name in ["postgres", "template0", "template1"] {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.sort_unstable();
    let rows = names.into_iter().zip(1_i64..).map(|(name, n)| {
        let template = name.starts_with("template");
        vec![Value::Int(n), Value::text(name), Value::Bool(template), Value::Bool(name != "template0")]
    });
    known(&["oid", "datname", "datistemplate", "datallowconn"], rows.collect())
}

fn user_tables(session: &Session<'_>) -> Known {
    let rows = listed(session).into_iter().map(|(id, schema, name, rows)| {
        vec![Value::Int(id), Value::Text(schema), Value::Text(name), Value::count(rows), Value::Int(0)]
    });
    known(&["relid", "schemaname", "relname", "n_live_tup", "n_dead_tup"], rows.collect())
}

fn tables(session: &Session<'_>, own: bool) -> Known {
    let columns =
        if own { ["schemaname", "tablename", "tableowner"] } else { ["table_schema", "table_name", "table_type"] };
    let third = if own { "postgres" } else { "BASE TABLE" };
    let rows = listed(session)
        .into_iter()
        .map(|(_, schema, name, _)| vec![Value::Text(schema), Value::Text(name), Value::text(third)]);
    known(&columns, rows.collect())
}

const PUBLIC: i64 = 2_200;

/// The id of a schema.
fn schema_id(session: &Session<'_>, schema: &str) -> i64 {
    if schema == "public" {
        return PUBLIC;
    }
    let others = schemas(session).into_iter().filter(|name| name != "public");
    16_390 + others.zip(0_i64..).find(|(name, _)| name == schema).map_or(0, |(_, n)| n)
}

fn schemas(session: &Session<'_>) -> Vec<String> {
    let mut names: Vec<String> = listed(session).into_iter().map(|(_, schema, ..)| schema).collect();
    names.push("public".to_owned());
    names.sort();
    names.dedup();
    names
}

fn classes(session: &Session<'_>) -> Known {
    let rows = listed(session).into_iter().map(|(id, schema, name, rows)| {
        let namespace = schema_id(session, &schema);
        vec![
            Value::Int(id),
            Value::Text(name),
            Value::Int(namespace),
            Value::text("r"),
            Value::Bool(true),
            Value::count(rows),
        ]
    });
    known(&["oid", "relname", "relnamespace", "relkind", "relhasindex", "reltuples"], rows.collect())
}

fn namespaces(session: &Session<'_>) -> Known {
    let rows = schemas(session).into_iter().map(|name| vec![Value::Int(schema_id(session, &name)), Value::Text(name)]);
    known(&["oid", "nspname"], rows.collect())
}

fn indexes(session: &Session<'_>) -> Known {
    let rows = listed(session).into_iter().map(|(id, ..)| {
        vec![Value::Int(id + 1), Value::Int(id), Value::Bool(true), Value::Bool(true), Value::Bool(true)]
    });
    known(&["indexrelid", "indrelid", "indisvalid", "indisready", "indisprimary"], rows.collect())
}

fn constraints(session: &Session<'_>) -> Known {
    let rows = listed(session).into_iter().map(|(id, _, name, _)| {
        vec![
            Value::Int(id + 2),
            Value::Text(format!("{name}_pkey")),
            Value::text("p"),
            Value::Bool(true),
            Value::Int(id),
        ]
    });
    known(&["oid", "conname", "contype", "convalidated", "conrelid"], rows.collect())
}

/// This session alone: what others do this world does not follow.
fn activity(session: &Session<'_>) -> Known {
    let row = vec![
        Value::Int(4_242),
        Value::text(&session.database),
        Value::text(&session.user),
        Value::text("active"),
        Value::text("client backend"),
        Value::text("psql"),
    ];
    known(&["pid", "datname", "usename", "state", "backend_type", "application_name"], vec![row])
}

fn replication(session: &Session<'_>) -> Known {
    let Backend::Host(own) = &session.backend else { return empty(&REPLICATION) };
    let standbys = session
        .world
        .servers
        .iter()
        .filter(|(_, server)| server.follows.as_ref() == Some(own) && wal::streams(session.world, server));
    let rows = standbys.map(|(_, standby)| {
        let lag = (session.world.began - standby.replayed).max(TimeDelta::zero());
        let replayed = wal::position(session.world, session.world.now() - lag);
        vec![Value::text("walreceiver"), Value::text("streaming"), Value::text("async"), Value::Lsn(replayed)]
    });
    known(&REPLICATION, rows.collect())
}

const REPLICATION: [&str; 4] = ["application_name", "state", "sync_state", "replay_lsn"];

fn receiver(session: &Session<'_>) -> Known {
    let columns = ["status", "last_msg_receipt_time", "sender_host"];
    let Backend::Host(own) = &session.backend else { return empty(&columns) };
    let Some(server) = session.world.servers.get(own).filter(|server| wal::streams(session.world, server)) else {
        return empty(&columns);
    };
    let primary = server.follows.as_ref().map_or(Value::Null, Value::text);
    let receipt = session.world.now() - TimeDelta::milliseconds(700);
    known(&columns, vec![vec![Value::text("streaming"), Value::Time(receipt), primary]])
}

fn all_settings(session: &Session<'_>) -> Known {
    let rows = settings::all(session).into_iter().map(|(name, value)| vec![Value::Text(name), Value::Text(value)]);
    known(&["name", "setting"], rows.collect())
}

fn archiver(session: &Session<'_>) -> Known {
    let waiting = !wal::waiting(session.world, &session.backend).is_empty();
    let ago = |seconds| Value::Time(session.began - TimeDelta::seconds(seconds));
    let failed = if waiting { ago(1) } else { Value::Null };
    let row = vec![Value::Int(20), ago(if waiting { 60 } else { 1 }), Value::Int(i64::from(waiting)), failed];
    known(&["archived_count", "last_archived_time", "failed_count", "last_failed_time"], vec![row])
}
