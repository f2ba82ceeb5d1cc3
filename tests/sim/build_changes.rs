//! Changes to the world, as they are seen in its services and data.

use std::time::Duration;

use runbook::model::change::{
    BackupState, Change, DataState, DatabaseState, HostState, ImageState, Presence, ServiceState, VmState,
};
use runbook::runner::sim::{AsOf, World};

use super::build::{ago, began, service};
use super::systems;

const HOUR: Duration = Duration::from_hours(1);

fn after(changes: &[Change]) -> World {
    let mut world = World::of(systems::nchat(), began(), 1);
    world.apply(changes).unwrap();
    world
}

fn state(world: &World, id: &str) -> (&'static str, bool, bool) {
    let services = world.services();
    let service = services.iter().find(|service| service.id == id).unwrap();
    (service.state, service.running, service.paused)
}

fn why(world: &World, id: &str) -> String {
    world.services().into_iter().find(|service| service.id == id).unwrap().why
}

fn data(id: &str, is: DataState) -> Change {
    Change::Data { id: id.to_owned(), is, from: None }
}

fn host(name: &str, is: HostState) -> Change {
    Change::Host { name: Some(name.to_owned()), is, address: None }
}

fn vm(name: &str, is: VmState, host: Option<&str>) -> Change {
    Change::Vm { name: name.to_owned(), is, project: None, zone: None, address: None, host: host.map(str::to_owned) }
}

fn database(host: &str, is: DatabaseState, of: Option<&str>, lag: Option<Duration>) -> Change {
    Change::Database { host: host.to_owned(), is, of: of.map(str::to_owned), lag }
}

#[test]
fn a_service_can_be_in_every_state() {
    assert_eq!(state(&after(&[service("auth", ServiceState::Running)]), "auth"), ("running", true, false));
    assert_eq!(state(&after(&[service("auth", ServiceState::Unhealthy)]), "auth"), ("running", true, false));
    assert_eq!(state(&after(&[service("auth", ServiceState::Paused)]), "auth"), ("paused", false, true));
    assert_eq!(state(&after(&[service("auth", ServiceState::CrashLoop)]), "auth"), ("restarting", false, false));
    assert_eq!(state(&after(&[service("auth", ServiceState::Absent)]), "auth"), ("absent", false, false));
    let stopped = after(&[service("auth", ServiceState::Stopped)]);
    assert_eq!(
        (state(&stopped, "auth"), why(&stopped, "auth")),
        (("stopped", false, false), "it has exited with 0".to_owned())
    );
    let crashed = after(&[service("auth", ServiceState::Crashed)]);
    assert_eq!(
        (state(&crashed, "auth"), why(&crashed, "auth")),
        (("stopped", false, false), "it has exited with 137".to_owned())
    );
    assert_eq!(state(&crashed, "hasura").0, "running");
}

#[test]
fn a_service_comes_back_with_the_image_that_it_is_given() {
    let image = Some("auth:v2".to_owned());
    let world = after(&[
        service("auth", ServiceState::Absent),
        Change::Service { id: "auth".to_owned(), is: ServiceState::Running, image },
    ]);
    assert_eq!(state(&world, "auth"), ("running", true, false));
    assert_eq!(world.services()[3].image.as_deref(), Some("auth:v2"));
}

#[test]
fn an_absent_service_keeps_its_data() {
    let world = after(&[service("postgres", ServiceState::Absent)]);
    assert_eq!(state(&world, "postgres").0, "absent");
    assert_eq!(world.data()[0].state, "whole");
}

#[test]
fn data_can_be_in_every_state() {
    let seen = |is| {
        let world = after(&[data("postgres", is)]);
        let data = world.data()[0].clone();
        (data.state, data.as_of, state(&world, "postgres").0)
    };
    assert_eq!(seen(DataState::Whole), ("whole", Some(AsOf::Present), "running"));
    assert_eq!(seen(DataState::Damaged), ("damaged", Some(AsOf::Present), "running"));
    assert_eq!(seen(DataState::Empty), ("empty", None, "stopped"));
    assert_eq!(seen(DataState::Lost), ("lost", None, "stopped"));
}

