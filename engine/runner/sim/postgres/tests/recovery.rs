//! Point-in-time recovery, as `scenario-d` goes through it.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::super::blob::{AsOf, Blob};
use super::super::super::place::Place;
use super::super::super::tree::Kind;
use super::super::super::trial::{POSTGRES, Trial, began};
use super::super::super::world::{LOCAL, Life, Program};

const DIR: &str = "/data/pitr";
const COPY: &str = "pitr";

fn base() -> DateTime<Utc> {
    began() - TimeDelta::hours(6)
}

/// A copy of a base backup with recovery settings, beside the live server.
fn prepared(settings: &str, archive: bool) -> Trial {
    let mut trial = Trial::new();
    trial.wal();
    trial.postgres_files(DIR, AsOf::At(base()));
    trial.write(&format!("{DIR}/recovery.signal"), "");
    trial.write(&format!("{DIR}/postgresql.auto.conf"), settings);
    let mut mounts = vec![(DIR, "/var/lib/postgresql/data")];
    if archive {
        mounts.push(("/backups/postgres/wal", "/backups/postgres/wal"));
    }
    trial.beside(COPY, Program::Postgres, &mounts, &["postgres"]);
    trial
}

fn until(target: &str) -> String {
    format!(
        "restore_command = 'cp /backups/postgres/wal/%f \"%p\"'\nrecovery_target_time = '2020-01-01 00:00:00+00'\n\
         recovery_target_time = '{target}'\nrecovery_target_action = 'promote'\nrecovery_target_timeline = 'current'\n\
         archive_mode = 'off'\n"
    )
}

fn asks(trial: &mut Trial, sql: &str) -> String {
    let gave = trial.inside(COPY, &format!("psql -XAtq -U postgres -d postgres -c \"{sql}\""));
    if gave.exit == 0 { gave.out.trim().to_owned() } else { gave.err }
}

#[test]
fn a_target_within_the_archive_is_reached() {
    let mut trial = prepared(&until("2026-02-09T10:30:00Z"), true);
    assert!(matches!(trial.start(COPY), Life::Running(run) if run.ends.is_none()));
    assert_eq!(trial.inside(COPY, "pg_isready").exit, 1, "not consistent yet");
    trial.pass(2);
    assert_eq!(asks(&mut trial, "select pg_is_in_recovery()"), "t");
    assert_eq!(trial.inside(COPY, "pg_isready").exit, 0);
    trial.pass(75);
    assert_eq!(asks(&mut trial, "select pg_is_in_recovery()"), "f");
    let held = trial.held(DIR);
    assert_eq!((held.as_of, held.timeline, held.damaged), (AsOf::At(began() - TimeDelta::minutes(90)), 2, false));
    assert!(!trial.is_there(&format!("{DIR}/recovery.signal")));
    assert!(trial.is_there(&format!("{DIR}/backup_label.old")));
    assert_eq!(asks(&mut trial, "show archive_mode"), "off");
    assert!(trial.log(COPY).contains("starting point-in-time recovery to 2026-02-09T10:30:00Z"));
    assert!(trial.log(COPY).contains("archive recovery complete"));
    // The settings go, and count after a restart.
    assert_eq!(asks(&mut trial, "alter system reset archive_mode"), "");
    assert_eq!(asks(&mut trial, "show archive_mode"), "off");
    trial.start(COPY);
    trial.pass(5);
    assert_eq!(asks(&mut trial, "show archive_mode"), "on");
}

#[test]
fn a_target_before_the_end_of_the_backup_is_refused() {
    let mut trial = prepared(&until("2026-02-09 05:00:00+00"), true);
    assert!(matches!(trial.start(COPY), Life::Running(run) if run.ends.is_some_and(|(_, code)| code == 1)));
    assert!(
        trial.log(COPY).contains("FATAL:  requested recovery stop point is before consistent recovery point"),
        "{}",
        trial.log(COPY)
    );
    trial.pass(3);
    assert!(!trial.container(COPY).runs(trial.world.now()));
    assert!(trial.is_there(&format!("{DIR}/recovery.signal")));
}

#[test]
fn a_target_behind_the_archive_is_not_reached() {
    for (settings, archive) in [
        (until("2026-02-09 11:59:30+00"), true),
        // The directory is not mounted: the container does not see it.
        (until("2026-02-09 10:30:00+00"), false),
        (until("2026-02-09 10:30:00+00").replace("/wal/%f", "/nope/%f"), true),
    ] {
        let mut trial = prepared(&settings, archive);
        trial.start(COPY);
        trial.pass(80);
        assert!(!trial.container(COPY).runs(trial.world.now()));
        let said = trial.log(COPY);
        assert!(said.contains("FATAL:  recovery ended before configured recovery target was reached"), "{said}");
        assert_eq!(said.contains("cp: cannot stat"), !settings.contains("11:59"), "{said}");
        assert_eq!(trial.held(DIR).as_of, AsOf::At(base()));
    }
}

