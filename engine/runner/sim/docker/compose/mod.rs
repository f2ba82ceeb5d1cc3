//! `docker compose`: projects.

mod config;
mod control;
mod converge;
mod down;
mod exec;
mod facts;
mod interpolate;
mod load;
mod logs;
mod look;
mod ls;
mod merge;
mod model;
mod once;
mod parts;
mod ps;
mod pull;
mod read;
mod schema;
mod up;
mod wait;

use super::super::world::{Container, hexadecimal};
use super::client::Client;
use super::command::{self, Given};
use super::fault::{Done, Fault, unsimulated};
use model::{Condition, Project, Service};

/// Flags in front of the verb.
#[derive(Clone, Debug, Default)]
pub struct Globals {
    files: Vec<String>,
    /// Said by a flag or the environment.
    name: Option<String>,
    /// Said by the environment.
    by_env: bool,
    directory: Option<String>,
    env_files: Vec<String>,
    profiles: Vec<String>,
    /// Nothing is told while something is done.
    quiet: bool,
}

/// One call.
pub struct Compose<'c, 'p, 'w> {
    pub client: &'c mut Client<'p, 'w>,
    globals: Globals,
}

type Verb = fn(&mut Compose<'_, '_, '_>, &Given) -> Done<i32>;

/// The version that is recorded.
const VERSION: &str = "2.26.1-4";
/// The same in labels.
const LABEL_VERSION: &str = "2.26.1";
/// What labels of Compose begin with.
pub const LABEL: &str = "com.docker.compose";
/// Verbs that exist and are not simulated.
const OTHERS: [&str; 10] = ["attach", "build", "events", "push", "scale", "stats", "wait", "watch", "alpha", "help"];

fn find(name: &str) -> Option<Verb> {
    Some(match name {
        "config" => config::config,
        "cp" => look::copy,
        "create" => up::create,
        "down" => down::down,
        "exec" => exec::exec,
        "images" => look::images,
        "kill" => control::kill,
        "logs" => logs::logs,
        "ls" => ls::ls,
        "pause" => control::pause,
        "port" => look::port,
        "ps" => ps::ps,
        "pull" => pull::pull,
        "restart" => control::restart,
        "rm" => control::remove,
        "run" => once::run,
        "start" => control::start,
        "stop" => control::stop,
        "top" => look::top,
        "unpause" => control::unpause,
        "up" => up::up,
        "version" => look::version,
        _ => return None,
    })
}

/// `docker compose …`.
///
/// # Errors
/// As Compose says it.
pub fn compose(client: &mut Client<'_, '_>, arguments: &[String]) -> Done<i32> {
    let (globals, rest) = globals(client, arguments)?;
    let Some((verb, arguments)) = rest.split_first() else { return unsimulated("`docker compose` without a command") };
    let Some(command) = command::find(&format!("compose {verb}")) else {
        if OTHERS.contains(&verb.as_str()) {
            return unsimulated(format!("`docker compose {verb}`"));
        }
        return Err(Fault::said(16, format!("unknown docker command: \"compose {verb}\"")));
    };
    let given = command.parse(arguments)?;
    let Some(verb) = find(verb) else { return unsimulated(format!("`{}`", command.path())) };
    client.take(70);
    client.settle();
    let mut compose = Compose { client, globals };
    verb(&mut compose, &given)
}

fn globals(client: &Client<'_, '_>, arguments: &[String]) -> Done<(Globals, Vec<String>)> {
    let env = |name: &str| client.process.env.get(name).filter(|value| !value.is_empty()).cloned();
    let mut globals = Globals::default();
    let mut words = arguments.iter();
    let mut rest = Vec::new();
    while let Some(word) = words.next() {
        if !word.starts_with('-') || word == "-" {
            rest.push(word.clone());
            rest.extend(words.by_ref().cloned());
            break;
        }
        let (flag, own) = word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value)));
        let needs = || Fault::said(16, format!("flag needs an argument: {flag}"));
        let mut value = || own.map(str::to_owned).or_else(|| words.next().cloned()).ok_or_else(needs);
        match flag {
            "-f" | "--file" => globals.files.push(value()?),
            "-p" | "--project-name" => globals.name = Some(value()?),
            "--project-directory" | "--workdir" => globals.directory = Some(value()?),
            "--env-file" => globals.env_files.push(value()?),
            "--profile" => globals.profiles.push(value()?),
            "--ansi" | "--parallel" => drop(value()?),
            "--progress" => match value()?.as_str() {
                "quiet" => globals.quiet = true,
                "auto" | "tty" | "plain" => {}
                other => return Err(Fault::said(1, format!("unsupported --progress value {other:?}"))),
            },
            "--compatibility" | "--dry-run" | "--verbose" | "-h" | "--help" | "-v" | "--version" => {
                return unsimulated(format!("`docker compose {flag}`"));
            }
            _ => return Err(Fault::said(16, format!("unknown flag: {flag}"))),
        }
    }
    if globals.files.is_empty() {
        globals.files =
            env("COMPOSE_FILE").map(|files| files.split(':').map(str::to_owned).collect()).unwrap_or_default();
    }
    if globals.name.is_none() {
        globals.name = env("COMPOSE_PROJECT_NAME");
        globals.by_env = globals.name.is_some();
    }
    globals.profiles.extend(env("COMPOSE_PROFILES").iter().flat_map(|profiles| profiles.split(',')).map(str::to_owned));
    if let Some(name) = &globals.name {
        let of = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        if !name.chars().all(of) || name.starts_with(['-', '_']) {
            return Err(Fault::said(
                1,
                format!(
                    "invalid project name {name:?}: must consist only of lowercase alphanumeric characters, hyphens, and underscores as \
                     well as start with a letter or number"
                ),
            ));
        }
    }
    Ok((globals, rest))
}

