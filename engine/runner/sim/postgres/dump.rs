//! `pg_dump` and `pg_dumpall`: everything is read; a page that cannot be read ends them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::blob::{AsOf, Blob, Holds};
use super::super::process::{Process, Ran, Unsimulated};
use super::super::tree::{Kind, Map, Node};
use super::super::world::{Cluster, DROPPED, Database};
use super::connect::{Target, connect};
use super::flags::{Flags, unknown};
use super::restore::OF_EVERYTHING;
use super::server::{BAD_PAGE, bare, damage, home, largest, qualified};
use super::session::Session;
use super::{files, server};

/// Bytes a second that are read.
const SPEED: u64 = 40_000_000;

/// What is wanted.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Default)]
struct Options {
    target: Target,
    file: Option<String>,
    plain: bool,
    tables: Vec<String>,
    excluded: Vec<String>,
    schema_only: bool,
    data_only: bool,
    no_sync: bool,
    /// A part of the database only: not a copy of the data.
    partial: bool,
}

const LONG: [&str; 22] = [
    "dbname",
    "host",
    "port",
    "username",
    "file",
    "format",
    "table",
    "exclude-table",
    "schema",
    "exclude-schema",
    "jobs",
    "compress",
    "encoding",
    "role",
    "lock-wait-timeout",
    "exclude-table-data",
    "section",
    "superuser",
    "database",
    "extension",
    "exclude-database",
    "globals-file",
];

/// A file that holds a dump.
pub fn file(blob: &Arc<Blob>, now: DateTime<Utc>) -> Node {
    Node { kind: Kind::Blob(blob.clone()), mode: 0o644, uid: 0, gid: 0, modified: now }
}

pub fn pg_dump(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let options = match read(process, "pg_dump", arguments)? {
        Ok(options) => options,
        Err((exit, words)) => return process.fail(exit, words),
    };
    if let Some(path) = output(process, &options)
        && !can_write(process, &path)
    {
        let file = options.file.unwrap_or_default();
        return process
            .fail(1, format!("pg_dump: error: could not open output file \"{file}\": No such file or directory"));
    }
    let connected = match connect(process, &options.target)? {
        Ok(connected) => connected,
        Err(refused) => return process.fail(1, format!("pg_dump: error: {}", refused.words())),
    };
    let user = options.target.user(process);
    let asked = options.target.database.clone().unwrap_or_else(|| user.clone());
    let Some(session) = Session::open(process.world, connected.backend, &asked, &user) else {
        let words = format!("{}FATAL:  database \"{asked}\" does not exist", connected.named);
        empty_output(process, &options);
        return process.fail(1, format!("pg_dump: error: {words}"));
    };
    let database = session.database.clone();
    let cluster = session.cluster().clone();
    let Some(wanted) = tables(&session, &options) else {
        return process.fail(1, "pg_dump: error: no matching tables were found");
    };
    process.world.take(Duration::from_millis(200 + cluster_bytes(&wanted) * 1_000 / SPEED));
    let broken = damage(process.world, &cluster)
        .filter(|(of, table)| *of == database && !options.schema_only && wanted.contains_key(table));
    let dumped = dumped(process, &cluster, &database, wanted, &options);
    let id = process.world.dice.roll();
    let bytes = 20_000 + files::bytes(&dumped) / 40;
    let holds = if options.plain { Holds::SqlDump(Arc::new(dumped)) } else { Holds::Dump(Arc::new(dumped)) };
    let whole = broken.is_none();
    let blob = Arc::new(Blob { id, bytes: if whole { bytes } else { bytes / 2 }, whole, holds });
    write(process, &options, &blob);
    if let Some((_, table)) = broken {
        complain_of_page(process, &table);
        return Ok(1);
    }
    if options.file.as_deref() == Some("/dev/null") && !options.no_sync {
        return process.fail(1, "pg_dump: error: could not fsync file \"/dev/null\": Invalid argument");
    }
    Ok(0)
}

