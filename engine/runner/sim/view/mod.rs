//! What can be seen of the world as a whole: its services, its data, and what a run has left behind.

use std::time::Duration;

use serde::Serialize;

use super::blob::AsOf;
use super::build::backups::disk_of;
use super::lifecycle::{self, Health};
use super::world::{Container, Life, Machine, Power, Unit, World};
use crate::model::facts::{DataFacts, RuntimeFacts, ServiceFacts, SystemFacts};

mod left;

/// A service as it is now.
#[expect(clippy::struct_excessive_bools, reason = "they are seen of one thing, each by itself")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceView {
    /// Its id.
    pub id: String,
    /// `running`, `paused`, `stopped`, `restarting`, `created`, `absent`; `unreachable`: its machine is off, cut off or gone.
    pub state: &'static str,
    /// It does its work.
    pub healthy: bool,
    /// Why it is not healthy, in a few words; empty when it is.
    pub why: String,
    /// Its process exists and is not frozen.
    pub running: bool,
    /// It is frozen.
    pub paused: bool,
    /// The image that it runs, as it was named; none: a unit, or nothing.
    pub image: Option<String>,
    /// The system can do without it.
    pub optional: bool,
}

/// Data as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataView {
    /// Its id.
    pub id: String,
    /// `whole`, `damaged`, `empty` or `lost`.
    pub state: &'static str,
    /// How old it is; none: there is nothing.
    pub as_of: Option<AsOf>,
    /// From there to the moment of the fault; none: there is nothing.
    pub loss: Option<Duration>,
}

impl World {
    /// The system that it is a world of.
    #[must_use]
    pub fn facts(&self) -> &SystemFacts {
        &self.system
    }

    /// All services of the system, in its order.
    #[must_use]
    pub fn services(&self) -> Vec<ServiceView> {
        self.system.services.iter().map(|service| self.service_view(service, true)).collect()
    }

    /// One of them, by its id.
    #[must_use]
    pub fn service(&self, id: &str) -> Option<ServiceView> {
        self.system.services.iter().find(|service| service.id == id).map(|service| self.service_view(service, true))
    }

    /// The same without asking it for its health, which costs more than all the rest.
    #[must_use]
    pub fn service_by_looks(&self, id: &str) -> Option<ServiceView> {
        self.system.services.iter().find(|service| service.id == id).map(|service| self.service_view(service, false))
    }

    /// The ids of services that are frozen.
    #[must_use]
    pub fn paused(&self) -> Vec<String> {
        let frozen =
            |service: &&ServiceFacts| self.container_of(service).is_some_and(|(_, container)| container.paused);
        self.system.services.iter().filter(frozen).map(|service| service.id.clone()).collect()
    }

    fn service_view(&self, service: &ServiceFacts, asked: bool) -> ServiceView {
        let nothing = |state, why: String| ServiceView {
            id: service.id.clone(),
            state,
            healthy: false,
            why,
            running: false,
            paused: false,
            image: None,
            optional: service.optional,
        };
        let Some(machine) = self.home_of(&service.target) else {
            return nothing("unreachable", "its machine is gone".to_owned());
        };
        match machine.power {
            Power::Up => {}
            Power::Down => return nothing("unreachable", format!("machine {} is off", machine.name)),
            Power::Cut => return nothing("unreachable", format!("nobody reaches machine {}", machine.name)),
        }
        if let RuntimeFacts::Unit(unit) = &service.runtime {
            return match machine.unit(unit) {
                Some(unit) => self.unit(service, unit),
                None => nothing("absent", "there is no such unit".to_owned()),
            };
        }
        match self.container_of(service) {
            Some((machine, container)) => self.service_of(service, machine, container, asked),
            None => nothing("absent", "it has no container".to_owned()),
        }
    }

