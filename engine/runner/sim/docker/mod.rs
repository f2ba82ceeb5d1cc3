//! `docker` and `docker compose`: the client, the daemon's answers, and what changes in an Engine.
//!
//! Texts, orders and exit codes are those of the client 28.2.2, the Engine 20.10.24 and Compose 2.26.1. A command line is read by
//! [`command`], a verb is a function over the [`Client`], and what both clients do to an Engine is in `engine/`.

mod client;
mod command;
mod compose;
mod document;
mod engine;
mod fault;
mod host;
mod human;
mod listing;
mod table;
mod template;
mod verbs;

use super::process::{Process, Program, Ran};
use client::Client;
use command::Given;
use fault::{Done, Fault, unsimulated};

/// What a command does; its exit code.
type Verb = fn(&mut Client<'_, '_>, &Given) -> Done<i32>;

/// The clients, and `kill` for the processes of containers.
pub fn find(name: &str) -> Option<Program> {
    match name {
        "docker" => Some(docker),
        "docker-compose" => Some(docker_compose),
        "kill" => Some(host::kill),
        _ => None,
    }
}

/// Groups of commands.
const GROUPS: [&str; 5] = ["container", "image", "network", "system", "volume"];
/// Commands that exist and are not simulated.
const OTHERS: [&str; 22] = [
    "attach",
    "build",
    "builder",
    "buildx",
    "checkpoint",
    "commit",
    "config",
    "context",
    "export",
    "login",
    "logout",
    "manifest",
    "node",
    "plugin",
    "search",
    "secret",
    "service",
    "stack",
    "swarm",
    "trust",
    "scout",
    "model",
];

/// The name of Compose as a program of its own.
fn docker_compose(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let words: Vec<String> = ["compose".to_owned()].into_iter().chain(arguments.iter().cloned()).collect();
    docker(process, &words)
}

fn docker(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    if process.place.container.is_some() || process.world.engine(&process.place.machine).is_none() {
        return process.fail(127, "docker: command not found");
    }
    let done = Client::new(process, arguments).and_then(|(mut client, rest)| run(&mut client, &rest));
    let (exit, text) = match done {
        Ok(exit) => return Ok(exit),
        Err(fault) => fault.told()?,
    };
    if text.is_empty() { Ok(exit) } else { process.fail(exit, text) }
}

/// Finds the verb and does it.
fn run(client: &mut Client<'_, '_>, words: &[String]) -> Done<i32> {
    let Some((first, rest)) = words.split_first() else { return unsimulated("`docker` without a command") };
    if first == "compose" {
        return compose::compose(client, rest);
    }
    let (name, arguments) = if GROUPS.contains(&first.as_str()) {
        let Some((second, rest)) = rest.split_first() else { return unsimulated(format!("`docker {first}` alone")) };
        (format!("{first} {}", renamed(first, second)), rest)
    } else {
        (first.clone(), rest)
    };
    let group = name.split_once(' ').map(|(group, verb)| (group.to_owned(), verb.to_owned()));
    let Some(command) = command::find(&name) else {
        let known = OTHERS.contains(&group.as_ref().map_or(name.as_str(), |(_, verb)| verb));
        return match group {
            _ if known => unsimulated(format!("`docker {name}`")),
            None => Err(Fault::said(
                1,
                format!("docker: unknown command: docker {name}\n\nRun 'docker --help' for more information"),
            )),
            Some((group, verb)) => Err(Fault::said(
                1,
                format!(
                    "docker: unknown command: docker {group} {verb}\n\nUsage:  docker {group}{}\n\nRun 'docker {group} --help' for more information",
                    if group == "volume" { " COMMAND" } else { "" },
                ),
            )),
        };
    };
    let given = command.parse(arguments)?;
    let Some(verb) = verbs::find(command.name) else { return unsimulated(format!("`{}`", command.path())) };
    client.settle();
    verb(client, &given)
}

/// Other names of a verb in a group.
fn renamed<'v>(group: &str, verb: &'v str) -> &'v str {
    match (group, verb) {
        (_, "list") | ("container", "ps") => "ls",
        (_, "remove") => "rm",
        _ => verb,
    }
}
