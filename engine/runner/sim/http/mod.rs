//! HTTP: who answers a request, and what. The `http` action and the clients `curl` and `wget` ask here.

mod curl;
mod door;
mod install;
mod metadata;
mod options;
#[cfg(test)]
mod tests;
mod url;
mod wget;

use std::time::Duration;

use crate::model::facts::HealthFacts;

use super::health::service_health;
use super::lifecycle::Health;
use super::names::{FOR_EVER, Peer, Reach};
use super::outside::Unanswered;
use super::place::Place;
use super::process::{Program, Unsimulated};
use super::world::World;

use door::{Behind, State};
use url::Url;

pub use door::{Door, door, server_on};

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// Where to.
    pub url: String,
    /// In order.
    pub headers: Vec<(String, String)>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// Why nobody answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The address is none.
    Malformed,
    /// The name does not resolve.
    Unresolved(String),
    /// Host and port: nobody listens there.
    Refused(String, u16),
    /// Host and port: no connection comes about; whoever asks waits as long as it wants to.
    Lost(String, u16),
    /// A connection, and no answer over it.
    Silent,
    /// Something listens that does not speak HTTP, and hangs up.
    HungUp,
    /// The world does not know.
    Unsimulated(Unsimulated),
}

const NEAR: Duration = Duration::from_millis(6);
const FAR: Duration = Duration::from_millis(60);

pub fn find(name: &str) -> Option<Program> {
    Some(match name {
        "curl" => curl::curl,
        "wget" => wget::wget,
        "install-docker-engine" => install::install,
        _ => return None,
    })
}

impl Refusal {
    /// What the runner of `http` actions says when it could not reach a server.
    pub fn why(&self) -> String {
        match self {
            Self::Malformed => "builder error: invalid URL".to_owned(),
            Self::Unresolved(_) => "client error (Connect): dns error: failed to lookup address information: \
                                    Name or service not known"
                .to_owned(),
            Self::Refused(..) => {
                "client error (Connect): tcp connect error: Connection refused (os error 111)".to_owned()
            }
            Self::Lost(..) => {
                "client error (Connect): tcp connect error: Connection timed out (os error 110)".to_owned()
            }
            Self::Silent => "operation timed out".to_owned(),
            Self::HungUp => "client error (SendRequest): connection closed before message completed".to_owned(),
            Self::Unsimulated(what) => what.to_string(),
        }
    }
}

/// Linux gives up to connect after about so long.
const PATIENCE: Duration = Duration::from_secs(130);

impl World {
    /// What an `http` action of a machine gets. The inner error: nobody answered.
    ///
    /// # Errors
    /// This world does not know what the address answers.
    pub fn request(
        &mut self,
        machine: &str,
        method: &str,
        url: &str,
        _body: &str,
    ) -> Result<Result<Response, Unanswered>, Unsimulated> {
        let began = self.now();
        // Whoever asks the metadata server says so.
        let headers = vec![("Metadata-Flavor".to_owned(), "Google".to_owned())];
        let request = Request { method: method.to_owned(), url: url.to_owned(), headers };
        let refusal = match answer(self, &Place::machine(machine), &request) {
            Ok(response) => return Ok(Ok(response)),
            Err(Refusal::Unsimulated(what)) => return Err(what),
            Err(refusal) => refusal,
        };
        let after = match &refusal {
            Refusal::Lost(..) => PATIENCE,
            Refusal::Silent => FOR_EVER,
            _ => (self.now() - began).to_std().unwrap_or_default(),
        };
        Ok(Err(Unanswered { why: refusal.why(), after }))
    }
}

