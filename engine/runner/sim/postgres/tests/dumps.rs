//! Dumps: taken, read, restored; whole, cut, and of a damaged server.

use std::sync::Arc;

use chrono::TimeDelta;

use super::super::super::blob::{AsOf, Blob, Holds};
use super::super::super::process::Stream;
use super::super::super::trial::{POSTGRES, Trial, began, blob, cluster};
use super::super::super::world::Program;

const DUMP: &str = "/data/postgres/d.dump";
const INSIDE: &str = "/var/lib/postgresql/data/d.dump";

fn yesterday() -> AsOf {
    AsOf::At(began() - TimeDelta::days(1))
}

/// A dump of yesterday beside the server.
fn with_dump(whole: bool) -> Trial {
    let mut trial = Trial::new();
    trial.blob(DUMP, dump(whole));
    trial
}

fn dump(whole: bool) -> Blob {
    Blob { whole, ..blob(77, Holds::Dump(Arc::new(cluster(yesterday())))) }
}

#[test]
fn a_sound_database_is_dumped() {
    let mut trial = Trial::new();
    let gave = trial.inside(POSTGRES, "pg_dump -U postgres -d nself_db -Fc --no-sync -f /dev/null");
    assert_eq!((gave.exit, gave.err.as_str()), (0, ""));
    let gave = trial.inside(POSTGRES, "pg_dump -U postgres -d nself_db -Fc -f /dev/null");
    assert_eq!(
        (gave.exit, gave.err.as_str()),
        (1, "pg_dump: error: could not fsync file \"/dev/null\": Invalid argument\n")
    );
    let gave = trial.inside(POSTGRES, &format!("pg_dump -U postgres -d nself_db -Fc -f {INSIDE}"));
    assert_eq!(gave.exit, 0);
    let gave = trial.inside(POSTGRES, "pg_dump -U postgres nself_db");
    assert!(matches!(&gave.stdout.as_blob().unwrap().holds, Holds::SqlDump(held) if held.data.is_some()));
    for (command, says) in [
        (
            "pg_dump -d nodb -f x",
            "pg_dump: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: FATAL:  database \"nodb\" does not exist\n",
        ),
        ("pg_dump -d nself_db -t nope -f x", ""),
        (
            "pg_dump -d nself_db -f /nonexistent/x.dump",
            "pg_dump: error: could not open output file \"/nonexistent/x.dump\": No such file or directory\n",
        ),
        ("pg_dump -Fx nself_db", "pg_dump: error: invalid output format \"x\" specified\n"),
        (
            "pg_dump --nosuch",
            "pg_dump: unrecognized option '--nosuch'\npg_dump: hint: Try \"pg_dump --help\" for more information.\n",
        ),
    ] {
        let gave = trial.inside(POSTGRES, command);
        assert_eq!((gave.exit == 0, gave.err.as_str()), (says.is_empty(), says), "{command}");
    }
    assert_eq!(
        trial.inside(POSTGRES, "pg_dump -d postgres -t nope").err,
        "pg_dump: error: no matching tables were found\n"
    );
}

#[test]
fn a_damaged_page_ends_a_dump() {
    let mut trial = Trial::new();
    trial.damage();
    let says = "pg_dump: error: Dumping the contents of table \"nchat_messages\" failed: PQgetResult() failed.\n\
                pg_dump: detail: Error message from server: ERROR:  invalid page in block 2 of relation base/16384/16402\n\
                pg_dump: detail: Command was: COPY public.nchat_messages (id) TO stdout;\n";
    let gave = trial.inside(POSTGRES, "pg_dump -U postgres -d nself_db -Fc --no-sync -f /dev/null");
    assert_eq!((gave.exit, gave.err.as_str()), (1, says));
    let gave = trial.inside(POSTGRES, "pg_dumpall -U postgres");
    assert_eq!(
        (gave.exit, gave.err),
        (1, format!("{says}pg_dumpall: error: pg_dump failed on database \"nself_db\", exiting\n"))
    );
    assert!(!gave.stdout.as_blob().unwrap().whole);
    let gave = trial.sql("nself_db", "select count(*) from nchat_messages");
    assert_eq!((gave.exit, gave.err.as_str()), (3, "ERROR:  invalid page in block 2 of relation base/16384/16402\n"));
}

#[test]
fn a_list_is_no_proof_and_reading_to_the_end_is() {
    let mut trial = with_dump(false);
    let gave = trial.inside(POSTGRES, &format!("pg_restore --list {INSIDE}"));
    assert_eq!(gave.exit, 0);
    assert!(gave.out.contains("TABLE DATA public nchat_users postgres"), "{}", gave.out);
    let gave = trial.inside(POSTGRES, &format!("pg_restore -f /dev/null {INSIDE}"));
    assert_eq!((gave.exit, gave.err.as_str()), (1, "pg_restore: error: could not read from input file: end of file\n"));
    assert!(!trial.world.proved.contains_key(&77));
    let mut trial = with_dump(true);
    trial.inside(POSTGRES, &format!("pg_restore --list {INSIDE}"));
    assert!(!trial.world.proved.contains_key(&77));
    let gave = trial.inside(POSTGRES, &format!("pg_restore -f /dev/null {INSIDE}"));
    assert_eq!((gave.exit, gave.err.as_str()), (0, ""));
    assert!(trial.world.proved.contains_key(&77));
}

