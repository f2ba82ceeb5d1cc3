//! The start of a PostgreSQL server in a container: what it makes of its data directory.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::lifecycle::{self, Start, later};
use super::super::place::Place;
use super::super::tree::{Kind, Node};
use super::super::world::{Container, Life, Startup, World};
use super::{files, recovery};

/// Time until a cluster that was shut down well takes connections.
const START: Duration = Duration::from_millis(1_500);
/// What making a new cluster takes in addition.
const INITIALISE: Duration = Duration::from_secs(2);

/// Settings that were taken out of the server.
const REMOVED: [&str; 8] = [
    "wal_keep_segments",
    "standby_mode",
    "trigger_file",
    "checkpoint_segments",
    "vacuum_defer_cleanup_age",
    "stats_temp_directory",
    "replacement_sort_tuples",
    "dynamic_shared_memory",
];

/// Who prepares the directory before the server starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// The official image: gives everything to the server's user, whatever it was.
    Official,
    /// The lab's `start-postgres`: gives it the directory only.
    Own,
}

/// Lines of the server's log, each with how long after the start it is written.
pub type Lines = Vec<(Duration, String)>;

pub fn start(world: &mut World, place: &Place) -> Start {
    let Some(container) = world.container_in(place) else { return Start::Dies(127) };
    let dir = files::data_dir(container);
    let plan = Plan::of(world, container, dir.clone());
    if let Some(id) = &place.container {
        world.startups.remove_mut(&(place.machine.clone(), id.clone()));
    }
    // The image has its directory; a mount that is gone is the Engine's business.
    let _ = world.make_dirs(place, &dir);
    let spot = world.spot(place, &dir, true);
    let Ok(node) = world.node(place, &dir) else { return dies(world, place, 1, &[no_directory(&dir)]) };
    if spot.is_ok_and(|spot| spot.read_only) {
        let line = fatal("could not create lock file \"postmaster.pid\": Read-only file system");
        return dies(world, place, 1, &[line]);
    }
    let is_empty = node.entries().next().is_none();
    match node.child("PG_VERSION").map(|node| node.kind.clone()) {
        Some(Kind::Text(version)) if !version.trim().is_empty() => existing(world, place, &plan, version.trim()),
        _ if is_empty => fresh(world, place, &plan),
        _ => {
            let line = format!("initdb: error: directory \"{dir}\" exists but is not empty");
            dies(world, place, 1, &[line])
        }
    }
}

/// What is known before the directory is looked at.
struct Plan {
    dir: String,
    entry: Entry,
    /// Time until ready.
    ready: Duration,
    /// The server's main version, where the image's name has it.
    version: Option<String>,
    /// What `initdb` makes beside its own databases.
    database: Option<String>,
    /// The official image makes no cluster without a password.
    refuses_fresh: bool,
    /// `-c name=value` of the command.
    settings: BTreeMap<String, String>,
}

