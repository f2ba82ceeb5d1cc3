//! What the Engine says about the health of a container: its own questions, asked at their times.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::super::lifecycle::{self, Health};
use super::super::super::world::{Container, HealthCheck, Life, Status, World};

/// What the Engine knows of a container's health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `starting`, `healthy` or `unhealthy`.
    pub status: &'static str,
    /// Failures in a row.
    pub streak: u32,
    /// The last answers: when asked, when answered, exit code.
    pub log: Vec<(DateTime<Utc>, DateTime<Utc>, i32)>,
}

/// Answers that are kept.
const KEPT: i64 = 5;
/// A question takes so long.
const ANSWER: TimeDelta = TimeDelta::milliseconds(60);

/// How a container is asked; none: it is not asked.
pub fn check_of(container: &Container) -> Option<&HealthCheck> {
    container.spec.health.as_ref().filter(|check| check.test.first().is_none_or(|first| first != "NONE"))
}

/// What the Engine knows now; none: it does not ask, or has not begun to.
pub fn asked(world: &World, machine: &str, container: &Container) -> Option<Asked> {
    let check = check_of(container);
    if !container.has_health_check
        || (container.spec.health.is_some() && check.is_none())
        || container.life == Life::Created
    {
        return None;
    }
    let now = world.now();
    let seen = container.at(now);
    if !matches!(seen.status, Status::Running | Status::Paused) {
        return Some(Asked { status: "unhealthy", streak: 0, log: Vec::new() });
    }
    let started = seen.started.unwrap_or(now);
    let every = check.map_or(Duration::ZERO, HealthCheck::every);
    let every = TimeDelta::from_std(every).unwrap_or(TimeDelta::zero());
    let answers =
        if every.is_zero() { 1 } else { (now - started - ANSWER).num_milliseconds() / every.num_milliseconds().max(1) };
    let count = u32::try_from(answers.max(0)).unwrap_or(u32::MAX);
    let health = match &container.life {
        // Nobody is asked while everything stands still.
        Life::Running(run) if container.paused => {
            if run.ready.is_some_and(|ready| ready <= now) {
                Health::Healthy
            } else {
                Health::Starting
            }
        }
        _ => lifecycle::health(world, machine, &container.id),
    };
    let (status, code) = match health {
        Health::Healthy if answers < 1 => ("starting", 0),
        Health::Healthy => ("healthy", 0),
        Health::Starting => ("starting", 1),
        Health::Unhealthy(_) | Health::Down => {
            let limit = check.map_or(1, HealthCheck::limit);
            let spared = check.and_then(|check| check.start_period).and_then(|period| TimeDelta::from_std(period).ok());
            let counts = spared.is_none_or(|period| now - started >= period);
            (if count >= limit && counts { "unhealthy" } else { "starting" }, 1)
        }
    };
    let first = (answers - KEPT + 1).max(1);
    let log = (first..=answers).filter(|_| !every.is_zero()).map(|n| {
        let at = started + every * i32::try_from(n).unwrap_or(i32::MAX);
        (at, at + ANSWER, code)
    });
    Some(Asked { status, streak: if code == 0 { 0 } else { count }, log: log.collect() })
}
