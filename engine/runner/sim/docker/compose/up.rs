//! `docker compose up` and `create`.

use std::time::Duration;

use chrono::TimeDelta;

use super::super::super::world::{Container, Status, after};
use super::super::command::Given;
use super::super::fault::{Done, Fault, unsimulated};
use super::converge::{Recreate, orphans};
use super::model::{Condition, Project, Service};
use super::wait::For;
use super::{Compose, service_of};

pub fn up(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&[
        "detach",
        "force-recreate",
        "no-build",
        "no-color",
        "no-deps",
        "no-recreate",
        "no-start",
        "pull",
        "quiet-pull",
        "remove-orphans",
        "scale",
        "timeout",
        "wait",
        "wait-timeout",
    ])?;
    if !(given.has("detach") || given.has("wait") || given.has("no-start")) {
        return unsimulated("`docker compose up` in the foreground");
    }
    let (project, whole) = compose.prepared(given)?;
    compose.make(&project, &whole, given)?;
    if given.has("no-start") {
        return Ok(0);
    }
    compose.start_all(&project)?;
    if given.has("wait") {
        compose.wait_for_all(&project, given)?;
    }
    Ok(0)
}

pub fn create(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["force-recreate", "no-build", "no-recreate", "pull", "quiet-pull", "remove-orphans", "scale"])?;
    let (project, whole) = compose.prepared(given)?;
    compose.make(&project, &whole, given)?;
    Ok(0)
}

impl Compose<'_, '_, '_> {
    /// The project with the services that are wanted, in the numbers that are wanted; and the whole of it.
    fn prepared(&mut self, given: &Given) -> Done<(Project, Project)> {
        let globals = self.globals.clone();
        let whole = self.client.load(&globals)?;
        let mut project = whole.clone();
        for scale in given.all("scale") {
            let (name, number) = scale.split_once('=').unwrap_or((scale, ""));
            let wrong = || Fault::said(1, format!("invalid --scale option {scale:?}. Should be SERVICE=NUM"));
            let number = number.parse().map_err(|_| wrong())?;
            let missing = || Fault::said(1, format!("no such service: {name}: not found"));
            project.services.get_mut(name).ok_or_else(missing)?.scale = number;
        }
        project.select(&given.operands, !given.has("no-deps")).map_err(|why| Fault::said(1, why))?;
        Ok((project, whole))
    }

    /// Images, networks, volumes and containers of a project.
    fn make(&mut self, project: &Project, whole: &Project, given: &Given) -> Done {
        let image = project.services.values().next().map(|service| service.image.clone()).unwrap_or_default();
        if let Err(Fault::Said(exit, why)) = self.client.reach() {
            return Err(Fault::said(exit, format!("unable to get image '{image}': {why}")));
        }
        self.images(project, given.text("pull"), given.has("quiet-pull"))?;
        self.provide(whole)?;
        self.orphans(whole, given.has("remove-orphans"))?;
        let recreate = match () {
            () if given.has("force-recreate") => Recreate::Force,
            () if given.has("no-recreate") => Recreate::Never,
            () => Recreate::Diverged,
        };
        for level in project.levels() {
            self.at_once(&level, |compose, service| {
                // Those that are only needed are not made anew by force.
                let named = given.operands.is_empty() || given.operands.contains(&service.name);
                let how = if recreate == Recreate::Force && !named { Recreate::Diverged } else { recreate };
                compose.converge(project, service, how)
            })?;
        }
        Ok(())
    }

    /// Does something to services at once: one after the other in the world, together in time. One that fails does not keep the others
    /// from it.
    fn at_once(&mut self, services: &[&Service], act: impl Fn(&mut Self, &Service) -> Done) -> Done {
        let began = self.client.process.world.now();
        let mut latest = began;
        let mut done = Ok(());
        for service in services {
            self.client.process.world.set_now(began);
            match act(self, service) {
                Err(fault @ Fault::Unsimulated(_)) => return Err(fault),
                outcome => done = done.and(outcome),
            }
            latest = latest.max(self.client.process.world.now());
        }
        self.client.process.world.set_now(latest);
        done
    }

    fn orphans(&mut self, project: &Project, removes: bool) -> Done {
        let containers = self.containers(&project.name, false)?;
        let found: Vec<Container> = orphans(project, &containers).into_iter().cloned().collect();
        if found.is_empty() || (project.from_facts && !removes) {
            return Ok(());
        }
        if removes {
            return self.take_down(&found, None, true);
        }
        let names: Vec<&str> = found.iter().map(|container| container.name.as_str()).collect();
        self.client.warn(&format!(
            "Found orphan containers ([{}]) for this project. If you removed or renamed this service in your compose file, you can run \
             this command with the --remove-orphans flag to clean it up.",
            names.join(" ")
        ));
        Ok(())
    }

    /// Starts the containers of a project, each service when those are ready that it waits for.
    ///
    /// # Errors
    /// One cannot be started, or what it waits for does not come.
    pub fn start_all(&mut self, project: &Project) -> Done {
        for level in project.levels() {
            self.at_once(&level, |compose, service| compose.start_service(project, service))?;
        }
        Ok(())
    }

    /// Starts the containers of one service.
    pub fn start_service(&mut self, project: &Project, service: &Service) -> Done {
        self.wait_for_needs(project, service)?;
        let mut containers = self.chosen(&project.name, std::slice::from_ref(&service.name), false)?;
        let now = self.client.process.world.now();
        containers.retain(|container| container.at(now).status != Status::Running);
        let names: Vec<String> = containers.iter().map(|container| container.name.clone()).collect();
        for name in &names {
            self.tell_container(name, "Starting");
        }
        for container in &containers {
            match container.at(now).status {
                // The Engine starts it anyway, and this is sooner.
                Status::Restarting => self.client.restart(&container.id, None)?,
                _ => self.client.start(&container.id)?,
            }
            self.tell_container(&container.name, "Started");
        }
        Ok(())
    }

    fn wait_for_needs(&mut self, project: &Project, service: &Service) -> Done {
        let mut wanted = Vec::new();
        for (need, condition) in &service.depends_on {
            if *condition == Condition::Started || !project.services.contains_key(need) {
                continue;
            }
            let containers = self.chosen(&project.name, std::slice::from_ref(need), false)?;
            wanted.extend(containers.into_iter().map(|container| (container, For::Need(*condition))));
        }
        if wanted.is_empty() { Ok(()) } else { self.wait(&wanted, None) }
    }

    /// `--wait`.
    fn wait_for_all(&mut self, project: &Project, given: &Given) -> Done {
        let limit = given.text("wait-timeout").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        let now = self.client.process.world.now();
        let deadline = limit
            .filter(|limit| !limit.is_zero())
            .map(|limit| (after(now, TimeDelta::from_std(limit).unwrap_or(TimeDelta::MAX)), limit));
        let completes = |service: &str| {
            let mut needs = project.services.values().flat_map(|service| &service.depends_on);
            needs.any(|(name, condition)| name == service && *condition == Condition::Completed)
        };
        let names: Vec<String> = project.services.keys().cloned().collect();
        let mut wanted = Vec::new();
        for container in self.chosen(&project.name, &names, false)? {
            let what = if completes(service_of(&container)) { For::Need(Condition::Completed) } else { For::Up };
            wanted.push((container, what));
        }
        self.wait(&wanted, deadline)
    }
}
