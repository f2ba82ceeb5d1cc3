//! Whether services are healthy: each by its container or unit, by what it needs, and by its data.

use chrono::{DateTime, Utc};

use crate::model::facts::{DataFacts, RuntimeFacts, ServiceFacts};

use super::blob::Holds;
use super::lifecycle::Health;
use super::place::{Place, Root};
use super::tree::{Kind, Node};
use super::world::{Container, LOCAL, Life, Power, World};

/// How a service of the system is now; of one that the system does not have: down.
pub fn service_health(world: &World, service: &str) -> Health {
    Check::new(world).service(service)
}

/// How a container is now: its own state, then what its service needs, then that service's data.
pub fn container_health(world: &World, machine: &str, id: &str) -> Health {
    let container = world.engine(machine).and_then(|engine| engine.containers.get(id));
    container.map_or(Health::Down, |container| Check::new(world).container(machine, container))
}

/// One question; each service is looked at once.
struct Check<'w> {
    world: &'w World,
    /// None: it is being looked at, so whoever needs it in turn does not ask again.
    known: Vec<(&'w str, Option<Health>)>,
}

impl<'w> Check<'w> {
    const fn new(world: &'w World) -> Self {
        Self { world, known: Vec::new() }
    }

    fn service(&mut self, id: &str) -> Health {
        let Some(facts) = self.world.system.services.iter().find(|service| service.id == id) else {
            return Health::Down;
        };
        if let Some((_, known)) = self.known.iter().find(|(known, _)| *known == facts.id) {
            return known.clone().unwrap_or(Health::Healthy);
        }
        let at = self.known.len();
        self.known.push((&facts.id, None));
        let health = self.look_at(facts);
        self.known[at].1 = Some(health.clone());
        health
    }

    fn look_at(&mut self, facts: &'w ServiceFacts) -> Health {
        if let RuntimeFacts::Unit(unit) = &facts.runtime {
            return self.unit(facts, unit);
        }
        match self.world.container_of(facts) {
            Some((machine, container)) => self.container(&machine.name, container),
            None => Health::Down,
        }
    }

    fn unit(&mut self, facts: &'w ServiceFacts, unit: &str) -> Health {
        let world = self.world;
        let Some(machine) = world.home_of(&facts.target) else { return Health::Down };
        let named = |name: &str| machine.units.get(name);
        let found = named(unit).or_else(|| named(&format!("{unit}.service")));
        let found = found.filter(|unit| unit.state == "active");
        match (machine.power, found) {
            (Power::Down, _) | (_, None) => Health::Down,
            (Power::Cut, _) => Health::Unhealthy("nobody reaches its machine".to_owned()),
            (_, Some(unit)) if unit.ready.is_some_and(|ready| world.now() < ready) => Health::Starting,
            _ => self.beneath(&machine.name, &facts.id),
        }
    }

    fn container(&mut self, machine: &str, container: &Container) -> Health {
        match self.world.machine(machine).map(|machine| machine.power) {
            None | Some(Power::Down) => return Health::Down,
            Some(Power::Cut) if machine != LOCAL => {
                return Health::Unhealthy("nobody reaches its machine".to_owned());
            }
            Some(_) => {}
        }
        match (own(container, self.world.now()), &container.service) {
            (Health::Healthy, Some(service)) => self.beneath(machine, service),
            (health, _) => health,
        }
    }

    /// What a service that runs stands on: the services that it needs, and its data.
    fn beneath(&mut self, machine: &str, service: &str) -> Health {
        let world = self.world;
        let facts = world.system.services.iter().find(|facts| facts.id == service);
        for need in facts.map_or(&[] as &[String], |facts| &facts.needs) {
            match self.service(need) {
                Health::Healthy => {}
                Health::Starting => return Health::Unhealthy(format!("it needs {need}, which is starting")),
                Health::Down => return Health::Unhealthy(format!("it needs {need}, which does not run")),
                Health::Unhealthy(why) => {
                    return Health::Unhealthy(format!("it needs {need}, which is not healthy: {why}"));
                }
            }
        }
        let mut data = world.system.data.iter().filter(|data| data.service == service);
        data.find_map(|data| wrong(world, machine, data)).map_or(Health::Healthy, Health::Unhealthy)
    }
}

/// How a container is by itself.
pub fn own(container: &Container, now: DateTime<Utc>) -> Health {
    match &container.life {
        Life::Created | Life::Exited { .. } => Health::Down,
        Life::Looping { code, .. } => Health::Unhealthy(format!("it dies with {code} each time it is started")),
        Life::Running(run) if run.ends.is_some_and(|(at, _)| now >= at) => Health::Down,
        Life::Running(_) if container.paused => Health::Unhealthy("it is paused".to_owned()),
        Life::Running(run) => match run.ready {
            None => Health::Unhealthy("it runs and never becomes ready".to_owned()),
            Some(ready) if now < ready => Health::Starting,
            Some(_) => Health::Healthy,
        },
    }
}