fn complain_of_page(process: &mut Process<'_>, table: &str) {
    process.complain(format!(
        "pg_dump: error: Dumping the contents of table \"{}\" failed: PQgetResult() failed.",
        bare(table)
    ));
    process.complain(format!("pg_dump: detail: Error message from server: ERROR:  {BAD_PAGE}"));
    process.complain(format!("pg_dump: detail: Command was: COPY {} (id) TO stdout;", qualified(table)));
}

/// What is dumped: the tables of the database with their rows. None: none is wanted that is there.
fn tables(session: &Session<'_>, options: &Options) -> Option<Map<String, u64>> {
    let mut tables = Map::new_sync();
    if options.tables.is_empty() {
        for (name, rows) in session.tables() {
            tables.insert_mut(name, rows);
        }
    } else {
        for name in &options.tables {
            if let Some(table) = session.table(name) {
                tables.insert_mut(super::session::short(name).to_owned(), table.rows);
            }
        }
        if tables.is_empty() {
            return None;
        }
    }
    for name in &options.excluded {
        tables.remove_mut(super::session::short(name));
    }
    if options.schema_only {
        let names: Vec<String> = tables.keys().cloned().collect();
        for name in names {
            tables.insert_mut(name, 0);
        }
    }
    Some(tables)
}

fn cluster_bytes(tables: &Map<String, u64>) -> u64 {
    tables.values().filter(|rows| **rows != DROPPED).map(|rows| files::table_bytes(*rows)).sum()
}

/// The cluster that a dump of one database stands for.
fn dumped(
    process: &Process<'_>,
    cluster: &Cluster,
    database: &str,
    tables: Map<String, u64>,
    options: &Options,
) -> Cluster {
    let part = options.partial || options.schema_only || !options.tables.is_empty() || !options.excluded.is_empty();
    let is_home = home(process.world, cluster) == database;
    let mut databases = Map::new_sync();
    let others = cluster.databases.get(database).and_then(|database| database.others).filter(|_| !part);
    databases.insert_mut(database.to_owned(), Database { tables, others });
    Cluster {
        system: cluster.system,
        timeline: cluster.timeline,
        as_of: cluster.as_of.min(AsOf::At(process.world.now())),
        damaged: false,
        data: cluster.data.clone().filter(|_| is_home && !part),
        databases,
        settings: Map::new_sync(),
    }
}

fn output(process: &Process<'_>, options: &Options) -> Option<String> {
    options.file.as_ref().map(|file| process.path(file))
}

fn can_write(process: &Process<'_>, path: &str) -> bool {
    let dir = path.rsplit_once('/').map_or("/", |(dir, _)| if dir.is_empty() { "/" } else { dir });
    path == "/dev/null" || process.world.node(&process.place, dir).is_ok_and(Node::is_directory)
}

fn write(process: &mut Process<'_>, options: &Options, blob: &Arc<Blob>) {
    match output(process, options) {
        None => process.stdout.push_blob(blob.clone()),
        Some(path) if path == "/dev/null" => {}
        Some(path) => {
            let node = file(blob, process.world.now());
            // That it can be written was looked at before.
            let _ = process.world.put(&process.place, &path, node);
        }
    }
}

/// The file is there as soon as it is opened.
fn empty_output(process: &mut Process<'_>, options: &Options) {
    if let Some(path) = output(process, options).filter(|path| path != "/dev/null") {
        let node = Node::text("", process.world.now());
        let _ = process.world.put(&process.place, &path, node);
    }
}