#[test]
fn every_kind_of_data_can_be_damaged_emptied_and_lost() {
    for system in [systems::nchat(), systems::ai_data_analyst(), systems::notes()] {
        for (n, id) in system.data.iter().map(|data| data.id.clone()).enumerate() {
            let world = World::of(system.clone(), began(), 1);
            let copies = world.copies(&id).len();
            for (is, name, left) in [
                (DataState::Damaged, "damaged", copies),
                (DataState::Empty, "empty", copies - 1),
                (DataState::Lost, "lost", copies - 1),
            ] {
                let mut changed = world.clone();
                changed.apply(&[data(&id, is)]).unwrap();
                assert_eq!(changed.data()[n].state, name, "{id}");
                assert_eq!(changed.copies(&id).len(), left, "{id} {name}");
                let wrong = changed.copies(&id).iter().filter(|copy| !copy.whole).count();
                assert_eq!(wrong, usize::from(is == DataState::Damaged), "{id} {name}: backups stay whole");
                // All of them can be had back.
                changed.apply(&[data(&id, DataState::Whole)]).unwrap();
                assert_eq!(changed.data()[n].state, "whole", "{id} after {name}");
            }
        }
    }
}

#[test]
fn data_that_is_restored_is_as_old_as_its_backup() {
    let restored = |data: &str, from: &str| Change::Data {
        id: data.to_owned(),
        is: DataState::Whole,
        from: Some(from.to_owned()),
    };
    let world = after(&[data("postgres", DataState::Lost), restored("postgres", "daily")]);
    assert_eq!((world.data()[0].as_of, world.data()[0].loss), (Some(ago(45_000)), Some(HOUR * 25 / 2)));
    let world = after(&[restored("postgres", "wal")]);
    assert_eq!(world.data()[0].loss, Some(Duration::from_mins(1)));
    let mut world = World::of(systems::nchat(), began(), 1);
    let absent =
        Change::Backup { data: "redis".to_owned(), id: "files".to_owned(), is: BackupState::Absent, age: None };
    let refused = world.apply(&[absent, restored("redis", "files")]);
    assert_eq!(refused, Err("data `redis` has no backup in `files`".to_owned()));
    assert_eq!(world.copies("redis").len(), 2, "none of the changes was made");
}

#[test]
fn backups_have_the_age_that_they_are_given() {
    let old = |data: &str, id: &str| Change::Backup {
        data: data.to_owned(),
        id: id.to_owned(),
        is: BackupState::Whole,
        age: Some(HOUR * 50),
    };
    let newest = |world: &World, data: &str, place: &str| {
        let copies = world.copies(data).into_iter().filter(|copy| copy.place.contains(place));
        copies.map(|copy| copy.as_of).max()
    };
    let world = after(&[old("postgres", "daily"), old("redis", "files")]);
    assert_eq!(newest(&world, "postgres", "daily"), Some(ago(180_000)));
    assert_eq!(newest(&world, "postgres", "/base/"), Some(ago(45_000)));
    assert_eq!(newest(&world, "redis", "/backups"), Some(ago(180_000)));
    let mut world = World::of(systems::ai_data_analyst(), began(), 1);
    world.apply(&[old("app", "snapshots")]).unwrap();
    assert_eq!(newest(&world, "app", "snapshot"), Some(ago(180_000)));
}

