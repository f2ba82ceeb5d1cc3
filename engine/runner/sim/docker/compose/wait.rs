//! Waiting for containers: until they run, are healthy, or have done their work.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::super::world::{Container, Status};
use super::super::engine::asked;
use super::super::fault::{Done, Fault, unsimulated};
use super::Compose;
use super::model::Condition;

/// Between two looks.
const TICK: Duration = Duration::from_millis(500);
/// Nobody waits longer: what has not happened until then does not happen.
const LONGEST: chrono::TimeDelta = chrono::TimeDelta::hours(1);

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// What a service of a file waits for.
    Need(Condition),
    /// `--wait`: healthy, or running where health is not asked for.
    Up,
}

/// What a look showed.
enum Look {
    Done(&'static str),
    Not,
    /// It will not happen: what stands behind the container, and the end of the command.
    Failed(String, String),
}

impl Compose<'_, '_, '_> {
    /// Waits for containers, all at once.
    ///
    /// # Errors
    /// One of them will not be what is waited for, or time is up.
    pub fn wait(&mut self, wanted: &[(Container, For)], deadline: Option<(DateTime<Utc>, Duration)>) -> Done {
        for (container, _) in wanted {
            self.tell_container(&container.name, "Waiting");
        }
        let began = self.client.process.world.now();
        let mut open: Vec<&(Container, For)> = wanted.iter().collect();
        while !open.is_empty() {
            self.client.process.world.pass(TICK);
            let now = self.client.process.world.now();
            let mut rest = Vec::new();
            for one @ (container, what) in open {
                match self.look(container, *what)? {
                    Look::Done(word) => self.tell_container(&container.name, word),
                    Look::Not => rest.push(one),
                    Look::Failed(shown, why) => {
                        if !shown.is_empty() {
                            self.tell_container(&container.name, &shown);
                        }
                        return Err(Fault::said(1, why));
                    }
                }
            }
            open = rest;
            if let Some((_, limit)) = deadline.filter(|(end, _)| !open.is_empty() && now >= *end) {
                return Err(Fault::said(1, format!("application not healthy after {}", super::config::span(limit))));
            }
            if now - began > LONGEST {
                return unsimulated("`docker compose up` that waits for ever");
            }
        }
        Ok(())
    }

    fn look(&mut self, container: &Container, what: For) -> Done<Look> {
        let name = &container.name;
        let Ok(container) = self.client.container(&container.id).cloned() else {
            return Err(Fault::daemon(format!("No such container: {}", container.id)));
        };
        let world = &*self.client.process.world;
        let seen = container.at(world.now());
        let health = asked(world, &self.client.machine, &container).map(|asked| asked.status);
        let needed = |why: String| Look::Failed("Error".to_owned(), format!("dependency failed to start: {why}"));
        let failed = |why: String| if what == For::Up { Look::Failed(String::new(), why) } else { needed(why) };
        if what == For::Need(Condition::Completed) {
            return Ok(match seen.status {
                Status::Exited if seen.code == 0 => Look::Done("Exited"),
                Status::Exited => {
                    let service = super::service_of(&container);
                    let why = format!("service {service:?} didn't complete successfully: exit {}", seen.code);
                    Look::Failed(why.clone(), why)
                }
                _ => Look::Not,
            });
        }
        if seen.status == Status::Exited {
            return Ok(failed(format!("container {name} exited ({})", seen.code)));
        }
        Ok(match health {
            None if what == For::Up && seen.status == Status::Running => Look::Done("Healthy"),
            None if what == For::Up => Look::Not,
            None => failed(format!("container {name} has no healthcheck configured")),
            Some("healthy") => Look::Done("Healthy"),
            Some("unhealthy") => failed(format!("container {name} is unhealthy")),
            Some(_) => Look::Not,
        })
    }
}
