//! Whatever is asked: no panic, no endless work.

use proptest::prelude::*;

use super::super::super::process::Stream;
use super::super::super::trial::{POSTGRES, Trial};

const WORDS: &[&str] = &[
    "select",
    "count(*)",
    "from",
    "where",
    "nchat_users",
    "nchat_messages",
    "u",
    "m",
    "id",
    "user_id",
    "=",
    "<",
    ">",
    "and",
    "or",
    "not",
    "exists",
    "(",
    ")",
    ",",
    ";",
    "*",
    "1",
    "0",
    "2.5",
    "'x'",
    "'",
    "\"",
    "now()",
    "interval '1 day'",
    "::int",
    "::text",
    "null",
    "is",
    "in",
    "between",
    "like",
    "case",
    "when",
    "then",
    "else",
    "end",
    "group",
    "by",
    "order",
    "limit",
    "offset",
    "union",
    "all",
    "values",
    "insert",
    "into",
    "delete",
    "drop",
    "table",
    "database",
    "create",
    "temp",
    "copy",
    "to",
    "stdout",
    "stdin",
    "begin",
    "commit",
    "rollback",
    "show",
    "set",
    "alter",
    "system",
    "reset",
    "archive_mode",
    "json_build_object",
    "extract(epoch from",
    "-",
    "+",
    "/",
    "%",
    "||",
    "--",
    "/*",
    "*/",
    "$$",
    "$a$",
    "\\q",
    "\\echo",
    "\\.",
    ":x",
    ":'x'",
    ":\"x\"",
    "\n",
    "left",
    "join",
    "on",
    "as",
    "with",
    "é",
    "\t",
    "9223372036854775807",
    "sum(",
    "max(",
    "pg_database",
    "generate_series(1,",
    "truncate",
    "round(",
    "having",
    "distinct",
    "1e9",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(WORDS), 0..24).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sql_of_any_kind_is_answered_or_not_known(sql in text()) {
        let mut trial = Trial::new();
        for command in ["psql -XAtq -v x=1 -U postgres -d nself_db", "psql -X -v ON_ERROR_STOP=1 -U postgres -d nself_db"] {
            let place = trial.place(POSTGRES);
            let _ = trial.try_at(place, command, Stream::text(&*sql));
        }
    }

    #[test]
    fn text_of_any_kind_is_answered_or_not_known(sql in "\\PC{0,60}") {
        let mut trial = Trial::new();
        let place = trial.place(POSTGRES);
        let _ = trial.try_at(place, "psql -XAtq -U postgres -d nself_db", Stream::text(&*sql));
    }

    #[test]
    fn clients_read_any_words(words in prop::collection::vec("[-a-zA-Z0-9=:/.%{}*' ]{0,12}", 0..6)) {
        let clients = ["psql", "pg_isready", "pg_dump", "pg_restore", "createdb", "dropdb", "pg_basebackup", "pg_verifybackup", "pg_ctl",
            "redis-cli", "redis-check-rdb", "redis-check-aof", "curl", "wget", "aws", "aws s3 cp", "aws s3 sync", "aws s3api", "ssh", "nc",
            "ping", "getent", "dig", "nslookup", "host"];
        for client in clients {
            let mut trial = Trial::new();
            let quoted: Vec<String> = words.iter().filter_map(|word| shlex::try_quote(word).ok().map(std::borrow::Cow::into_owned)).collect();
            let place = trial.place(POSTGRES);
            let _ = trial.try_at(place, &format!("{client} {}", quoted.join(" ")), Stream::text("1\n"));
        }
    }
}

#[test]
fn depth_and_length_have_an_end() {
    for sql in [
        format!("select {}1{}", "(".repeat(50_000), ")".repeat(50_000)),
        format!("select {} true", "not ".repeat(50_000)),
        format!("select {}1", "- ".repeat(50_000)),
        format!("select 1{}", " + 1".repeat(50_000)),
        format!("select 1{}", "::int".repeat(50_000)),
        format!("select 1{}", " is null".repeat(50_000)),
        format!("select {}1{}", "(select ".repeat(20_000), ")".repeat(20_000)),
        format!("select * from {}x", "(select * from ".repeat(20_000)),
        format!("select {}", "case when true then ".repeat(20_000)),
        "select count(*) from generate_series(1,9999) a, generate_series(1,9999) b".to_owned(),
        "select generate_series(1, 9223372036854775807)".to_owned(),
    ] {
        let mut trial = Trial::new();
        let place = trial.place(POSTGRES);
        let ran = trial.try_at(place, "psql -XAtq -U postgres -d nself_db", Stream::text(&*sql));
        assert!(ran.is_err() || ran.is_ok_and(|gave| gave.exit == 0), "{}", &sql[..40]);
    }
}
