//! Functions that ask the server, or make it do something.

use std::time::Duration;

use chrono::TimeDelta;

use super::super::super::session::{Session, short};
use super::super::super::{files, server, settings, wal};
use super::super::value::Value;
use super::super::{Fail, SqlError, catalog};

/// The value of a function; none: it is not one of these.
pub fn call(session: &mut Session<'_>, name: &str, values: &[Value]) -> Result<Option<Value>, Fail> {
    Ok(Some(match (name, values) {
        ("now" | "current_timestamp" | "transaction_timestamp" | "statement_timestamp", []) => {
            Value::Time(session.began)
        }
        ("clock_timestamp", []) => Value::Time(session.world.now()),
        ("current_database" | "current_catalog", []) => Value::text(&session.database),
        ("current_user" | "session_user" | "user", []) => Value::text(&session.user),
        ("current_schema", []) => Value::text("public"),
        ("version", []) => Value::text(VERSION),
        ("pg_backend_pid", []) => Value::Int(4_242),
        ("pg_postmaster_start_time", []) => started(session),
        ("pg_is_in_recovery", []) => Value::Bool(session.in_recovery()),
        ("pg_current_wal_lsn" | "pg_current_wal_insert_lsn" | "pg_current_wal_flush_lsn", []) => {
            if session.in_recovery() {
                let hint = "WAL control functions cannot be executed during recovery.";
                return Err(SqlError::new("recovery is in progress").hint(hint).into());
            }
            Value::Lsn(wal::position(session.world, session.world.now()))
        }
        ("pg_last_wal_receive_lsn", []) => {
            standby(session, |(received, _), session| Value::Lsn(wal::position(session.world, received)))
        }
        ("pg_last_wal_replay_lsn", []) => {
            standby(session, |(_, replayed), session| Value::Lsn(wal::position(session.world, replayed)))
        }
        ("pg_last_xact_replay_timestamp", []) => standby(session, |(_, replayed), _| Value::Time(replayed)),
        ("pg_walfile_name", [Value::Lsn(position)]) => {
            Value::Text(wal::segment_name(session.cluster().timeline, *position))
        }
        ("pg_switch_wal", []) => {
            session.keep();
            Value::Lsn(wal::switch(session.world, &session.backend)?)
        }
        ("pg_promote", _) => {
            wal::promote(session.world, &session.backend)?;
            session.reload();
            Value::Bool(true)
        }
        ("pg_wal_replay_resume", []) => {
            if !session.in_recovery() {
                return Err(wal::not_in_recovery().into());
            }
            wal::promote(session.world, &session.backend)?;
            session.reload();
            Value::text("")
        }
        ("pg_is_wal_replay_paused", []) => {
            if !session.in_recovery() {
                return Err(wal::not_in_recovery().into());
            }
            Value::Bool(matches!(session.place(), Some(place) if has(session, &place, "recovery.signal")))
        }
        ("pg_reload_conf", []) => {
            reload(session);
            Value::Bool(true)
        }
        ("pg_sleep", [seconds]) => {
            let seconds: f64 = seconds.to_string().parse().unwrap_or(0.0);
            session.world.pass(Duration::try_from_secs_f64(seconds).unwrap_or_default());
            Value::text("")
        }
        ("pg_terminate_backend" | "pg_cancel_backend", [Value::Int(_)]) => Value::Bool(true),
        ("pg_database_size", [database]) => database_size(session, &database.to_string())?,
        ("pg_total_relation_size" | "pg_relation_size" | "pg_table_size", [table]) => relation_size(session, table)?,
        ("to_regclass", [Value::Text(table)]) => {
            let there = session.table(table).is_some() || catalog::is_known(table);
            if there { Value::text(short(table)) } else { Value::Null }
        }
        ("current_setting", [Value::Text(name), rest @ ..]) => match settings::of(session, name)? {
            Some(value) => Value::Text(value),
            None if rest.first() == Some(&Value::Bool(true)) => Value::Null,
            None => return Err(settings::unrecognized(name).into()),
        },
        _ => return Ok(None),
    }))
}

pub const VERSION: &str = "PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc \
                           (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit";

fn standby(
    session: &Session<'_>,
    of: impl Fn((chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>), &Session<'_>) -> Value,
) -> Value {
    wal::standby(session.world, &session.backend).map_or(Value::Null, |standby| of(standby, session))
}

fn has(session: &Session<'_>, place: &super::super::super::super::place::Place, file: &str) -> bool {
    let Some(container) = session.world.container_in(place) else { return false };
    session.world.node(place, &format!("{}/{file}", files::data_dir(container))).is_ok()
}

fn started(session: &Session<'_>) -> Value {
    use super::super::super::super::world::Life;
    let place = session.place();
    let life = place.and_then(|place| session.world.container_in(&place).map(|container| container.life.clone()));
    match life {
        Some(Life::Running(run)) => Value::Time(run.started),
        _ => Value::Time(session.world.began - TimeDelta::days(30)),
    }
}

/// Settings that need no restart count from now on.
fn reload(session: &mut Session<'_>) {
    let server::Backend::Container { place, dir } = session.backend.clone() else { return };
    let told = files::settings(session.world, &place, &dir);
    let settings: Vec<(String, String)> = told.into_iter().filter(|(name, _)| !settings::needs_restart(name)).collect();
    let kept: Vec<String> =
        session.cluster().settings.keys().filter(|name| settings::needs_restart(name)).cloned().collect();
    let old = session.cluster().settings.clone();
    let mut new = super::super::super::super::tree::Map::new_sync();
    for name in kept {
        if let Some(value) = old.get(&name) {
            new.insert_mut(name, value.clone());
        }
    }
    for (name, value) in settings {
        new.insert_mut(name, value);
    }
    if new != old {
        session.change().settings = new;
    }
}

/// What the server's own catalogs take in every database.
const CATALOGS: u64 = 7_500_000;

fn database_size(session: &Session<'_>, name: &str) -> Result<Value, Fail> {
    let database = session.cluster().databases.get(name);
    let database = database.ok_or_else(|| SqlError::new(format!("database \"{name}\" does not exist")))?;
    Ok(Value::count(CATALOGS + files::database_bytes(database)))
}

fn relation_size(session: &Session<'_>, table: &Value) -> Result<Value, Fail> {
    let name = match table {
        Value::Text(name) => name.clone(),
        Value::Int(id) => match catalog::table_of(session, *id) {
            Some(name) => name,
            None => return Ok(Value::Null),
        },
        Value::Null => return Ok(Value::Null),
        _ => return Err(Fail::unknown("such a relation")),
    };
    let table = session.table(&name).ok_or_else(|| SqlError::new(format!("relation \"{name}\" does not exist")))?;
    Ok(Value::count(files::table_bytes(table.rows)))
}
