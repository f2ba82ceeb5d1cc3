//! `docker compose logs`.

use super::super::super::world::Container;
use super::super::command::Given;
use super::super::fault::{Done, Fault, unsimulated};
use super::super::human::{json_time, moment};
use super::super::verbs::lines;
use super::{Compose, number_of, service_of};

/// What stands before every line: the client clears its last one.
const CLEAR: &str = "\u{1b}[2K";

pub fn logs(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["index", "no-color", "no-log-prefix", "since", "tail", "timestamps", "until"])?;
    let known = compose.known(&given.operands)?;
    let now = compose.client.process.world.now();
    let bound = |flag: &str| -> Done<_> {
        let Some(text) = given.text(flag) else { return Ok(None) };
        let wrong = || {
            Fault::daemon(format!("invalid value for {flag:?}: failed to parse value as time or duration: {text:?}"))
        };
        moment(text, now).map(Some).ok_or_else(wrong)
    };
    let (since, until) = (bound("since")?, bound("until")?);
    let tail = given.text("tail").and_then(|tail| tail.parse().ok());
    let index: Option<usize> = given.text("index").and_then(|index| index.parse().ok());
    let mut containers = compose.chosen(&known.name, &given.operands, false)?;
    containers.retain(|container| index.is_none_or(|index| number_of(container) == index));
    if containers.iter().any(|container| service_of(container).is_empty()) {
        return unsimulated("`docker compose logs` of containers without a service");
    }
    let named = |container: &Container| format!("{}-{}", service_of(container), number_of(container));
    let width = containers.iter().map(|container| named(container).len()).max().unwrap_or_default();
    for container in &containers {
        let prefix =
            if given.has("no-log-prefix") { String::new() } else { format!("{:width$}  | ", named(container)) };
        for (at, _, line) in lines(container, now, since, until, tail) {
            let at = if given.has("timestamps") { format!("{} ", json_time(Some(at))) } else { String::new() };
            compose.client.say(format!("{CLEAR}{prefix}{at}{}", line.trim_end_matches('\n')));
        }
    }
    Ok(0)
}
