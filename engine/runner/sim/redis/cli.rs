//! `redis-cli`: where it connects to, and how it prints replies.

use std::time::Duration;

use super::super::http::server_on;
use super::super::names::{FOR_EVER, Peer, Reach};
use super::super::place::Place;
use super::super::process::{Process, Ran, Unsimulated};
use super::super::world::Program;
use super::commands::{Reply, run};
use super::server;

/// What is wanted.
struct Options {
    host: String,
    port: u16,
    password: Option<String>,
    /// The password stood on the command line.
    warn: bool,
    /// Errors are failures, on standard error.
    errors: bool,
    words: Vec<String>,
}

/// What came of connecting.
enum Connected {
    /// To the server of this container.
    To(Place),
    /// Why not, in the words of the client.
    Not(&'static str),
}

const UNRESOLVED: &str = "Name or service not known";

/// `***`: what a secret looks like where its value is not known. It is taken for the right one.
const SECRET: &str = "***";

pub fn redis_cli(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let options = match read(process, arguments)? {
        Ok(options) => options,
        Err(option) if option == "--version" => {
            process.say("redis-cli 7.0.15");
            return Ok(0);
        }
        Err(option) => {
            return process.fail(1, format!("Unrecognized option or bad number of args for: '{option}'"));
        }
    };
    process.world.take(Duration::from_millis(4));
    if options.warn {
        process.complain(
            "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.",
        );
    }
    let place = match connect(process, &options) {
        Connected::To(place) => place,
        Connected::Not(why) => {
            let (host, port) = (&options.host, options.port);
            return process.fail(1, format!("Could not connect to Redis at {host}:{port}: {why}"));
        }
    };
    let Some(mut allowed) = authenticate(process, &place, &options) else {
        return process.fail(1, "Error: Server closed the connection");
    };
    let commands: Vec<Vec<String>> = if options.words.is_empty() {
        let text = process.stdin.to_text();
        text.lines().map(|line| shlex::split(line).unwrap_or_default()).filter(|words| !words.is_empty()).collect()
    } else {
        vec![options.words.clone()]
    };
    let mut exit = 0;
    for words in commands {
        let Some(mut store) = server::store(process.world, &place) else {
            return process.fail(1, "Error: Server closed the connection");
        };
        let reply = if is_loading(process, &place) {
            Reply::Error("LOADING Redis is loading the dataset in memory".to_owned())
        } else if words[0].eq_ignore_ascii_case("auth") {
            let given = words.last().cloned().unwrap_or_default();
            allowed = store.password.as_ref().is_none_or(|wanted| *wanted == given || given == SECRET);
            if allowed { Reply::Status("OK") } else { Reply::Error(WRONG.to_owned()) }
        } else if allowed {
            run(process.world, &place, &mut store, &words)?
        } else {
            Reply::Error("NOAUTH Authentication required.".to_owned())
        };
        exit = exit.max(print(process, &options, reply));
    }
    Ok(exit)
}

const WRONG: &str = "WRONGPASS invalid username-password pair or user is disabled.";

/// True: the server takes commands of this client; none: there is no server any more.
fn authenticate(process: &mut Process<'_>, place: &Place, options: &Options) -> Option<bool> {
    let store = server::store(process.world, place)?;
    Some(match (&store.password, &options.password) {
        (None, None) => true,
        // Whether the server wants the secret, nobody told.
        (None, Some(given)) if given == SECRET => true,
        (None, Some(_)) => {
            let words = "ERR AUTH <password> called without any password configured for the default user. \
                         Are you sure your configuration is correct?";
            process.complain(format!("AUTH failed: {words}"));
            true
        }
        (Some(wanted), Some(given)) if wanted == given || given == SECRET || wanted == SECRET => true,
        (Some(_), Some(_)) => {
            process.complain(format!("AUTH failed: {WRONG}"));
            false
        }
        (Some(_), None) => false,
    })
}

fn is_loading(process: &Process<'_>, place: &Place) -> bool {
    process.world.container_in(place).is_some_and(|container| !container.is_ready(process.world.now()))
}

/// Prints as to a pipe; gives the exit code.
fn print(process: &mut Process<'_>, options: &Options, reply: Reply) -> i32 {
    match reply {
        Reply::Status(text) => process.say(text),
        Reply::Text(text) => process.say(text),
        Reply::Raw(text) => process.stdout.push(&text),
        Reply::Number(number) => process.say(number.to_string()),
        Reply::Lines(lines) => process.say(lines.join("\n")),
        Reply::Closed => {}
        Reply::Error(text) if options.errors => {
            process.complain(text);
            return 1;
        }
        // Its exit code is 0: whoever wants to know has to read it.
        Reply::Error(text) => process.say(format!("{text}\n")),
    }
    0
}

fn connect(process: &mut Process<'_>, options: &Options) -> Connected {
    let Some(found) = process.world.lookup(&process.place, &options.host) else {
        return Connected::Not(UNRESOLVED);
    };
    if process.world.arrives(&process.place, &found.peer) == Reach::Lost {
        process.world.pass(Duration::from_secs(130));
        return Connected::Not("Connection timed out");
    }
    let place = match found.peer {
        Peer::Container(place) => Some(place),
        Peer::Machine(machine) => server_on(process.world, &machine, Program::Redis),
        Peer::Server(_) | Peer::Nobody => None,
    };
    let Some((place, container)) = place.and_then(|place| Some((place.clone(), process.world.container_in(&place)?)))
    else {
        return Connected::Not("Connection refused");
    };
    if container.paused {
        process.world.pass(FOR_EVER);
        return Connected::Not("Connection timed out");
    }
    let listens = container.program == Program::Redis && super::serves(container) && options.port == 6379;
    if !listens || !container.runs(process.world.now()) {
        return Connected::Not("Connection refused");
    }
    Connected::To(place)
}

/// The inner error is an option that `redis-cli` does not know.
fn read(process: &Process<'_>, arguments: &[String]) -> Result<Result<Options, String>, Unsimulated> {
    let mut options = Options {
        host: "127.0.0.1".to_owned(),
        port: 6379,
        password: process.env.get("REDISCLI_AUTH").filter(|password| !password.is_empty()).cloned(),
        warn: false,
        errors: false,
        words: Vec::new(),
    };
    let mut quiet = false;
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let mut value = || rest.next().cloned();
        match word.as_str() {
            "-h" => options.host = value().unwrap_or_default(),
            "-p" => options.port = value().and_then(|port| port.parse().ok()).unwrap_or(0),
            "-a" | "--pass" => {
                options.password = value();
                options.warn = true;
            }
            "--no-auth-warning" => quiet = true,
            "-e" => options.errors = true,
            "--user" => drop(value()),
            "-n" => {
                if value().is_some_and(|database| database != "0") {
                    return Err(Unsimulated("`redis-cli -n` with another database than 0".to_owned()));
                }
            }
            "--raw" | "-3" | "-2" => {}
            "-v" | "--version" => return Ok(Err("--version".to_owned())),
            "--no-raw" | "-u" | "--rdb" | "--pipe" | "-x" | "-X" | "-r" | "-i" | "--csv" | "--json" | "--stat"
            | "--latency" | "--bigkeys" | "--scan" | "--eval" | "--cluster" | "-s" | "-d" | "-D" | "--tls" | "-c"
            | "--functions-rdb" | "--memkeys" | "--hotkeys" | "--replica" | "--pattern" | "--help" => {
                return Err(Unsimulated(format!("`redis-cli {word}`")));
            }
            word if word.starts_with('-') => return Ok(Err(word.to_owned())),
            _ => {
                options.words.push(word.clone());
                options.words.extend(rest.cloned());
                break;
            }
        }
    }
    options.warn &= !quiet;
    Ok(Ok(options))
}
