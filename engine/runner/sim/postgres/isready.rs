//! `pg_isready`.

use super::super::process::{Process, Ran};
use super::connect::{Refused, Target, connect};
use super::flags::Flags;

/// It waits so long for an answer, unless it is told otherwise: seconds.
const PATIENCE: u64 = 3;

const HINT: &str = "pg_isready: hint: Try \"pg_isready --help\" for more information.";

pub fn pg_isready(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let mut target = Target::of(process);
    let (mut quiet, mut patience) = (false, PATIENCE);
    let mut flags = Flags::new(arguments, "hpUdt", &["host", "port", "username", "dbname", "timeout"]);
    while let Some(flag) = flags.next() {
        match flag.as_str() {
            "-q" | "--quiet" => quiet = true,
            "-d" | "--dbname" => target.name(&flags.value().unwrap_or_default())?,
            "-t" | "--timeout" => {
                let value = flags.value().unwrap_or_default();
                match value.parse() {
                    Ok(seconds) => patience = seconds,
                    Err(_) => return process.fail(3, format!("pg_isready: error: invalid timeout \"{value}\"")),
                }
            }
            "-V" | "--version" => {
                process.say("pg_isready (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)");
                return Ok(0);
            }
            other if target.flag(other, || flags.value()) => {}
            other => {
                process.complain(super::flags::unknown("pg_isready", other));
                return process.fail(3, HINT);
            }
        }
    }
    if let Some(extra) = flags.operands().first() {
        process.complain(format!("pg_isready: error: too many command-line arguments (first is \"{extra}\")"));
        return process.fail(3, HINT);
    }
    target.patience = Some(patience);
    let (exit, words) = match connect(process, &target)? {
        Ok(_) => (0, "accepting connections"),
        Err(Refused::Rejecting(_)) => (1, "rejecting connections"),
        Err(Refused::NoResponse(_)) => (2, "no response"),
    };
    if !quiet {
        let host = target.host.as_deref().filter(|host| !host.is_empty()).unwrap_or("/var/run/postgresql");
        process.say(format!("{host}:{} - {words}", target.port()));
    }
    Ok(exit)
}
