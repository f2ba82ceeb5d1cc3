//! Point-in-time recovery: a base backup, archived WAL, and a target. What was missing shows as in the server's own log.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::blob::{AsOf, Blob, Holds};
use super::super::lifecycle::{Start, later};
use super::super::place::Place;
use super::super::tree::{Kind, Map, Node};
use super::super::world::{Due, Task, World};
use super::files;
use super::sql::parse_time;
use super::start::{Lines, dies, fatal, label_is_read, log, remember, say, serves};

/// What is to be done at the target.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Promote,
    Pause,
    Shutdown,
}

/// Where the replay is to stop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    /// At the end of the WAL.
    End,
    /// As soon as the backup is consistent.
    Immediate,
    Time(DateTime<Utc>),
    /// A name, a position or a transaction: this world has none of them, so it is never reached.
    Other,
}

/// Time until a base backup is consistent.
const CONSISTENT: Duration = Duration::from_millis(900);

/// A server that starts with `recovery.signal`.
pub fn start(
    world: &mut World,
    place: &Place,
    dir: &str,
    settings: &BTreeMap<String, String>,
    ready: Duration,
) -> Start {
    let Some(command) = settings.get("restore_command").filter(|command| !command.is_empty()) else {
        let line = fatal("must specify restore_command when standby mode is not enabled");
        return dies(world, place, 1, &[line]);
    };
    let (target, action) = match (target(settings), action(settings)) {
        (Ok(target), Ok(action)) => (target, if target == Target::End { Action::Promote } else { action }),
        (Err(name), _) | (_, Err(name)) => {
            let value = settings.get(name).cloned().unwrap_or_default();
            let lines = [
                log(&format!("invalid value for parameter \"{name}\": \"{value}\"")),
                fatal(&format!("configuration file \"{dir}/postgresql.auto.conf\" contains errors")),
            ];
            return dies(world, place, 1, &lines);
        }
    };
    let Some(found) = files::find(world, place, dir) else { return Start::Runs(Some(ready)) };
    let base = match found.cluster.as_of {
        AsOf::At(moment) => moment,
        AsOf::Present => world.now(),
    };
    let archived = archived(world, place, command, found.cluster.system);
    let consistent = CONSISTENT.min(ready);
    let hours = (world.now() - base).num_minutes().max(0) / 60;
    let about = Duration::from_secs(5 + 4 * u64::try_from(hours).unwrap_or(0)).min(Duration::from_secs(48));
    let replay = world.dice.about(about).max(Duration::from_secs(5));
    let reached = match target {
        Target::End => archived.unwrap_or(AsOf::At(base)).max(AsOf::At(base)),
        Target::Immediate => AsOf::At(base),
        Target::Time(moment) => AsOf::At(moment),
        Target::Other => AsOf::Present,
    };
    let words = target_words(target, settings);
    let failure = match target {
        Target::Time(moment) if moment < base => {
            Some((None, consistent, "requested recovery stop point is before consistent recovery point"))
        }
        Target::Time(_) | Target::Other if archived.is_none_or(|until| until < reached) || target == Target::Other => {
            Some((Some(consistent), replay, "recovery ended before configured recovery target was reached"))
        }
        _ => None,
    };
    let mut lines: Lines = vec![(Duration::ZERO, log(&words))];
    if let Some((ready, after, words)) = failure {
        if archived.is_none() {
            lines.push((consistent, missing(command)));
        }
        lines.push((after, fatal(words)));
        say(world, place, &lines);
        remember_replay(world, place, after);
        return Start::Ends { ready, after, code: 1 };
    }
    lines.push((consistent, log("database system is ready to accept read-only connections")));
    let damaged = brings_damage(world, found.cluster.system, reached);
    match action {
        Action::Shutdown => {
            lines.push((replay, log("shutdown at recovery target")));
            say(world, place, &lines);
            remember_replay(world, place, replay);
            return Start::Ends { ready: Some(consistent), after: replay, code: 0 };
        }
        Action::Pause => {
            lines.push((replay, log("pausing at the end of recovery")));
            remember(world, place, |startup| startup.waits = true);
        }
        Action::Promote => {
            lines.push((replay, log("archive recovery complete")));
            lines.push((replay, log("database system is ready to accept connections")));
            remember_replay(world, place, replay);
        }
    }
    say(world, place, &lines);
    let due = Due {
        machine: place.machine.clone(),
        container: place.container.clone().unwrap_or_default(),
        started: world.now(),
        task: Task::Recovered { as_of: reached, damaged },
    };
    world.schedule(later(world.now(), replay), due);
    Start::Runs(Some(consistent))
}

fn remember_replay(world: &mut World, place: &Place, replay: Duration) {
    let until = later(world.now(), replay);
    remember(world, place, |startup| startup.recovers = Some(until));
}