/// The project as far as it is known: its files, or only its name and what its containers say.
pub struct Known {
    pub name: String,
    pub project: Option<Project>,
}

impl Compose<'_, '_, '_> {
    /// Tells what is done to something.
    pub fn tell(&mut self, what: &str, does: &str) {
        if !self.globals.quiet {
            self.client.process.complain(format!(" {what}  {does}"));
        }
    }

    /// The same of a container.
    pub fn tell_container(&mut self, name: &str, does: &str) {
        self.tell(&format!("Container {name}"), does);
    }

    /// The project, with these services and what they need, for commands that also do with its name.
    ///
    /// # Errors
    /// Neither a file nor a name says which project is meant.
    pub fn known(&mut self, services: &[String]) -> Done<Known> {
        if let (Some(name), true, false) = (&self.globals.name, self.globals.files.is_empty(), self.globals.by_env) {
            let project = self.client.load(&self.globals.clone()).ok().filter(|project| project.from_facts);
            return Ok(Known { name: name.clone(), project });
        }
        let loaded = self.client.load(&self.globals.clone()).and_then(|project| {
            let mut chosen = project.clone();
            chosen.select(services, true).map_err(|why| Fault::said(1, why))?;
            Ok(project)
        });
        match (loaded, &self.globals.name) {
            (Ok(project), _) => Ok(Known { name: project.name.clone(), project: Some(project) }),
            (Err(fault @ Fault::Unsimulated(_)), _) => Err(fault),
            (Err(_), Some(name)) if self.globals.by_env => Ok(Known { name: name.clone(), project: None }),
            (Err(fault), _) => Err(fault),
        }
    }

    /// Containers of a project, by service and number; those of `run` only when they are wanted.
    pub fn containers(&mut self, project: &str, with_once: bool) -> Done<Vec<Container>> {
        let of = |container: &&Container| {
            let label = |name: &str| container.labels.get(&format!("{LABEL}.{name}")).map(String::as_str);
            label("project") == Some(project) && (with_once || label("oneoff") != Some("True"))
        };
        let mut found: Vec<Container> = self.client.engine()?.containers.values().filter(of).cloned().collect();
        found.sort_by(|a, b| (service_of(a), number_of(a), &a.name).cmp(&(service_of(b), number_of(b), &b.name)));
        Ok(found)
    }

    /// The containers of services: of all when none is named.
    ///
    /// # Errors
    /// The daemon does not answer.
    pub fn chosen(&mut self, project: &str, services: &[String], with_once: bool) -> Done<Vec<Container>> {
        let mut found = self.containers(project, with_once)?;
        found.retain(|container| services.is_empty() || services.iter().any(|name| name == service_of(container)));
        Ok(found)
    }
}

/// The service of a container.
pub fn service_of(container: &Container) -> &str {
    container.labels.get("com.docker.compose.service").map_or("", String::as_str)
}

/// Which of its service's containers it is.
pub fn number_of(container: &Container) -> usize {
    let number = container.labels.get("com.docker.compose.container-number");
    number.and_then(|number| number.parse().ok()).unwrap_or(1)
}

/// What a container's service waits for, by its labels.
fn needs_of(container: &Container) -> Vec<(String, Condition)> {
    let label = container.labels.get("com.docker.compose.depends_on").map_or("", String::as_str);
    let of = |need: &str| {
        let mut parts = need.split(':');
        Some((parts.next()?.to_owned(), Condition::parse(parts.next().unwrap_or("service_started"))?))
    };
    label.split(',').filter(|need| !need.is_empty()).filter_map(of).collect()
}

/// A project of which only the containers are known.
pub fn by_labels(name: &str, containers: &[Container]) -> Project {
    let mut project = Project { name: name.to_owned(), from_facts: true, ..Project::default() };
    for container in containers {
        let service = Service {
            name: service_of(container).to_owned(),
            image: container.image_name.clone(),
            container_name: Some(container.name.clone()),
            depends_on: needs_of(container),
            asks_health: container.has_health_check,
            scale: 1,
            ..Service::default()
        };
        project.services.insert(service.name.clone(), service);
    }
    project
}

/// Digits for the name of a container of `run`.
fn digits(text: &str) -> String {
    hexadecimal(text).get(..12).unwrap_or_default().to_owned()
}