/// What is wrong with data where the system has it. An empty place is not wrong: a service begins with empty data in it.
fn wrong(world: &World, machine: &str, data: &DataFacts) -> Option<String> {
    let node = match (&data.volume, &data.path) {
        (Some(volume), _) => world.root(&Root::Volume(machine.to_owned(), volume.clone())),
        (None, Some(path)) => world.node(&Place::machine(machine), path).ok(),
        (None, None) => return None,
    };
    match node {
        None => Some(format!("its data {} is gone", data.id)),
        Some(node) => is_damaged(node, &data.id).then(|| format!("its data {} is damaged", data.id)),
    }
}

/// True when some of the data below a node is cut, or wrong. Archives do not count: nothing serves from them.
fn is_damaged(node: &Node, data: &str) -> bool {
    match &node.kind {
        Kind::Directory(entries) => entries.values().any(|node| is_damaged(node, data)),
        Kind::Blob(blob) => match &blob.holds {
            Holds::Data { data: held, .. } => !blob.whole && held == data,
            Holds::Cluster(cluster) => (cluster.damaged || !blob.whole) && cluster.data.as_deref() == Some(data),
            _ => false,
        },
        Kind::Text(_) | Kind::Link(_) | Kind::Device(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::Place;
    use super::super::trial::{AUTH, POSTGRES, REDIS, Trial};
    use super::super::world::Unit;
    use super::*;
    use crate::model::work::Target;

    fn why(trial: &Trial, service: &str) -> String {
        match service_health(&trial.world, service) {
            Health::Unhealthy(why) => why,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_service_is_as_well_as_what_it_stands_on() {
        let mut trial = Trial::new();
        for service in ["postgres", "redis", "auth"] {
            assert_eq!(service_health(&trial.world, service), Health::Healthy, "{service}");
        }
        assert_eq!(service_health(&trial.world, "nobody"), Health::Down);
        trial.stop(REDIS);
        assert_eq!(why(&trial, "redis"), "Down");
        assert_eq!(why(&trial, "auth"), "it needs redis, which does not run");
        assert_eq!(why(&trial, "postgres"), "Healthy");
        trial.start(REDIS);
        assert_eq!(why(&trial, "auth"), "it needs redis, which is starting");
        trial.pass(3);
        assert_eq!(why(&trial, "auth"), "Healthy");
        trial.damage();
        assert_eq!(why(&trial, "auth"), "it needs postgres, which is not healthy: its data postgres is damaged");
        trial.world.remove(&Place::machine(LOCAL), "/data/postgres").unwrap();
        assert_eq!(why(&trial, "postgres"), "its data postgres is gone");
        trial.world.make_dirs(&Place::machine(LOCAL), "/data/postgres").unwrap();
        assert_eq!(why(&trial, "postgres"), "Healthy", "it begins empty");
    }

    #[test]
    fn containers_say_how_they_are() {
        let mut trial = Trial::new();
        trial.change(AUTH, |container| container.paused = true);
        assert_eq!(why(&trial, "auth"), "it is paused");
        trial.change(AUTH, |container| container.paused = false);
        trial.image(AUTH, |image| image.unhealthy = true);
        trial.start(AUTH);
        trial.pass(60);
        assert_eq!(why(&trial, "auth"), "it runs and never becomes ready");
        trial.image(AUTH, |image| image.crashes = Some((1, "ERROR no".to_owned())));
        trial.start(AUTH);
        assert_eq!(why(&trial, "auth"), "it dies with 1 each time it is started");
        trial.change(AUTH, |container| "no".clone_into(&mut container.restart));
        trial.start(AUTH);
        assert_eq!(why(&trial, "auth"), "Down");
        let id = trial.container(POSTGRES).id.clone();
        assert_eq!(container_health(&trial.world, LOCAL, &id), Health::Healthy);
        assert_eq!(container_health(&trial.world, LOCAL, "nope"), Health::Down);
    }

    #[test]
    fn needs_in_a_circle_end() {
        let mut trial = Trial::new();
        let mut system = (*trial.world.system).clone();
        system.services[0].needs = vec!["auth".to_owned()];
        trial.world.system = std::sync::Arc::new(system);
        assert_eq!(why(&trial, "auth"), "Healthy");
        trial.stop(REDIS);
        assert!(
            why(&trial, "postgres").starts_with("it needs auth, which is not healthy"),
            "{}",
            why(&trial, "postgres")
        );
    }

    #[test]
    fn units_and_machines_count_too() {
        let mut trial = Trial::new();
        let mut system = (*trial.world.system).clone();
        system.services[2].runtime = RuntimeFacts::Unit("auth".to_owned());
        system.services[2].target =
            Target::Ssh { host: "root@standby.example.com".to_owned(), port: None, identity_file: None };
        trial.world.system = std::sync::Arc::new(system);
        assert_eq!(why(&trial, "auth"), "Down");
        let unit = Unit { state: "active".to_owned(), restarts: 0, service: Some("auth".to_owned()), ready: None };
        trial.world.machine_mut("standby").unwrap().units.insert_mut("auth.service".to_owned(), unit);
        assert_eq!(why(&trial, "auth"), "Healthy");
        trial.world.machine_mut("standby").unwrap().power = Power::Cut;
        assert_eq!(why(&trial, "auth"), "nobody reaches its machine");
        trial.world.machine_mut("standby").unwrap().power = Power::Down;
        assert_eq!(why(&trial, "auth"), "Down");
    }
}