#[test]
fn what_is_no_dump_is_refused() {
    let mut trial = Trial::new();
    trial.blob("/data/postgres/a.sql", blob(5, Holds::SqlDump(Arc::new(cluster(yesterday())))));
    trial.blob("/data/postgres/a.sql.gz", blob(6, Holds::Gzip(Arc::new(blob(5, Holds::Other)))));
    trial.write("/data/postgres/empty.dump", "");
    trial.write("/data/postgres/junk.dump", "hello\n");
    for (file, says) in [
        ("a.sql", "input file appears to be a text format dump. Please use psql."),
        ("a.sql.gz", "input file does not appear to be a valid archive"),
        ("empty.dump", "input file is too short (read 0, expected 5)"),
        ("junk.dump", "input file does not appear to be a valid archive (too short?)"),
        ("none.dump", "could not open input file \"/var/lib/postgresql/data/none.dump\": No such file or directory"),
    ] {
        let gave = trial.inside(POSTGRES, &format!("pg_restore -f /dev/null /var/lib/postgresql/data/{file}"));
        assert_eq!((gave.exit, gave.err), (1, format!("pg_restore: error: {says}\n")), "{file}");
    }
    let gave = trial.inside(POSTGRES, "pg_restore x");
    assert_eq!(gave.err, "pg_restore: error: one of -d/--dbname and -f/--file must be specified\n");
}

#[test]
fn a_dump_restores_the_system_into_a_fresh_cluster() {
    let mut trial = Trial::new();
    trial.world.make_dirs(&super::super::super::place::Place::machine("local"), "/data/fresh").unwrap();
    trial.change(POSTGRES, |container| {
        container.mounts[0].source = super::super::super::world::MountSource::Bind("/data/fresh".to_owned());
    });
    trial.start(POSTGRES);
    trial.pass(10);
    let command = "pg_restore -U postgres -d nself_db --clean --if-exists --exit-on-error";
    let gave = trial.fed(POSTGRES, command, Stream::blob(Arc::new(dump(true))));
    assert_eq!((gave.exit, gave.err.as_str()), (0, ""));
    let held = trial.held("/data/fresh");
    assert_eq!((held.data.as_deref(), held.as_of), (Some("postgres"), yesterday()));
    assert!(trial.world.proved.contains_key(&77));
    assert_eq!(trial.sql("nself_db", "select count(*) from nchat_messages").out, "48210\n");
    assert_eq!(trial.sql("nself_db", "select count(*) from whatever_else").out, "1000\n");
}

#[test]
fn a_cut_dump_restores_nothing_that_counts() {
    let mut trial = Trial::new();
    trial.inside(POSTGRES, "createdb -U postgres -T template0 scratch");
    let command = "pg_restore -U postgres -d scratch --exit-on-error";
    let gave = trial.fed(POSTGRES, command, Stream::blob(Arc::new(dump(false))));
    assert_eq!((gave.exit, gave.err.as_str()), (1, "pg_restore: error: could not read from input file: end of file\n"));
    assert_eq!(trial.sql("scratch", "select count(*) from nchat_users").out, "0\n");
}

#[test]
fn a_dump_is_tried_beside_the_live_database() {
    let mut trial = with_dump(true);
    assert_eq!(trial.inside(POSTGRES, "createdb -U postgres -T template0 verify_1").exit, 0);
    let gave =
        trial.inside(POSTGRES, &format!("pg_restore -U postgres -d verify_1 --no-owner --exit-on-error {INSIDE}"));
    assert_eq!((gave.exit, gave.err.as_str()), (0, ""));
    assert_eq!(trial.sql("verify_1", "select count(*) from nchat_users").out, "1204\n");
    assert_eq!(trial.held("/data/postgres").as_of, AsOf::Present, "the live data is as it was");
    let gave = trial.inside(POSTGRES, &format!("pg_restore -U postgres -d verify_1 --exit-on-error {INSIDE}"));
    assert!(gave.exit == 1 && gave.err.contains("ERROR:  relation \"users\" already exists"), "{}", gave.err);
    assert_eq!(trial.inside(POSTGRES, "dropdb -U postgres --if-exists --force verify_1").exit, 0);
    let gave = trial.inside(POSTGRES, "dropdb -U postgres --if-exists --force verify_1");
    assert_eq!((gave.exit, gave.err.as_str()), (0, "NOTICE:  database \"verify_1\" does not exist, skipping\n"));
}

