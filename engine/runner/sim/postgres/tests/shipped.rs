//! Every SQL text of the shipped runbooks is answered, and tells sound data from damaged.

use std::path::{Path, PathBuf};

use serde_yaml::Value;

use super::super::super::process::Stream;
use super::super::super::trial::{POSTGRES, Trial};

fn runbooks() -> PathBuf {
    let root = std::env::var("RUNBOOK_ROOT").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    Path::new(&root).join("runbooks")
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            found.push(path);
        }
    }
}

/// The texts that `psql` is given: on standard input, or behind `-c`.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Mapping(mapping) => {
            let text = |key: &str| match mapping.get(key) {
                Some(Value::String(text)) => Some(text.clone()),
                _ => None,
            };
            let command = ["docker", "exec"].iter().find_map(|key| text(key)).unwrap_or_default();
            if command.contains("psql") {
                match text("stdin") {
                    Some(sql) => found.push(sql),
                    None => found.extend(command.split('\'').nth(1).map(str::to_owned)),
                }
            }
            mapping.values().for_each(|value| texts(value, found));
        }
        Value::Sequence(values) => values.iter().for_each(|value| texts(value, found)),
        _ => {}
    }
}

fn all() -> Vec<String> {
    let mut paths = Vec::new();
    files(&runbooks(), &mut paths);
    let mut found = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(path).unwrap();
        texts(&serde_yaml::from_str(&text).unwrap(), &mut found);
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn all_texts_of_the_shipped_runbooks_are_answered() {
    let all = all();
    assert!(all.len() >= 17, "{}", all.len());
    for sql in all {
        let mut trial = Trial::new();
        trial.wal();
        trial.servers(1);
        let place = trial.place(POSTGRES);
        let command = "psql -XAtq -v ON_ERROR_STOP=1 -U postgres -d nself_db";
        let gave = trial.try_at(place, command, Stream::text(&*sql)).unwrap();
        let refused = sql.contains("pg_promote");
        assert_eq!(gave.exit, if refused { 3 } else { 0 }, "{sql}: {}", gave.err);
    }
}

#[test]
fn the_checks_of_nchat_pass_on_sound_data() {
    let mut trial = Trial::new();
    for (sql, is) in checks() {
        assert_eq!(trial.sql("nself_db", sql).out, format!("{is}\n"), "{sql}");
    }
}

#[test]
fn the_checks_of_nchat_show_damage() {
    let mut trial = Trial::new();
    trial.damage();
    let shown = checks().into_iter().filter(|(sql, is)| {
        let gave = trial.sql("nself_db", sql);
        gave.exit != 0 || gave.out.trim() != *is
    });
    assert!(shown.count() >= 2);
}

fn checks() -> [(&'static str, &'static str); 6] {
    [
        (
            "select coalesce(json_object_agg(name, bytes), '{}')\nfrom (select relname as name, pg_total_relation_size(relid) as bytes from pg_stat_user_tables\n      where schemaname = 'public' order by 2 desc limit 10) largest;",
            "{ \"nchat_messages\" : 7249920, \"nchat_users\" : 204800 }",
        ),
        (
            "select count(*) from nchat_messages m\nwhere not exists (select 1 from nchat_users u where u.id = m.user_id);",
            "0",
        ),
        ("select count(*) from nchat_messages where created_at > now() + interval '1 day';", "0"),
        (
            "select json_build_object('nchat', (select count(*) from nchat_users), 'auth', (select count(*) from auth.users));",
            "{\"nchat\" : 1204, \"auth\" : 1204}",
        ),
        ("select count(*) from pg_constraint where not convalidated;", "0"),
        (
            "select (select count(*) from pg_index where not indisvalid)\n     + (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace\n        where n.nspname = 'public' and c.relkind = 'r' and c.relname like 'nchat\\_%' and not c.relhasindex);",
            "0",
        ),
    ]
}
