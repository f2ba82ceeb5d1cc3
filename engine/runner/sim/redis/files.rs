//! The files of a Redis server: `dump.rdb`, and the directory of its append-only file. With an append-only file `dump.rdb` is ignored.

use super::super::blob::{AsOf, Blob, Holds};
use super::super::place::Place;
use super::super::tree::{Kind, Node};
use super::super::world::{Store, World};

/// What a server has loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// What data of the system it is.
    pub holds: Option<(String, AsOf)>,
}

/// Why a server does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub Vec<String>);

const AOF_DIR: &str = "appendonlydir";
const MANIFEST: &str = "appendonly.aof.manifest";
const BASE: &str = "appendonly.aof.1.base.rdb";
const INCREMENT: &str = "appendonly.aof.1.incr.aof";
const MANIFEST_TEXT: &str =
    "file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n";

/// Reads what a start without an append-only file reads.
pub fn load_snapshot(world: &World, place: &Place, dir: &str) -> Result<Loaded, Broken> {
    match world.node(place, &format!("{dir}/dump.rdb")) {
        Err(_) => Ok(Loaded::default()),
        Ok(node) => read(node, "dump.rdb"),
    }
}

/// Reads what a start with an append-only file reads; `dump.rdb` is not looked at.
pub fn load_append_only(world: &World, place: &Place, dir: &str) -> Result<Loaded, Broken> {
    let inside = format!("{dir}/{AOF_DIR}");
    let Ok(node) = world.node(place, &format!("{inside}/{MANIFEST}")) else {
        // Redis 6 kept one file; 7 takes it over.
        return match world.node(place, &format!("{dir}/appendonly.aof")) {
            Ok(node) => read(node, "appendonly.aof"),
            Err(_) => Ok(Loaded::default()),
        };
    };
    let mut loaded = Loaded::default();
    for name in names(world, place, &inside, node) {
        let Ok(node) = world.node(place, &format!("{inside}/{name}")) else {
            let text = format!("Unable to obtain the AOF file {name} length. stat: No such file or directory");
            return Err(Broken(vec![text]));
        };
        let read = match read(node, &name) {
            // A cut tail is let go: `aof-load-truncated` is on.
            Err(_) if name.ends_with(".incr.aof") => continue,
            read => read?,
        };
        loaded.holds = older(loaded.holds, read.holds);
    }
    Ok(loaded)
}

/// The files that a manifest names; of one that is no text, those beside it.
fn names(world: &World, place: &Place, dir: &str, manifest: &Node) -> Vec<String> {
    if let Kind::Text(text) = &manifest.kind {
        let lines = text.lines().filter_map(|line| line.strip_prefix("file ")?.split(' ').next());
        return lines.map(str::to_owned).collect();
    }
    let beside = world.node(place, dir).into_iter().flat_map(Node::entries);
    beside.map(|(name, _)| name.clone()).filter(|name| name != MANIFEST).collect()
}

fn read(node: &Node, name: &str) -> Result<Loaded, Broken> {
    let broken = |words: &str| Err(Broken(vec![words.to_owned(), format!("[offset 0] Checking RDB file {name}")]));
    match &node.kind {
        Kind::Blob(blob) if blob.whole => {
            let data = blob.data().into_iter().next();
            Ok(Loaded { holds: data.map(|(data, as_of, _)| (data, as_of)) })
        }
        Kind::Blob(_) => broken("Short read or OOM loading DB. Unrecoverable error, aborting now."),
        Kind::Text(text) if text.is_empty() && name.contains(".aof") => Ok(Loaded::default()),
        Kind::Text(_) => broken("Wrong signature trying to load DB from file"),
        Kind::Directory(_) | Kind::Link(_) | Kind::Device(_) => broken("Can't open the file: Is a directory"),
    }
}

/// What is as old as its oldest part.
fn older(one: Option<(String, AsOf)>, other: Option<(String, AsOf)>) -> Option<(String, AsOf)> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if one.1 <= other.1 { one } else { other }),
        (one, other) => one.or(other),
    }
}

/// There is an append-only file.
pub fn has_append_only(world: &World, place: &Place, dir: &str) -> bool {
    world.node(place, &format!("{dir}/{AOF_DIR}/{MANIFEST}")).is_ok()
}

/// Writes `dump.rdb` with what the server holds. False: it cannot be written.
pub fn write_snapshot(world: &mut World, place: &Place, dir: &str, store: &Store) -> bool {
    let at = AsOf::At(world.now());
    let node = node(world, store, at);
    world.put(place, &format!("{dir}/dump.rdb"), node).is_ok()
}

/// Writes an append-only file with what the server holds. False: it cannot be written.
pub fn write_append_only(world: &mut World, place: &Place, dir: &str, store: &Store) -> bool {
    let inside = format!("{dir}/{AOF_DIR}");
    if world.make_dirs(place, &inside).is_err() {
        return false;
    }
    // The increment goes on to be written, so that what the file holds stays what the server holds.
    let base = node(world, store, AsOf::Present);
    let increment = Node::text("", world.now());
    let manifest = Node::text(MANIFEST_TEXT, world.now());
    let files = [(BASE, base), (INCREMENT, increment), (MANIFEST, manifest)];
    files.into_iter().all(|(name, node)| world.put(place, &format!("{inside}/{name}"), node).is_ok())
}

/// A file of what the server holds, not newer than `newest`.
fn node(world: &mut World, store: &Store, newest: AsOf) -> Node {
    let holds = match &store.holds {
        Some((data, as_of)) if store.keys > 0 => Holds::Data { data: data.clone(), as_of: (*as_of).min(newest) },
        _ => Holds::Other,
    };
    let id = world.dice.roll();
    let bytes = 89 + store.keys * 96;
    Node::blob(Blob { id, bytes, whole: true, holds }, world.now())
}
