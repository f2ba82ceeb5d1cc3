//! Names and who is behind them, as a machine or a container sees it; and the programs that ask for them.

mod ask;
mod ping;
mod ssh;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::place::Place;
use super::process::Program;
use super::tree::Map;
use super::world::{Container, LOCAL, Machine, Power, World};

/// A host that a name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its address.
    pub address: String,
    /// Who has the address.
    pub peer: Peer,
}

/// Who answers at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A machine of the world, by name.
    Machine(String),
    /// A container.
    Container(Place),
    /// A PostgreSQL server that is known by its host name only.
    Server(String),
    /// Nobody that this world knows.
    Nobody,
}

/// How far a connection comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To the peer's ports.
    There,
    /// Nowhere: packets vanish.
    Lost,
}

/// Who waits for what never comes waits until somebody ends it: longer than any step is given.
pub const FOR_EVER: Duration = Duration::from_hours(24 * 7);

pub fn find(name: &str) -> Option<Program> {
    Some(match name {
        "getent" => ask::getent,
        "dig" => ask::dig,
        "nslookup" => ask::nslookup,
        "host" => ask::host,
        "ping" => ping::ping,
        "nc" | "ncat" => ping::nc,
        "ssh" => ssh::ssh,
        _ => return None,
    })
}

impl World {
    /// Who is behind a host name or an address, for somebody at this place; none: the name does not resolve there.
    pub(in crate::runner::sim) fn lookup(&self, from: &Place, host: &str) -> Option<Host> {
        let host = host.trim_end_matches('.').trim_matches(['[', ']']).to_ascii_lowercase();
        let peer_here = match &from.container {
            Some(_) => Peer::Container(from.clone()),
            None => Peer::Machine(from.machine.clone()),
        };
        if host == "localhost" || host.starts_with("127.") || host == "::1" || host == "0.0.0.0" {
            return Some(Host { address: "127.0.0.1".to_owned(), peer: peer_here });
        }
        if let Some(container) = self.container_in(from).filter(|container| !on_host_network(container)) {
            if let Some(found) = self.neighbour(from, container, &host) {
                return Some(found);
            }
            if is_alone(container) {
                return host.parse::<std::net::IpAddr>().is_ok().then_some(Host { address: host, peer: Peer::Nobody });
            }
        }
        if let Some(found) = self.server_named(&host) {
            return Some(found);
        }
        let address = self.resolve(&host)?;
        let peer = match self.machine_at(&address) {
            Some(machine) => Peer::Machine(machine.name.clone()),
            None => self.container_at(&from.machine, &address).map_or(Peer::Nobody, Peer::Container),
        };
        Some(Host { address, peer })
    }

    /// Another container of the same Engine, by the names that Docker gives it on a network that both are on.
    fn neighbour(&self, from: &Place, asking: &Container, host: &str) -> Option<Host> {
        let engine = self.engine(&from.machine)?;
        engine.containers.values().find_map(|other| {
            let service = other.labels.get("com.docker.compose.service");
            let named = other.name == host
                || service.is_some_and(|service| service == host)
                || (host.len() >= 12 && other.id.starts_with(host));
            if !named || !other.runs(self.now()) {
                return None;
            }
            let mut shared = other.networks.iter().filter(|(name, _)| asking.networks.contains_key(*name));
            // The default network has no names.
            let (_, address) = shared.find(|(name, _)| *name != "bridge")?;
            let peer = Peer::Container(Place::container(&from.machine, &other.id));
            Some(Host { address: address.clone(), peer })
        })
    }

    fn container_at(&self, machine: &str, address: &str) -> Option<Place> {
        let mut containers = self.engine(machine)?.containers.values();
        let found = containers.find(|container| container.networks.values().any(|known| known == address))?;
        Some(Place::container(machine, &found.id))
    }

    /// A server by its host name, or by another name that leads to the same address.
    fn server_named(&self, host: &str) -> Option<Host> {
        if self.servers.is_empty() {
            return None;
        }
        let address = self.resolve(host);
        let mut servers = self.servers.keys().enumerate();
        let found = servers.find(|(n, key)| {
            key.trim_end_matches('.').eq_ignore_ascii_case(host)
                || address.as_ref().is_some_and(|address| self.server_address(*n, key) == *address)
        });
        found.map(|(n, key)| Host { address: self.server_address(n, key), peer: Peer::Server(key.clone()) })
    }

    /// The address of a server; one whose name nobody gave an address has one of a range for examples.
    fn server_address(&self, number: usize, key: &str) -> String {
        self.resolve(key).unwrap_or_else(|| format!("198.51.100.{}", 10 + number % 200))
    }

    /// Whether packets from a machine arrive at a peer.
    pub(in crate::runner::sim) fn arrives(&self, from: &Place, peer: &Peer) -> Reach {
        let to = match peer {
            Peer::Machine(name) => name,
            Peer::Container(place) => &place.machine,
            // What is known by its name only is looked at by whoever asks.
            Peer::Server(_) => return self.leaves(from),
            Peer::Nobody => return Reach::Lost,
        };
        if *to == from.machine {
            return Reach::There;
        }
        match self.machine(to).map(|machine| machine.power) {
            Some(Power::Up) => self.leaves(from),
            _ => Reach::Lost,
        }
    }

    /// Whether packets leave a machine.
    fn leaves(&self, from: &Place) -> Reach {
        match self.machine(&from.machine).map(|machine| machine.power) {
            Some(Power::Cut) if from.machine != LOCAL => Reach::Lost,
            _ => Reach::There,
        }
    }
}

/// The machine that somebody means by a name: by where it resolves to, else by its own name.
pub fn machine_called<'w>(world: &'w World, name: &str) -> Option<&'w Machine> {
    if matches!(name, "localhost" | "127.0.0.1" | "::1") {
        return world.machine(LOCAL);
    }
    let by_address = world.resolve(name).and_then(|address| world.machine_at(&address));
    by_address.or_else(|| world.machine(name))
}

fn on_host_network(container: &Container) -> bool {
    container.networks.contains_key("host")
}

/// `--network=none`, or no network at all.
fn is_alone(container: &Container) -> bool {
    Map::keys(&container.networks).all(|name| name == "none")
}
