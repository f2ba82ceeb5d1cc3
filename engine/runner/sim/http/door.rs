//! What is behind a port of a machine or a container, and how it takes connections now.

use crate::model::facts::HealthFacts;

use super::super::health::{own, service_health};
use super::super::lifecycle::Health;
use super::super::names::{Peer, Reach, machine_called};
use super::super::place::Place;
use super::super::process::Unsimulated;
use super::super::world::{Container, Power, Program, World};
use super::super::{postgres, redis};
use super::url::Url;

/// How a connection to a port ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Somebody listens.
    Open,
    /// Nobody does.
    Shut,
    /// No answer at all.
    Lost,
}

/// Who listens at a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behind {
    /// A service of the system.
    Service(String),
    /// A PostgreSQL server.
    Postgres(Peer),
    /// A Redis server.
    Redis(Place),
    /// The machine's own sshd.
    Ssh,
}

/// How a service takes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does its work.
    Ready,
    /// It runs and cannot do its work.
    Unavailable,
    /// Nobody listens.
    Closed,
    /// It is paused: connections are taken, nothing comes back.
    Frozen,
    /// Its machine is not reached.
    Lost,
}

/// How a connection from a place to a peer's port ends.
///
/// # Errors
/// Nobody told this world what is behind the port.
pub fn door(world: &World, from: &Place, peer: &Peer, port: u16) -> Result<Door, Unsimulated> {
    if world.arrives(from, peer) == Reach::Lost {
        return Ok(Door::Lost);
    }
    let up = |open: bool| if open { Door::Open } else { Door::Shut };
    Ok(match behind(world, peer, port) {
        Some(Behind::Service(id)) => match state_at(world, &id, peer) {
            State::Ready | State::Unavailable | State::Frozen => Door::Open,
            State::Closed => Door::Shut,
            State::Lost => Door::Lost,
        },
        Some(Behind::Postgres(Peer::Server(name))) => {
            if world.servers.get(&name).is_some_and(|server| server.up) {
                Door::Open
            } else {
                Door::Lost
            }
        }
        Some(Behind::Postgres(Peer::Container(place)) | Behind::Redis(place)) => {
            up(world.container_in(&place).is_some_and(|container| container.is_ready(world.now())))
        }
        Some(Behind::Ssh) => Door::Open,
        Some(Behind::Postgres(_)) | None => return Err(Unsimulated(format!("what listens at port {port}"))),
    })
}

/// Who listens at a port of a peer, running or not; none: nobody told.
pub fn behind(world: &World, peer: &Peer, port: u16) -> Option<Behind> {
    match peer {
        Peer::Server(_) => (port == 5432).then(|| Behind::Postgres(peer.clone())),
        Peer::Container(place) => in_container(world, place, port),
        Peer::Machine(machine) => by_health(world, machine, port).map(Behind::Service).or_else(|| match port {
            22 => Some(Behind::Ssh),
            5432 => server_on(world, machine, Program::Postgres).map(|place| Behind::Postgres(Peer::Container(place))),
            6379 => server_on(world, machine, Program::Redis).map(Behind::Redis),
            _ => None,
        }),
        Peer::Nobody => None,
    }
}

fn in_container(world: &World, place: &Place, port: u16) -> Option<Behind> {
    let container = world.container_in(place)?;
    match container.program {
        Program::Postgres if port == 5432 => Some(Behind::Postgres(Peer::Container(place.clone()))),
        Program::Redis if port == 6379 => Some(Behind::Redis(place.clone())),
        _ => container.service.clone().map(Behind::Service),
    }
}

/// The service whose health is asked at this port of a machine.
fn by_health(world: &World, machine: &str, port: u16) -> Option<String> {
    let mut services = world.system.services.iter();
    let found = services.find(|service| {
        let HealthFacts::Http { url, target } = &service.health else { return false };
        let Some(url) = Url::parse(url).filter(|url| url.port == port) else { return false };
        let asked_from = world.home_of(target);
        let leads_to = match url.host.as_str() {
            "localhost" | "127.0.0.1" | "[::1]" => asked_from,
            host => machine_called(world, host),
        };
        leads_to.is_some_and(|leads_to| leads_to.name == machine)
    });
    found.map(|service| service.id.clone())
}

/// The only service of a machine that proves its health at this path: it does so at whatever port it is published.
pub fn by_path(world: &World, peer: &Peer, path: &str) -> Option<Behind> {
    let Peer::Machine(machine) = peer else { return None };
    let mut services = world.system.services.iter().filter(|service| {
        let HealthFacts::Http { url, .. } = &service.health else { return false };
        let here = world.home_of(&service.target).is_some_and(|home| home.name == *machine);
        here && Url::parse(url).is_some_and(|url| url.path == path)
    });
    let found = services.next()?;
    services.next().is_none().then(|| Behind::Service(found.id.clone()))
}

/// The server of a kind that a machine publishes: that of a service before others.
pub fn server_on(world: &World, machine: &str, program: Program) -> Option<Place> {
    let serves = |container: &&Container| match program {
        Program::Postgres => postgres::serves(container),
        Program::Redis => redis::serves(container),
        Program::Service | Program::Tools => false,
    };
    let containers = || world.engine(machine).into_iter().flat_map(|engine| engine.containers.values());
    let mut all = containers().filter(|container| container.program == program).filter(serves);
    let of_service = containers().find(|container| container.program == program && container.service.is_some());
    of_service.or_else(|| all.next()).map(|container| Place::container(machine, &container.id))
}

/// How a service takes requests at a peer; one that lives elsewhere is not there.
pub fn state_at(world: &World, id: &str, peer: &Peer) -> State {
    let facts = world.system.services.iter().find(|service| service.id == id);
    let home = facts.and_then(|facts| {
        let unit = || world.home_of(&facts.target).map(|machine| machine.name.as_str());
        world.container_of(facts).map(|(machine, _)| machine.name.as_str()).or_else(unit)
    });
    let there = match peer {
        Peer::Machine(machine) => home == Some(machine.as_str()),
        Peer::Container(place) => home == Some(place.machine.as_str()),
        Peer::Server(_) | Peer::Nobody => false,
    };
    if there { state_of(world, id) } else { State::Closed }
}

/// How a service takes requests from somewhere.
pub fn state(world: &World, from: &Place, id: &str) -> State {
    let facts = world.system.services.iter().find(|service| service.id == id);
    let machine = facts.and_then(|facts| world.home_of(&facts.target));
    match machine.map(|machine| (machine.power, machine.name == from.machine)) {
        Some((Power::Up, _) | (_, true)) => state_of(world, id),
        Some((Power::Down | Power::Cut, false)) | None => State::Lost,
    }
}

fn state_of(world: &World, id: &str) -> State {
    let facts = world.system.services.iter().find(|service| service.id == id);
    let container = facts.and_then(|facts| world.container_of(facts)).map(|(_, container)| container);
    match container {
        Some(container) if container.paused => return State::Frozen,
        // One that starts and dies is there for a moment only.
        Some(container) if !container.runs(world.now()) => return State::Closed,
        Some(container) if own(container, world.now()) == Health::Starting => return State::Closed,
        Some(_) | None => {}
    }
    match service_health(world, id) {
        Health::Healthy => State::Ready,
        Health::Unhealthy(_) => State::Unavailable,
        Health::Starting | Health::Down => State::Closed,
    }
}
