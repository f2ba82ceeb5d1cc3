//! What changes do inside: containers, images, files, names, what the cloud refuses.

use chrono::TimeDelta;

use crate::model::change::{
    BackupState, Change, DataState, DatabaseState, HostState, ImageState, Presence, ServiceState, VmState,
};
use crate::model::facts::{RuntimeFacts, SystemFacts};

use super::super::blob::{AsOf, Holds};
use super::super::build::tests::{began, systems};
use super::super::place::Place;
use super::super::tree::Kind;
use super::super::world::{Container, Life, Power, Program, Unit, World};

fn nchat() -> World {
    World::of(systems::nchat(), began(), 1)
}

fn analyst() -> World {
    World::of(systems::ai_data_analyst(), began(), 1)
}

fn changed(mut world: World, changes: &[Change]) -> World {
    world.apply(changes).unwrap();
    world
}

fn service(id: &str, is: ServiceState, image: Option<&str>) -> Change {
    Change::Service { id: id.to_owned(), is, image: image.map(str::to_owned) }
}

fn container<'w>(world: &'w World, id: &str) -> &'w Container {
    let service = world.system.service(id).unwrap();
    world.engine("local").unwrap().container(service.runtime.container().unwrap()).unwrap()
}

#[test]
fn a_crashed_container_was_killed() {
    let world = changed(nchat(), &[service("auth", ServiceState::Crashed, None)]);
    let auth = container(&world, "auth");
    assert!(matches!(auth.life, Life::Exited { code: 137, at, oom: false, .. } if at == began()), "{:?}", auth.life);
    assert_eq!(container(&nchat(), "auth").id, auth.id);
}

#[test]
fn a_bad_build_is_what_keeps_a_service_down() {
    let world = changed(nchat(), &[service("auth", ServiceState::CrashLoop, None)]);
    let (auth, engine) = (container(&world, "auth"), world.engine("local").unwrap());
    assert!(matches!(auth.life, Life::Looping { code: 1, .. }));
    assert!(engine.images[&auth.image].crashes.is_some(), "so that a restart does not help");
    assert!(engine.image("auth:current").unwrap().crashes.is_none(), "so that a deploy of the good one does");
    assert_eq!(auth.image_name, "auth:current");

    let world = changed(nchat(), &[service("auth", ServiceState::Unhealthy, Some("auth:v2"))]);
    let (auth, engine) = (container(&world, "auth"), world.engine("local").unwrap());
    assert!(engine.image("auth:v2").unwrap().unhealthy && engine.image("auth:v2").unwrap().id == auth.image);
    assert!(matches!(auth.life, Life::Running(run) if run.ready.is_none()));
}

#[test]
fn images_come_and_go() {
    let image = |name: &str, is| Change::Image { name: name.to_owned(), is };
    let world = changed(
        nchat(),
        &[
            image("auth:v2", ImageState::Crashes),
            image("auth:v3", ImageState::Pullable),
            image("redis:7", ImageState::Absent),
            image("hasura", ImageState::Unhealthy),
        ],
    );
    let engine = world.engine("local").unwrap();
    assert!(engine.image("auth:v2").unwrap().crashes.is_some() && engine.registry["auth:v2"].crashes.is_some());
    assert!(engine.image("auth:v3").is_none() && engine.registry["auth:v3"].program == Program::Service);
    assert!(engine.image("redis:7").is_none() && !engine.registry.contains_key("redis:7"));
    assert!(engine.images.contains_key(&container(&world, "redis").image), "a container keeps its image");
    assert!(engine.image("hasura:latest").unwrap().unhealthy);
}