#[test]
fn cleaning_what_is_not_there_needs_if_exists() {
    let mut trial = with_dump(true);
    trial.inside(POSTGRES, "createdb -U postgres a");
    let gave = trial.inside(POSTGRES, &format!("pg_restore -U postgres -d a --clean {INSIDE}"));
    assert_eq!(gave.exit, 1);
    assert!(
        gave.err.contains("ERROR:  table \"nchat_users\" does not exist")
            && gave.err.contains("warning: errors ignored on restore: 3"),
        "{}",
        gave.err
    );
    let gave = trial.inside(POSTGRES, &format!("pg_restore -U postgres -d a --clean --if-exists {INSIDE}"));
    assert_eq!((gave.exit, gave.err.as_str()), (0, ""));
    let gave = trial.inside(POSTGRES, &format!("pg_restore -U postgres -d nodb {INSIDE}"));
    assert!(gave.exit == 1 && gave.err.contains("FATAL:  database \"nodb\" does not exist"));
}

#[test]
fn a_plain_dump_is_a_script() {
    let mut trial = Trial::new();
    let plain =
        Stream::blob(trial.inside(POSTGRES, "pg_dump -U postgres -d nself_db").stdout.as_blob().unwrap().clone());
    trial.inside(POSTGRES, "createdb -U postgres a");
    let gave = trial.fed(POSTGRES, "psql -XAtq -v ON_ERROR_STOP=1 -U postgres -d a", plain.clone());
    assert_eq!((gave.exit, gave.err.as_str()), (0, ""));
    assert_eq!(trial.sql("a", "select count(*) from nchat_users").out, "1204\n");
    let gave = trial.fed(POSTGRES, "psql -XAtq -v ON_ERROR_STOP=1 -U postgres -d a", plain);
    assert_eq!(gave.exit, 3);
}

#[test]
fn the_database_that_services_use_is_not_dropped() {
    let mut trial = Trial::new();
    let gave = trial.inside(POSTGRES, "dropdb -U postgres nself_db");
    let says = "dropdb: error: database removal failed: ERROR:  database \"nself_db\" is being accessed by other users\n\
                DETAIL:  There is 1 other session using the database.\n";
    assert_eq!((gave.exit, gave.err.as_str()), (1, says));
    assert_eq!(trial.inside(POSTGRES, "dropdb -U postgres --force nself_db").exit, 0);
    assert_eq!(trial.held("/data/postgres").data, None);
}

#[test]
fn missing_rows_come_back_from_a_copy() {
    let mut trial = Trial::new();
    trial.postgres_files("/data/copy", yesterday());
    trial.beside("copy", Program::Postgres, &[("/data/copy", "/var/lib/postgresql/data")], &["postgres"]);
    trial.start("copy");
    trial.pass(5);
    trial.damage();
    let copied = trial.fed(
        "copy",
        "psql -XAtq -v ON_ERROR_STOP=1 -v table=nchat_messages -U postgres -d nself_db",
        "copy :\"table\" to stdout;\n",
    );
    assert_eq!(copied.exit, 0);
    let mut script =
        Stream::text("begin;\ncreate temp table :\"spare\" (like :\"table\");\ncopy :\"spare\" from stdin;\n");
    script.extend(copied.stdout);
    script.push("\\.\nwith added as (insert into :\"table\" select * from :\"spare\" on conflict do nothing returning 1)\nselect count(*) from added;\ncommit;\n");
    let command =
        "psql -XAtq -v ON_ERROR_STOP=1 -v table=nchat_messages -v spare=missing_nchat_messages -U postgres -d nself_db";
    let gave = trial.fed(POSTGRES, command, script);
    assert_eq!((gave.exit, gave.out.as_str(), gave.err.as_str()), (0, "965\n", ""));
    assert!(!trial.held("/data/postgres").damaged);
    assert_eq!(trial.sql("nself_db", "select count(*) from nchat_messages").out, "48210\n");
}

#[test]
fn a_base_backup_is_as_of_its_end() {
    let mut trial = Trial::new();
    let gave = trial.inside(POSTGRES, "pg_basebackup -U postgres -D /tmp/b1 -Fp -Xs -c fast");
    assert_eq!((gave.exit, gave.err.as_str()), (0, ""));
    let gave = trial.inside(POSTGRES, "pg_verifybackup /tmp/b1");
    assert_eq!((gave.exit, gave.out.as_str()), (0, "backup successfully verified\n"));
    let gave = trial.inside(POSTGRES, "pg_basebackup -U postgres -D /tmp/b1");
    assert_eq!(
        (gave.exit, gave.err.as_str()),
        (1, "pg_basebackup: error: directory \"/tmp/b1\" exists but is not empty\n")
    );
    let gave = trial.inside(POSTGRES, "pg_verifybackup /tmp/nosuch");
    assert_eq!(
        gave.err,
        "pg_verifybackup: error: could not open file \"/tmp/nosuch/backup_manifest\": No such file or directory\n"
    );
}
