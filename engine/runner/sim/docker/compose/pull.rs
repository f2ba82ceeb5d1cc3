//! `docker compose pull`, and the images that `up` needs.

use super::super::command::Given;
use super::super::fault::{Done, Fault};
use super::Compose;
use super::model::{Project, Service};

pub fn pull(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["ignore-buildable", "ignore-pull-failures", "include-deps", "policy", "quiet"])?;
    let globals = compose.globals.clone();
    let mut project = compose.client.load(&globals)?;
    project.select(&given.operands, given.has("include-deps")).map_err(|why| Fault::said(1, why))?;
    let quiet = compose.globals.quiet;
    compose.globals.quiet |= given.has("quiet");
    let missing_only = given.text("policy") == Some("missing");
    let mut services: Vec<&Service> = project.services.values().collect();
    if missing_only {
        let engine = compose.client.engine()?;
        services.retain(|service| engine.image(&service.image).is_none());
    }
    services.retain(|service| !(service.builds && given.has("ignore-buildable")));
    let done = compose.fetch(&services, given.has("ignore-pull-failures"));
    compose.globals.quiet = quiet;
    done.map(|()| 0)
}

impl Compose<'_, '_, '_> {
    /// Pulls what is not here, as `--pull` wants it.
    ///
    /// # Errors
    /// An image is not to be had.
    pub fn images(&mut self, project: &Project, policy: Option<&str>, quiet: bool) -> Done {
        if policy == Some("never") {
            return Ok(());
        }
        let engine = self.client.engine()?;
        let wanted = |service: &&Service| {
            let always = policy == Some("always") || (policy.is_none() && service.pull_policy == "always");
            let never = policy.is_none() && service.pull_policy == "never";
            !never && (always || (engine.image(&service.image).is_none() && !service.builds))
        };
        let services: Vec<&Service> = project.services.values().filter(wanted).collect();
        let before = self.globals.quiet;
        self.globals.quiet |= quiet;
        let done = self.fetch(&services, false);
        self.globals.quiet = before;
        done
    }

    fn say_of(&mut self, service: &str, does: &str) {
        if !self.globals.quiet {
            self.client.process.complain(format!(" {service} {does}"));
        }
    }

    /// Pulls images of services; one that several have is pulled once.
    fn fetch(&mut self, services: &[&Service], goes_on: bool) -> Done {
        let mut pulled: Vec<(&str, &str)> = Vec::new();
        for service in services {
            match pulled.iter().find(|(image, _)| *image == service.image) {
                Some((_, first)) => {
                    let first = (*first).to_owned();
                    self.say_of(&service.name, &format!("Skipped - Image is already being pulled by {first} "));
                }
                None => pulled.push((&service.image, &service.name)),
            }
        }
        for (_, name) in &pulled {
            self.say_of(name, "Pulling ");
        }
        let mut failed = None;
        for (image, name) in &pulled {
            match self.client.pull(image) {
                Ok(_) => self.say_of(name, "Pulled "),
                Err(Fault::Daemon(why)) => {
                    self.say_of(name, &format!("Error {why}"));
                    failed.get_or_insert(why);
                }
                Err(other) => return Err(other),
            }
        }
        match failed {
            Some(why) if !goes_on => Err(Fault::said(18, format!("Error response from daemon: {why}"))),
            _ => Ok(()),
        }
    }
}