    fn service_of(&self, service: &ServiceFacts, machine: &Machine, container: &Container, asked: bool) -> ServiceView {
        let (state, down) = state(container, self.now());
        let health = if asked { lifecycle::health(self, &machine.name, &container.id) } else { Health::Down };
        let why = match (&health, down) {
            (Health::Healthy, _) => String::new(),
            (_, Some(down)) => down,
            (Health::Unhealthy(why), None) => why.clone(),
            (Health::Starting, None) => "it is not ready yet".to_owned(),
            (Health::Down, None) => "it does not answer".to_owned(),
        };
        ServiceView {
            id: service.id.clone(),
            state,
            healthy: health == Health::Healthy,
            why,
            running: container.runs(self.now()),
            paused: container.paused,
            image: Some(container.image_name.clone()),
            optional: service.optional,
        }
    }

    /// A unit needs no more than to be active and ready.
    fn unit(&self, service: &ServiceFacts, unit: &Unit) -> ServiceView {
        let active = unit.state == "active";
        let healthy = active && unit.ready.is_some_and(|ready| ready <= self.now());
        let why = match (active, healthy) {
            (_, true) => String::new(),
            (true, false) => "it is not ready".to_owned(),
            (false, _) => format!("the unit is {}", unit.state),
        };
        ServiceView {
            id: service.id.clone(),
            state: if active { "running" } else { "stopped" },
            healthy,
            why,
            running: active,
            paused: false,
            image: None,
            optional: service.optional,
        }
    }

    /// All data of the system, in its order.
    #[must_use]
    pub fn data(&self) -> Vec<DataView> {
        self.system.data.iter().map(|data| self.data_view(data)).collect()
    }

    /// Data is where the system has it; a server that was promoted has taken its place.
    fn data_view(&self, data: &DataFacts) -> DataView {
        let promoted = self.servers.iter().filter(|(_, server)| {
            server.up
                && server.follows.is_none()
                && server.cluster.timeline > 1
                && server.cluster.data.as_ref() == Some(&data.id)
        });
        if let Some((_, server)) = promoted.max_by_key(|(_, server)| server.cluster.timeline) {
            return self.seen(
                data,
                if server.cluster.damaged { "damaged" } else { "whole" },
                Some(server.cluster.as_of),
            );
        }
        let Some(spot) = self.live_spot(data) else { return self.seen(data, "lost", None) };
        let Some(node) = self.root(&spot.root).and_then(|root| root.get(&spot.path)) else {
            return self.seen(data, "lost", None);
        };
        match self.content_of(data, node) {
            Some((as_of, true)) => self.seen(data, "whole", Some(as_of)),
            Some((as_of, false)) => self.seen(data, "damaged", Some(as_of)),
            // Where no disk is attached there is but the directory on which it was mounted.
            None if data.disk.is_some() && disk_of(self, data).is_none() => self.seen(data, "lost", None),
            None => self.seen(data, "empty", None),
        }
    }

    fn seen(&self, data: &DataFacts, state: &'static str, as_of: Option<AsOf>) -> DataView {
        let loss = as_of.map(|as_of| match as_of {
            AsOf::Present => Duration::ZERO,
            AsOf::At(at) => (self.began - at).to_std().unwrap_or_default(),
        });
        DataView { id: data.id.clone(), state, as_of, loss }
    }
}

/// What a container does, and why it does not run.
fn state(container: &Container, now: chrono::DateTime<chrono::Utc>) -> (&'static str, Option<String>) {
    match &container.life {
        Life::Created => ("created", Some("it was never started".to_owned())),
        Life::Running(_) if container.paused => ("paused", Some("it is paused".to_owned())),
        Life::Running(run) => match run.ends {
            Some((at, code)) if at <= now => ("stopped", Some(format!("it has exited with {code}"))),
            _ => ("running", None),
        },
        Life::Looping { code, .. } => ("restarting", Some(format!("it exits with {code} again and again"))),
        Life::Exited { code, oom: true, .. } => ("stopped", Some(format!("it was killed for its memory ({code})"))),
        Life::Exited { code, .. } => ("stopped", Some(format!("it has exited with {code}"))),
    }
}