pub fn pg_dumpall(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let mut options = match read(process, "pg_dumpall", arguments)? {
        Ok(options) => options,
        Err((exit, words)) => return process.fail(exit, words),
    };
    options.plain = true;
    let connected = match connect(process, &options.target)? {
        Ok(connected) => connected,
        Err(refused) => return process.fail(1, format!("pg_dumpall: error: {}", refused.words())),
    };
    let Some(cluster) = server::cluster(process.world, &connected.backend) else {
        let words = format!("{}FATAL:  database \"postgres\" does not exist", connected.named);
        return process.fail(1, format!("pg_dumpall: error: {words}"));
    };
    process.world.take(Duration::from_millis(400 + files::bytes(&cluster) * 1_000 / SPEED));
    let broken = damage(process.world, &cluster).filter(|_| !options.schema_only);
    let mut all = cluster.clone();
    all.as_of = all.as_of.min(AsOf::At(process.world.now()));
    all.damaged = false;
    if options.partial || options.schema_only {
        all.data = None;
    }
    all.databases.insert_mut(OF_EVERYTHING.to_owned(), Database::empty());
    let (id, bytes, whole) = (process.world.dice.roll(), files::bytes(&all) / 4, broken.is_none());
    let blob = Arc::new(Blob { id, bytes, whole, holds: Holds::SqlDump(Arc::new(all)) });
    write(process, &options, &blob);
    if let Some((database, table)) = broken {
        complain_of_page(process, largest(&cluster, &database).unwrap_or(&table));
        return process.fail(1, format!("pg_dumpall: error: pg_dump failed on database \"{database}\", exiting"));
    }
    Ok(0)
}

/// The inner error: exit code and words.
fn read(
    process: &Process<'_>,
    program: &str,
    arguments: &[String],
) -> Result<Result<Options, (i32, String)>, Unsimulated> {
    let mut options = Options { target: Target::of(process), plain: true, ..Options::default() };
    let all = program == "pg_dumpall";
    // `-n` and `-s` mean different things to the two; those that differ take no value in `pg_dumpall`.
    let valued = if all { "dfhpUlSE" } else { "dfhpUFtTnNjZESe" };
    let mut flags = Flags::new(arguments, valued, &LONG);
    while let Some(flag) = flags.next() {
        match flag.as_str() {
            "-d" | "--dbname" => options.target.name(&flags.value().unwrap_or_default())?,
            "-l" | "--database" if all => drop(flags.value()),
            "-f" | "--file" => options.file = flags.value(),
            "-F" | "--format" => match flags.value().unwrap_or_default().as_str() {
                "c" | "custom" => options.plain = false,
                "p" | "plain" => options.plain = true,
                "d" | "directory" | "t" | "tar" => {
                    return Err(Unsimulated(format!("`{program}` in the directory or tar format")));
                }
                other => {
                    return Ok(Err((1, format!("{program}: error: invalid output format \"{other}\" specified"))));
                }
            },
            "-t" | "--table" if !all => options.tables.push(flags.value().unwrap_or_default()),
            "-T" | "--exclude-table" | "--exclude-table-data" => {
                options.excluded.push(flags.value().unwrap_or_default());
            }
            "-n" | "--schema" | "-N" | "--exclude-schema" if !all => {
                return Err(Unsimulated(format!("`{program} {flag}`")));
            }
            "-s" | "--schema-only" => options.schema_only = true,
            "-a" | "--data-only" => options.data_only = true,
            "-g" | "--globals-only" | "-r" | "--roles-only" if all => {
                options.partial = true;
                options.schema_only = true;
            }
            "--no-sync" => options.no_sync = true,
            "-j"
            | "--jobs"
            | "-Z"
            | "--compress"
            | "-E"
            | "--encoding"
            | "--role"
            | "--lock-wait-timeout"
            | "--section"
            | "-S"
            | "--superuser"
            | "-c"
            | "--clean"
            | "--if-exists"
            | "-C"
            | "--create"
            | "-O"
            | "--no-owner"
            | "-x"
            | "--no-privileges"
            | "--no-acl"
            | "-b"
            | "--blobs"
            | "-B"
            | "--no-blobs"
            | "-v"
            | "--verbose"
            | "--no-comments"
            | "--no-tablespaces"
            | "--inserts"
            | "--column-inserts"
            | "--quote-all-identifiers"
            | "--serializable-deferrable"
            | "--no-password" => drop(flags.value()),
            other if options.target.flag(other, || flags.value()) => {}
            "-V" | "--version" => return Err(Unsimulated(format!("`{program} --version`"))),
            other => {
                let hint = format!("{program}: hint: Try \"{program} --help\" for more information.");
                return Ok(Err((1, format!("{}\n{hint}", unknown(program, other)))));
            }
        }
    }
    if let Some(database) = flags.operands().first() {
        options.target.name(database)?;
    }
    options.partial |= options.data_only;
    Ok(Ok(options))
}
