//! `pg_ctl` and `pg_controldata`.

use std::time::Duration;

use super::super::lifecycle;
use super::super::process::{Process, Ran, Unsimulated};
use super::super::world::Life;
use super::flags::Flags;
use super::server::{Backend, in_recovery};
use super::sql::Fail;
use super::{connect, files, wal};

pub fn pg_ctl(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let mut dir = process.env.get("PGDATA").cloned();
    let mut flags = Flags::new(arguments, "Dmtlo", &["pgdata", "mode", "timeout", "log", "options"]);
    while let Some(flag) = flags.next() {
        match flag.as_str() {
            "-D" | "--pgdata" => dir = flags.value(),
            "-m" | "--mode" | "-t" | "--timeout" | "-w" | "-W" | "-s" | "--silent" | "--wait" => drop(flags.value()),
            other => return Err(Unsimulated(format!("`pg_ctl {other}`"))),
        }
    }
    let Some(verb) = flags.operands().first().cloned() else {
        process.complain("pg_ctl: no operation specified");
        return process.fail(1, "Try \"pg_ctl --help\" for more information.");
    };
    if process.user == "root" {
        process.complain("pg_ctl: cannot be run as root");
        process.complain("Please log in (using, e.g., \"su\") as the (unprivileged) user that will");
        return process.fail(1, "own the server process.");
    }
    let Some(dir) = dir else {
        process.complain("pg_ctl: no database directory specified and environment variable PGDATA unset");
        return process.fail(1, "Try \"pg_ctl --help\" for more information.");
    };
    let backend = connect::in_container(process.world, &process.place)
        .filter(|backend| matches!(backend, Backend::Container { dir: own, .. } if *own == dir));
    match (verb.as_str(), backend) {
        ("status", Some(_)) => {
            process.say(format!(
                "pg_ctl: server is running (PID: 1)\n/usr/lib/postgresql/15/bin/postgres \"-D\" \"{dir}\""
            ));
            Ok(0)
        }
        ("status", None) => {
            process.say("pg_ctl: no server running");
            Ok(3)
        }
        ("promote" | "stop" | "reload", None) => {
            process.complain(format!("pg_ctl: PID file \"{dir}/postmaster.pid\" does not exist"));
            process.fail(1, "Is server running?")
        }
        ("promote", Some(backend)) => promote(process, &backend),
        ("stop", Some(_)) => stop(process),
        ("reload", Some(_)) => {
            process.say("server signaled");
            Ok(0)
        }
        _ => Err(Unsimulated(format!("`pg_ctl {verb}`"))),
    }
}

fn promote(process: &mut Process<'_>, backend: &Backend) -> Ran {
    if !in_recovery(process.world, backend) {
        return process.fail(1, "pg_ctl: cannot promote server; server is not in standby mode");
    }
    match wal::promote(process.world, backend) {
        Ok(()) => {
            process.say("waiting for server to promote.... done\nserver promoted");
            Ok(0)
        }
        Err(Fail::Unknown(what)) => Err(what),
        Err(Fail::Sql(_) | Fail::Rows) => process.fail(1, "pg_ctl: server did not promote in time"),
    }
}

/// The server is the container's only process: when it ends, the container does.
#[expect(clippy::unnecessary_wraps, reason = "the end of a program")]
fn stop(process: &mut Process<'_>) -> Ran {
    process.world.take(Duration::from_millis(400));
    let place = process.place.clone();
    let Some(id) = place.container.clone() else { return Ok(1) };
    let now = process.world.now();
    let engine = process.world.engine_mut(&place.machine);
    let Some(container) = engine.and_then(|engine| engine.containers.get_mut(&id)) else { return Ok(1) };
    let Life::Running(run) = container.life else { return Ok(1) };
    container.life = Life::Exited { code: 0, at: now, started: run.started, oom: false };
    if lifecycle::restarts(&container.restart, 0) {
        container.restarts += 1;
        let life = lifecycle::start(process.world, &place.machine, &id);
        let engine = process.world.engine_mut(&place.machine);
        if let Some(container) = engine.and_then(|engine| engine.containers.get_mut(&id)) {
            container.life = life;
        }
    }
    // Whoever is in the container ends with it.
    Ok(137)
}

pub fn pg_controldata(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let mut dir = process.env.get("PGDATA").cloned();
    let mut flags = Flags::new(arguments, "D", &["pgdata"]);
    while let Some(flag) = flags.next() {
        match flag.as_str() {
            "-D" | "--pgdata" => dir = flags.value(),
            other => return Err(Unsimulated(format!("`pg_controldata {other}`"))),
        }
    }
    let Some(dir) = flags.operands().first().cloned().or(dir) else {
        process.complain("pg_controldata: error: no data directory specified");
        return process.fail(1, "pg_controldata: hint: Try \"pg_controldata --help\" for more information.");
    };
    let path = process.path(&dir);
    let place = process.place.clone();
    if process.world.node(&place, &format!("{path}/global/pg_control")).is_err() {
        let words = format!("could not open file \"{dir}/global/pg_control\" for reading: No such file or directory");
        return process.fail(1, format!("pg_controldata: error: {words}"));
    }
    let Some(found) = files::find(process.world, &place, &path) else {
        return Err(Unsimulated("`pg_controldata` of such a directory".to_owned()));
    };
    let has = |file: &str| process.world.node(&place, &format!("{path}/{file}")).is_ok();
    let own = connect::in_container(process.world, &place);
    let runs = own.as_ref().is_some_and(|backend| matches!(backend, Backend::Container { dir, .. } if *dir == path));
    let state = match own.filter(|_| runs) {
        Some(backend) if in_recovery(process.world, &backend) => "in archive recovery",
        Some(_) => "in production",
        None if has("backup_label") => "in production",
        None => "shut down",
    };
    let lines = [
        ("pg_control version number:", "1300".to_owned()),
        ("Catalog version number:", "202209061".to_owned()),
        ("Database system identifier:", found.cluster.system.to_string()),
        ("Database cluster state:", state.to_owned()),
        ("Latest checkpoint's TimeLineID:", found.cluster.timeline.to_string()),
        ("wal_level setting:", "replica".to_owned()),
        ("Data page checksum version:", "0".to_owned()),
    ];
    for (name, value) in lines {
        process.say(format!("{name:<38}{value}"));
    }
    Ok(0)
}
