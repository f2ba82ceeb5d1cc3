//! `pg_restore`, and what a dump makes of a database.

use std::sync::Arc;
use std::time::Duration;

use super::super::blob::{Blob, Holds};
use super::super::process::{Chunk, Process, Ran, Unsimulated};
use super::super::tree::{Kind, Map};
use super::super::world::{Cluster, DROPPED, Database};
use super::connect::{Target, connect};
use super::flags::{Flags, unknown};
use super::server::{bare, home, qualified};
use super::session::Session;
use super::sql::Fail;
use super::{dump, files};

/// Bytes a second that are restored, and that are only read.
const SPEED: u64 = 25_000_000;
const READING: u64 = 80_000_000;

/// What is wanted.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Default)]
struct Options {
    target: Target,
    /// `-d` was given.
    connects: bool,
    file: Option<String>,
    list: bool,
    clean: bool,
    if_exists: bool,
    exit_on_error: bool,
    single: bool,
    create: bool,
    tables: Vec<String>,
    schema_only: bool,
    input: Option<String>,
}

const LONG: [&str; 17] = [
    "dbname",
    "host",
    "port",
    "username",
    "file",
    "format",
    "table",
    "schema",
    "jobs",
    "use-list",
    "index",
    "function",
    "exclude-schema",
    "superuser",
    "trigger",
    "role",
    "section",
];

/// The dump of one database, or of several: its tables and their rows.
pub fn tables(cluster: &Cluster) -> Vec<(String, u64)> {
    let Some((_, database)) = content(cluster) else { return Vec::new() };
    let listed = database.tables.iter().filter(|(_, rows)| **rows != DROPPED);
    listed.map(|(name, rows)| (name.clone(), *rows)).collect()
}

/// The database that a dump is of: the one with the most tables.
fn content(cluster: &Cluster) -> Option<(&String, &Database)> {
    let named = cluster.databases.iter().filter(|(name, _)| !name.starts_with("template"));
    named.max_by_key(|(name, database)| (database.tables.size(), *name != "postgres"))
}

/// A dump of a whole server names its templates too.
pub const OF_EVERYTHING: &str = "template1";

fn is_of_everything(cluster: &Cluster) -> bool {
    cluster.databases.contains_key(OF_EVERYTHING)
}

/// What restoring takes.
pub fn time(cluster: &Cluster) -> Duration {
    let bytes: u64 = cluster.databases.values().map(files::database_bytes).sum();
    Duration::from_millis(500 + bytes * 1_000 / SPEED)
}

/// Puts what a dump holds into a database. In the system's own database it is the system's data from then on.
pub fn into(session: &mut Session<'_>, database: &str, blob: &Blob, dumped: &Cluster) {
    let Some((_, content)) = content(dumped) else { return };
    let content = content.clone();
    if is_of_everything(dumped) {
        // A dump of everything makes each database again.
        let all: Vec<(String, Database)> =
            dumped.databases.iter().map(|(name, database)| (name.clone(), database.clone())).collect();
        for (name, database) in all {
            session.change().databases.insert_mut(name, database);
        }
    } else {
        let cluster = session.change();
        let mut tables = cluster.databases.get(database).map_or_else(Map::new_sync, |database| database.tables.clone());
        let others = content.others;
        for (name, rows) in &content.tables {
            tables.insert_mut(name.clone(), *rows);
        }
        cluster.databases.insert_mut(database.to_owned(), Database { tables, others });
    }
    let Some(data) = &dumped.data else { return };
    if !is_home(session, database, dumped) {
        return;
    }
    let (as_of, damaged) = (dumped.as_of, dumped.damaged || !blob.whole);
    let cluster = session.change();
    cluster.data = Some(data.clone());
    cluster.as_of = as_of;
    cluster.damaged = damaged;
}

/// The database is where the system has this data, not a place to try a dump.
fn is_home(session: &Session<'_>, database: &str, dumped: &Cluster) -> bool {
    let facts = session.world.system.data.iter().find(|facts| Some(&facts.id) == dumped.data.as_ref());
    match facts.and_then(|facts| facts.vars.get("database")).filter(|name| !name.is_empty()) {
        Some(told) => told == database || is_of_everything(dumped),
        None => session.cluster().data.is_none() || home(session.world, session.cluster()) == database,
    }
}

