//! Commands of a Redis server that recovery asks.

use super::super::lifecycle;
use super::super::place::Place;
use super::super::process::Unsimulated;
use super::super::world::{Life, Store, Task, World};
use super::server::{begin, dir, has_save_points, keep};
use super::{files, info};

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Status(&'static str),
    Text(String),
    /// Without a line end of its own.
    Raw(String),
    Number(u64),
    /// None: an empty line.
    Lines(Vec<String>),
    Error(String),
    /// The server is gone.
    Closed,
}

/// Runs one command.
///
/// # Errors
/// This world does not know what the server would say.
pub fn run(world: &mut World, place: &Place, store: &mut Store, words: &[String]) -> Result<Reply, Unsimulated> {
    let name = words[0].to_ascii_lowercase();
    let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    let reply = match (name.as_str(), arguments.as_slice()) {
        ("ping", []) => Reply::Status("PONG"),
        ("ping" | "echo", [text]) => Reply::Text((*text).to_owned()),
        ("info", sections) => Reply::Raw(info::text(world, place, store, sections)),
        ("dbsize", []) => Reply::Number(store.keys),
        ("lastsave", []) => Reply::Number(seconds(store.saved.timestamp())),
        ("bgsave", [] | ["schedule" | "SCHEDULE"]) => save_beside(world, place, store),
        ("save", []) => save(world, place, store),
        ("bgrewriteaof", []) => {
            begin(world, place, store, Task::Rewritten);
            Reply::Status("Background append only file rewriting started")
        }
        ("config", [verb, rest @ ..]) => config(world, place, store, &verb.to_ascii_lowercase(), rest)?,
        ("flushall" | "flushdb", [] | ["async" | "sync" | "ASYNC" | "SYNC"]) => flush(world, place, store),
        ("shutdown", rest) => shutdown(world, place, store, rest),
        ("set", [_, _, ..]) => {
            store.keys += 1;
            store.changes += 1;
            Reply::Status("OK")
        }
        ("role", []) => Reply::Lines(vec!["master".to_owned(), "0".to_owned(), String::new()]),
        ("time", []) => Reply::Lines(vec![world.now().timestamp().to_string(), "0".to_owned()]),
        ("ping" | "dbsize" | "lastsave" | "save" | "set" | "config" | "get" | "echo", _) => {
            Reply::Error(format!("ERR wrong number of arguments for '{name}' command"))
        }
        _ if KNOWN.contains(&name.as_str()) => return Err(Unsimulated(format!("`redis-cli {name}`"))),
        _ => {
            let quoted: Vec<String> = arguments.iter().map(|argument| format!("'{argument}' ")).collect();
            let name = &words[0];
            Reply::Error(format!("ERR unknown command '{name}', with args beginning with: {}", quoted.concat()))
        }
    };
    if reply != Reply::Closed {
        keep(world, place, store.clone());
    }
    Ok(reply)
}

/// Commands that a server has and this world does not.
const KNOWN: [&str; 44] = [
    "acl",
    "append",
    "client",
    "cluster",
    "command",
    "copy",
    "debug",
    "decr",
    "del",
    "dump",
    "eval",
    "exists",
    "expire",
    "failover",
    "get",
    "hget",
    "hgetall",
    "hset",
    "incr",
    "keys",
    "latency",
    "llen",
    "lpush",
    "lrange",
    "memory",
    "mget",
    "migrate",
    "module",
    "monitor",
    "mset",
    "publish",
    "randomkey",
    "rename",
    "replicaof",
    "restore",
    "rpush",
    "sadd",
    "scan",
    "select",
    "slaveof",
    "slowlog",
    "ttl",
    "type",
    "wait",
];

fn seconds(timestamp: i64) -> u64 {
    u64::try_from(timestamp).unwrap_or_default()
}

fn save_beside(world: &mut World, place: &Place, store: &mut Store) -> Reply {
    if store.saving.is_some_and(|until| world.now() < until) {
        return Reply::Error("ERR Background save already in progress".to_owned());
    }
    begin(world, place, store, Task::Saved);
    Reply::Status("Background saving started")
}

fn save(world: &mut World, place: &Place, store: &mut Store) -> Reply {
    let Some(dir) = world.container_in(place).map(dir) else { return Reply::Closed };
    if !files::write_snapshot(world, place, &dir, store) {
        return Reply::Error("ERR".to_owned());
    }
    store.saved = world.now();
    store.changes = 0;
    Reply::Status("OK")
}

/// Everything is gone at once, on disk too.
fn flush(world: &mut World, place: &Place, store: &mut Store) -> Reply {
    store.keys = 0;
    store.holds = None;
    let Some((dir, saves)) = world.container_in(place).map(|container| (dir(container), has_save_points(container)))
    else {
        return Reply::Closed;
    };
    if store.append_only {
        files::write_append_only(world, place, &dir, store);
    }
    if saves {
        files::write_snapshot(world, place, &dir, store);
    }
    Reply::Status("OK")
}

