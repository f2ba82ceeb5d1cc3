//! What becomes of a container that is started, and whether it is healthy now.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::place::Place;
use super::world::{Container, Due, Life, Program, Run, Task, World};
use super::{health, postgres, redis};

/// How a container is, for whoever asks for its health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It runs and is not ready yet.
    Starting,
    /// It does its work.
    Healthy,
    /// It runs and does not; why.
    Unhealthy(String),
    /// It does not run.
    Down,
}

/// What a program makes of its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// It runs on, and can do its work after so long; none: never.
    Runs(Option<Duration>),
    /// It runs, can perhaps do its work after so long, and then ends by itself.
    Ends {
        /// When it can do its work.
        ready: Option<Duration>,
        /// When it ends.
        after: Duration,
        /// Its exit code.
        code: i32,
    },
    /// It dies at once.
    Dies(i32),
}

/// Time until healthy of a service that does not say it.
const ESTIMATE: Duration = Duration::from_secs(2);

/// Time until ready of something that is no service of the system.
const UNKNOWN: Duration = Duration::from_millis(400);

/// Lines that a container's log keeps.
const LOG_LINES: usize = 60;

/// What a container does when it is started now; also writes what it prints. The caller stores the result as its `life`.
pub fn start(world: &mut World, machine: &str, id: &str) -> Life {
    world.settle();
    let Some(container) = world.engine(machine).and_then(|engine| engine.containers.get(id)) else {
        return Life::Created;
    };
    let image = world.engine(machine).and_then(|engine| engine.images.get(&container.image));
    let (crashes, unhealthy) = image.map_or((None, false), |image| (image.crashes.clone(), image.unhealthy));
    let restart = container.restart.clone();
    let start = match crashes {
        Some((code, words)) => {
            for line in words.lines() {
                log(world, machine, id, line.starts_with("ERROR"), line);
            }
            Start::Dies(code)
        }
        None => program(world, &Place::container(machine, id)),
    };
    let start = match start {
        Start::Runs(_) if unhealthy => Start::Runs(None),
        start => start,
    };
    life(world.now(), start, &restart)
}

/// What the container's program does.
fn program(world: &mut World, place: &Place) -> Start {
    let Some(container) = world.container_in(place) else { return Start::Dies(127) };
    match container.program {
        Program::Postgres if postgres::serves(container) => postgres::start(world, place),
        Program::Redis if redis::serves(container) => redis::start(world, place),
        Program::Service => service(world, place),
        Program::Postgres | Program::Redis | Program::Tools => tools(container),
    }
}

/// A service that is known by its health only, and what it says at its start.
fn service(world: &mut World, place: &Place) -> Start {
    let Some(container) = world.container_in(place) else { return Start::Dies(127) };
    let estimate = container.service.as_ref().map(|_| estimate(world, container));
    let words = match container.env.get("VERSION") {
        Some(version) => format!("INFO {version} starting\nINFO {version} listening on 0.0.0.0:8000"),
        None => "started".to_owned(),
    };
    if let Some(id) = &place.container {
        log(world, &place.machine, id, false, &words);
    }
    Start::Runs(Some(estimate.map_or(UNKNOWN, |estimate| world.dice.about(estimate))))
}

/// Time until the container's service is healthy.
pub fn estimate(world: &World, container: &Container) -> Duration {
    let service = container.service.as_ref();
    let facts = service.and_then(|id| world.system.services.iter().find(|service| service.id == *id));
    facts.and_then(|facts| facts.estimate).unwrap_or(ESTIMATE)
}

/// A container of tools in the background: `sleep` ends, everything else is taken for something that stays.
fn tools(container: &Container) -> Start {
    match sleeps(&container.command) {
        Some(after) => Start::Ends { ready: Some(Duration::ZERO), after, code: 0 },
        None => Start::Runs(Some(Duration::ZERO)),
    }
}

/// How long `sleep N`, or a shell that does nothing else, sleeps.
fn sleeps(command: &[String]) -> Option<Duration> {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sh" | "/bin/sh" | "bash" | "/bin/bash", "-c", script] => {
            let words: Vec<String> = script.split_whitespace().map(str::to_owned).collect();
            let exec = words.first().is_some_and(|first| first == "exec");
            sleeps(&words[usize::from(exec)..]).filter(|_| words.len() == 2 + usize::from(exec))
        }
        ["sleep" | "/bin/sleep", time] => {
            let unit = match time.chars().last()? {
                'm' => 60.0,
                'h' => 3_600.0,
                'd' => 86_400.0,
                _ => 1.0,
            };
            let number: f64 = time.trim_end_matches(['s', 'm', 'h', 'd']).parse().ok()?;
            Duration::try_from_secs_f64(number * unit).ok()
        }
        _ => None,
    }
}