#[test]
fn a_machine_that_is_off_takes_its_services_along() {
    let mut world = World::of(systems::ai_data_analyst(), began(), 1);
    let healthy = world.clone();
    for (name, is, expected) in [
        ("vm", HostState::Cut, "nobody reaches machine vm"),
        ("your-instance.example.com", HostState::Down, "machine vm is off"),
    ] {
        world.apply(&[host(name, is)]).unwrap();
        assert_eq!((state(&world, "app").0, why(&world, "app").as_str()), ("unreachable", expected));
        assert_eq!(world.data()[0].state, "whole", "the disk is still there");
    }
    world.apply(&[host("vm", HostState::Up)]).unwrap();
    assert_eq!((state(&world, "app").0, why(&world, "app").as_str()), ("stopped", "it has exited with 255"));
    let mut cut = healthy;
    cut.apply(&[host("vm", HostState::Cut), host("vm", HostState::Up)]).unwrap();
    assert_eq!(state(&cut, "app").0, "running", "nothing has happened to a machine that was cut off");
}

#[test]
fn a_restarted_machine_runs_nothing_and_has_not_mounted_its_disk() {
    let mut world = World::of(systems::ai_data_analyst(), began(), 1);
    world.apply(&[host("vm", HostState::Restarted)]).unwrap();
    assert_eq!(state(&world, "app").0, "stopped");
    assert_eq!(world.data()[0].state, "empty");
    let disk = world.copies("app").into_iter().find(|copy| copy.place == "disk data-disk").unwrap();
    assert!(disk.whole && !disk.live);

    let world = after(&[host("local", HostState::Restarted)]);
    assert!(world.services().iter().all(|service| service.state == "stopped"));
    assert!(world.data().iter().all(|data| data.state == "whole"));
}

#[test]
fn a_virtual_machine_that_is_gone_leaves_its_data_disk() {
    let mut world = World::of(systems::ai_data_analyst(), began(), 1);
    world.apply(&[vm("your-server", VmState::Terminated, None)]).unwrap();
    assert_eq!(why(&world, "app"), "machine vm is off");
    world.apply(&[vm("your-server", VmState::Absent, None)]).unwrap();
    assert_eq!((state(&world, "app").0, why(&world, "app").as_str()), ("unreachable", "its machine is gone"));
    assert_eq!(world.data()[0].state, "lost");
    assert_eq!(world.copies("app").len(), 4);
    assert!(world.copies("app").iter().all(|copy| copy.whole && !copy.live));
    world.apply(&[vm("your-server", VmState::Absent, None)]).unwrap();
}

#[test]
fn a_virtual_machine_takes_the_name_that_the_world_gives_it() {
    let mut facts = (*systems::ai_data_analyst()).clone();
    facts.vars.clear();
    let mut world = World::of(facts.into(), began(), 1);
    let text = |text: &str| Some(text.to_owned());
    world
        .apply(&[
            Change::Vm {
                name: "your-server".to_owned(),
                is: VmState::Running,
                project: text("your-gcp-project"),
                zone: text("europe-north1-a"),
                address: text("203.0.113.7"),
                host: text("vm"),
            },
            Change::Disk {
                name: "app-1".to_owned(),
                is: Presence::Present,
                vm: text("your-server"),
                device: text("data-disk"),
                data: text("app"),
                project: None,
                zone: None,
            },
        ])
        .unwrap();
    assert_eq!(state(&world, "app").0, "running");
    assert_eq!(world.data()[0].state, "whole");
    let places: Vec<_> = world.copies("app").into_iter().map(|copy| copy.place).collect();
    let snapshots = ["20260207", "20260208", "20260209"].map(|day| format!("snapshot app-1-{day}"));
    assert_eq!(places[0], "disk app-1");
    assert_eq!(places[1..], snapshots);
}

#[test]
fn snapshots_come_and_go() {
    let mut world = World::of(systems::ai_data_analyst(), began(), 1);
    let snapshot = |name: &str, is, disk: Option<&str>| Change::Snapshot {
        name: name.to_owned(),
        is,
        disk: disk.map(str::to_owned),
        age: Some(HOUR * 2),
        ready: true,
    };
    world
        .apply(&[
            data("app", DataState::Damaged),
            snapshot("by-hand", Presence::Present, None),
            snapshot("data-disk-20260209", Presence::Absent, None),
        ])
        .unwrap();
    let copies = world.copies("app");
    let by_hand = copies.iter().find(|copy| copy.place == "snapshot by-hand").unwrap();
    assert_eq!((by_hand.as_of, by_hand.whole), (ago(7_200), true), "it was taken before the damage");
    assert_eq!(copies.len(), 4);
    let refused = world.apply(&[snapshot("x", Presence::Present, Some("other"))]);
    assert_eq!(refused, Err("there is no disk `other`".to_owned()));
}