impl Plan {
    fn of(world: &World, container: &Container, dir: String) -> Self {
        let own = container.command.first().is_some_and(|word| word.ends_with("start-postgres"));
        let name = container.image_name.rsplit('/').next().unwrap_or_default();
        let (repository, tag) = name.split_once(':').unwrap_or((name, ""));
        let official = repository == "postgres" && !own;
        let digits: String = tag.chars().take_while(char::is_ascii_digit).collect();
        let service = container.service.as_ref();
        let data = service.and_then(|id| world.system.data.iter().find(|data| data.service == *id));
        let told = data.and_then(|data| data.vars.get("database")).filter(|name| !name.is_empty());
        let has_password = ["POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "POSTGRES_HOST_AUTH_METHOD"]
            .iter()
            .any(|name| container.env.contains_key(*name));
        let settings =
            container.command.windows(2).filter(|pair| pair[0] == "-c").filter_map(|pair| files::setting(&pair[1]));
        Self {
            dir,
            entry: if own { Entry::Own } else { Entry::Official },
            ready: if service.is_some() { lifecycle::estimate(world, container) } else { START },
            version: (official && !digits.is_empty()).then_some(digits),
            database: container.env.get("POSTGRES_DB").or(told).cloned(),
            // What a service's environment is, its own Compose file or script knows.
            refuses_fresh: official && service.is_none() && !has_password,
            settings: settings.collect(),
        }
    }
}

fn fresh(world: &mut World, place: &Place, plan: &Plan) -> Start {
    if plan.refuses_fresh {
        let line = "Error: Database is uninitialized and superuser password is not specified.";
        return dies(world, place, 1, &[line.to_owned()]);
    }
    let cluster = files::empty(world, plan.database.as_deref());
    let version = plan.version.as_deref().unwrap_or("15");
    if let Err(error) = files::write(world, place, &plan.dir, cluster, version) {
        let line = format!("initdb: error: could not change permissions of directory \"{}\": {error}", plan.dir);
        return dies(world, place, 1, &[line]);
    }
    let ready = world.dice.about(INITIALISE) + world.dice.about(plan.ready);
    let socket = later(world.now(), ready / 3);
    remember(world, place, |startup| startup.socket = Some(socket));
    say(
        world,
        place,
        &[
            (ready / 3, "PostgreSQL init process complete; ready for start up.".to_owned()),
            (ready, log("database system is ready to accept connections")),
        ],
    );
    Start::Runs(Some(ready))
}

fn existing(world: &mut World, place: &Place, plan: &Plan, version: &str) -> Start {
    let dir = &plan.dir;
    if let Some(own) = plan.version.as_ref().filter(|own| *own != version) {
        let lines = [
            fatal("database files are incompatible with server"),
            format!(
                "DETAIL:  The data directory was initialized by PostgreSQL version {version}, which is not compatible with this version {own}."
            ),
        ];
        return dies(world, place, 1, &lines);
    }
    if world.node(place, &format!("{dir}/global/pg_control")).is_err() {
        let lines = [
            "postgres: could not find the database system".to_owned(),
            format!("Expected to find it in the directory \"{dir}\","),
            format!("but could not open file \"{dir}/global/pg_control\": No such file or directory"),
        ];
        return dies(world, place, 2, &lines);
    }
    if plan.entry == Entry::Official {
        // A directory that cannot be changed shows below.
        let _ = take_over(world, place, dir);
    } else if let Some(start) = not_its_own(world, place, dir) {
        return start;
    }
    let mut settings = files::settings(world, place, dir);
    settings.extend(plan.settings.clone());
    if let Some(name) = settings.keys().find(|name| REMOVED.contains(&name.as_str())) {
        let lines = [
            log(&format!(
                "unrecognized configuration parameter \"{name}\" in file \"{dir}/postgresql.auto.conf\" line 3"
            )),
            fatal(&format!("configuration file \"{dir}/postgresql.auto.conf\" contains errors")),
        ];
        return dies(world, place, 1, &lines);
    }
    let has = |name: &str| world.node(place, &format!("{dir}/{name}")).is_ok();
    if has("recovery.conf") {
        let line = fatal("using recovery command file \"recovery.conf\" is not supported");
        return dies(world, place, 1, &[line]);
    }
    let (standby, recovers) = (has("standby.signal"), has("recovery.signal"));
    let ready = world.dice.about(plan.ready);
    keep_settings(world, place, dir, &settings);
    if standby {
        label_is_read(world, place, dir);
        remember(world, place, |startup| startup.waits = true);
        say(world, place, &[(ready, log("database system is ready to accept read-only connections"))]);
        return Start::Runs(Some(ready));
    }
    if recovers {
        return recovery::start(world, place, dir, &settings, ready);
    }
    label_is_read(world, place, dir);
    say(world, place, &[(ready, log("database system is ready to accept connections"))]);
    Start::Runs(Some(ready))
}

/// The server knows the settings that it has read.
fn keep_settings(world: &mut World, place: &Place, dir: &str, settings: &BTreeMap<String, String>) {
    let Some(found) = files::find(world, place, dir) else { return };
    if settings.len() == found.cluster.settings.size()
        && settings.iter().all(|(name, value)| found.cluster.settings.get(name) == Some(value))
    {
        return;
    }
    let mut cluster = (*found.cluster).clone();
    cluster.settings = settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    // The content is the same: so is the file.
    if let Ok(node) = world.node_mut(place, &found.path) {
        let mut blob = (*found.blob).clone();
        blob.holds = super::super::blob::Holds::Cluster(std::sync::Arc::new(cluster));
        node.kind = Kind::Blob(std::sync::Arc::new(blob));
    }
}

/// A base backup's label is read once.
pub fn label_is_read(world: &mut World, place: &Place, dir: &str) {
    let (label, old) = (format!("{dir}/backup_label"), format!("{dir}/backup_label.old"));
    if world.node(place, &label).is_ok() {
        let _ = world.rename(place, &label, &old);
    }
}

/// The official image gives everything to the server's user.
fn take_over(world: &mut World, place: &Place, dir: &str) -> Result<(), super::super::tree::FileError> {
    let owner = owner(world, place);
    let node = world.node(place, dir)?;
    if node.mode == 0o700 && belongs(node, owner.0) {
        return Ok(());
    }
    files::own(world, place, dir, owner)
}

/// The user that the server runs as: what the system file says of its data, else that of the official image.
fn owner(world: &World, place: &Place) -> (u32, u32) {
    let service = world.container_in(place).and_then(|container| container.service.clone());
    let data = service.and_then(|id| world.system.data.iter().find(|data| data.service == id));
    let told = data.and_then(|data| data.owner.as_ref()).and_then(|owner| {
        let (uid, gid) = owner.split_once(':')?;
        Some((uid.parse().ok()?, gid.parse().ok()?))
    });
    told.unwrap_or(files::OWNER)
}

fn belongs(node: &Node, uid: u32) -> bool {
    node.uid == uid && node.entries().all(|(_, node)| belongs(node, uid))
}

/// Files of somebody else: the server cannot write them, or not even read them.
fn not_its_own(world: &mut World, place: &Place, dir: &str) -> Option<Start> {
    let owner = owner(world, place);
    if let Ok(node) = world.node_mut(place, dir) {
        (node.uid, node.gid) = owner;
        node.mode = 0o700;
    }
    let control = world.node(place, &format!("{dir}/global/pg_control")).ok().filter(|node| node.uid != owner.0)?;
    if control.mode & 0o004 == 0 {
        let lines = [
            "postgres: could not find the database system".to_owned(),
            format!("Expected to find it in the directory \"{dir}\","),
            format!("but could not open file \"{dir}/global/pg_control\": Permission denied"),
        ];
        return Some(dies(world, place, 2, &lines));
    }
    let line = "PANIC:  could not open file \"global/pg_control\": Permission denied".to_owned();
    Some(dies(world, place, 134, &[line]))
}

fn no_directory(dir: &str) -> String {
    format!("mkdir: cannot create directory '{dir}': Read-only file system")
}

pub fn fatal(words: &str) -> String {
    format!("FATAL:  {words}")
}

pub fn log(words: &str) -> String {
    format!("LOG:  {words}")
}

pub fn dies(world: &mut World, place: &Place, code: i32, lines: &[String]) -> Start {
    let lines: Lines = lines.iter().map(|line| (Duration::ZERO, line.clone())).collect();
    say(world, place, &lines);
    Start::Dies(code)
}

/// Writes the server's log. What is to be written later stands there with its moment.
pub fn say(world: &mut World, place: &Place, lines: &[(Duration, String)]) {
    let Some(id) = place.container.clone() else { return };
    for (after, line) in lines {
        let at = later(world.now(), *after);
        let shown = match line.split_once(":  ") {
            Some((level, _)) if level.chars().all(|c| c.is_ascii_uppercase()) => {
                format!("{} UTC [1] {line}", at.format("%Y-%m-%d %H:%M:%S%.3f"))
            }
            _ => line.clone(),
        };
        lifecycle::log_at(world, &place.machine, &id, true, &shown, at);
    }
}

/// Remembers what a start does that is more than a plain one.
pub fn remember(world: &mut World, place: &Place, set: impl FnOnce(&mut Startup)) {
    let Some(id) = place.container.clone() else { return };
    let mut startup = Startup { started: world.now(), socket: None, recovers: None, waits: false };
    set(&mut startup);
    world.startups.insert_mut((place.machine.clone(), id), startup);
}

/// The server takes writes from now on.
pub fn serves(world: &mut World, place: &Place) {
    if let Some(id) = place.container.clone() {
        world.startups.remove_mut(&(place.machine.clone(), id));
    }
}

/// What the present life of a container does since its start.
pub fn startup(world: &World, place: &Place) -> Option<Startup> {
    let started = began(world, place)?;
    let key = (place.machine.clone(), place.container.clone()?);
    world.startups.get(&key).filter(|startup| startup.started == started).copied()
}

fn began(world: &World, place: &Place) -> Option<DateTime<Utc>> {
    match &world.container_in(place)?.life {
        Life::Running(run) => Some(run.started),
        Life::Exited { started, .. } => Some(*started),
        Life::Created | Life::Looping { .. } => None,
    }
}
