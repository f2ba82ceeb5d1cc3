//! `docker logs`.

use chrono::{DateTime, Utc};

use super::super::super::world::{Container, Life};
use super::super::client::Client;
use super::super::command::Given;
use super::super::fault::{Done, Fault};
use super::super::human::{json_time, moment};

/// A line of a log: when, to standard error or not, what.
pub type Entry = (DateTime<Utc>, bool, String);

/// Lives of a crash loop whose lines are shown, at most.
const LIVES: u32 = 50;

pub fn logs(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["details", "since", "tail", "timestamps", "until"])?;
    let Some(name) = given.operands.first() else { return Ok(1) };
    client.take(15);
    let now = client.process.world.now();
    let container = client.container(name)?.clone();
    let bound = |flag: &str| -> Done<Option<DateTime<Utc>>> {
        let Some(text) = given.text(flag).filter(|text| !text.is_empty()) else { return Ok(None) };
        let wrong = || {
            Fault::said(1, format!("invalid value for {flag:?}: failed to parse value as time or duration: {text:?}"))
        };
        moment(text, now).map(Some).ok_or_else(wrong)
    };
    let (since, until) = (bound("since")?, bound("until")?);
    let tail = given.text("tail").and_then(|tail| tail.parse().ok());
    for (at, is_error, line) in lines(&container, now, since, until, tail) {
        let mut text = String::new();
        if given.has("timestamps") {
            text.push_str(&json_time(Some(at)));
            text.push(' ');
        }
        if given.has("details") {
            text.push(' ');
        }
        text.push_str(line.trim_end_matches('\n'));
        if is_error && !container.spec.tty { client.process.complain(text) } else { client.say(text) }
    }
    Ok(0)
}

/// What a container has printed until now.
pub fn lines(
    container: &Container,
    now: DateTime<Utc>,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    tail: Option<usize>,
) -> Vec<Entry> {
    let mut found: Vec<Entry> = container.log.iter().filter(|(at, ..)| *at <= now).cloned().collect();
    if let Life::Looping { since: first, .. } = &container.life {
        // Every life says the same as the first.
        let seen = container.at(now);
        let lived = seen.restarts.saturating_sub(container.restarts);
        let once: Vec<Entry> = found.iter().filter(|(at, ..)| at >= first).cloned().collect();
        if let Some(last) = seen.started {
            let shift = last - *first;
            for life in (lived.saturating_sub(LIVES) + 1)..=lived {
                let part = shift * i32::try_from(life).unwrap_or(i32::MAX) / i32::try_from(lived).unwrap_or(1).max(1);
                found.extend(once.iter().map(|(at, is_error, line)| (*at + part, *is_error, line.clone())));
            }
        }
    }
    found.retain(|(at, ..)| since.is_none_or(|since| *at >= since) && until.is_none_or(|until| *at <= until));
    let surplus = tail.map_or(0, |tail| found.len().saturating_sub(tail));
    found.drain(..surplus);
    found
}
