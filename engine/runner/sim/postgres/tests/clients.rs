//! Where clients connect to, what they are told, and servers that are known by their host name.

use super::super::super::place::Place;
use super::super::super::process::Stream;
use super::super::super::trial::{AUTH, Gave, POSTGRES, Trial};
use super::super::super::world::LOCAL;

const PRIMARY: &str = "db-us-east.example.com";
const STANDBY: &str = "db-eu-west.example.com";

fn asks(trial: &mut Trial, host: &str, sql: &str) -> Gave {
    let command = format!("PGCONNECT_TIMEOUT=5 psql -XAtq -w -v ON_ERROR_STOP=1 -h {host} -U postgres -d postgres");
    trial.try_at(Place::machine(LOCAL), &command, Stream::text(sql)).unwrap()
}

#[test]
fn whoever_cannot_connect_is_told_why() {
    let mut trial = Trial::new();
    for (command, says) in [
        (
            "psql -h nosuchhost.invalid -c 'select 1'",
            "psql: error: could not translate host name \"nosuchhost.invalid\" to address: Name or service not known\n",
        ),
        (
            "psql -h 127.0.0.1 -p 1 -d app -c 'select 1'",
            "psql: error: connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
        ),
        (
            "psql postgresql://postgres@127.0.0.1:1/app -c 'select 1'",
            "psql: error: connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
        ),
        (
            "psql 'host=127.0.0.1 port=1 dbname=app' -c 'select 1'",
            "psql: error: connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
        ),
        (
            "psql -d nodb -c 'select 1'",
            "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: FATAL:  database \"nodb\" does not exist\n",
        ),
    ] {
        let gave = trial.inside(POSTGRES, command);
        assert_eq!((gave.exit, gave.err.as_str()), (2, says), "{command}");
    }
    let gave = trial.inside(AUTH, "psql -c 'select 1'");
    assert_eq!(
        gave.err,
        "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?\n"
    );
    assert_eq!(
        trial.inside(POSTGRES, "psql --nosuch").err,
        "psql: unrecognized option '--nosuch'\npsql: hint: Try \"psql --help\" for more information.\n"
    );
    let gave = trial.inside(AUTH, &format!("psql -XAt -h {POSTGRES} -U postgres -d nself_db -c 'select 1'"));
    assert_eq!((gave.exit, gave.out.as_str()), (0, "1\n"), "{}", gave.err);
    let gave = trial.here("psql -XAt -h 127.0.0.1 -U postgres -d nself_db -c 'select 1'");
    assert_eq!(gave.exit, 0);
}

#[test]
fn pg_isready_says_what_it_finds() {
    let mut trial = Trial::new();
    for (command, exit, says) in [
        ("pg_isready", 0, "/var/run/postgresql:5432 - accepting connections\n"),
        ("pg_isready -q -h 127.0.0.1 -U postgres -d nself_db", 0, ""),
        ("pg_isready -h 127.0.0.1 -p 1", 2, "127.0.0.1:1 - no response\n"),
        ("pg_isready -h nosuchhost.invalid -t 3 -d app", 2, "nosuchhost.invalid:5432 - no response\n"),
        ("pg_isready -d nodb -U nouser", 0, "/var/run/postgresql:5432 - accepting connections\n"),
        ("pg_isready --nosuch", 3, ""),
        ("pg_isready extra", 3, ""),
    ] {
        let gave = trial.inside(POSTGRES, command);
        assert_eq!((gave.exit, gave.out.as_str()), (exit, says), "{command}");
    }
    assert_eq!(
        trial.inside(POSTGRES, "pg_isready extra").err,
        "pg_isready: error: too many command-line arguments (first is \"extra\")\npg_isready: hint: Try \"pg_isready --help\" for more information.\n"
    );
}

#[test]
fn a_standby_streams_while_its_primary_is_there() {
    let mut trial = Trial::new();
    trial.servers(2);
    trial.pass(60);
    assert_eq!(asks(&mut trial, STANDBY, "select pg_is_in_recovery();").out, "t\n");
    let streaming = "select json_build_object('standby', pg_is_in_recovery(), 'streaming', exists (select 1 from pg_stat_wal_receiver \
                     where status = 'streaming' and last_msg_receipt_time > now() - interval '30 seconds'));";
    assert_eq!(asks(&mut trial, STANDBY, streaming).out, "{\"standby\" : true, \"streaming\" : true}\n");
    let lag = "select json_build_object('seconds', round(extract(epoch from now() - pg_last_xact_replay_timestamp())), \
               'unapplied', pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()));";
    assert_eq!(asks(&mut trial, STANDBY, lag).out, "{\"seconds\" : 2, \"unapplied\" : 0}\n");
    assert_eq!(
        asks(&mut trial, PRIMARY, "select count(*) from pg_stat_replication where state = 'streaming'").out,
        "1\n"
    );
    trial.world.servers.get_mut(PRIMARY).unwrap().up = false;
    assert_eq!(asks(&mut trial, STANDBY, streaming).out, "{\"standby\" : true, \"streaming\" : false}\n");
    let seconds = asks(&mut trial, STANDBY, lag).out;
    assert!(seconds.starts_with("{\"seconds\" : 6"), "it counts from the last change that arrived: {seconds}");
}

#[test]
fn a_failover_promotes_the_standby() {
    let mut trial = Trial::new();
    trial.servers(2);
    trial.world.servers.get_mut(PRIMARY).unwrap().up = false;
    let gave = trial.here(&format!("pg_isready -h {PRIMARY} -p 5432 -t 3"));
    assert_eq!((gave.exit, gave.out.as_str()), (2, "db-us-east.example.com:5432 - no response\n"));
    assert!(gave.took.as_secs() >= 3);
    let gave = asks(&mut trial, PRIMARY, "select 1");
    assert_eq!(
        (gave.exit, gave.err.as_str()),
        (
            2,
            "psql: error: connection to server at \"db-us-east.example.com\" (203.0.113.51), port 5432 failed: timeout expired\n"
        )
    );
    assert!(gave.took.as_secs() >= 5);
    assert_eq!(asks(&mut trial, STANDBY, "show transaction_read_only").out, "on\n");
    assert_eq!(asks(&mut trial, STANDBY, "select pg_promote(true, 60);").out, "t\n");
    assert_eq!(asks(&mut trial, STANDBY, "select pg_is_in_recovery()").out, "f\n");
    assert_eq!(asks(&mut trial, STANDBY, "show transaction_read_only").out, "off\n");
    let gave = trial.here(&format!("psql -XAtqc 'select pg_is_in_recovery()' -w -h {STANDBY} -U postgres -d nself_db"));
    assert_eq!((gave.exit, gave.out.as_str()), (0, "f\n"));
}

#[test]
fn pg_ctl_is_not_for_root() {
    let mut trial = Trial::new();
    let gave = trial.inside(POSTGRES, "pg_ctl -D /var/lib/postgresql/data promote");
    assert_eq!((gave.exit, gave.err.lines().next().unwrap()), (1, "pg_ctl: cannot be run as root"));
    let gave = trial.inside(POSTGRES, "pg_controldata /nosuch");
    assert_eq!(
        gave.err,
        "pg_controldata: error: could not open file \"/nosuch/global/pg_control\" for reading: No such file or directory\n"
    );
    let gave = trial.inside(POSTGRES, "pg_controldata /var/lib/postgresql/data");
    assert!(gave.out.contains("Database cluster state:               in production\n"), "{}", gave.out);
}
