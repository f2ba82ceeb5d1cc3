//! Bringing the containers of a service to what its file says.

use std::collections::BTreeMap;

use super::super::super::tree::Node;
use super::super::super::world::{Container, Mount, MountSource, Network, Spec, Status, Volume, hexadecimal};
use super::super::engine::{Place, Wanted};
use super::super::fault::{Done, Fault, unsimulated};
use super::config::hash;
use super::model::{Project, Resource, Service};
use super::{Compose, LABEL, LABEL_VERSION, number_of, service_of};

/// Containers of one service, at most.
const MOST: usize = 100;

/// When a container that is there is made anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recreate {
    #[default]
    Diverged,
    Never,
    Force,
}

impl Compose<'_, '_, '_> {
    /// Makes the networks and volumes of a project.
    ///
    /// # Errors
    /// One that others make is missing.
    pub fn provide(&mut self, project: &Project) -> Done {
        let now = self.client.process.world.now();
        for (key, network) in &project.networks {
            let used = project
                .services
                .values()
                .chain(project.disabled.values())
                .any(|service| service.networks.contains_key(key));
            let there = self.client.engine()?.networks.contains_key(&network.name);
            if there || (!used && key == "default") {
                continue;
            }
            if network.external {
                return Err(Fault::daemon(format!("network {} not found", network.name)));
            }
            let what = format!("Network {}", network.name);
            self.tell(&what, "Creating");
            let labels = labels(project, network, "network", key);
            self.client.take(60);
            let id = self.client.process.world.dice.hex(64);
            let engine = self.client.engine_mut()?;
            let subnet = engine.free_subnet();
            engine.networks.insert_mut(network.name.clone(), Network { id, created: now, subnet, labels });
            self.tell(&what, "Created");
        }
        for (key, volume) in &project.volumes {
            let known = self.client.engine()?.volumes.get(&volume.name).map(|volume| volume.labels.clone());
            let name = &volume.name;
            match known {
                None if volume.external => {
                    return Err(Fault::said(1, format!("external volume {name:?} not found")));
                }
                None => {
                    let what = format!("Volume {name:?}");
                    self.tell(&what, "Creating");
                    let labels = labels(project, volume, "volume", key);
                    let made = Volume { files: Node::directory(now), created: now, labels };
                    self.client.engine_mut()?.volumes.insert_mut(name.clone(), made);
                    self.tell(&what, "Created");
                }
                Some(labels) if !volume.external && !labels.contains_key("com.docker.compose.project") => {
                    self.client.warn(&format!(
                        "volume \\\"{name}\\\" already exists but was not created by Docker Compose. Use `external: true` to use an \
                         existing volume"
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Makes the containers of a service, as many as it wants, and makes anew what differs.
    ///
    /// # Errors
    /// The daemon refuses one.
    pub fn converge(&mut self, project: &Project, service: &Service, recreate: Recreate) -> Done {
        let now = self.client.process.world.now();
        let mut there = self.chosen(&project.name, std::slice::from_ref(&service.name), false)?;
        there.sort_by_key(number_of);
        while there.len() > service.scale {
            let Some(surplus) = there.pop() else { break };
            self.tell_container(&surplus.name, "Stopping");
            self.client.stop(&surplus.id, None)?;
            self.tell_container(&surplus.name, "Stopped");
            self.tell_container(&surplus.name, "Removing");
            self.client.remove(&surplus.id, true, false)?;
            self.tell_container(&surplus.name, "Removed");
        }
        if service.scale > MOST {
            return unsimulated(format!("{} containers of `{}`", service.scale, service.name));
        }
        if service.scale > 1 && service.container_name.is_some() {
            let (service, name) = (&service.name, service.container_name.as_deref().unwrap_or_default());
            return Err(Fault::said(
                1,
                format!(
                    "WARNING: The {service:?} service is using the custom container name {name:?}. Docker requires each container to have \
                     a unique name. Remove the custom name to scale the service.\n"
                ),
            ));
        }
        for container in &there {
            let differs = recreate == Recreate::Force
                || (recreate == Recreate::Diverged && self.differs(project, service, container)?);
            if differs {
                self.recreate(project, service, container)?;
                continue;
            }
            match container.at(now).status {
                Status::Running => self.tell_container(&container.name, "Running"),
                Status::Exited => self.tell_container(&container.name, "Created"),
                Status::Created | Status::Restarting => {}
                Status::Paused => {
                    self.tell_container(&container.name, "Restart");
                    self.client.start(&container.id)?;
                }
            }
        }
        let numbers: Vec<usize> = there.iter().map(number_of).collect();
        let free = (1..).filter(|number| !numbers.contains(number)).take(service.scale.saturating_sub(there.len()));
        for number in free {
            let name = service.container(&project.name, number);
            self.tell_container(&name, "Creating");
            let wanted = self.wanted(project, service, number, None)?;
            self.client.create(wanted)?;
            self.client.take(40);
            self.tell_container(&name, "Created");
        }
        Ok(())
    }

    /// A container was made from something else than what the file says now.
    fn differs(&mut self, project: &Project, service: &Service, container: &Container) -> Done<bool> {
        let image = self.client.engine()?.image(&service.image).map(|image| image.id.clone());
        let known = container.labels.get("com.docker.compose.config-hash").filter(|_| !project.from_facts);
        // The containers with which a world begins were made by nobody: all that is known of them is their image.
        let known = known.filter(|known| **known != hexadecimal(&format!("{} {}", project.name, service.name)));
        Ok(image.is_none_or(|image| image != container.image) || known.is_some_and(|known| *known != hash(service)))
    }

    /// Puts a new container in the place of one.
    fn recreate(&mut self, project: &Project, service: &Service, old: &Container) -> Done {
        let name = service.container(&project.name, number_of(old));
        self.tell_container(&old.name, "Recreate");
        if self.client.engine()?.image(&service.image).is_none() {
            let tagged = super::super::super::world::tagged(&service.image);
            return Err(Fault::daemon(format!("no such image: {tagged}: No such image: {tagged}")));
        }
        let wanted = self.wanted(project, service, number_of(old), Some(old))?;
        self.client.stop(&old.id, service.stop_grace)?;
        self.client.remove(&old.id, true, false)?;
        let id = self.client.create(wanted)?;
        self.client.take(60);
        self.tell_container(&name, "Recreated");
        let _ = id;
        Ok(())
    }

    /// What a container of a service is made with.
    pub fn wanted(
        &mut self,
        project: &Project,
        service: &Service,
        number: usize,
        old: Option<&Container>,
    ) -> Done<Wanted> {
        if service.builds && self.client.engine()?.image(&service.image).is_none() {
            return unsimulated(format!("building the image of `{}`", service.name));
        }
        let name = service.container(&project.name, number);
        let mut places = Vec::new();
        let mut binds = Vec::new();
        for used in &service.mounts {
            let mut mount = used.mount.clone();
            if let MountSource::Volume(key) = &mut mount.source {
                if let Some(volume) = project.volumes.get(key) {
                    key.clone_from(&volume.name);
                } else if key.is_empty() {
                    // An anonymous volume goes from one container to the next.
                    if let Some(known) = old.and_then(|old| anonymous(old, &mount.target)) {
                        *key = known;
                    }
                }
            }
            binds.extend(used.bind.clone());
            places.push(Place { mount, creates: used.creates });
        }
        let (networks, aliases) = networks(project, service, &name, old);
        let network_mode = service.network_mode.clone().or_else(|| networks.first().cloned()).unwrap_or_default();
        let health = service.health.clone();
        let spec = Spec {
            hostname: service.hostname.clone(),
            user: service.user.clone(),
            working_dir: service.working_dir.clone(),
            exposed: exposed(service),
            ports: service.ports.clone(),
            health,
            retries: service.retries,
            memory: service.memory,
            nano_cpus: service.nano_cpus,
            privileged: service.privileged,
            init: service.init,
            tty: service.tty,
            open_stdin: service.stdin_open,
            attached: true,
            stop_signal: service.stop_signal.clone(),
            stop_timeout: service.stop_grace.and_then(|grace| u32::try_from(grace.as_secs()).ok()),
            binds,
            tmpfs: service.tmpfs.clone(),
            network_mode,
            aliases,
            by_compose: true,
            ..Spec::default()
        };
        Ok(Wanted {
            name: Some(name),
            image: service.image.clone(),
            command: service.command.clone().unwrap_or_default(),
            entrypoint: service.entrypoint.clone(),
            env: service.environment.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            labels: self.container_labels(project, service, number, old)?,
            places,
            networks,
            restart: if service.restart.is_empty() { "no".to_owned() } else { service.restart.clone() },
            asks_health: service.asks_health,
            spec,
            ..Wanted::default()
        })
    }

    fn container_labels(
        &mut self,
        project: &Project,
        service: &Service,
        number: usize,
        old: Option<&Container>,
    ) -> Done<Vec<(String, String)>> {
        let image = self.client.engine()?.image(&service.image).map(|image| image.id.clone()).unwrap_or_default();
        let needs = service.depends_on.iter().map(|(name, condition)| format!("{name}:{}:false", condition.as_str()));
        let needs: Vec<String> = needs.collect();
        let mut labels: Vec<(String, String)> = service.labels.clone().into_iter().collect();
        let mut add = |name: &str, value: String| labels.push((format!("{LABEL}.{name}"), value));
        add("config-hash", hash(service));
        add("container-number", number.to_string());
        add("depends_on", needs.join(","));
        add("image", image);
        add("oneoff", "False".to_owned());
        add("project", project.name.clone());
        add("project.config_files", project.files.clone());
        add("project.working_dir", project.dir.clone());
        add("service", service.name.clone());
        add("version", LABEL_VERSION.to_owned());
        if let Some(old) = old {
            add("replace", old.id.clone());
        }
        Ok(labels)
    }
}

fn anonymous(container: &Container, target: &str) -> Option<String> {
    let of = |mount: &&Mount| mount.target == target;
    match &container.mounts.iter().find(of)?.source {
        MountSource::Volume(name) => Some(name.clone()),
        MountSource::Bind(_) | MountSource::Memory => None,
    }
}

fn exposed(service: &Service) -> Vec<String> {
    let published = service.ports.iter().map(|port| format!("{}/{}", port.container, port.protocol));
    let mut all: Vec<String> = published.chain(service.exposed.iter().cloned()).collect();
    all.sort();
    all.dedup();
    all
}

/// Networks of a container, and its names there.
fn networks(
    project: &Project,
    service: &Service,
    name: &str,
    old: Option<&Container>,
) -> (Vec<String>, BTreeMap<String, Vec<String>>) {
    if let Some(mode) = &service.network_mode {
        let own = if mode.is_empty() { "bridge" } else { mode };
        return (vec![own.to_owned()], BTreeMap::new());
    }
    if let Some(old) = old.filter(|_| project.from_facts) {
        return (old.networks.keys().cloned().collect(), old.spec.aliases.clone());
    }
    let mut aliases = BTreeMap::new();
    for (key, more) in &service.networks {
        let Some(network) = project.networks.get(key) else { continue };
        let mut names = vec![name.to_owned(), service.name.clone()];
        names.extend(more.iter().cloned());
        aliases.insert(network.name.clone(), names);
    }
    (aliases.keys().cloned().collect(), aliases)
}

/// Labels of a network or volume.
fn labels(project: &Project, resource: &Resource, kind: &str, key: &str) -> BTreeMap<String, String> {
    let mut labels = resource.labels.clone();
    labels.insert(format!("{LABEL}.{kind}"), key.to_owned());
    labels.insert(format!("{LABEL}.project"), project.name.clone());
    labels.insert(format!("{LABEL}.version"), LABEL_VERSION.to_owned());
    labels
}

/// Containers of services that the project does not have.
pub fn orphans<'c>(project: &Project, containers: &'c [Container]) -> Vec<&'c Container> {
    let known = |container: &&Container| {
        let service = service_of(container);
        project.services.contains_key(service) || project.disabled.contains_key(service)
    };
    containers.iter().filter(|container| !known(container)).collect()
}
