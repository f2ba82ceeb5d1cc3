//! `pg_basebackup` and `pg_verifybackup`.

use std::time::Duration;

use super::super::blob::{AsOf, Blob, Holds};
use super::super::place::Place;
use super::super::process::{Process, Ran, Unsimulated};
use super::super::tree::{Kind, Node};
use super::connect::{Target, connect};
use super::flags::{Flags, unknown};
use super::server::Backend;
use super::{files, server};

/// Bytes a second that are copied.
const SPEED: u64 = 40_000_000;

const LONG: [&str; 14] = [
    "pgdata",
    "format",
    "wal-method",
    "checkpoint",
    "label",
    "slot",
    "host",
    "port",
    "username",
    "dbname",
    "compress",
    "max-rate",
    "waldir",
    "status-interval",
];

pub fn pg_basebackup(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let mut target = Target::of(process);
    let (mut dir, mut standby) = (None, false);
    let mut flags = Flags::new(arguments, "DFXclShpUdZrs", &LONG);
    while let Some(flag) = flags.next() {
        match flag.as_str() {
            "-D" | "--pgdata" => dir = flags.value(),
            "-R" | "--write-recovery-conf" => standby = true,
            "-F" | "--format" if matches!(flags.value().as_deref(), Some("t" | "tar")) => {
                return Err(Unsimulated("`pg_basebackup` in the tar format".to_owned()));
            }
            "-d" | "--dbname" => target.name(&flags.value().unwrap_or_default())?,
            "-F"
            | "--format"
            | "-X"
            | "--wal-method"
            | "-c"
            | "--checkpoint"
            | "-l"
            | "--label"
            | "-S"
            | "--slot"
            | "-P"
            | "--progress"
            | "-v"
            | "--verbose"
            | "-C"
            | "--create-slot"
            | "-r"
            | "--max-rate"
            | "-N"
            | "--no-sync"
            | "--no-verify-checksums" => drop(flags.value()),
            "-Z" | "-z" | "--compress" | "--waldir" | "-s" | "-V" | "--version" | "--no-manifest" => {
                return Err(Unsimulated(format!("`pg_basebackup {flag}`")));
            }
            other if target.flag(other, || flags.value()) => {}
            other => {
                process.complain(unknown("pg_basebackup", other));
                return process.fail(1, "pg_basebackup: hint: Try \"pg_basebackup --help\" for more information.");
            }
        }
    }
    let Some(dir) = dir else {
        process.complain("pg_basebackup: error: no target directory specified");
        return process.fail(1, "pg_basebackup: hint: Try \"pg_basebackup --help\" for more information.");
    };
    let path = process.path(&dir);
    if process.world.node(&process.place, &path).is_ok_and(|node| node.entries().next().is_some()) {
        return process.fail(1, format!("pg_basebackup: error: directory \"{dir}\" exists but is not empty"));
    }
    let connected = match connect(process, &target)? {
        Ok(connected) => connected,
        Err(refused) => return process.fail(1, format!("pg_basebackup: error: {}", refused.words())),
    };
    let Some(mut cluster) = server::cluster(process.world, &connected.backend) else {
        return process.fail(1, "pg_basebackup: error: could not initiate base backup: ERROR:  could not read files");
    };
    process.world.take(Duration::from_millis(900 + files::bytes(&cluster) * 1_000 / SPEED));
    // As of its end: before that it is not consistent.
    cluster.as_of = cluster.as_of.min(AsOf::At(process.world.now()));
    let place = process.place.clone();
    let version = version(process, &connected.backend);
    let written = process.world.make_dirs(&place, &path).and_then(|()| {
        files::write(process.world, &place, &path, cluster, &version)?;
        label(process, &place, &path, standby, &target)
    });
    match written {
        Ok(()) => Ok(0),
        Err(error) => process.fail(1, format!("pg_basebackup: error: could not create directory \"{dir}\": {error}")),
    }
}

