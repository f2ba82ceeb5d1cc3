//! Where the system has its things in the world: the machine of a target, the container of a service, the place of its data.

use crate::model::facts::{DataFacts, RuntimeFacts, ServiceFacts, SystemFacts};
use crate::model::work::Target;

use super::super::place::{Place, Root, Spot};
use super::super::world::{Container, Instance, LOCAL, Machine, World};

impl SystemFacts {
    /// A service by its id.
    pub(in crate::runner::sim) fn service(&self, id: &str) -> Option<&ServiceFacts> {
        self.services.iter().find(|service| service.id == id)
    }

    /// Data by its id.
    pub(in crate::runner::sim) fn data(&self, id: &str) -> Option<&DataFacts> {
        self.data.iter().find(|data| data.id == id)
    }
}

impl RuntimeFacts {
    /// The container's name; none: a unit.
    pub(in crate::runner::sim) fn container(&self) -> Option<&str> {
        match self {
            Self::Compose { container, .. } | Self::Container(container) => Some(container),
            Self::Unit(_) => None,
        }
    }
}

/// The host of an ssh target, without its user, in lower case.
pub(in crate::runner::sim) fn ssh_host(host: &str) -> String {
    host.rsplit('@').next().unwrap_or(host).trim_end_matches('.').to_ascii_lowercase()
}

/// The host of an address (`https://HOST:PORT/…`), in lower case; none: there is none.
pub(in crate::runner::sim) fn url_host(url: &str) -> Option<String> {
    let authority = url.split_once("://")?.1.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(address) => address.split(']').next()?,
        None => host.split(':').next()?,
    };
    Some(host.trim_end_matches('.').to_ascii_lowercase()).filter(|host| !host.is_empty())
}

impl World {
    /// The machine that a target leads to now; for a container, the machine of its Docker Engine. None: nothing is there.
    pub(in crate::runner::sim) fn machine_for(&self, target: &Target) -> Option<&Machine> {
        match target {
            Target::Local => self.machine(LOCAL),
            Target::Ssh { host, .. } => self.machine_named(&ssh_host(host)),
            Target::Gcloud { vm, project, zone } => {
                let (_, instance) = self.instance(vm, project.as_deref(), zone.as_deref())?;
                self.machine(&instance.machine)
            }
            Target::Container { via, .. } => self.machine_for(via),
        }
    }

    /// The machine that a target means: the one it leads to, else, while its name leads elsewhere, the one that is called like it.
    pub(in crate::runner::sim) fn home_of(&self, target: &Target) -> Option<&Machine> {
        if let Target::Container { via, .. } = target {
            return self.home_of(via);
        }
        let called = || self.machine(&self.system.targets.iter().find(|(_, known)| known == target)?.0);
        self.machine_for(target).or_else(called)
    }

    /// The machine that a host name or an address leads to.
    pub(in crate::runner::sim) fn machine_named(&self, host: &str) -> Option<&Machine> {
        let address = self.resolve(host)?;
        match address.parse::<std::net::IpAddr>() {
            Ok(address) if address.is_loopback() => self.machine(LOCAL),
            _ => self.machine_at(&address),
        }
    }

    /// A virtual machine by its name, with its project; without project or zone the first of that name.
    pub(in crate::runner::sim) fn instance(
        &self,
        name: &str,
        project: Option<&str>,
        zone: Option<&str>,
    ) -> Option<(&String, &Instance)> {
        let projects = self.cloud.projects.iter().filter(|(id, _)| project.is_none_or(|wanted| wanted == *id));
        let mut all = projects.flat_map(|(id, project)| project.instances.values().map(move |instance| (id, instance)));
        all.find(|(_, instance)| instance.name == name && zone.is_none_or(|zone| zone == instance.zone))
    }

    /// The virtual machine that a machine is, with its project.
    pub(in crate::runner::sim) fn instance_of(&self, machine: &str) -> Option<(&String, &Instance)> {
        let mut all = self.cloud.projects.iter().flat_map(|(id, project)| {
            let instances = project.instances.values();
            instances.map(move |instance| (id, instance))
        });
        all.find(|(_, instance)| instance.machine == machine)
    }

    /// The container of a service, with its machine; none: it has none now. Where it lives there comes first.
    pub(in crate::runner::sim) fn container_of(&self, service: &ServiceFacts) -> Option<(&Machine, &Container)> {
        let name = service.runtime.container()?;
        let is_it = |container: &&Container| container.service.as_ref() == Some(&service.id);
        let at_home = self.home_of(&service.target).and_then(|machine| {
            let engine = machine.engine.as_ref()?;
            Some((machine, engine.containers.values().find(is_it).or_else(|| engine.container(name))?))
        });
        at_home.or_else(|| {
            let mut machines = self.machines.values();
            machines.find_map(|machine| Some((machine, machine.engine.as_ref()?.containers.values().find(is_it)?)))
        })
    }

    /// The machine of the service that owns some data.
    pub(in crate::runner::sim) fn machine_of_data(&self, data: &DataFacts) -> Option<&Machine> {
        let target = self.system.service(&data.service).map_or(&self.system.target, |service| &service.target);
        self.home_of(target)
    }

    /// The place where the system has some data; none: its machine, or the way to the place, is gone. The place itself may be gone.
    pub(in crate::runner::sim) fn live_spot(&self, data: &DataFacts) -> Option<Spot> {
        let machine = self.machine_of_data(data)?;
        if let Some(volume) = &data.volume {
            let root = Root::Volume(machine.name.clone(), volume.clone());
            return Some(Spot { root, path: String::new(), read_only: false });
        }
        if let Some(path) = &data.path {
            return self.spot(&Place::machine(&machine.name), path, true).ok();
        }
        let (project, instance) = self.instance_of(&machine.name)?;
        let attached = instance.disks.iter().find(|disk| Some(&disk.device) == data.disk.as_ref())?;
        let root = Root::Disk(format!("{project}/{}/{}", instance.zone, attached.disk));
        Some(Spot { root, path: String::new(), read_only: false })
    }
}

#[cfg(test)]
mod tests {
    use super::{ssh_host, url_host};

    #[test]
    fn hosts_are_found_in_targets_and_addresses() {
        assert_eq!(ssh_host("deploy@Your-Instance.example.com."), "your-instance.example.com");
        assert_eq!(url_host("https://user@app.example.com:8443/health?x=1").as_deref(), Some("app.example.com"));
        assert_eq!(url_host("http://[::1]:80/").as_deref(), Some("::1"));
        assert_eq!(url_host("no address"), None);
        assert_eq!(url_host("http:///x"), None);
    }
}
