//! The files of a PostgreSQL server: where its cluster is, and how they are made, changed and copied.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::blob::{AsOf, Blob, Holds};
use super::super::place::Place;
use super::super::tree::{FileError, Kind, Map, Node};
use super::super::world::{Cluster, Container, Database, World};

/// Where the official image has its data.
const DATA: &str = "/var/lib/postgresql/data";

/// The user `postgres` of the official image.
pub const OWNER: (u32, u32) = (999, 999);

/// What a cluster without anything takes.
const EMPTY_BYTES: u64 = 39_000_000;

/// A cluster, and the file that holds it.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its absolute path.
    pub path: String,
    /// The file.
    pub blob: Arc<Blob>,
    /// What it holds.
    pub cluster: Arc<Cluster>,
}

/// The data directory of a container.
pub fn data_dir(container: &Container) -> String {
    let told = container.env.get("PGDATA").filter(|dir| !dir.is_empty());
    let by_command = || {
        let at = container.command.iter().position(|word| word == "-D")?;
        container.command.get(at + 1).cloned()
    };
    by_command().or_else(|| told.cloned()).unwrap_or_else(|| DATA.to_owned())
}

/// The cluster in a data directory.
pub fn find(world: &World, place: &Place, dir: &str) -> Option<Found> {
    let base = format!("{}/base", dir.trim_end_matches('/'));
    let node = world.node(place, &base).ok()?;
    let (path, blob, cluster) = below(node, &base, 2)?;
    Some(Found { path, blob, cluster })
}

fn below(node: &Node, path: &str, depth: u8) -> Option<(String, Arc<Blob>, Arc<Cluster>)> {
    match &node.kind {
        Kind::Blob(blob) => match &blob.holds {
            Holds::Cluster(cluster) => Some((path.to_owned(), blob.clone(), cluster.clone())),
            _ => None,
        },
        Kind::Directory(_) if depth > 0 => {
            node.entries().find_map(|(name, node)| below(node, &format!("{path}/{name}"), depth - 1))
        }
        _ => None,
    }
}

/// Keeps what a server has changed: its file is another one from now on.
pub fn put(world: &mut World, place: &Place, dir: &str, cluster: Cluster) {
    let Some(found) = find(world, place, dir) else { return };
    let bytes = found.blob.bytes.max(bytes(&cluster));
    let id = world.dice.roll();
    let now = world.now();
    if let Ok(node) = world.node_mut(place, &found.path) {
        node.modified = now;
        node.kind = Kind::Blob(Arc::new(Blob { id, bytes, whole: true, holds: Holds::Cluster(Arc::new(cluster)) }));
    }
}

/// What the databases of a cluster take.
pub fn bytes(cluster: &Cluster) -> u64 {
    let rows = cluster.databases.values().map(database_bytes).fold(0_u64, u64::saturating_add);
    EMPTY_BYTES.saturating_add(rows)
}

/// What the tables of a database take.
pub fn database_bytes(database: &Database) -> u64 {
    let tables = database.tables.values().filter(|rows| **rows != super::super::world::DROPPED);
    tables.map(|rows| table_bytes(*rows)).fold(0, u64::saturating_add)
}

/// What a table with its index takes.
pub fn table_bytes(rows: u64) -> u64 {
    24_576 + rows.saturating_mul(150) / 8_192 * 8_192
}

/// A cluster without data.
pub fn empty(world: &mut World, database: Option<&str>) -> Cluster {
    let mut databases = Map::new_sync();
    for name in ["postgres", "template0", "template1"].into_iter().chain(database) {
        databases.insert_mut(name.to_owned(), Database::empty());
    }
    Cluster {
        system: 7_000_000_000_000_000_000 + world.dice.roll() % 900_000_000_000_000_000,
        timeline: 1,
        as_of: AsOf::At(world.now()),
        damaged: false,
        data: None,
        databases,
        settings: Map::new_sync(),
    }
}

/// Writes the files of a cluster into a directory that is there.
///
/// # Errors
/// It cannot be written.
pub fn write(world: &mut World, place: &Place, dir: &str, cluster: Cluster, version: &str) -> Result<(), FileError> {
    for below in ["base", "global", "pg_wal/archive_status", "pg_xact", "pg_tblspc"] {
        world.make_dirs(place, &format!("{dir}/{below}"))?;
    }
    let now = world.now();
    let (file, control) = (world.dice.roll(), world.dice.roll());
    let bytes = bytes(&cluster);
    let files = [
        ("PG_VERSION", Node::text(format!("{version}\n"), now)),
        ("postgresql.conf", Node::text("listen_addresses = '*'\n", now)),
        ("pg_hba.conf", Node::text("local all all trust\nhost all all all scram-sha-256\n", now)),
        ("postgresql.auto.conf", Node::text(AUTO_CONF, now)),
        ("global/pg_control", Node::blob(Blob { id: control, bytes: 8_192, whole: true, holds: Holds::Other }, now)),
        ("base/1", Node::blob(Blob { id: file, bytes, whole: true, holds: Holds::Cluster(Arc::new(cluster)) }, now)),
    ];
    for (name, node) in files {
        world.put(place, &format!("{dir}/{name}"), node)?;
    }
    own(world, place, dir, OWNER)
}

