//! Clients of servers in a world that has none: what they say, and how they end. Texts are recorded from the real ones.

use std::sync::Arc;

use chrono::{TimeZone, Utc};

use runbook::model::facts::SystemFacts;
use runbook::runner::sim::{Said, Unsimulated, World};

fn run(command: &str) -> Result<Said, Unsimulated> {
    let began = Utc.with_ymd_and_hms(2026, 2, 9, 12, 0, 0).unwrap();
    let mut world = World::empty(began, 1, Arc::new(SystemFacts::default()));
    world.command("local", &shlex::split(command).unwrap(), "")
}

#[test]
fn clients_without_a_server_say_so() {
    let socket = "connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: No such file or directory\n\
                  \tIs the server running locally and accepting connections on that socket?\n";
    for (command, exit, says) in [
        ("psql -XAtc 'select 1'", 2, format!("psql: error: {socket}")),
        ("pg_dump -Fc app", 1, format!("pg_dump: error: {socket}")),
        ("createdb app", 1, format!("createdb: error: {socket}")),
        ("redis-cli ping", 1, "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n".to_owned()),
        (
            "curl -sS http://chat.example.com/healthz",
            6,
            "curl: (6) Could not resolve host: chat.example.com\n".to_owned(),
        ),
        ("wget -qO- http://chat.example.com/healthz", 4, String::new()),
        (
            "ssh chat.example.com true",
            255,
            "ssh: Could not resolve hostname chat.example.com: Name or service not known\n".to_owned(),
        ),
        ("getent ahostsv4 chat.example.com.", 2, String::new()),
        ("ping -c 1 chat.example.com", 2, "ping: chat.example.com: Name or service not known\n".to_owned()),
        ("pg_isready -q", 2, String::new()),
        (
            "aws s3api head-object --bucket backups --key x",
            254,
            "\nAn error occurred (404) when calling the HeadObject operation: Not Found\n".to_owned(),
        ),
        ("redis-check-rdb dump.rdb", 1, String::new()),
        (
            "pg_verifybackup base",
            1,
            "pg_verifybackup: error: could not open file \"base/backup_manifest\": No such file or directory\n"
                .to_owned(),
        ),
    ] {
        let said = run(command).unwrap();
        assert_eq!((said.exit, said.stderr.as_str()), (exit, says.as_str()), "{command}");
    }
}

#[test]
fn whoever_asks_nobody_waits_as_long_as_the_real_one() {
    let said = run("pg_isready -h 203.0.113.7 -t 3").unwrap();
    assert_eq!((said.exit, said.stdout.as_str()), (2, "203.0.113.7:5432 - no response\n"));
    assert_eq!(said.took.as_secs(), 3);
    let said = run("ssh -o ConnectTimeout=5 203.0.113.7 true").unwrap();
    assert_eq!((said.exit, said.took.as_secs()), (255, 5));
}

#[test]
fn what_is_not_known_is_said_in_a_few_words() {
    for (command, words) in [
        (
            "curl -sS http://203.0.113.7/healthz",
            "what `http://203.0.113.7:80/healthz` answers (`http:` in `world:` tells it)",
        ),
        ("curl -T file http://203.0.113.7/", "`curl --upload-file`"),
        ("aws ec2 describe-instances", "`aws ec2`"),
        ("mc ls local/bucket", "`mc`"),
        ("redis-cli --rdb dump.rdb", "`redis-cli --rdb`"),
    ] {
        assert_eq!(run(command).unwrap_err().0, words, "{command}");
    }
}