#[test]
fn units_change_as_services_do() {
    let mut facts = (*systems::nchat()).clone();
    facts.services[3].runtime = RuntimeFacts::Unit("auth.service".to_owned());
    let world = World::of(facts.into(), began(), 1);
    let unit = |is| {
        let world = changed(world.clone(), &[service("auth", is, None)]);
        let unit = world.machine("local").unwrap().unit("auth").cloned();
        unit.map(|unit| (unit.state, unit.ready.is_some()))
    };
    let is = |state: &str, ready| Some((state.to_owned(), ready));
    assert_eq!(unit(ServiceState::Running), is("active", true));
    assert_eq!(unit(ServiceState::Unhealthy), is("active", false));
    assert_eq!(unit(ServiceState::Crashed), is("failed", false));
    assert_eq!(unit(ServiceState::CrashLoop), is("failed", false));
    assert_eq!(unit(ServiceState::Stopped), is("inactive", false));
    assert_eq!(unit(ServiceState::Absent), None);
    let paused = world.clone().apply(&[service("auth", ServiceState::Paused, None)]);
    assert_eq!(paused, Err("service `auth` is a unit, which cannot be paused".to_owned()));
}

#[test]
fn damaged_rows_are_in_a_file_of_their_own() {
    let damage = Change::Data { id: "postgres".to_owned(), is: DataState::Damaged, from: None };
    let (before, after) = (nchat(), changed(nchat(), &[damage]));
    let cluster = |world: &World, path: &str| match &world.node(&Place::machine("local"), path).unwrap().kind {
        Kind::Blob(blob) => match &blob.holds {
            Holds::Cluster(cluster) => (blob.id, blob.whole, cluster.damaged),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let (id, whole, damaged) = cluster(&after, "/data/postgres/base/1");
    assert!(whole && damaged && id != cluster(&before, "/data/postgres/base/1").0);
    let base = "/backups/postgres/base/20260209_020000/base/1";
    assert_eq!(cluster(&after, base), cluster(&before, base));
}

#[test]
fn wal_ends_where_it_is_told_to() {
    let age = Some(std::time::Duration::from_mins(30));
    let old = Change::Backup { data: "postgres".to_owned(), id: "wal".to_owned(), is: BackupState::Whole, age };
    let world = changed(nchat(), &[old]);
    let dir = world.node(&Place::machine("local"), "/backups/postgres/wal").unwrap();
    let until = dir.entries().filter_map(|(_, node)| match &node.kind {
        Kind::Blob(blob) => match blob.holds {
            Holds::Wal { until, .. } => Some(until),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(until.max(), Some(AsOf::At(began() - TimeDelta::minutes(30))));
}

#[test]
fn a_restarted_machine_waits_for_its_operator() {
    let restart = |name: &str| Change::Host { name: Some(name.to_owned()), is: HostState::Restarted, address: None };
    let world = changed(analyst(), &[restart("vm")]);
    let machine = world.machine("vm").unwrap();
    assert!(machine.mounts.is_empty() && machine.power == Power::Up && machine.booted == began());
    assert!(!machine.engine.as_ref().unwrap().running);
    let vm = world.instance("your-server", None, None).unwrap().1;
    assert_eq!((vm.status.as_str(), vm.disks.len()), ("RUNNING", 2), "the disk is attached, and not mounted");

    let mut world = nchat();
    let docker = Unit { state: "active".to_owned(), restarts: 0, service: None, ready: Some(began()) };
    world.machine_mut("local").unwrap().units.insert_mut("docker.service".to_owned(), docker);
    let world = changed(world, &[restart("host")]);
    assert!(world.engine("local").unwrap().running, "a unit that starts by itself");
    assert!(!matches!(container(&world, "auth").life, Life::Exited { .. }), "and starts its containers");
}

#[test]
fn a_machine_that_is_off_is_an_instance_that_is_off() {
    let host = |is| Change::Host { name: None, is, address: Some("203.0.113.9".to_owned()) };
    let world = changed(analyst(), &[host(HostState::Down)]);
    assert_eq!(world.instance("your-server", None, None).unwrap().1.status, "TERMINATED");
    assert_eq!(world.resolve("your-instance.example.com").as_deref(), Some("203.0.113.9"));
    let world = changed(world, &[host(HostState::Up)]);
    assert_eq!(world.instance("your-server", None, None).unwrap().1.status, "RUNNING");
    let other = Change::Host {
        name: Some("nchat-2.example.com".to_owned()),
        is: HostState::Up,
        address: Some("203.0.113.20".to_owned()),
    };
    let world = changed(world, &[other]);
    assert_eq!(world.machine_named("nchat-2.example.com").unwrap().address.as_deref(), Some("203.0.113.20"));
}

#[test]
fn a_deleted_machine_can_be_made_again() {
    let vm =
        |is| Change::Vm { name: "your-server".to_owned(), is, project: None, zone: None, address: None, host: None };
    let world = changed(analyst(), &[vm(VmState::Absent)]);
    let project = &world.cloud.projects["your-gcp-project"];
    assert_eq!(project.disks.keys().collect::<Vec<_>>(), ["europe-north1-a/data-disk"]);
    assert!(project.instances.is_empty() && world.machine("vm").is_none());
    let world = changed(world, &[vm(VmState::Running)]);
    let vm = world.instance("your-server", None, None).unwrap().1;
    assert!(world.machine(&vm.machine).unwrap().engine.is_none(), "a fresh machine has no Docker");
    assert_eq!(vm.disks.len(), 1);
}

#[test]
fn a_disk_is_attached_under_its_device_name() {
    let disk = |name: &str, is, vm: Option<&str>| Change::Disk {
        name: name.to_owned(),
        is,
        vm: vm.map(str::to_owned),
        device: Some("spare".to_owned()),
        data: None,
        project: None,
        zone: None,
    };
    let before = analyst();
    let world = changed(before.clone(), &[disk("spare-1", Presence::Present, Some("your-server"))]);
    let place = Place::machine("vm");
    let key = Kind::Device("your-gcp-project/europe-north1-a/spare-1".to_owned());
    assert_eq!(world.node(&place, "/dev/disk/by-id/google-spare").unwrap().kind, key);
    assert_eq!(world.left_behind(&before), ["disk spare-1 is still attached to your-server"]);
    let world = changed(world, &[disk("spare-1", Presence::Absent, None)]);
    assert!(world.node(&place, "/dev/disk/by-id/google-spare").is_err());
    assert_eq!(world.instance("your-server", None, None).unwrap().1.disks.len(), 2);
    assert_eq!(world.left_behind(&before), Vec::<String>::new());
}

#[test]
fn a_snapshot_may_still_upload() {
    let snapshot = |ready| Change::Snapshot {
        name: "new".to_owned(),
        is: Presence::Present,
        disk: Some("data-disk".to_owned()),
        age: None,
        ready,
    };
    let ready = |world: World| world.cloud.projects["your-gcp-project"].snapshots["new"].ready;
    assert!(ready(changed(analyst(), &[snapshot(false)])) > began() + TimeDelta::minutes(5));
    assert!(ready(changed(analyst(), &[snapshot(true)])) < began() + TimeDelta::minutes(5));
}

#[test]
fn names_answers_files_and_refusals() {
    let text = |text: &str| Some(text.to_owned());
    let world = changed(
        nchat(),
        &[
            Change::Dns { name: "Chat.Example.com.".to_owned(), address: text("203.0.113.20"), zone: None },
            Change::Dns { name: "gone.example.com".to_owned(), address: None, zone: None },
            Change::Http {
                url: "https://api.example.com/*".to_owned(),
                status: Some(503),
                body: String::new(),
                service: None,
            },
            Change::File { path: "/opt/nchat/.backend/.env".to_owned(), text: text("A=b\n"), host: text("host") },
            Change::File { path: "/etc/hostname".to_owned(), text: text("nchat-1\n"), host: None },
            Change::File { path: "/etc/fstab".to_owned(), text: None, host: None },
            Change::Cloud { what: "zone:europe-north1-a".to_owned(), refused: true },
            Change::Cloud { what: "api".to_owned(), refused: true },
            Change::Cloud { what: "api".to_owned(), refused: false },
        ],
    );
    assert_eq!(world.resolve("chat.example.com").as_deref(), Some("203.0.113.20"));
    assert_eq!((world.answers.len(), world.answers[0].status), (1, Some(503)));
    let place = Place::machine("local");
    assert!(world.node(&place, "/opt/nchat/.backend/.env").is_ok() && world.node(&place, "/etc/fstab").is_err());
    assert_eq!(world.machine("local").unwrap().hostname, "nchat-1");
    assert_eq!(world.cloud.refused.keys().collect::<Vec<_>>(), ["zone:europe-north1-a"]);
}

#[test]
fn a_name_has_its_record_in_the_zone() {
    let dns = |address: Option<&str>| Change::Dns {
        name: "chat.example.com.".to_owned(),
        address: address.map(str::to_owned),
        zone: Some("example-com".to_owned()),
    };
    let world = changed(nchat(), &[dns(Some("203.0.113.20"))]);
    let zone = &world.cloud.projects["your-gcp-project"].zones["example-com"];
    let record = zone.record("chat.example.com.", "A").unwrap();
    assert_eq!(
        (zone.domain.as_str(), record.ttl, record.data.as_slice()),
        ("example.com.", 300, ["203.0.113.20".to_owned()].as_slice())
    );
    let world = changed(world, &[dns(None)]);
    assert!(world.cloud.projects["your-gcp-project"].zones["example-com"].record("chat.example.com.", "A").is_none());
    assert_eq!(world.resolve("chat.example.com"), None);
}

#[test]
fn a_primary_that_is_down_streams_no_more() {
    let database = |host: &str, is, of: Option<&str>, lag: Option<u64>| Change::Database {
        host: host.to_owned(),
        is,
        of: of.map(str::to_owned),
        lag: lag.map(std::time::Duration::from_secs),
    };
    let pair = [
        database("a.example.com", DatabaseState::Primary, None, None),
        database("b.example.com", DatabaseState::Standby, Some("a.example.com"), Some(3)),
    ];
    let world = changed(nchat(), &pair);
    let (a, b) = (&world.servers["a.example.com"], &world.servers["b.example.com"]);
    assert!(a.up && a.follows.is_none() && b.streaming && b.follows.as_deref() == Some("a.example.com"));
    assert_eq!(a.cluster.system, b.cluster.system);
    assert_eq!(
        (b.replayed, b.cluster.as_of),
        (began() - TimeDelta::seconds(3), AsOf::At(began() - TimeDelta::seconds(3)))
    );
    assert_ne!(world.resolve("a.example.com"), world.resolve("b.example.com"));
    let world = changed(world, &[database("a.example.com", DatabaseState::Down, None, None)]);
    assert!(!world.servers["a.example.com"].up && !world.servers["b.example.com"].streaming);
    // What the system has is where the service is, until the standby is promoted.
    assert_eq!(world.data()[0].as_of, Some(AsOf::Present));
    let mut world = changed(world, &[database("b.example.com", DatabaseState::Primary, None, None)]);
    world.servers.get_mut("b.example.com").unwrap().cluster.timeline += 1;
    assert_eq!(world.data()[0].loss, Some(std::time::Duration::from_secs(3)));
    let lone = World::of(std::sync::Arc::new(SystemFacts::default()), began(), 1);
    let lone = changed(lone, &pair);
    assert!(lone.servers["a.example.com"].cluster.data.is_none());
}

#[test]
fn a_helper_that_still_runs_is_left_behind() {
    let before = nchat();
    let mut world = before.clone();
    let helper =
        Container { id: "f".repeat(64), name: "helper".to_owned(), service: None, ..container(&world, "loki").clone() };
    let engine = world.engine_mut("local").unwrap();
    engine.containers.insert_mut(helper.id.clone(), helper);
    world.machine_mut("local").unwrap().mounts.insert_mut("/mnt/x".to_owned(), "p/z/d".to_owned());
    assert_eq!(
        world.left_behind(&before),
        ["container helper still runs on local", "/mnt/x is still mounted on local"]
    );
}
