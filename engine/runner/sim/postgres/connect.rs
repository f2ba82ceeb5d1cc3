//! Where a client of PostgreSQL connects to, and what it is told when it cannot.

use std::time::Duration;

use super::super::http::server_on;
use super::super::names::{FOR_EVER, Host, Peer, Reach};
use super::super::place::Place;
use super::super::process::{Process, Unsimulated};
use super::super::world::{Program, World};
use super::server::Backend;
use super::start::startup;
use super::{files, serves};

/// Linux gives up to connect after about so long.
const PATIENCE: Duration = Duration::from_secs(130);

/// Where to, from flags, environment and connection strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// None, or a directory: the Unix socket.
    pub host: Option<String>,
    pub port: Option<String>,
    pub user: Option<String>,
    pub database: Option<String>,
    /// Seconds.
    pub patience: Option<u64>,
}

/// A server that takes connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    pub backend: Backend,
    /// How a client names the connection when something is wrong with it.
    pub named: String,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nobody answers; in the words of a client.
    NoResponse(String),
    /// The server does not take connections yet; in the words of a client.
    Rejecting(String),
}

/// How a server takes connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is none.
    Absent,
    /// Connections are taken, and nothing comes back.
    Frozen,
    Starting,
    Serves,
}

const SOCKETS: &str = "/var/run/postgresql";

impl Target {
    /// What the environment says.
    pub fn of(process: &Process<'_>) -> Self {
        let told = |name: &str| process.env.get(name).filter(|value| !value.is_empty()).cloned();
        Self {
            host: told("PGHOST"),
            port: told("PGPORT"),
            user: told("PGUSER"),
            database: told("PGDATABASE"),
            patience: told("PGCONNECT_TIMEOUT").and_then(|seconds| seconds.parse().ok()),
        }
    }

    pub fn user(&self, process: &Process<'_>) -> String {
        self.user.clone().unwrap_or_else(|| process.user.clone())
    }

    pub fn port(&self) -> &str {
        self.port.as_deref().unwrap_or("5432")
    }

    /// A flag that all clients have; false: it is none of these. The value is asked for where one is needed.
    pub fn flag(&mut self, flag: &str, value: impl FnOnce() -> Option<String>) -> bool {
        match flag {
            "-h" | "--host" => self.host = value(),
            "-p" | "--port" => self.port = value(),
            "-U" | "--username" => self.user = value(),
            "-w" | "--no-password" | "-W" | "--password" => {}
            _ => return false,
        }
        true
    }

    /// A database's name, or a connection string in its place.
    ///
    /// # Errors
    /// A connection string with something that this world does not know.
    pub fn name(&mut self, text: &str) -> Result<(), Unsimulated> {
        if let Some(rest) = text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://")) {
            return self.url(rest);
        }
        if !text.contains('=') {
            self.database = Some(text.to_owned());
            return Ok(());
        }
        for word in shlex::split(text).unwrap_or_default() {
            let Some((key, value)) = word.split_once('=') else { continue };
            self.parameter(key, value)?;
        }
        Ok(())
    }

    fn url(&mut self, rest: &str) -> Result<(), Unsimulated> {
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        if let Some(user) = user {
            self.user = Some(user.split(':').next().unwrap_or(user).to_owned());
        }
        if host.contains(',') {
            return Err(several());
        }
        let (host, port) = host.rsplit_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
        self.host = Some(host.to_owned()).filter(|host| !host.is_empty()).or_else(|| self.host.take());
        self.port = port.map(str::to_owned).or_else(|| self.port.take());
        self.database = Some(database.to_owned()).filter(|name| !name.is_empty()).or_else(|| self.database.take());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.parameter(key, value)?;
        }
        Ok(())
    }

    fn parameter(&mut self, key: &str, value: &str) -> Result<(), Unsimulated> {
        let value = value.to_owned();
        match key {
            "host" | "hostaddr" if value.contains(',') => return Err(several()),
            "host" | "hostaddr" => self.host = Some(value),
            "port" => self.port = Some(value),
            "user" => self.user = Some(value),
            "dbname" => self.database = Some(value),
            "connect_timeout" => self.patience = value.parse().ok(),
            "password" | "sslmode" | "application_name" | "passfile" | "target_session_attrs" | "options" => {}
            _ => return Err(Unsimulated(format!("a connection to PostgreSQL with `{key}`"))),
        }
        Ok(())
    }
}

fn several() -> Unsimulated {
    Unsimulated("a connection to PostgreSQL with several hosts".to_owned())
}

