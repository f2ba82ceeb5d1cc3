//! The world of a system in which everything is well, as the layers above see it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use runbook::model::change::{Change, ServiceState};
use runbook::runner::sim::{AsOf, World};

use super::systems;

/// The moment at which the rehearsals of these tests begin.
pub fn began() -> DateTime<Utc> {
    "2026-02-09T14:30:00Z".parse().unwrap()
}

pub fn ago(seconds: i64) -> AsOf {
    AsOf::At(began() - TimeDelta::seconds(seconds))
}

pub fn service(id: &str, is: ServiceState) -> Change {
    Change::Service { id: id.to_owned(), is, image: None }
}

#[test]
fn every_service_of_the_shipped_systems_runs_its_image() {
    let world = World::of(systems::ai_data_analyst(), began(), 1);
    let services = world.services();
    let app = &services[0];
    assert_eq!((app.id.as_str(), app.state, app.running, app.paused), ("app", "running", true, false));
    assert_eq!(app.image.as_deref(), Some("ghcr.io/your-org/ai-data-analyst:v1.4.2"));

    let world = World::of(systems::nchat(), began(), 1);
    let services = world.services();
    assert_eq!(services.len(), 10);
    assert!(services.iter().all(|service| service.state == "running"));
    assert_eq!(services[0].image.as_deref(), Some("postgres:15"));
    assert_eq!(services[1].image.as_deref(), Some("redis:7"));
    assert_eq!(services[3].image.as_deref(), Some("auth:current"));
}

#[test]
fn every_service_of_the_shipped_systems_is_healthy() {
    for system in [systems::nchat(), systems::ai_data_analyst(), systems::notes()] {
        let world = World::of(system, began(), 1);
        for service in world.services() {
            assert!(service.healthy, "{}: {}", service.id, service.why);
        }
    }
}

#[test]
fn all_data_is_whole_and_nothing_is_lost() {
    for system in [systems::nchat(), systems::ai_data_analyst(), systems::notes()] {
        let world = World::of(system, began(), 1);
        for data in world.data() {
            assert_eq!(
                (data.state, data.as_of, data.loss),
                ("whole", Some(AsOf::Present), Some(Duration::ZERO)),
                "{}",
                data.id
            );
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let text = |seed| format!("{:?}", World::of(systems::nchat(), began(), seed));
    assert_eq!(text(7), text(7));
    assert_ne!(text(7), text(8));
}

#[test]
fn a_system_without_anything_is_a_world_too() {
    let mut world = World::of(std::sync::Arc::default(), began(), 1);
    assert!(world.services().is_empty() && world.data().is_empty());
    assert_eq!(world.apply(&[service("app", ServiceState::Stopped)]), Err("there is no service `app`".to_owned()));
}
