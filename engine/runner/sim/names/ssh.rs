//! `ssh HOST COMMAND`: a command on another machine of the world.

use std::time::Duration;

use super::super::place::Place;
use super::super::process::{Process, Ran, Stream, Unsimulated};
use super::super::world::Power;
use super::{Peer, Reach};

/// What opening a connection costs.
const CONNECT: Duration = Duration::from_millis(350);

/// Linux gives up to connect after about so long.
const PATIENCE: Duration = Duration::from_secs(130);

/// What was asked.
#[derive(Default)]
struct Asked {
    user: Option<String>,
    host: String,
    port: Option<String>,
    command: Vec<String>,
    patience: Option<Duration>,
    no_input: bool,
}

pub fn ssh(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let Some(asked) = read(arguments)? else {
        return process.fail(255, "usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] destination [command [argument ...]]");
    };
    let machine = match machine(process, &asked.host) {
        Some((machine, Reach::There)) => machine,
        Some((_, Reach::Lost)) => {
            let patience = asked.patience.unwrap_or(PATIENCE);
            process.world.pass(patience);
            let (host, port) = (&asked.host, asked.port.as_deref().unwrap_or("22"));
            return process.fail(255, format!("ssh: connect to host {host} port {port}: Connection timed out"));
        }
        None => {
            process.world.take(Duration::from_millis(20));
            let host = &asked.host;
            return process.fail(255, format!("ssh: Could not resolve hostname {host}: Name or service not known"));
        }
    };
    process.world.take(CONNECT);
    if asked.command.is_empty() {
        return Err(Unsimulated("`ssh` without a command".to_owned()));
    }
    let user = asked.user.unwrap_or_else(|| process.user.clone());
    let home = if user == "root" { "/root".to_owned() } else { format!("/home/{user}") };
    let stdin = if asked.no_input { Stream::default() } else { std::mem::take(&mut process.stdin) };
    let mut remote = process.started(Place::machine(&machine), stdin);
    (remote.cwd, remote.user) = (home, user);
    // The shell that people have on Linux machines.
    let exit = remote.run(&["bash".to_owned(), "-c".to_owned(), asked.command.join(" ")])?;
    let (stdout, stderr) = (remote.stdout, remote.stderr);
    process.stdout.extend(stdout);
    process.stderr.push_str(&stderr);
    Ok(exit)
}

/// The machine behind a host, and whether it is reached; none: the name does not resolve.
fn machine(process: &Process<'_>, host: &str) -> Option<(String, Reach)> {
    let world = &process.world;
    match world.lookup(&process.place, host) {
        Some(found) => match &found.peer {
            Peer::Machine(name) => Some((name.clone(), world.arrives(&process.place, &found.peer))),
            // A container has no sshd, and what is known by its address only does not answer.
            Peer::Container(_) | Peer::Server(_) | Peer::Nobody => Some((String::new(), Reach::Lost)),
        },
        // A name of the operator's ssh configuration.
        None => world.machine(host).map(|machine| {
            let reach = if machine.power == Power::Up { Reach::There } else { Reach::Lost };
            (machine.name.clone(), reach)
        }),
    }
}

/// None: no destination.
fn read(arguments: &[String]) -> Result<Option<Asked>, Unsimulated> {
    let mut asked = Asked::default();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let Some(flag) = word.strip_prefix('-').filter(|flag| !flag.is_empty()) else {
            if let Some((user, host)) = word.rsplit_once('@') {
                asked.user = Some(user.to_owned());
                host.clone_into(&mut asked.host);
            } else {
                asked.host.clone_from(word);
            }
            asked.command = rest.as_slice().to_vec();
            return Ok(Some(asked));
        };
        let (letter, glued) = flag.split_at(1);
        let mut value = || {
            let glued = (!glued.is_empty()).then(|| glued.to_owned());
            glued.or_else(|| rest.next().cloned()).unwrap_or_default()
        };
        match letter {
            "o" => option(&mut asked, &value()),
            "p" => asked.port = Some(value()),
            "l" => asked.user = Some(value()),
            "i" | "F" => drop(value()),
            "n" => asked.no_input = true,
            "q" | "T" | "t" | "x" | "4" | "A" | "a" | "C" | "v" => {}
            _ => return Err(Unsimulated(format!("`ssh {word}`"))),
        }
    }
    Ok(None)
}

fn option(asked: &mut Asked, option: &str) {
    let Some((name, value)) = option.split_once(['=', ' ']) else { return };
    if name.eq_ignore_ascii_case("ConnectTimeout") {
        asked.patience = value.trim().parse().ok().map(Duration::from_secs);
    }
    if name.eq_ignore_ascii_case("User") {
        asked.user = Some(value.trim().to_owned());
    }
}