/// The head of `postgresql.auto.conf`.
pub const AUTO_CONF: &str =
    "# Do not edit this file manually!\n# It will be overwritten by the ALTER SYSTEM command.\n";

/// Gives everything below a directory to somebody, and closes the directory to others.
///
/// # Errors
/// It cannot be written.
pub fn own(world: &mut World, place: &Place, dir: &str, owner: (u32, u32)) -> Result<(), FileError> {
    let node = world.node_mut(place, dir)?;
    give(node, owner);
    node.mode = 0o700;
    Ok(())
}

fn give(node: &mut Node, owner: (u32, u32)) {
    (node.uid, node.gid) = owner;
    if let Kind::Directory(entries) = &mut node.kind {
        let names: Vec<String> = entries.keys().cloned().collect();
        for name in names {
            if let Some(node) = entries.get_mut(&name) {
                give(node, owner);
            }
        }
    }
}

/// The settings of a server's files, the last of a name counting.
pub fn settings(world: &World, place: &Place, dir: &str) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    for file in ["postgresql.conf", "postgresql.auto.conf"] {
        let Ok(Node { kind: Kind::Text(text), .. }) = world.node(place, &format!("{dir}/{file}")) else { continue };
        settings.extend(text.lines().filter_map(setting));
    }
    settings
}

/// `name = 'value'`; quotes are doubled inside.
pub fn setting(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if name.is_empty() {
        return None;
    }
    let rest = rest.trim_start();
    let value = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    let value = match value.strip_prefix('\'') {
        Some(quoted) => {
            let mut text = String::new();
            let mut letters = quoted.chars().peekable();
            while let Some(letter) = letters.next() {
                match letter {
                    '\'' if letters.peek() == Some(&'\'') => text.push(letters.next().unwrap_or('\'')),
                    '\'' => break,
                    '\\' => text.extend(letters.next()),
                    other => text.push(other),
                }
            }
            text
        }
        None => value.split([' ', '\t', '#']).next().unwrap_or_default().to_owned(),
    };
    Some((name.to_ascii_lowercase(), value))
}

/// Writes one setting of `postgresql.auto.conf`, or takes it out; without a name all are taken out.
pub fn alter_system(world: &mut World, place: &Place, dir: &str, name: Option<&str>, value: Option<&str>) {
    let path = format!("{dir}/postgresql.auto.conf");
    let old = match world.node(place, &path).map(|node| &node.kind) {
        Ok(Kind::Text(text)) => text.to_string(),
        _ => String::new(),
    };
    let keeps = |line: &&str| name.is_some_and(|name| setting(line).is_none_or(|(known, _)| known != name));
    let mut text: String = AUTO_CONF.to_owned();
    for line in old.lines().filter(|line| !line.starts_with('#')).filter(keeps) {
        text.push_str(line);
        text.push('\n');
    }
    if let (Some(name), Some(value)) = (name, value) {
        text.extend([name, " = '", &value.replace('\'', "''"), "'\n"]);
    }
    let (now, mode) = (world.now(), 0o600);
    let (uid, gid) = OWNER;
    let node = Node { mode, uid, gid, ..Node::text(text, now) };
    // A directory that cannot be written is the server's end, not this setting's.
    let _ = world.put(place, &path, node);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_the_server_reads_them() {
        let read = |line| setting(line).unwrap();
        assert_eq!(read("restore_command = 'cp /wal/%f \"%p\"'").1, "cp /wal/%f \"%p\"");
        assert_eq!(read("archive_mode=off # for now"), ("archive_mode".to_owned(), "off".to_owned()));
        assert_eq!(read("primary_conninfo = 'passfile=''/root/.pgpass'' host=a'").1, "passfile='/root/.pgpass' host=a");
        assert_eq!(read("Work_Mem 8MB"), ("work_mem".to_owned(), "8MB".to_owned()));
        assert_eq!(setting("# comment"), None);
        assert_eq!(setting(""), None);
    }
}