/// The replay has reached its target.
pub fn recovered(world: &mut World, place: &Place, as_of: AsOf, damaged: bool, _at: DateTime<Utc>) {
    let Some(container) = world.container_in(place) else { return };
    let dir = files::data_dir(container);
    let waits = super::start::startup(world, place).is_some_and(|startup| startup.waits);
    let Some(found) = files::find(world, place, &dir) else { return };
    let mut cluster = (*found.cluster).clone();
    cluster.as_of = as_of;
    cluster.damaged |= damaged || !found.blob.whole;
    if !waits {
        cluster.timeline += 1;
        let _ = world.remove(place, &format!("{dir}/recovery.signal"));
        serves(world, place);
    }
    label_is_read(world, place, &dir);
    files::put(world, place, &dir, cluster);
}

/// The error is the name of a setting with a value that is none.
fn target(settings: &BTreeMap<String, String>) -> Result<Target, &'static str> {
    let told = |name: &str| settings.get(name).filter(|value| !value.is_empty());
    if let Some(text) = told("recovery_target_time") {
        return parse_time(text).map(Target::Time).ok_or("recovery_target_time");
    }
    match told("recovery_target").map(String::as_str) {
        Some("immediate") => return Ok(Target::Immediate),
        Some(_) => return Err("recovery_target"),
        None => {}
    }
    let others = ["recovery_target_name", "recovery_target_xid", "recovery_target_lsn"];
    Ok(if others.iter().any(|name| told(name).is_some()) { Target::Other } else { Target::End })
}

fn action(settings: &BTreeMap<String, String>) -> Result<Action, &'static str> {
    match settings.get("recovery_target_action").map_or("pause", String::as_str) {
        "promote" => Ok(Action::Promote),
        "pause" => Ok(Action::Pause),
        "shutdown" => Ok(Action::Shutdown),
        _ => Err("recovery_target_action"),
    }
}

fn target_words(target: Target, settings: &BTreeMap<String, String>) -> String {
    match target {
        Target::Time(_) => {
            let text = settings.get("recovery_target_time").cloned().unwrap_or_default();
            format!("starting point-in-time recovery to {text}")
        }
        _ => "starting archive recovery".to_owned(),
    }
}

fn missing(command: &str) -> String {
    let file = source(command).unwrap_or_default().replace("%f", "000000010000000000000003");
    format!("cp: cannot stat '{file}': No such file or directory")
}

/// The word of a restore command that names the segment.
fn source(command: &str) -> Option<String> {
    let words = shlex::split(command)?;
    words.into_iter().find(|word| word.contains("%f"))
}

/// Until when the archive goes that a command reads, as the container sees it; none: nothing of this server is there.
fn archived(world: &World, place: &Place, command: &str, system: u64) -> Option<AsOf> {
    let source = source(command)?;
    let (dir, _) = source.split_once("%f")?;
    let node = match dir.strip_prefix("s3://") {
        Some(key) => {
            let (bucket, path) = key.split_once('/')?;
            world.buckets.get(bucket)?.get(path)?
        }
        None => world.node(place, dir.trim_end_matches('/')).ok()?,
    };
    let mut segments: Vec<(AsOf, bool)> = node.entries().filter_map(|(_, node)| segment(node, system)).collect();
    segments.sort_by_key(|(until, _)| *until);
    // Behind one that cannot be read nothing is replayed.
    segments.iter().take_while(|(_, whole)| *whole).map(|(until, _)| *until).last()
}

fn segment(node: &Node, system: u64) -> Option<(AsOf, bool)> {
    let Kind::Blob(blob) = &node.kind else { return None };
    let inner: &Blob = match &blob.holds {
        Holds::Gzip(inner) => inner,
        _ => blob,
    };
    match inner.holds {
        Holds::Wal { system: of, until } if of == system => Some((until, blob.whole && inner.whole)),
        _ => None,
    }
}

/// A replay over the moment of the damage brings it back: what was deleted by mistake was written to the WAL.
fn brings_damage(world: &World, system: u64, reached: AsOf) -> bool {
    reached >= AsOf::At(world.began) && {
        let machines = world.machines.values();
        let of_engine = |node: &Node| has_damaged(node, system);
        machines.into_iter().any(|machine| {
            let engine = machine.engine.as_ref();
            let volumes = engine.into_iter().flat_map(|engine| Map::values(&engine.volumes));
            let mut disks = machine.mounts.values().filter_map(|key| world.disk(key)?.files.as_ref());
            of_engine(&machine.files)
                || disks.any(of_engine)
                || volumes.into_iter().any(|volume| of_engine(&volume.files))
        })
    }
}

fn has_damaged(node: &Node, system: u64) -> bool {
    match &node.kind {
        Kind::Directory(entries) => entries.values().any(|node| has_damaged(node, system)),
        Kind::Blob(blob) => {
            matches!(&blob.holds, Holds::Cluster(cluster) if cluster.system == system && cluster.damaged)
        }
        _ => false,
    }
}