/// Asks for an answer from a place. Takes the time of an answer; the time of waiting for none is the caller's.
///
/// # Errors
/// Nobody answered.
pub fn answer(world: &mut World, from: &Place, request: &Request) -> Result<Response, Refusal> {
    let url = Url::parse(&request.url).ok_or(Refusal::Malformed)?;
    let near = matches!(url.host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
    world.take(if near { NEAR } else { FAR });
    if let Some(told) = told(world, from, &request.url, &url) {
        return told.map(|response| response.for_method(&request.method));
    }
    if metadata::is_its_host(&url.host) {
        return metadata::answer(world, from, request, &url);
    }
    if url.host == install::HOST {
        return install::script(request, &url);
    }
    let found = world.lookup(from, &url.host).ok_or_else(|| Refusal::Unresolved(url.host.clone()))?;
    if found.peer == Peer::Nobody {
        return Err(nobody(world, &url));
    }
    if world.arrives(from, &found.peer) == Reach::Lost {
        return Err(Refusal::Lost(url.host, url.port));
    }
    let behind = door::behind(world, &found.peer, url.port).or_else(|| door::by_path(world, &found.peer, &url.path));
    match behind {
        Some(Behind::Service(id)) => {
            let state = door::state_at(world, &id, &found.peer);
            from_service(world, &id, state, request, &url)
        }
        Some(Behind::Postgres(_) | Behind::Redis(_) | Behind::Ssh) => Err(Refusal::HungUp),
        None => Err(unknown(&url)),
    }
}

/// What the world was told that an address answers; none: nothing was.
fn told(world: &World, from: &Place, address: &str, url: &Url) -> Option<Result<Response, Refusal>> {
    let reply = world.answers.iter().rev().find(|reply| url::matches(&reply.url, address))?;
    // An address that nobody is told of is somewhere; one that leads to a machine is there while that is reached.
    if let Some(found) = world.lookup(from, &url.host)
        && found.peer != Peer::Nobody
        && world.arrives(from, &found.peer) == Reach::Lost
    {
        return Some(Err(Refusal::Lost(url.host.clone(), url.port)));
    }
    if let Some(service) = &reply.service
        && service_health(world, service) != Health::Healthy
    {
        let state = door::state(world, from, service);
        return Some(unwell(state, url));
    }
    Some(match reply.status {
        Some(status) => Ok(Response::new(status, &reply.body)),
        None => Err(Refusal::Refused(url.host.clone(), url.port)),
    })
}

/// A service answers the address by which it proves its health; what it does at others is not known.
fn from_service(world: &World, id: &str, state: State, request: &Request, url: &Url) -> Result<Response, Refusal> {
    if state != State::Ready {
        return unwell(state, url);
    }
    let service = world.system.services.iter().find(|service| service.id == id);
    let proves = match service.map(|service| &service.health) {
        Some(HealthFacts::Http { url, .. }) => Url::parse(url).map(|url| url.path),
        _ => None,
    };
    if proves.is_some_and(|path| path == url.path) && matches!(request.method.as_str(), "GET" | "HEAD") {
        return Ok(Response::new(200, r#"{"status":"ok"}"#).for_method(&request.method));
    }
    Err(unknown(url))
}

/// What a service answers that does not do its work.
fn unwell(state: State, url: &Url) -> Result<Response, Refusal> {
    match state {
        State::Ready | State::Unavailable => Ok(Response::new(503, r#"{"status":"unavailable"}"#)),
        State::Closed => Err(Refusal::Refused(url.host.clone(), url.port)),
        State::Frozen => Err(Refusal::Silent),
        State::Lost => Err(Refusal::Lost(url.host.clone(), url.port)),
    }
}

/// A name that leads to no machine: of a service of the system, nobody is there any more; of anybody else, the world cannot know.
fn nobody(world: &World, url: &Url) -> Refusal {
    let of_system = world.system.services.iter().any(|service| match &service.health {
        HealthFacts::Http { url: health, .. } => Url::parse(health).is_some_and(|health| health.host == url.host),
        HealthFacts::Runtime | HealthFacts::Program { .. } => false,
    });
    if of_system { Refusal::Lost(url.host.clone(), url.port) } else { unknown(url) }
}

fn unknown(url: &Url) -> Refusal {
    let Url { scheme, host, port, path } = url;
    Refusal::Unsimulated(Unsimulated(format!(
        "what `{scheme}://{host}:{port}{path}` answers (`http:` in `world:` tells it)"
    )))
}

impl Response {
    fn new(status: u16, body: &str) -> Self {
        let kind = if body.starts_with(['{', '[']) { "application/json" } else { "text/plain; charset=utf-8" };
        let headers =
            vec![("content-type".to_owned(), kind.to_owned()), ("content-length".to_owned(), body.len().to_string())];
        Self { status, headers, body: body.to_owned() }
    }

    fn for_method(mut self, method: &str) -> Self {
        if method == "HEAD" {
            self.body.clear();
        }
        self
    }
}

/// What a status is called.
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
