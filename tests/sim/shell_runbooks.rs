//! Every script in the shipped runbooks can be read, and those of programs that every machine has are carried out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use runbook::model::facts::SystemFacts;
use runbook::runner::sim::World;
use serde_yaml::Value;

use super::shell::root;

/// Programs that belong to others: a script stops being simulated at the first of these that is not there yet.
const OTHERS: [&str; 15] = [
    "docker",
    "gcloud",
    "psql",
    "pg_dump",
    "pg_restore",
    "pg_dumpall",
    "pg_isready",
    "redis-cli",
    "curl",
    "aws",
    "mc",
    "getent",
    "nself",
    "hasura",
    "ssh",
];

/// A script with the shell that carries it out, or a program with its arguments.
struct Command {
    file: String,
    argv: Vec<String>,
}

impl Command {
    fn script(file: &str, shell: &[&str], text: String) -> Self {
        let argv = shell.iter().map(|word| (*word).to_owned()).chain([text]).collect();
        Self { file: file.to_owned(), argv }
    }
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            files(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "yaml") {
            found.push(entry);
        }
    }
    found.sort();
}

/// Words that stand for what only a run knows.
fn filled(text: &str, quoted: bool) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${{") {
        filled.push_str(before);
        filled.push_str(if quoted { "${VALUE}" } else { "value" });
        rest = behind.split_once("}}").map_or("", |(_, rest)| rest);
    }
    filled + rest
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Sequence(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(text) => shlex::split(&filled(text, false)).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn collect(file: &str, value: &Value, found: &mut Vec<Command>) {
    match value {
        Value::Mapping(mapping) => {
            for (key, value) in mapping {
                match (key.as_str().unwrap_or_default(), value.as_str()) {
                    ("shell", Some(text)) => {
                        found.push(Command::script(file, &["bash", "-euo", "pipefail", "-c"], filled(text, true)));
                    }
                    ("exec", _) => {
                        let argv = strings(value);
                        if !argv.is_empty() {
                            found.push(Command { file: file.to_owned(), argv });
                        }
                    }
                    ("docker" | "gcloud", _) => of_arguments(file, &strings(value), found),
                    _ => {}
                }
                collect(file, value, found);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| collect(file, item, found)),
        _ => {}
    }
}

fn of_arguments(file: &str, words: &[String], found: &mut Vec<Command>) {
    for (at, word) in words.iter().enumerate() {
        if let Some(text) = word.strip_prefix("--command=") {
            found.push(Command::script(file, &["bash", "-c"], text.to_owned()));
        }
        let is_shell = at >= 2 && words[at - 1] == "-c" && matches!(words[at - 2].as_str(), "sh" | "bash");
        if is_shell {
            found.push(Command::script(file, &["sh", "-c"], filled(word, false)));
        }
    }
}

fn commands() -> Vec<Command> {
    let mut paths = Vec::new();
    files(&root().join("runbooks"), &mut paths);
    let mut found = Vec::new();
    for path in paths {
        let value: Value = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let file = path.strip_prefix(root()).unwrap().display().to_string();
        collect(&file, &value, &mut found);
    }
    found
}

fn world() -> World {
    let began = "2026-02-09T14:30:00Z".parse().unwrap();
    let mut world = World::empty(began, 3, Arc::new(SystemFacts::default()));
    let prepare = "mkdir -p /srv/value /root/value /mnt; printf 'x\\n' > .env; mkdir -p base/b1; \
        echo m > base/b1/backup_manifest; echo v > base/PG_VERSION";
    world.command("local", &["bash", "-c", prepare].map(str::to_owned), "").unwrap();
    world
}

#[test]
fn scripts_of_the_shipped_runbooks_are_simulated() {
    let commands = commands();
    assert!(commands.len() >= 80, "only {} commands were found", commands.len());
    let (mut carried_out, mut left) = (0, BTreeSet::new());
    for Command { file, argv } in &commands {
        let set = "VALUE=/srv/value BASE=base INTO=new WAL=/wal UNTIL=now OWNER=0:0 STAMP=1 NEW_HOST=h SERVICE=s \
            IMAGE=i CONTAINER=c TABLE=t SPARE=s AFTER=_a FAILED=_f LIVE=l COPY=c DB_USER=u DB=d PROJECT=p";
        let words = set.split_ascii_whitespace().map(str::to_owned);
        let whole: Vec<String> = ["env".to_owned()].into_iter().chain(words).chain(argv.iter().cloned()).collect();
        match world().command("local", &whole, "value /srv/value one two\n") {
            Ok(said) => {
                assert!(!said.stderr.contains("syntax error"), "{file}: {}\n{argv:?}", said.stderr);
                assert!(!said.stderr.contains("invalid option"), "{file}: {}\n{argv:?}", said.stderr);
                // This world has one machine, without Docker.
                let is_docker = said.stderr.contains("docker: command not found");
                assert!(said.exit != 127 || is_docker, "{file}: {}\n{argv:?}", said.stderr);
                if is_docker {
                    left.insert(format!("{file}: `docker`"));
                } else {
                    carried_out += 1;
                }
            }
            Err(what) => {
                let text = argv.join(" ");
                let is_others = OTHERS.iter().any(|other| text.contains(other));
                // What is for small images has a shell that knows it.
                let is_sh = what.0.contains("pipefail");
                assert!(is_others || is_sh, "{file}: not simulated: {what}\n{argv:?}");
                left.insert(format!("{file}: {what}"));
            }
        }
    }
    assert!(carried_out >= 55, "{carried_out} of {} are carried out; not:\n{left:#?}", commands.len());
}