pub fn pg_restore(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let options = match read(process, arguments)? {
        Ok(options) => options,
        Err(words) => return process.fail(1, words),
    };
    if !options.connects && options.file.is_none() && !options.list {
        return process.fail(1, "pg_restore: error: one of -d/--dbname and -f/--file must be specified");
    }
    let blob = match input(process, &options) {
        Ok(blob) => blob,
        Err(words) => return process.fail(1, format!("pg_restore: error: {words}")),
    };
    // The head of the file is enough to know what it is.
    let Holds::Dump(cluster) = &blob.holds else {
        return process.fail(1, "pg_restore: error: input file does not appear to be a valid archive");
    };
    let cluster = cluster.clone();
    process.world.take(Duration::from_millis(30));
    if options.list {
        list(process, &cluster);
        return Ok(0);
    }
    if options.connects {
        return restore(process, &options, &blob, &cluster);
    }
    process.world.take(Duration::from_millis(blob.bytes * 1_000 / READING));
    let file = options.file.clone().unwrap_or_default();
    let script = Arc::new(Blob {
        id: process.world.dice.roll(),
        bytes: files::bytes(&cluster) / 4,
        whole: blob.whole,
        holds: Holds::SqlDump(cluster),
    });
    if file == "-" {
        process.stdout.push_blob(script);
    } else if file != "/dev/null" {
        let (path, node) = (process.path(&file), dump::file(&script, process.world.now()));
        if let Err(error) = process.world.put(&process.place, &path, node) {
            return process.fail(1, format!("pg_restore: error: could not open output file \"{file}\": {error}"));
        }
    }
    if !blob.whole {
        return process.fail(1, CUT);
    }
    process.world.prove(blob.id);
    Ok(0)
}

const CUT: &str = "pg_restore: error: could not read from input file: end of file";

/// The dump; or why it is none.
fn input(process: &mut Process<'_>, options: &Options) -> Result<Arc<Blob>, String> {
    let chunk = match &options.input {
        Some(name) => {
            let path = process.path(name);
            let node = process.world.node(&process.place, &path);
            let node = node.map_err(|error| format!("could not open input file \"{name}\": {error}"))?;
            match &node.kind {
                Kind::Blob(blob) => Chunk::Blob(blob.clone()),
                Kind::Text(text) => Chunk::Text(text.to_string()),
                _ => {
                    let words = "does not appear to be a valid archive (\"toc.dat\" does not exist)";
                    return Err(format!("directory \"{name}\" {words}"));
                }
            }
        }
        None => std::mem::take(&mut process.stdin).0.into_iter().next().unwrap_or(Chunk::Text(String::new())),
    };
    match chunk {
        Chunk::Blob(blob) => match &blob.holds {
            Holds::SqlDump(_) => Err("input file appears to be a text format dump. Please use psql.".to_owned()),
            _ if blob.bytes == 0 => Err("input file is too short (read 0, expected 5)".to_owned()),
            _ => Ok(blob),
        },
        Chunk::Text(text) if text.len() < 5 => {
            Err(format!("input file is too short (read {}, expected 5)", text.len()))
        }
        Chunk::Text(text) if text.contains("PostgreSQL database dump") => {
            Err("input file appears to be a text format dump. Please use psql.".to_owned())
        }
        Chunk::Text(text) if text.len() < 512 => {
            Err("input file does not appear to be a valid archive (too short?)".to_owned())
        }
        Chunk::Text(_) => Err("input file does not appear to be a valid archive".to_owned()),
    }
}

fn list(process: &mut Process<'_>, cluster: &Cluster) {
    let tables = tables(cluster);
    let name = content(cluster).map(|(name, _)| name.clone()).unwrap_or_default();
    process.say(";");
    process.say(format!("; Archive created at {} UTC", process.world.now().format("%Y-%m-%d %H:%M:%S")));
    process.say(format!(";     dbname: {name}"));
    process.say(format!(";     TOC Entries: {}", tables.len() * 3 + 4));
    process.say(";     Compression: -1\n;     Dump Version: 1.14-0\n;     Format: CUSTOM\n;     Integer: 4 bytes\n;     Offset: 8 bytes");
    process.say(";     Dumped from database version: 15.18 (Debian 15.18-0+deb12u1)");
    process.say(";     Dumped by pg_dump version: 15.18 (Debian 15.18-0+deb12u1)");
    process.say(";\n;\n; Selected TOC Entries:\n;");
    for (kind, first) in [("TABLE", 219), ("TABLE DATA", 3_378)] {
        for (n, (table, _)) in tables.iter().enumerate() {
            let table = qualified(table).replacen('.', " ", 1);
            process.say(format!("{}; 1259 {} {kind} {table} postgres", first + n, 16_389 + n));
        }
    }
}

