//! `docker compose start`, `stop`, `restart`, `kill`, `pause`, `unpause`, `rm`.

use std::time::Duration;

use super::super::super::world::{Container, Status};
use super::super::command::Given;
use super::super::fault::{Done, Fault, unsimulated};
use super::model::Project;
use super::{Compose, Known, by_labels, service_of};

/// Seconds of `--timeout`.
pub fn timeout(given: &Given) -> Option<Duration> {
    given.text("timeout").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs)
}

/// The project of a call, made up from its containers when no file is known.
fn project(compose: &mut Compose<'_, '_, '_>, known: Known) -> Done<Project> {
    match known.project {
        Some(project) => Ok(project),
        None => Ok(by_labels(&known.name, &compose.containers(&known.name, false)?)),
    }
}

pub fn start(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&[])?;
    let known = compose.known(&given.operands)?;
    let name = known.name.clone();
    if known.project.is_none() && compose.containers(&name, false)?.is_empty() {
        return Err(Fault::said(1, format!("no container found for project {name:?}: not found")));
    }
    let mut project = project(compose, known)?;
    if given.operands.iter().all(|name| !project.disabled.contains_key(name)) {
        project.select(&given.operands, true).map_err(|why| Fault::said(1, why))?;
    } else {
        project.services.clear();
    }
    for service in project.ordered() {
        let there = compose.chosen(&name, std::slice::from_ref(&service.name), false)?;
        if there.is_empty() && service.scale > 0 {
            return Err(Fault::said(1, format!("service {:?} has no container to start", service.name)));
        }
        compose.start_service(&project, service)?;
    }
    Ok(0)
}

/// Containers in the order in which they are stopped: those first on which nobody depends.
pub fn backwards(project: &Project, mut containers: Vec<Container>) -> Vec<Container> {
    let order: Vec<String> = project.ordered().iter().map(|service| service.name.clone()).collect();
    let place =
        |container: &Container| order.iter().position(|name| name == service_of(container)).map_or(0, |at| at + 1);
    containers.sort_by_key(|container| std::cmp::Reverse(place(container)));
    containers
}

pub fn stop(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["timeout"])?;
    let known = compose.known(&given.operands)?;
    let containers = compose.chosen(&known.name, &given.operands, false)?;
    let project = project(compose, known)?;
    let containers = backwards(&project, containers);
    compose.stop_all(&containers, timeout(given))?;
    Ok(0)
}

impl Compose<'_, '_, '_> {
    /// Stops containers, one after the other in the world and all at once in time.
    ///
    /// # Errors
    /// The daemon refuses.
    pub fn stop_all(&mut self, containers: &[Container], timeout: Option<Duration>) -> Done {
        let began = self.client.process.world.now();
        let mut latest = began;
        for container in containers {
            self.client.process.world.set_now(began);
            self.tell_container(&container.name, "Stopping");
            self.client.stop(&container.id, timeout)?;
            self.tell_container(&container.name, "Stopped");
            latest = latest.max(self.client.process.world.now());
        }
        self.client.process.world.set_now(latest);
        Ok(())
    }

    /// Stops and removes containers.
    ///
    /// # Errors
    /// The daemon refuses.
    pub fn take_down(&mut self, containers: &[Container], timeout: Option<Duration>, volumes: bool) -> Done {
        self.stop_all(containers, timeout)?;
        for container in containers {
            // One that is removed at its end is gone.
            self.tell_container(&container.name, "Removing");
            if self.client.container(&container.id).is_ok() {
                self.client.remove(&container.id, true, volumes)?;
            }
            self.tell_container(&container.name, "Removed");
        }
        Ok(())
    }
}

pub fn restart(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["no-deps", "timeout"])?;
    let known = compose.known(&[])?;
    let mut project = project(compose, known)?;
    project.select(&given.operands, false).map_err(|why| Fault::said(1, why))?;
    let names: Vec<String> = project.services.keys().cloned().collect();
    let containers = if names.is_empty() { Vec::new() } else { compose.chosen(&project.name, &names, false)? };
    let mut order: Vec<&Container> = containers.iter().collect();
    let services: Vec<String> = project.ordered().iter().map(|service| service.name.clone()).collect();
    order.sort_by_key(|container| services.iter().position(|name| name == service_of(container)));
    for container in &order {
        compose.tell_container(&container.name, "Restarting");
    }
    for container in order {
        compose.client.restart(&container.id, timeout(given))?;
        compose.tell_container(&container.name, "Started");
    }
    Ok(0)
}

pub fn kill(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["signal"])?;
    let known = compose.known(&given.operands)?;
    let now = compose.client.process.world.now();
    let mut containers = compose.chosen(&known.name, &given.operands, false)?;
    containers.retain(|container| !matches!(container.at(now).status, Status::Created | Status::Exited));
    if containers.is_empty() {
        compose.client.process.complain("no container to kill");
        return Ok(0);
    }
    let signal = given.text("signal").unwrap_or("KILL").to_owned();
    for container in containers {
        compose.tell_container(&container.name, "Killing");
        compose.client.kill(&container.id, &signal)?;
        compose.client.take(120);
        compose.tell_container(&container.name, "Killed");
    }
    Ok(0)
}

/// Does something to the containers that run.
fn to_running(
    compose: &mut Compose<'_, '_, '_>,
    given: &Given,
    word: &str,
    act: impl Fn(&mut Compose<'_, '_, '_>, &str) -> Done,
) -> Done<i32> {
    given.only(&[])?;
    let known = compose.known(&given.operands)?;
    let now = compose.client.process.world.now();
    let mut containers = compose.chosen(&known.name, &given.operands, false)?;
    containers.retain(|container| !matches!(container.at(now).status, Status::Created | Status::Exited));
    compose.client.take(20);
    for container in containers {
        act(compose, &container.id)?;
        compose.tell_container(&container.name, word);
    }
    Ok(0)
}

pub fn pause(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    to_running(compose, given, "Paused", |compose, id| compose.client.pause(id))
}

pub fn unpause(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    to_running(compose, given, "Unpaused", |compose, id| compose.client.unpause(id))
}

pub fn remove(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["force", "stop", "volumes"])?;
    let known = compose.known(&given.operands)?;
    let mut containers = compose.chosen(&known.name, &given.operands, false)?;
    if given.has("stop") {
        let project = project(compose, known)?;
        let ordered = backwards(&project, containers.clone());
        compose.stop_all(&ordered, None)?;
    }
    let now = compose.client.process.world.now();
    containers.retain(|container| {
        let container = compose.client.container(&container.id);
        container.is_ok_and(|container| matches!(container.at(now).status, Status::Created | Status::Exited))
    });
    if containers.is_empty() {
        compose.client.process.complain("No stopped containers");
        return Ok(0);
    }
    let names: Vec<&str> = containers.iter().map(|container| container.name.as_str()).collect();
    compose.client.say(format!("Going to remove {}", names.join(", ")));
    if !given.has("force") {
        // Nobody answers the question.
        return if compose.client.process.stdin.is_empty() {
            Ok(0)
        } else {
            unsimulated("`docker compose rm` that asks")
        };
    }
    for container in containers {
        compose.tell_container(&container.name, "Removing");
        compose.client.remove(&container.id, true, given.has("volumes"))?;
        compose.tell_container(&container.name, "Removed");
    }
    Ok(0)
}
