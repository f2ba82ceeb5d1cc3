//! What a PostgreSQL server makes of its data directory at its start.

use chrono::TimeDelta;

use super::super::super::blob::{AsOf, Holds};
use super::super::super::place::Place;
use super::super::super::process::Stream;
use super::super::super::tree::Node;
use super::super::super::trial::{POSTGRES, Trial, began, blob};
use super::super::super::world::{LOCAL, Life, Program};

/// Starts the server on what `prepare` has made of its directory; gives how it died.
fn dies(prepare: impl FnOnce(&mut Trial)) -> (i32, String) {
    let mut trial = Trial::new();
    trial.stop(POSTGRES);
    prepare(&mut trial);
    match trial.start(POSTGRES) {
        Life::Looping { code, .. } => (code, trial.log(POSTGRES)),
        other => panic!("{other:?}: {}", trial.log(POSTGRES)),
    }
}

fn remove(trial: &mut Trial, path: &str) {
    trial.world.remove(&Place::machine(LOCAL), path).unwrap();
}

#[test]
fn a_whole_cluster_serves_after_its_estimate() {
    let mut trial = Trial::new();
    trial.stop(POSTGRES);
    trial.start(POSTGRES);
    let ready = "pg_isready -h 127.0.0.1 -U postgres";
    let gave = trial.inside(POSTGRES, ready);
    assert_eq!((gave.exit, gave.out.as_str()), (1, "127.0.0.1:5432 - rejecting connections\n"));
    let gave = trial.sql("nself_db", "select 1");
    assert_eq!(gave.exit, 2);
    assert!(gave.err.ends_with("failed: FATAL:  the database system is starting up\n"), "{}", gave.err);
    trial.pass(3);
    let gave = trial.inside(POSTGRES, ready);
    assert_eq!((gave.exit, gave.out.as_str()), (0, "127.0.0.1:5432 - accepting connections\n"));
    assert_eq!(trial.sql("nself_db", "select count(*) from nchat_users").out, "1204\n");
}

#[test]
fn an_empty_directory_becomes_a_cluster() {
    let mut trial = Trial::new();
    trial.stop(POSTGRES);
    remove(&mut trial, "/data/postgres");
    trial.world.make_dirs(&Place::machine(LOCAL), "/data/postgres").unwrap();
    assert!(matches!(trial.start(POSTGRES), Life::Running(_)));
    // A temporary server answers on the socket before the real one does by TCP.
    trial.pass(2);
    assert_eq!(trial.inside(POSTGRES, "pg_isready -q").exit, 0);
    assert_eq!(trial.inside(POSTGRES, "pg_isready -q -h 127.0.0.1").exit, 2);
    trial.pass(4);
    assert_eq!(trial.inside(POSTGRES, "pg_isready -q -h 127.0.0.1").exit, 0);
    assert_eq!(trial.sql("nself_db", "select count(*) from nchat_users").exit, 3, "it has no tables");
    assert_eq!(trial.held("/data/postgres").data, None);
    let node = trial.world.node(&Place::machine(LOCAL), "/data/postgres").unwrap();
    assert_eq!((node.uid, node.mode), (999, 0o700));
}

#[test]
fn a_directory_that_is_no_cluster_ends_it() {
    let (code, log) = dies(|trial| remove(trial, "/data/postgres/PG_VERSION"));
    assert_eq!(code, 1);
    assert!(log.contains("exists but is not empty"), "{log}");
    let (code, log) = dies(|trial| remove(trial, "/data/postgres/global/pg_control"));
    assert_eq!(code, 2);
    assert!(
        log.contains("could not open file \"/var/lib/postgresql/data/global/pg_control\": No such file or directory")
    );
}

#[test]
fn what_version_12_took_away_ends_it() {
    let (_, log) = dies(|trial| trial.write("/data/postgres/recovery.conf", "restore_command = 'x'\n"));
    assert!(log.contains("FATAL:  using recovery command file \"recovery.conf\" is not supported"), "{log}");
    let (_, log) = dies(|trial| trial.write("/data/postgres/postgresql.auto.conf", "wal_keep_segments = '8'\n"));
    assert!(log.contains("unrecognized configuration parameter \"wal_keep_segments\""), "{log}");
}

#[test]
fn files_of_another_version_end_it() {
    let (_, log) = dies(|trial| {
        trial.write("/data/postgres/PG_VERSION", "14\n");
        trial.change(POSTGRES, |container| "postgres:15".clone_into(&mut container.image_name));
    });
    assert!(
        log.contains("initialized by PostgreSQL version 14, which is not compatible with this version 15"),
        "{log}"
    );
}