fn shutdown(world: &mut World, place: &Place, store: &mut Store, arguments: &[&str]) -> Reply {
    let saves = world.container_in(place).is_some_and(has_save_points);
    let nosave = arguments.iter().any(|word| word.eq_ignore_ascii_case("nosave"));
    if saves && !nosave && save(world, place, store) != Reply::Status("OK") {
        return Reply::Error("ERR Errors trying to SHUTDOWN. Check logs.".to_owned());
    }
    keep(world, place, store.clone());
    let (machine, now) = (place.machine.clone(), world.now());
    let Some(id) = place.container.clone() else { return Reply::Closed };
    let engine = world.engine_mut(&machine).and_then(|engine| engine.containers.get_mut(&id));
    let Some(container) = engine else { return Reply::Closed };
    container.life = Life::Exited { code: 0, at: now, started: store.started, oom: false };
    // The Engine starts again what ended by itself, if that is its policy.
    if lifecycle::restarts(&container.restart, 0) {
        container.restarts += 1;
        let life = lifecycle::start(world, &machine, &id);
        if let Some(container) = world.engine_mut(&machine).and_then(|engine| engine.containers.get_mut(&id)) {
            container.life = life;
        }
    }
    Reply::Closed
}

fn config(
    world: &mut World,
    place: &Place,
    store: &mut Store,
    verb: &str,
    rest: &[&str],
) -> Result<Reply, Unsimulated> {
    match (verb, rest) {
        ("get", [name]) => Ok(Reply::Lines(match setting(world, place, store, &name.to_ascii_lowercase())? {
            Some(value) => vec![name.to_ascii_lowercase(), value],
            None => vec![String::new()],
        })),
        ("set", [name, value]) => {
            let name = name.to_ascii_lowercase();
            if setting(world, place, store, &name)?.is_none() {
                let words = format!("ERR Unknown option or number of arguments for CONFIG SET - '{name}'");
                return Ok(Reply::Error(words));
            }
            set(world, place, store, name, value);
            Ok(Reply::Status("OK"))
        }
        ("rewrite", []) => Ok(Reply::Error("ERR The server is running without a config file".to_owned())),
        ("resetstat", []) => Ok(Reply::Status("OK")),
        _ => Err(Unsimulated(format!("`redis-cli config {verb}`"))),
    }
}

fn set(world: &mut World, place: &Place, store: &mut Store, name: String, value: &str) {
    match name.as_str() {
        "appendonly" => {
            let turned_on = value == "yes" && !store.append_only;
            store.append_only = value == "yes";
            // What is in memory has to be written once; before that, nothing would be found at a start.
            if turned_on {
                begin(world, place, store, Task::Rewritten);
            }
        }
        "requirepass" => store.password = Some(value.to_owned()).filter(|password| !password.is_empty()),
        _ => {
            store.settings.retain(|(known, _)| *known != name);
            let value = if name == "maxmemory" { bytes(value) } else { value.to_owned() };
            store.settings.push((name, value));
        }
    }
}

/// `100mb` as bytes.
pub fn bytes(value: &str) -> String {
    let lower = value.to_ascii_lowercase();
    let units = [
        ("kb", 1 << 10),
        ("mb", 1 << 20),
        ("gb", 1 << 30),
        ("k", 1_000),
        ("m", 1_000_000),
        ("g", 1_000_000_000),
        ("b", 1),
    ];
    for (unit, factor) in units {
        if let Some(number) = lower.strip_suffix(unit).and_then(|number| number.parse::<u64>().ok()) {
            return number.saturating_mul(factor).to_string();
        }
    }
    value.to_owned()
}

/// A setting as it is now; none: a server has no such setting.
fn setting(world: &World, place: &Place, store: &Store, name: &str) -> Result<Option<String>, Unsimulated> {
    if let Some((_, value)) = store.settings.iter().find(|(known, _)| known == name) {
        return Ok(Some(value.clone()));
    }
    let container = world.container_in(place);
    Ok(Some(match name {
        "appendonly" => if store.append_only { "yes" } else { "no" }.to_owned(),
        "requirepass" => store.password.clone().unwrap_or_default(),
        "dir" => container.map(dir).unwrap_or_default(),
        "save" if container.is_some_and(has_save_points) => "3600 1 300 100 60 10000".to_owned(),
        "save" => String::new(),
        "maxmemory" | "timeout" => "0".to_owned(),
        "maxmemory-policy" => "noeviction".to_owned(),
        "dbfilename" => "dump.rdb".to_owned(),
        "appendfsync" => "everysec".to_owned(),
        "appenddirname" => "appendonlydir".to_owned(),
        "appendfilename" => "appendonly.aof".to_owned(),
        "port" => "6379".to_owned(),
        "databases" => "16".to_owned(),
        "maxclients" => "10000".to_owned(),
        "stop-writes-on-bgsave-error" | "rdbcompression" | "rdbchecksum" | "aof-load-truncated" => "yes".to_owned(),
        name if name.contains(['*', '?', '[']) || name.contains('-') => {
            return Err(Unsimulated(format!("`redis-cli config … {name}`")));
        }
        _ => return Ok(None),
    }))
}
