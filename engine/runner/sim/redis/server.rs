//! A Redis server: its start, and what it has in memory.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::lifecycle::{self, Start};
use super::super::place::Place;
use super::super::world::{Container, Due, Life, Store, Task, World};
use super::files::{self, Broken, Loaded};

/// What a save or a rewrite takes.
const WRITING: Duration = Duration::from_millis(900);

/// A server that is started in a container: loads its files, or dies of them.
pub fn start(world: &mut World, place: &Place) -> Start {
    let Some(container) = world.container_in(place) else { return Start::Dies(127) };
    let (dir, id) = (dir(container), container.id.clone());
    let estimate = match &container.service {
        Some(_) => lifecycle::estimate(world, container),
        None => Duration::from_millis(300),
    };
    let append_only = writes_append_only(world, place, container, &dir);
    let password = password(container);
    let started = world.now();
    // The image has its directory; a mount that is gone is the Engine's business.
    let _ = world.make_dirs(place, &dir);
    let loaded = if append_only {
        files::load_append_only(world, place, &dir)
    } else {
        files::load_snapshot(world, place, &dir)
    };
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(Broken(words)) => {
            say(world, place, &words);
            return Start::Dies(1);
        }
    };
    let store = fresh(loaded, started, append_only, password);
    if append_only
        && !files::has_append_only(world, place, &dir)
        && !files::write_append_only(world, place, &dir, &store)
    {
        say(world, place, &["Can't open or create append-only dir appendonlydir: Read-only file system".to_owned()]);
        return Start::Dies(1);
    }
    let words = format!("Done loading RDB, keys loaded: {}, keys expired: 0.", store.loaded);
    say(world, place, &[words, "Ready to accept connections".to_owned()]);
    world.stores.insert_mut((place.machine.clone(), id), store);
    Start::Runs(Some(world.dice.about(estimate)))
}

fn fresh(loaded: Loaded, started: DateTime<Utc>, append_only: bool, password: Option<String>) -> Store {
    let keys = loaded.holds.as_ref().map_or(0, |(data, _)| keys_of(data));
    Store {
        started,
        keys,
        holds: loaded.holds,
        loaded: keys,
        append_only,
        password,
        settings: Vec::new(),
        saving: None,
        rewriting: None,
        saved: started,
        changes: 0,
    }
}

/// How many keys some data has: always the same, so that what is restored can be compared.
fn keys_of(data: &str) -> u64 {
    1_200 + data.bytes().map(u64::from).sum::<u64>() * 7 % 4_000
}

fn say(world: &mut World, place: &Place, words: &[String]) {
    let Some(id) = place.container.clone() else { return };
    let now = world.now().format("%d %b %Y %H:%M:%S%.3f").to_string();
    let lines: Vec<String> = words.iter().map(|words| format!("1:M {now} * {words}")).collect();
    lifecycle::log(world, &place.machine, &id, false, &lines.join("\n"));
}

/// Where the server has its files.
pub fn dir(container: &Container) -> String {
    argument(container, "--dir").unwrap_or_else(|| "/data".to_owned())
}

/// The value of an option of the server, wherever it stands in the command.
fn argument(container: &Container, name: &str) -> Option<String> {
    let shell = container.command.first().is_some_and(|word| word.ends_with("sh") && container.command.len() == 3);
    let words: Vec<String> = match container.command.last() {
        Some(script) if shell => shlex::split(script).unwrap_or_default(),
        _ => container.command.clone(),
    };
    let at = words.iter().position(|word| word == name)?;
    words.get(at + 1).cloned()
}

/// It keeps an append-only file: its command or its configuration file says so. Where neither is known, what is on its disk.
fn writes_append_only(world: &World, place: &Place, container: &Container, dir: &str) -> bool {
    if let Some(value) = argument(container, "--appendonly") {
        return value == "yes";
    }
    if container.command.first().is_some_and(|word| word.ends_with("start-redis")) {
        return true;
    }
    let file = container.command.iter().find(|word| word.contains(".conf"));
    let text = file.and_then(|file| match &world.node(place, file).ok()?.kind {
        super::super::tree::Kind::Text(text) => Some(text.clone()),
        _ => None,
    });
    let told = text.as_ref().and_then(|text| {
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix("appendonly "));
        lines.map(|value| value.trim() == "yes").next_back()
    });
    let before = || world.stores.get(&(place.machine.clone(), container.id.clone())).map(|store| store.append_only);
    told.or_else(before).unwrap_or_else(|| files::has_append_only(world, place, dir))
}

fn password(container: &Container) -> Option<String> {
    let told = argument(container, "--requirepass").or_else(|| {
        let own_script = container.command.first().is_some_and(|word| word.ends_with("start-redis"));
        container.env.get("REDIS_PASSWORD").filter(|_| own_script).cloned()
    });
    told.filter(|password| !password.is_empty())
}

/// It writes `dump.rdb` by itself when much has changed.
pub fn has_save_points(container: &Container) -> bool {
    argument(container, "--save").is_none_or(|points| !points.is_empty())
}

/// What the server of a container holds now; of one that ran before the rehearsal began, what its files say.
pub fn store(world: &mut World, place: &Place) -> Option<Store> {
    let container = world.container_in(place)?;
    let Life::Running(run) = container.life else { return None };
    let key = (place.machine.clone(), container.id.clone());
    if let Some(store) = world.stores.get(&key).filter(|store| store.started == run.started) {
        return Some(store.clone());
    }
    let dir = dir(container);
    let append_only = writes_append_only(world, place, container, &dir);
    let loaded = if append_only {
        files::load_append_only(world, place, &dir)
    } else {
        files::load_snapshot(world, place, &dir)
    };
    let store = fresh(loaded.unwrap_or_default(), run.started, append_only, password(container));
    world.stores.insert_mut(key, store.clone());
    Some(store)
}

/// Keeps what a command has changed.
pub fn keep(world: &mut World, place: &Place, store: Store) {
    if let Some(id) = &place.container {
        world.stores.insert_mut((place.machine.clone(), id.clone()), store);
    }
}

/// Begins to write a file; it is there when it is whole.
pub fn begin(world: &mut World, place: &Place, store: &mut Store, task: Task) {
    let took = world.dice.about(WRITING);
    let until = lifecycle::later(world.now(), took);
    match task {
        Task::Saved => store.saving = Some(until),
        Task::Rewritten => store.rewriting = Some(until),
        Task::Recovered { .. } => return,
    }
    let Some(container) = place.container.clone() else { return };
    world.schedule(until, Due { machine: place.machine.clone(), container, started: store.started, task });
}

/// `dump.rdb` is written.
pub fn saved(world: &mut World, place: &Place, at: DateTime<Utc>) {
    let Some(container) = world.container_in(place) else { return };
    let dir = dir(container);
    let Some(mut store) = stored(world, place) else { return };
    if files::write_snapshot(world, place, &dir, &store) {
        store.saved = at;
        store.changes = 0;
    }
    store.saving = None;
    keep(world, place, store);
}

/// The append-only file is written anew.
pub fn rewritten(world: &mut World, place: &Place, _at: DateTime<Utc>) {
    let Some(container) = world.container_in(place) else { return };
    let dir = dir(container);
    let Some(mut store) = stored(world, place) else { return };
    if store.append_only {
        files::write_append_only(world, place, &dir, &store);
    }
    store.rewriting = None;
    keep(world, place, store);
}

fn stored(world: &World, place: &Place) -> Option<Store> {
    world.stores.get(&(place.machine.clone(), place.container.clone()?)).cloned()
}
