//! Scenario B on a real stack: data that is deleted, a volume that is gone, an archive that is not whole.

use std::fs;

use super::engine::{Ended, docker, run};
use super::notes::Notes;

const ARCHIVE: &str = "tar -czf /backup/app_1.tar.gz -C /data .";

fn restore(notes: &Notes) -> Ended {
    notes.recover("scenario-b", &RESTORE)
}

/// From the archive that is there.
pub const RESTORE: [&str; 6] =
    ["--set", "data=app", "--set", "strategy=archives", "--set", "helper_image=runbook-lab/tools:1"];

#[test]
fn deleted_data_comes_back_from_the_archive() {
    let notes = Notes::start("deleted");
    notes.tools("app", ARCHIVE);
    notes.tools("app", "rm -rf /data/*; echo half > /data/left");
    assert!(!notes.has_note());

    restore(&notes).gives(0);

    assert!(notes.has_note());
    assert!(notes.is_well("v1"));
    let aside = notes.set_aside("app");
    assert_eq!(aside.len(), 1, "what was left is kept beside it: {aside:?}");
    let kept = docker(&["run", "--rm", "-v", &format!("{}:/kept:ro", aside[0]), super::engine::TOOLS, "ls", "/kept"]);
    assert_eq!(kept, "left");
    let journal = notes.journal();
    assert!(journal.started("archive/refill"));
    assert!(!journal.started("snapshot/detach/unmount") && !journal.started("regenerate"));
}

#[test]
fn a_volume_that_is_gone_comes_back_from_the_archive() {
    let notes = Notes::start("gonevolume");
    notes.tools("app", ARCHIVE);
    notes.compose(&["rm", "--stop", "--force", "app"]);
    docker(&["volume", "rm", &notes.volume("app")]);

    restore(&notes).gives(0);

    assert!(notes.has_note());
    assert!(notes.is_well("v1"));
}

#[test]
fn rows_of_the_database_come_back_from_the_archive() {
    let notes = Notes::start("rows");
    let psql = |sql: &str| docker(&["exec", &notes.container("postgres"), "psql", "-XAtqc", sql]);
    psql("create table t as select generate_series(1, 1000) as id");
    notes.compose(&["stop", "postgres"]);
    notes.tools("postgres", "tar -czf /backup/postgres_1.tar.gz -C /data .");
    notes.tools("postgres", "find /data -mindepth 1 -maxdepth 1 -exec rm -rf {} +");

    let arguments =
        ["--set", "data=postgres", "--set", "strategy=archives", "--set", "helper_image=runbook-lab/tools:1"];
    notes.recover("scenario-b", &arguments).gives(0);

    assert_eq!(psql("select count(*) from t"), "1000");
    assert!(notes.is_well("v1"));
}

#[test]
fn a_damaged_archive_is_found_while_the_service_still_runs() {
    let notes = Notes::start("damaged");
    notes.tools("app", ARCHIVE);
    let archive = notes.backups().join("app_1.tar.gz");
    let bytes = fs::read(&archive).expect("the archive");
    fs::write(&archive, &bytes[..bytes.len() / 2]).expect("half an archive");

    restore(&notes).gives(1);

    assert!(notes.is_well("v1"), "nothing was stopped");
    assert!(notes.has_note());
    let journal = notes.journal();
    assert_eq!(journal.outcome("archive_found/whole"), "failed");
    assert!(!journal.started("stop/app") && !journal.started("keep") && !journal.started("archive/refill"));
}

#[test]
fn without_a_proven_environment_nothing_is_destroyed() {
    let notes = Notes::start("unproven");
    notes.tools("app", ARCHIVE);
    notes.tools("app", "rm -rf /data/*");

    notes.runbook("scenario-b", &[&["--yes"][..], &RESTORE].concat()).gives(4);
    assert!(!notes.has_note());
    assert!(notes.set_aside("app").is_empty());

    // Named, but it is not what answers.
    let mark = notes.project.clone();
    let system = format!("{}/../system.yaml", notes.backups().display());
    let text = fs::read_to_string(&system).expect("the system").replace("== 'engine'", "== 'production'");
    fs::write(&system, text).expect("another identity");
    restore(&notes).gives(4);
    assert!(!notes.has_note());
    assert!(notes.set_aside("app").is_empty());
    let running =
        run(std::path::Path::new("/"), &[], "docker", &["compose", "--project-name", &mark, "ps", "--services"]);
    assert!(running.gives(0).text.contains("app"), "nothing was stopped");
}
