//! What is outside the machines: names, what addresses answer, database servers that are reached by their host name.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::model::change::{Change, DatabaseState};
use crate::model::facts::DataFacts;

use super::super::blob::AsOf;
use super::super::build::content::Content;
use super::super::build::machines;
use super::super::build::moments::before;
use super::super::tree::Map;
use super::super::world::{Cluster, Database, Reply, Server, World};
use super::Changed;

/// A name as it is looked up.
fn lookup(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

pub(super) fn dns(world: &mut World, name: &str, address: Option<&str>, zone: Option<&str>) -> Changed {
    let known = lookup(name);
    match address {
        None => {
            world.names.remove_mut(&known);
        }
        Some(address) if address.parse::<std::net::IpAddr>().is_ok() => {
            world.names.insert_mut(known.clone(), address.to_owned());
        }
        Some(address) => return Err(format!("`{address}` is no address for the name `{name}`")),
    }
    if let Some(zone) = zone {
        super::cloud::record(world, zone, &known, address);
    }
    Ok(())
}

pub(super) fn http(world: &mut World, url: &str, status: Option<u16>, body: &str, service: Option<&str>) -> Changed {
    if let Some(service) = service {
        world.known_service(service)?;
    }
    if !url.contains("://") {
        return Err(format!("`{url}` is no address of a web server"));
    }
    let reply = Reply { url: url.to_owned(), status, body: body.to_owned(), service: service.map(str::to_owned) };
    Arc::make_mut(&mut world.answers).push(reply);
    Ok(())
}

pub(super) fn database(
    world: &mut World,
    host: &str,
    is: DatabaseState,
    of: Option<&str>,
    lag: Option<Duration>,
    all: &[Change],
) -> Changed {
    let host = lookup(host);
    if host.is_empty() {
        return Err("a database server needs a host name".to_owned());
    }
    let of = of.map(lookup);
    if let Some(of) = &of {
        let comes = all.iter().any(|change| matches!(change, Change::Database { host, .. } if lookup(host) == *of));
        if *of == host || !(comes || world.servers.contains_key(of) || world.resolve(of).is_some()) {
            return Err(format!("`{host}` cannot follow `{of}`: there is no such database server"));
        }
    }
    let now = world.now();
    let last = lag.map_or(now, |lag| before(now, lag));
    let known = world.servers.get(&host).cloned();
    let mut server = known.unwrap_or_else(|| Server {
        up: true,
        follows: None,
        streaming: false,
        received: now,
        replayed: now,
        cluster: cluster(world, AsOf::Present),
    });
    match is {
        DatabaseState::Primary => {
            server.up = true;
            server.follows = None;
            server.streaming = false;
        }
        DatabaseState::Standby => {
            let Some(of) = of.or_else(|| server.follows.clone()) else {
                return Err(format!("the standby `{host}` needs the primary that it follows"));
            };
            server.up = true;
            server.streaming = world.servers.get(&of).is_none_or(|primary| primary.up);
            server.follows = Some(of);
            (server.received, server.replayed) = (last, last);
            server.cluster.as_of = AsOf::At(last);
        }
        DatabaseState::Down => {
            server.up = false;
            server.streaming = false;
            stop_streaming(world, &host, now);
        }
    }
    world.servers.insert_mut(host.clone(), server);
    name(world, &host);
    Ok(())
}

/// Nothing arrives any more from a primary that is down.
fn stop_streaming(world: &mut World, primary: &str, now: DateTime<Utc>) {
    let follows = |server: &Server| server.streaming && server.follows.as_deref() == Some(primary);
    let standbys: Vec<String> =
        world.servers.iter().filter(|(_, server)| follows(server)).map(|(host, _)| host.clone()).collect();
    for host in standbys {
        let Some(server) = world.servers.get_mut(&host) else { continue };
        server.streaming = false;
        server.received = server.received.min(now);
    }
}

/// A server's host resolves, to an address of its own.
fn name(world: &mut World, host: &str) {
    if world.resolve(host).is_none() {
        let free = machines::free_address(world);
        world.names.insert_mut(host.to_owned(), free);
    }
}

/// What a server holds: the system's PostgreSQL data, or an empty database.
fn cluster(world: &World, as_of: AsOf) -> Cluster {
    let is_postgres = |data: &&DataFacts| Content::of(&world.system, data) == Content::Postgres;
    if let Some(data) = world.system.data.iter().find(is_postgres) {
        return world.cluster(data, as_of);
    }
    let mut databases = Map::new_sync();
    databases.insert_mut("postgres".to_owned(), Database { tables: Map::new_sync(), others: Some(1_000) });
    Cluster { system: 1, timeline: 1, as_of, damaged: false, data: None, databases, settings: Map::new_sync() }
}
