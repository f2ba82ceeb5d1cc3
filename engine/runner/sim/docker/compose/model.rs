//! A Compose project as it is understood.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::super::super::world::{HealthCheck, Mount, Port};

/// A project.
#[derive(Clone, Debug, Default)]
pub struct Project {
    pub name: String,
    /// Its directory.
    pub dir: String,
    /// Its files, as the containers' labels name them.
    pub files: String,
    /// Services of the profiles that are on.
    pub services: BTreeMap<String, Service>,
    /// Services of other profiles.
    pub disabled: BTreeMap<String, Service>,
    pub networks: BTreeMap<String, Resource>,
    pub volumes: BTreeMap<String, Resource>,
    /// Known from the system file only: what a container has and nobody describes stays as it is.
    pub from_facts: bool,
    /// Its canonical form, for `config`.
    pub document: Arc<Value>,
}

/// A network or a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// Its name in the Engine.
    pub name: String,
    pub external: bool,
    pub labels: BTreeMap<String, String>,
}

/// A service.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "what a file says with true and false")]
pub struct Service {
    pub name: String,
    pub image: String,
    /// It can be built, and is not while its image is there.
    pub builds: bool,
    pub command: Option<Vec<String>>,
    pub entrypoint: Option<Vec<String>>,
    /// None: the client's own environment does not have it either.
    pub environment: Vec<(String, Option<String>)>,
    pub labels: BTreeMap<String, String>,
    pub container_name: Option<String>,
    /// In the file's order.
    pub depends_on: Vec<(String, Condition)>,
    pub health: Option<HealthCheck>,
    /// The Engine asks for its health in a way that nobody describes.
    pub asks_health: bool,
    pub restart: String,
    pub retries: u32,
    pub ports: Vec<Port>,
    pub exposed: Vec<String>,
    pub mounts: Vec<Use>,
    /// Those of them that are `tmpfs:`.
    pub tmpfs: Vec<String>,
    /// Networks by their key, with further names in them.
    pub networks: BTreeMap<String, Vec<String>>,
    /// `host` or `none`.
    pub network_mode: Option<String>,
    pub user: String,
    pub working_dir: String,
    pub hostname: Option<String>,
    pub privileged: bool,
    pub init: bool,
    pub tty: bool,
    pub stdin_open: bool,
    pub memory: u64,
    pub nano_cpus: u64,
    pub stop_signal: Option<String>,
    pub stop_grace: Option<Duration>,
    pub scale: usize,
    pub profiles: Vec<String>,
    pub pull_policy: String,
    /// Something that is said of it and not shown by `config` here.
    pub unshown: Option<String>,
    /// Its canonical form.
    pub document: Arc<Value>,
}

/// Something that a service mounts.
#[derive(Clone, Debug)]
pub struct Use {
    pub mount: Mount,
    /// As `-v` writes it; none: it is asked for as `--mount` does.
    pub bind: Option<String>,
    /// A missing directory of the machine is made.
    pub creates: bool,
}

/// What a service waits for in one that it depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Started,
    Healthy,
    Completed,
}

impl Condition {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "service_started",
            Self::Healthy => "service_healthy",
            Self::Completed => "service_completed_successfully",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Started, Self::Healthy, Self::Completed].into_iter().find(|condition| condition.as_str() == text)
    }
}

impl Service {
    /// The name of its container number so and so.
    pub fn container(&self, project: &str, number: usize) -> String {
        self.container_name.clone().unwrap_or_else(|| format!("{project}-{}-{number}", self.name))
    }
}

impl Project {
    /// Services in the order in which they are started, those together that do not wait for each other: what others depend on comes
    /// first.
    pub fn levels(&self) -> Vec<Vec<&Service>> {
        let mut done: Vec<&str> = Vec::new();
        let mut rest: Vec<&Service> = self.services.values().collect();
        let mut levels = Vec::new();
        while !rest.is_empty() {
            let free = |service: &&Service| {
                let mut needs = service.depends_on.iter().filter(|(name, _)| self.services.contains_key(name));
                needs.all(|(name, _)| done.contains(&name.as_str()))
            };
            let (ready, waiting): (Vec<&Service>, Vec<&Service>) = rest.iter().copied().partition(free);
            // A circle has no beginning: then all of the rest is one level.
            let (ready, waiting) = if ready.is_empty() { (rest, Vec::new()) } else { (ready, waiting) };
            done.extend(ready.iter().map(|service| service.name.as_str()));
            levels.push(ready);
            rest = waiting;
        }
        levels
    }

    /// The same, one after the other.
    pub fn ordered(&self) -> Vec<&Service> {
        self.levels().concat()
    }

    /// Leaves only these services and, unless that is not wanted, what they depend on.
    pub fn select(&mut self, names: &[String], with_needs: bool) -> Result<(), String> {
        for name in names {
            if let Some(service) = self.disabled.remove(name) {
                self.services.insert(name.clone(), service);
            }
            if !self.services.contains_key(name) {
                return Err(format!("no such service: {name}"));
            }
        }
        if !names.is_empty() {
            let mut wanted: Vec<String> = names.to_vec();
            let mut at = 0;
            while at < wanted.len() && with_needs {
                let needs =
                    self.services.get(&wanted[at]).map(|service| service.depends_on.clone()).unwrap_or_default();
                for (need, _) in needs {
                    if !wanted.contains(&need) {
                        wanted.push(need);
                    }
                }
                at += 1;
            }
            self.services.retain(|name, _| wanted.contains(name));
        }
        if !with_needs {
            self.services.values_mut().for_each(|service| service.depends_on.clear());
        }
        Ok(())
    }
}