fn restore(process: &mut Process<'_>, options: &Options, blob: &Arc<Blob>, cluster: &Arc<Cluster>) -> Ran {
    let connected = match connect(process, &options.target)? {
        Ok(connected) => connected,
        Err(refused) => return process.fail(1, format!("pg_restore: error: {}", refused.words())),
    };
    let user = options.target.user(process);
    let asked = options.target.database.clone().unwrap_or_else(|| user.clone());
    let dump_name = content(cluster).map(|(name, _)| name.clone()).unwrap_or_default();
    let Some(mut session) = Session::open(process.world, connected.backend, &asked, &user) else {
        let words = format!("{}FATAL:  database \"{asked}\" does not exist", connected.named);
        return process.fail(1, format!("pg_restore: error: {words}"));
    };
    if let Err(Fail::Sql(error)) = session.writes("CREATE TABLE") {
        let words = format!("could not execute query: ERROR:  {}", error.message);
        return process.fail(1, format!("pg_restore: error: {words}"));
    }
    let mut said: Vec<String> = Vec::new();
    if options.create {
        if session.cluster().databases.contains_key(&dump_name) && !options.clean {
            said.push(query_failed(
                &format!("database \"{dump_name}\" already exists"),
                &format!("CREATE DATABASE {dump_name}"),
            ));
        } else {
            let empty = Database::empty();
            session.change().databases.insert_mut(dump_name.clone(), empty);
        }
        session.database.clone_from(&dump_name);
    }
    let wanted: Vec<(String, u64)> = tables(cluster)
        .into_iter()
        .filter(|(name, _)| options.tables.is_empty() || options.tables.iter().any(|table| table == bare(name)))
        .map(|(name, rows)| (name, if options.schema_only { 0 } else { rows }))
        .collect();
    let there = |session: &Session<'_>, name: &str| session.tables().iter().any(|(known, _)| known == name);
    if options.clean && !options.if_exists && !options.create {
        for (name, _) in wanted.iter().filter(|(name, _)| !there(&session, name)) {
            let words = format!("table \"{}\" does not exist", bare(name));
            said.push(query_failed(&words, &format!("DROP TABLE {}", qualified(name))));
        }
    }
    let mut kept = wanted.clone();
    if !options.clean {
        for (name, _) in wanted.iter().filter(|(name, _)| there(&session, name)) {
            let words = format!("relation \"{}\" already exists", bare(name));
            said.push(query_failed(&words, &format!("CREATE TABLE {} (\n    id bigint NOT NULL\n)", qualified(name))));
        }
        kept.retain(|(name, _)| !there(&session, name));
    }
    let stops = options.exit_on_error || options.single;
    if stops && !said.is_empty() {
        process.complain(&said[0]);
        return Ok(1);
    }
    session.world.take(time(cluster));
    let database = session.database.clone();
    let whole_dump = kept.len() == wanted.len() && options.tables.is_empty() && !options.schema_only;
    if blob.whole {
        if whole_dump {
            into(&mut session, &database, blob, cluster);
        } else {
            for (name, rows) in &kept {
                session.set_rows(name, *rows);
            }
        }
        session.keep();
        session.world.prove(blob.id);
        if !said.is_empty() {
            said.push(format!("pg_restore: warning: errors ignored on restore: {}", said.len()));
        }
    } else {
        // What stands before the cut has been restored, unless it was one transaction.
        for (name, _) in kept.iter().filter(|_| !options.single) {
            session.set_rows(name, 0);
        }
        session.keep();
        said.push(CUT.to_owned());
    }
    let exit = i32::from(!said.is_empty());
    for words in said {
        process.complain(words);
    }
    Ok(exit)
}

fn query_failed(error: &str, command: &str) -> String {
    format!("pg_restore: error: could not execute query: ERROR:  {error}\nCommand was: {command};\n\n")
}

/// The inner error is what the client says.
fn read(process: &Process<'_>, arguments: &[String]) -> Result<Result<Options, String>, Unsimulated> {
    let mut options = Options { target: Target::of(process), ..Options::default() };
    let mut flags = Flags::new(arguments, "dfhpUFtnjLIPNST", &LONG);
    while let Some(flag) = flags.next() {
        match flag.as_str() {
            "-d" | "--dbname" => {
                options.connects = true;
                options.target.name(&flags.value().unwrap_or_default())?;
            }
            "-f" | "--file" => options.file = flags.value(),
            "-l" | "--list" => options.list = true,
            "-c" | "--clean" => options.clean = true,
            "--if-exists" => options.if_exists = true,
            "-e" | "--exit-on-error" => options.exit_on_error = true,
            "-1" | "--single-transaction" => options.single = true,
            "-C" | "--create" => options.create = true,
            "-t" | "--table" => options.tables.push(flags.value().unwrap_or_default()),
            "-s" | "--schema-only" => options.schema_only = true,
            "-O"
            | "--no-owner"
            | "-x"
            | "--no-privileges"
            | "--no-acl"
            | "-v"
            | "--verbose"
            | "-j"
            | "--jobs"
            | "-F"
            | "--format"
            | "--no-comments"
            | "--no-tablespaces"
            | "--disable-triggers"
            | "--role"
            | "-S"
            | "--superuser"
            | "--no-data-for-failed-tables"
            | "--no-subscriptions"
            | "--no-publications" => drop(flags.value()),
            "-a" | "--data-only" | "-n" | "--schema" | "-L" | "--use-list" | "-I" | "--index" | "-P" | "--function"
            | "-N" | "--exclude-schema" | "-T" | "--trigger" | "--section" | "-V" | "--version" | "--strict-names" => {
                return Err(Unsimulated(format!("`pg_restore {flag}`")));
            }
            other if options.target.flag(other, || flags.value()) => {}
            other => {
                let hint = "pg_restore: hint: Try \"pg_restore --help\" for more information.";
                return Ok(Err(format!("{}\n{hint}", unknown("pg_restore", other))));
            }
        }
    }
    options.input = flags.operands().first().cloned();
    Ok(Ok(options))
}