fn life(now: DateTime<Utc>, start: Start, restart: &str) -> Life {
    let runs = |ready: Option<Duration>, ends| {
        Life::Running(Run { started: now, ready: ready.map(|ready| later(now, ready)), ends })
    };
    match start {
        Start::Runs(ready) => runs(ready, None),
        Start::Dies(code) if restarts(restart, code) => Life::Looping { since: now, code },
        Start::Ends { code, .. } if code != 0 && restarts(restart, code) => Life::Looping { since: now, code },
        // What ends well and is started again is there all the time.
        Start::Ends { ready, code, .. } if restarts(restart, code) => runs(ready, None),
        Start::Ends { ready, after, code } => runs(ready, Some((later(now, after), code))),
        Start::Dies(code) => Life::Exited { code, at: now, started: now, oom: false },
    }
}

/// The Engine starts it again when it ends by itself.
pub fn restarts(policy: &str, code: i32) -> bool {
    match policy.split(':').next() {
        Some("always" | "unless-stopped") => true,
        Some("on-failure") => code != 0,
        _ => false,
    }
}

/// A moment after another.
pub fn later(moment: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
    moment.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// How a container is now: its own state, what its service needs, its data.
pub fn health(world: &World, machine: &str, id: &str) -> Health {
    health::container_health(world, machine, id)
}

/// Writes a container's log.
pub fn log(world: &mut World, machine: &str, id: &str, error: bool, text: &str) {
    log_at(world, machine, id, error, text, world.now());
}

/// Writes a container's log with another moment than now: what a server is going to print is known at its start.
pub fn log_at(world: &mut World, machine: &str, id: &str, error: bool, text: &str, at: DateTime<Utc>) {
    let Some(container) = world.engine_mut(machine).and_then(|engine| engine.containers.get_mut(id)) else { return };
    container.log.extend(text.lines().map(|line| (at, error, line.to_owned())));
    let over = container.log.len().saturating_sub(LOG_LINES);
    container.log.drain(..over);
}

/// A server finishes what it has been doing by itself: see [`World::settle`].
pub fn finish(world: &mut World, due: &Due, at: DateTime<Utc>) {
    let place = Place::container(&due.machine, &due.container);
    match &due.task {
        Task::Recovered { as_of, damaged } => postgres::recovered(world, &place, *as_of, *damaged, at),
        Task::Saved => redis::saved(world, &place, at),
        Task::Rewritten => redis::rewritten(world, &place, at),
    }
}

impl World {
    /// The container that a place is in.
    pub(in crate::runner::sim) fn container_in(&self, place: &Place) -> Option<&Container> {
        self.engine(&place.machine)?.containers.get(place.container.as_ref()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sleeps_ends() {
        let words = |text: &str| shlex::split(text).unwrap();
        assert_eq!(sleeps(&words("sleep 30")), Some(Duration::from_secs(30)));
        assert_eq!(sleeps(&words("sh -c 'sleep 2m'")), Some(Duration::from_mins(2)));
        assert_eq!(sleeps(&words("sh -c 'exec sleep 1'")), Some(Duration::from_secs(1)));
        assert_eq!(sleeps(&words("sleep infinity")), None);
        assert_eq!(sleeps(&words("sh -c 'sleep 2; echo done'")), None);
        assert_eq!(sleeps(&words("nginx -g 'daemon off;'")), None);
    }

    #[test]
    fn policies_decide_between_an_end_and_a_loop() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        assert_eq!(life(now, Start::Dies(1), "always"), Life::Looping { since: now, code: 1 });
        assert_eq!(life(now, Start::Dies(1), "on-failure:3"), Life::Looping { since: now, code: 1 });
        assert_eq!(life(now, Start::Dies(1), "no"), Life::Exited { code: 1, at: now, started: now, oom: false });
        assert_eq!(
            life(now, Start::Dies(0), "on-failure"),
            Life::Exited { code: 0, at: now, started: now, oom: false }
        );
    }
}