/// Connects. Takes the time that it takes, also when nobody answers.
///
/// # Errors
/// This world does not know what is there; the inner error is what a client is told.
pub fn connect(process: &mut Process<'_>, target: &Target) -> Result<Result<Connected, Refused>, Unsimulated> {
    process.world.take(Duration::from_millis(4));
    let port = target.port().to_owned();
    let Some(host) = target.host.clone().filter(|host| !host.starts_with('/') && !host.is_empty()) else {
        return Ok(by_socket(process, target, &port));
    };
    let Some(found) = process.world.lookup(&process.place, &host) else {
        process.world.take(Duration::from_millis(20));
        let text = format!("could not translate host name \"{host}\" to address: Name or service not known");
        return Ok(Err(Refused::NoResponse(text)));
    };
    let shown = if host == found.address { String::new() } else { format!(" ({})", found.address) };
    let named = format!("connection to server at \"{host}\"{shown}, port {port} failed: ");
    if process.world.arrives(&process.place, &found.peer) == Reach::Lost {
        return Ok(Err(lost(process, target, &named)));
    }
    let Some(backend) = backend(process, &found, &port)? else { return Ok(Err(refused(&named))) };
    if let Backend::Host(name) = &backend
        && process.world.servers.get(name).is_none_or(|server| !server.up)
    {
        return Ok(Err(lost(process, target, &named)));
    }
    Ok(match phase(process.world, &backend, false) {
        Phase::Frozen => {
            wait(process, target, FOR_EVER);
            Err(Refused::NoResponse(format!("{named}timeout expired")))
        }
        Phase::Absent => Err(refused(&named)),
        Phase::Starting => Err(Refused::Rejecting(format!("{named}FATAL:  the database system is starting up"))),
        Phase::Serves => Ok(Connected { backend, named }),
    })
}

/// The server behind a host and a port; none: nobody listens there.
fn backend(process: &Process<'_>, found: &Host, port: &str) -> Result<Option<Backend>, Unsimulated> {
    let place = match &found.peer {
        Peer::Server(name) => return Ok((port == "5432").then(|| Backend::Host(name.clone()))),
        Peer::Container(place) => {
            let container = process.world.container_in(place);
            container
                .filter(|container| container.program == Program::Postgres && port == "5432")
                .map(|_| place.clone())
        }
        Peer::Machine(machine) if port == "5432" => server_on(process.world, machine, Program::Postgres),
        Peer::Machine(_) => return Err(Unsimulated(format!("what listens at port {port}"))),
        Peer::Nobody => None,
    };
    Ok(place.and_then(|place| in_container(process.world, &place)))
}

/// The server of a container.
pub fn in_container(world: &World, place: &Place) -> Option<Backend> {
    let container = world.container_in(place)?;
    let serves = container.program == Program::Postgres && serves(container);
    serves.then(|| Backend::Container { place: place.clone(), dir: files::data_dir(container) })
}

fn by_socket(process: &Process<'_>, target: &Target, port: &str) -> Result<Connected, Refused> {
    let dir = target.host.as_deref().filter(|host| !host.is_empty()).unwrap_or(SOCKETS);
    let named = format!("connection to server on socket \"{dir}/.s.PGSQL.{port}\" failed: ");
    let backend = in_container(process.world, &process.place).filter(|_| port == "5432");
    match backend.map(|backend| (phase(process.world, &backend, true), backend)) {
        Some((Phase::Serves, backend)) => Ok(Connected { backend, named }),
        Some((Phase::Starting, _)) => {
            Err(Refused::Rejecting(format!("{named}FATAL:  the database system is starting up")))
        }
        // Who is in a container that is frozen asks nothing.
        Some((Phase::Absent | Phase::Frozen, _)) | None => Err(Refused::NoResponse(format!(
            "{named}No such file or directory\n\tIs the server running locally and accepting connections on that socket?"
        ))),
    }
}

fn refused(named: &str) -> Refused {
    Refused::NoResponse(format!(
        "{named}Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?"
    ))
}

/// Nobody answers: the client waits as long as it was told to.
fn lost(process: &mut Process<'_>, target: &Target, named: &str) -> Refused {
    let words = if wait(process, target, PATIENCE) {
        "timeout expired"
    } else {
        "Connection timed out\n\tIs the server running on that host and accepting TCP/IP connections?"
    };
    Refused::NoResponse(format!("{named}{words}"))
}

/// Waits as long as the client was told to, or else so long; true: it was told.
fn wait(process: &mut Process<'_>, target: &Target, otherwise: Duration) -> bool {
    let told = target.patience.filter(|seconds| *seconds > 0);
    // Less than two seconds the library takes for two.
    process.world.pass(told.map_or(otherwise, |seconds| Duration::from_secs(seconds.max(2))));
    told.is_some()
}

fn phase(world: &World, backend: &Backend, socket: bool) -> Phase {
    let Backend::Container { place, .. } = backend else { return Phase::Serves };
    let Some(container) = world.container_in(place) else { return Phase::Absent };
    if container.paused {
        return Phase::Frozen;
    }
    if !container.runs(world.now()) {
        return Phase::Absent;
    }
    if container.is_ready(world.now()) {
        return Phase::Serves;
    }
    // While a cluster is made, only its temporary server answers, and only on the socket.
    match startup(world, place).and_then(|startup| startup.socket) {
        Some(from) if socket && world.now() >= from => Phase::Serves,
        Some(_) => Phase::Absent,
        None => Phase::Starting,
    }
}

impl Refused {
    /// What a client says.
    pub fn words(&self) -> &str {
        match self {
            Self::NoResponse(words) | Self::Rejecting(words) => words,
        }
    }
}