#[test]
fn files_of_somebody_else_end_an_image_that_does_not_take_them_over() {
    let foreign = |trial: &mut Trial| {
        let path = "/data/postgres/global/pg_control";
        trial.world.node_mut(&Place::machine(LOCAL), path).unwrap().uid = 0;
    };
    let (code, log) = dies(|trial| {
        foreign(trial);
        trial.change(POSTGRES, |container| container.command = vec!["start-postgres".to_owned()]);
    });
    assert_eq!(code, 134);
    assert!(log.contains("PANIC:  could not open file \"global/pg_control\": Permission denied"), "{log}");
    // The official image gives everything to its own user first.
    let mut trial = Trial::new();
    trial.stop(POSTGRES);
    foreign(&mut trial);
    assert!(matches!(trial.start(POSTGRES), Life::Running(_)));
    let node = trial.world.node(&Place::machine(LOCAL), "/data/postgres/global/pg_control").unwrap();
    assert_eq!(node.uid, 999);
}

#[test]
fn the_official_image_makes_no_cluster_without_a_password() {
    let mut trial = Trial::new();
    trial.write("/data/fresh/.keep", "");
    remove(&mut trial, "/data/fresh/.keep");
    trial.beside("scratch", Program::Postgres, &[("/data/fresh", "/var/lib/postgresql/data")], &["postgres"]);
    trial.change("scratch", |container| "postgres:15".clone_into(&mut container.image_name));
    assert!(matches!(trial.start("scratch"), Life::Exited { code: 1, .. }));
    assert!(trial.log("scratch").contains("superuser password is not specified"));
    trial.change("scratch", |container| drop(container.env.insert("POSTGRES_PASSWORD".to_owned(), "x".to_owned())));
    assert!(matches!(trial.start("scratch"), Life::Running(_)));
}

#[test]
fn a_mount_that_cannot_be_written_ends_it() {
    let (_, log) = dies(|trial| trial.change(POSTGRES, |container| container.mounts[0].read_only = true));
    assert!(log.contains("Read-only file system"), "{log}");
}

#[test]
fn a_standby_follows_until_it_is_promoted() {
    let mut trial = Trial::new();
    trial.postgres_files("/data/standby", AsOf::At(began() - TimeDelta::minutes(5)));
    trial.write("/data/standby/standby.signal", "");
    trial.beside("copy", Program::Postgres, &[("/data/standby", "/var/lib/postgresql/data")], &["postgres"]);
    trial.start("copy");
    trial.pass(3);
    let asks =
        |trial: &mut Trial, sql: &str| trial.inside("copy", &format!("psql -XAt -U postgres -d nself_db -c \"{sql}\""));
    assert_eq!(asks(&mut trial, "select pg_is_in_recovery()").out, "t\n");
    assert_eq!(asks(&mut trial, "show transaction_read_only").out, "on\n");
    for (sql, says) in [
        ("create table xx(i int)", "ERROR:  cannot execute CREATE TABLE in a read-only transaction\n"),
        ("insert into nchat_users select 1", "ERROR:  cannot execute INSERT in a read-only transaction\n"),
        ("drop table nope", "ERROR:  cannot execute DROP TABLE in a read-only transaction\n"),
        (
            "select pg_switch_wal()",
            "ERROR:  recovery is in progress\nHINT:  WAL control functions cannot be executed during recovery.\n",
        ),
        (
            "select pg_current_wal_lsn()",
            "ERROR:  recovery is in progress\nHINT:  WAL control functions cannot be executed during recovery.\n",
        ),
    ] {
        assert_eq!(asks(&mut trial, sql).err, says, "{sql}");
    }
    assert_eq!(
        trial.inside("copy", "createdb -U postgres z").err,
        "createdb: error: database creation failed: ERROR:  cannot execute CREATE DATABASE in a read-only transaction\n"
    );
    assert_eq!(asks(&mut trial, "select pg_promote()").out, "t\n");
    assert_eq!(asks(&mut trial, "select pg_is_in_recovery()").out, "f\n");
    assert!(!trial.is_there("/data/standby/standby.signal"));
    assert_eq!(trial.held("/data/standby").timeline, 2);
    assert_eq!(asks(&mut trial, "create table xx(i int)").out, "CREATE TABLE\n");
}

#[test]
fn a_server_that_has_lost_its_databases_refuses_clients() {
    let mut trial = Trial::new();
    remove(&mut trial, "/data/postgres/base/1");
    let gave = trial.sql("nself_db", "select 1");
    assert_eq!(gave.exit, 2);
    assert!(gave.err.contains("FATAL:  database \"nself_db\" does not exist"), "{}", gave.err);
}

#[test]
fn what_a_server_writes_makes_its_file_another_one() {
    let mut trial = Trial::new();
    trial.sql("nself_db", "insert into nchat_users values (1)");
    assert_eq!(trial.sql("nself_db", "select count(*) from nchat_users").out, "1205\n");
    let gave = trial.sql("nself_db", "select pg_switch_wal()");
    assert!(gave.exit == 0 && gave.out.contains('/'), "{gave:?}");
    let place = trial.place(POSTGRES);
    trial.try_at(place, "pg_controldata /var/lib/postgresql/data", Stream::default()).unwrap();
    trial.blob("/data/other", blob(5, Holds::Other));
    let _: Node = trial.world.node(&Place::machine(LOCAL), "/data/other").unwrap().clone();
}