/// The main version of the server's files.
fn version(process: &Process<'_>, backend: &Backend) -> String {
    let Backend::Container { place, dir } = backend else { return "15".to_owned() };
    match process.world.node(place, &format!("{dir}/PG_VERSION")).map(|node| &node.kind) {
        Ok(Kind::Text(text)) => text.trim().to_owned(),
        _ => "15".to_owned(),
    }
}

/// What only a backup has: its label, its manifest, and with `-R` what makes a standby of it.
fn label(
    process: &mut Process<'_>,
    place: &Place,
    dir: &str,
    standby: bool,
    target: &Target,
) -> Result<(), super::super::tree::FileError> {
    let now = process.world.now();
    let id = process.world.dice.roll();
    let manifest = Blob { id, bytes: 180_000, whole: true, holds: Holds::Other };
    let label = format!(
        "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nBACKUP METHOD: streamed\nSTART TIME: {} UTC\n",
        now.format("%Y-%m-%d %H:%M:%S")
    );
    let mut files = vec![("backup_label", Node::text(label, now)), ("backup_manifest", Node::blob(manifest, now))];
    if standby {
        let host = target.host.clone().unwrap_or_else(|| "/var/run/postgresql".to_owned());
        let settings = format!("{}primary_conninfo = 'host={host} port={}'\n", files::AUTO_CONF, target.port());
        files.push(("postgresql.auto.conf", Node::text(settings, now)));
        files.push(("standby.signal", Node::text("", now)));
    }
    for (name, node) in files {
        process.world.put(place, &format!("{dir}/{name}"), node)?;
    }
    let owner = if process.user == "root" { (0, 0) } else { files::OWNER };
    files::own(process.world, place, dir, owner)
}

pub fn pg_verifybackup(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let mut quiet = false;
    let mut flags = Flags::new(arguments, "imw", &["ignore", "manifest-path", "wal-directory"]);
    while let Some(flag) = flags.next() {
        match flag.as_str() {
            "-q" | "--quiet" => quiet = true,
            "-e" | "--exit-on-error" | "-s" | "--skip-checksums" | "-n" | "--no-parse-wal" => {}
            "-i" | "--ignore" | "-m" | "--manifest-path" | "-w" | "--wal-directory" | "-P" | "-V" | "--version" => {
                return Err(Unsimulated(format!("`pg_verifybackup {flag}`")));
            }
            other => {
                process.complain(unknown("pg_verifybackup", other));
                return process.fail(1, "pg_verifybackup: hint: Try \"pg_verifybackup --help\" for more information.");
            }
        }
    }
    let Some(dir) = flags.operands().first().cloned() else {
        process.complain("pg_verifybackup: error: no backup directory specified");
        return process.fail(1, "pg_verifybackup: hint: Try \"pg_verifybackup --help\" for more information.");
    };
    let path = process.path(&dir);
    let place = process.place.clone();
    if process.world.node(&place, &format!("{path}/backup_manifest")).is_err() {
        let words = format!("could not open file \"{dir}/backup_manifest\": No such file or directory");
        return process.fail(1, format!("pg_verifybackup: error: {words}"));
    }
    for file in ["PG_VERSION", "global/pg_control"] {
        if process.world.node(&place, &format!("{path}/{file}")).is_err() {
            let words = format!("\"{file}\" is present in the manifest but not on disk");
            return process.fail(1, format!("pg_verifybackup: error: {words}"));
        }
    }
    let found = files::find(process.world, &place, &path);
    process
        .world
        .take(Duration::from_millis(200 + found.as_ref().map_or(0, |found| found.blob.bytes) * 1_000 / 200_000_000));
    let Some(found) = found else {
        return process.fail(1, "pg_verifybackup: error: \"base/1\" is present in the manifest but not on disk");
    };
    if !found.blob.whole {
        let file = found.path.strip_prefix(&format!("{path}/")).unwrap_or(&found.path).to_owned();
        return process.fail(1, format!("pg_verifybackup: error: checksum mismatch for file \"{file}\""));
    }
    process.world.prove(found.blob.id);
    if !quiet {
        process.say("backup successfully verified");
    }
    Ok(0)
}