#[test]
fn a_segment_that_cannot_be_read_ends_the_replay() {
    let mut trial = prepared(&until("2026-02-09 10:30:00+00"), true);
    let path = "/backups/postgres/wal/000000010000000000000020";
    let node = trial.world.node_mut(&Place::machine(LOCAL), path).unwrap();
    let Kind::Blob(blob) = &node.kind else { panic!("{node:?}") };
    node.kind = Kind::Blob(std::sync::Arc::new(Blob { whole: false, ..(**blob).clone() }));
    assert!(matches!(trial.start(COPY), Life::Running(run) if run.ends.is_some()));
}

#[test]
fn without_a_target_it_takes_what_there_is() {
    let mut trial = prepared("restore_command = 'cp /backups/postgres/wal/%f %p'\n", true);
    trial.start(COPY);
    trial.pass(80);
    assert_eq!(asks(&mut trial, "select pg_is_in_recovery()"), "f");
    assert_eq!(trial.held(DIR).as_of, AsOf::At(began() - TimeDelta::minutes(1)));
    // With the archive unreachable it starts and silently promotes.
    let mut trial = prepared("restore_command = 'cp /nope/%f %p'\n", true);
    trial.start(COPY);
    trial.pass(80);
    assert_eq!(asks(&mut trial, "select pg_is_in_recovery()"), "f");
    assert_eq!(trial.held(DIR).as_of, AsOf::At(base()));
}

#[test]
fn settings_that_are_none_are_refused() {
    for (settings, says) in [
        ("", "FATAL:  must specify restore_command when standby mode is not enabled"),
        (
            "restore_command = 'cp /x/%f %p'\nrecovery_target_time = 'yesterday evening'\n",
            "invalid value for parameter \"recovery_target_time\"",
        ),
        (
            "restore_command = 'cp /x/%f %p'\nrecovery_target_action = 'stop'\n",
            "invalid value for parameter \"recovery_target_action\"",
        ),
    ] {
        let mut trial = prepared(settings, true);
        assert!(matches!(trial.start(COPY), Life::Exited { code: 1, .. }));
        assert!(trial.log(COPY).contains(says), "{}", trial.log(COPY));
    }
}

#[test]
fn it_waits_at_its_target_when_nothing_says_what_to_do() {
    let settings = until("2026-02-09 10:30:00+00").replace("recovery_target_action = 'promote'\n", "");
    let mut trial = prepared(&settings, true);
    trial.start(COPY);
    trial.pass(80);
    assert_eq!(asks(&mut trial, "select pg_is_in_recovery()"), "t");
    assert_eq!(asks(&mut trial, "select pg_wal_replay_resume()"), "");
    assert_eq!(asks(&mut trial, "select pg_is_in_recovery()"), "f");
}

#[test]
fn whoever_is_stopped_in_between_has_not_recovered() {
    let mut trial = prepared(&until("2026-02-09T10:30:00Z"), true);
    trial.start(COPY);
    trial.pass(2);
    trial.stop(COPY);
    trial.pass(300);
    trial.inside(POSTGRES, "pg_isready");
    assert_eq!(trial.held(DIR).as_of, AsOf::At(base()));
    assert!(trial.is_there(&format!("{DIR}/recovery.signal")));
}

#[test]
fn a_target_after_the_damage_brings_it_back() {
    let recovered = |target: &str| {
        let mut trial = prepared(&until(target), true);
        trial.damage();
        trial.pass(600);
        // What was written since is in the archive as soon as the segment is closed.
        assert_eq!(trial.sql("postgres", "select pg_switch_wal()").exit, 0);
        assert_eq!(
            trial
                .sql(
                    "postgres",
                    "select not exists (select 1 from pg_ls_archive_statusdir() where name like '%.ready')"
                )
                .out,
            "t\n"
        );
        trial.start(COPY);
        trial.pass(80);
        assert_eq!(asks(&mut trial, "select pg_is_in_recovery()"), "f");
        trial.held(DIR).damaged
    };
    assert!(!recovered("2026-02-09 11:50:00+00"));
    assert!(recovered("2026-02-09 12:05:00+00"));
}

#[test]
fn an_archive_that_is_gone_keeps_segments_waiting() {
    let mut trial = Trial::new();
    let asks = "select not exists (select 1 from pg_ls_archive_statusdir() where name like '%.ready');";
    assert_eq!(trial.sql("postgres", asks).out, "f\n");
    trial.wal();
    assert_eq!(trial.sql("postgres", asks).out, "t\n");
}
