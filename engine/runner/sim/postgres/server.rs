//! PostgreSQL servers as their clients find them: in a container or behind a host name, with what they hold.

use super::super::place::Place;
use super::super::world::{Cluster, DROPPED, Database, World};
use super::files;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// In a container, with its data directory.
    Container { place: Place, dir: String },
    /// Behind a host name.
    Host(String),
}

/// What a server holds; none: it has lost its files.
pub fn cluster(world: &World, backend: &Backend) -> Option<Cluster> {
    match backend {
        Backend::Container { place, dir } => {
            let found = files::find(world, place, dir)?;
            let mut cluster = (*found.cluster).clone();
            // A file that was cut is read like one with damaged pages.
            cluster.damaged |= !found.blob.whole;
            Some(cluster)
        }
        Backend::Host(name) => world.servers.get(name).map(|server| server.cluster.clone()),
    }
}

/// Keeps what a session has changed.
pub fn put(world: &mut World, backend: &Backend, cluster: Cluster) {
    match backend {
        Backend::Container { place, dir } => files::put(world, place, dir, cluster),
        Backend::Host(name) => {
            if let Some(server) = world.servers.get_mut(name) {
                server.cluster = cluster;
            }
        }
    }
}

/// A database by the name that a client asks for; none: there is none.
pub fn database(world: &World, cluster: &Cluster, asked: &str) -> Option<String> {
    if cluster.databases.contains_key(asked) || matches!(asked, "postgres" | "template1") {
        return Some(asked.to_owned());
    }
    // Where nobody said what the system's database is called, it is whatever the system calls it.
    let named = told(world, cluster).is_some();
    (cluster.data.is_some() && !named).then(|| home(world, cluster))
}

/// The name of the system's database, where the system file says it.
fn told<'w>(world: &'w World, cluster: &Cluster) -> Option<&'w String> {
    let data = cluster.data.as_ref()?;
    let facts = world.system.data.iter().find(|facts| facts.id == *data)?;
    facts.vars.get("database").filter(|name| !name.is_empty())
}

/// The database that holds the system's data: the one that the system file names, else the one with the most tables.
pub fn home(world: &World, cluster: &Cluster) -> String {
    if let Some(name) = told(world, cluster) {
        return name.clone();
    }
    let tables = |database: &Database| database.tables.values().filter(|rows| **rows != DROPPED).count();
    let most = cluster.databases.iter().filter(|(_, database)| tables(database) > 0);
    most.max_by_key(|(_, database)| tables(database)).map_or_else(|| "postgres".to_owned(), |(name, _)| name.clone())
}

/// True when pages of this table cannot be read: in a damaged cluster those of the largest table of the system's database.
pub fn is_damaged(world: &World, cluster: &Cluster, database: &str, table: &str) -> bool {
    cluster.damaged && home(world, cluster) == database && largest(cluster, database).is_none_or(|name| name == table)
}

/// The listed table with the most rows.
pub fn largest<'c>(cluster: &'c Cluster, database: &str) -> Option<&'c str> {
    let tables = cluster.databases.get(database)?.tables.iter();
    let listed = tables.filter(|(_, rows)| **rows != DROPPED);
    listed.max_by_key(|(_, rows)| **rows).map(|(name, _)| name.as_str())
}

/// The database that a damaged page is in, and its table.
pub fn damage(world: &World, cluster: &Cluster) -> Option<(String, String)> {
    if !cluster.damaged {
        return None;
    }
    let home = home(world, cluster);
    let table = largest(cluster, &home).unwrap_or("data").to_owned();
    Some((home, table))
}

/// What the server says when it reads a damaged page.
pub const BAD_PAGE: &str = "invalid page in block 2 of relation base/16384/16402";

/// It replays WAL, or follows a primary: it takes no writes.
pub fn in_recovery(world: &World, backend: &Backend) -> bool {
    match backend {
        Backend::Container { place, .. } => {
            let Some(startup) = super::start::startup(world, place) else { return false };
            startup.waits || startup.recovers.is_some_and(|until| world.now() < until)
        }
        Backend::Host(name) => world.servers.get(name).is_some_and(|server| server.follows.is_some()),
    }
}

/// A table's name without its schema.
pub fn bare(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// A table's name with its schema.
pub fn qualified(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("public.{name}") }
}