#[test]
fn a_standby_that_is_promoted_takes_the_place_of_the_data() {
    let world = after(&[
        database(
            "db-eu-west.example.com",
            DatabaseState::Standby,
            Some("db-us-east.example.com"),
            Some(Duration::from_secs(3)),
        ),
        database("db-us-east.example.com", DatabaseState::Primary, None, None),
        database("db-us-east.example.com", DatabaseState::Down, None, None),
    ]);
    let copies = world.copies("postgres");
    let standby = copies.iter().find(|copy| copy.place == "database server db-eu-west.example.com").unwrap();
    assert_eq!((standby.as_of, standby.whole, standby.live), (ago(3), true, false));
    let primary = copies.iter().find(|copy| copy.place == "database server db-us-east.example.com").unwrap();
    assert_eq!((primary.as_of, primary.live), (AsOf::Present, false));
}

#[test]
fn what_cannot_be_is_said() {
    let refused = |change: Change| World::of(systems::nchat(), began(), 1).apply(&[change]).unwrap_err();
    assert_eq!(refused(service("mysql", ServiceState::Crashed)), "there is no service `mysql`");
    assert_eq!(refused(data("mysql", DataState::Lost)), "there is no data `mysql`");
    let backup = Change::Backup { data: "redis".to_owned(), id: "daily".to_owned(), is: BackupState::Whole, age: None };
    assert_eq!(refused(backup), "data `redis` has no backup `daily`");
    assert_eq!(refused(host("elsewhere", HostState::Down)), "there is no machine `elsewhere`");
    let cloud = Change::Cloud { what: "everything".to_owned(), refused: true };
    assert!(refused(cloud).starts_with("Google Cloud cannot refuse `everything`"));
    let dns = Change::Dns { name: "a.example.com".to_owned(), address: Some("nowhere".to_owned()), zone: None };
    assert_eq!(refused(dns), "`nowhere` is no address for the name `a.example.com`");
    let file = Change::File { path: "relative".to_owned(), text: None, host: None };
    assert_eq!(refused(file), "the path `relative` of a file must be absolute");
    let http =
        Change::Http { url: "chat.example.com".to_owned(), status: Some(200), body: String::new(), service: None };
    assert_eq!(refused(http), "`chat.example.com` is no address of a web server");
    assert_eq!(
        refused(database("b.example.com", DatabaseState::Standby, Some("a.example.com"), None)),
        "`b.example.com` cannot follow `a.example.com`: there is no such database server"
    );
    let disk = Change::Disk {
        name: "d".to_owned(),
        is: Presence::Present,
        vm: Some("v".to_owned()),
        device: None,
        data: None,
        project: None,
        zone: None,
    };
    assert_eq!(refused(disk), "there is no virtual machine `v`");
}

#[test]
fn files_that_are_not_finished_are_left_behind() {
    let before = after(&[]);
    let mut world = before.clone();
    world
        .apply(&[
            Change::File { path: "/data/postgres_x.incomplete".to_owned(), text: Some(String::new()), host: None },
            Change::File { path: "/root/transaction.yaml".to_owned(), text: Some(String::new()), host: None },
            Change::Image { name: "auth:v2".to_owned(), is: ImageState::Pullable },
        ])
        .unwrap();
    assert_eq!(world.left_behind(&before), ["/data/postgres_x.incomplete on local", "/root/transaction.yaml on local"]);
    assert_eq!(world.left_behind(&world.clone()), Vec::<String>::new());
}
