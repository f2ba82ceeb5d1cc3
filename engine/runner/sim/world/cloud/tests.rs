//! What the cloud does to machines, disks and names.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use crate::model::facts::SystemFacts;

use super::super::super::place::Place;
use super::super::super::tree::{FileError, Kind, Node};
use super::super::{Power, World};
use super::{At, External, NewAttached, NewDisk, NewInstance, Notes, Record, Source, Vm};

const ZONE: &str = "europe-north1-a";
const DEVICE: &str = "/dev/disk/by-id/google-data";

fn began() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 9, 3, 0, 0).unwrap()
}

fn at(name: &str) -> At {
    At::zone("acme", ZONE, name)
}

fn later(world: &mut World, seconds: i64) {
    let now = world.now() + TimeDelta::seconds(seconds);
    world.set_now(now);
}

fn insert(world: &mut World, name: &str) {
    let boot = NewAttached {
        disk: name.to_owned(),
        made_of: Some((Source::Image, None, "pd-standard".to_owned())),
        device: None,
        boot: true,
        auto_delete: true,
    };
    let new = NewInstance {
        at: at(name),
        machine_type: "e2-medium".to_owned(),
        disks: vec![boot],
        external: External::Pool,
        vm: Vm::default(),
    };
    world.insert_instance(new).unwrap();
}

fn disk(world: &mut World, name: &str, source: Source) {
    let (kind, notes) = ("pd-balanced".to_owned(), Notes::default());
    let new = NewDisk { at: at(name), size_gb: None, kind, source, notes, policies: Vec::new() };
    world.insert_disk(&new).unwrap();
}

/// A machine `web` with a disk that holds a file, mounted at `/data`.
fn world() -> World {
    let mut world = World::empty(began(), 5, Arc::new(SystemFacts::default()));
    world.add_project("acme", &[]);
    insert(&mut world, "web");
    disk(&mut world, "data-disk", Source::Blank);
    later(&mut world, 120);
    world.attach_disk(&at("web"), "data-disk", Some("data")).unwrap();
    let mut files = Node::directory(began());
    files.put("state", Node::text("one", began())).unwrap();
    world.disk_mut("acme/europe-north1-a/data-disk").unwrap().files = Some(files);
    mount(&mut world, "data-disk");
    world
}

fn mount(world: &mut World, disk: &str) {
    let machine = world.machine_mut("web").unwrap();
    machine.mounts.insert_mut("/data".to_owned(), format!("acme/{ZONE}/{disk}"));
}

fn text(world: &World, path: &str) -> Result<String, FileError> {
    match &world.node(&Place::machine("web"), path)?.kind {
        Kind::Text(text) => Ok(text.to_string()),
        other => panic!("{other:?}"),
    }
}

fn write(world: &mut World, path: &str, text: &str) {
    world.put(&Place::machine("web"), path, Node::text(text, began())).unwrap();
}

#[test]
fn an_attached_disk_is_a_device_and_a_detached_one_is_not() {
    let mut world = world();
    let device = world.node(&Place::machine("web"), DEVICE).unwrap();
    assert_eq!(device.kind, Kind::Device("acme/europe-north1-a/data-disk".to_owned()));
    assert_eq!(text(&world, "/data/state").unwrap(), "one");
    world.detach_disk(&at("web"), "data").unwrap();
    assert!(world.node(&Place::machine("web"), DEVICE).is_err());
    assert_eq!(text(&world, "/data/state"), Err(FileError::NotFound), "the mount is gone with the disk");
}

#[test]
fn a_snapshot_keeps_the_files_as_they_were() {
    let mut world = world();
    world.insert_snapshot(&at("data-disk"), "before", Notes::default(), false).unwrap();
    write(&mut world, "/data/state", "two");
    later(&mut world, 150);
    disk(&mut world, "old", Source::Snapshot("before".to_owned()));
    later(&mut world, 200);
    world.detach_disk(&at("web"), "data").unwrap();
    world.attach_disk(&at("web"), "old", Some("data")).unwrap();
    mount(&mut world, "old");
    assert_eq!(text(&world, "/data/state").unwrap(), "one");
    mount(&mut world, "data-disk");
    assert_eq!(text(&world, "/data/state").unwrap(), "two");
}

#[test]
fn a_machine_that_starts_again_mounts_what_its_table_names() {
    let mut world = world();
    world.stop_instance(&at("web")).unwrap();
    assert_eq!(world.machine("web").unwrap().power, Power::Down);
    assert!(world.machine("web").unwrap().mounts.is_empty());
    later(&mut world, 60);
    world.start_instance(&at("web")).unwrap();
    assert_eq!(world.machine("web").unwrap().power, Power::Up);
    assert!(world.machine("web").unwrap().mounts.is_empty(), "nothing is in fstab");

    write(&mut world, "/etc/fstab", "/dev/disk/by-id/google-data /data ext4 discard,defaults,nofail 0 2\n");
    later(&mut world, 60);
    world.stop_instance(&at("web")).unwrap();
    later(&mut world, 60);
    world.start_instance(&at("web")).unwrap();
    assert_eq!(text(&world, "/data/state").unwrap(), "one");
}

#[test]
fn a_deleted_instance_takes_its_machine_along_and_comes_back_empty() {
    let mut world = world();
    write(&mut world, "/root/notes", "mine");
    let address = world.machine("web").unwrap().address.clone().unwrap();
    world.delete_instance(&at("web")).unwrap();
    assert!(world.machine("web").is_none());
    assert!(world.machine_at(&address).is_none());
    insert(&mut world, "web");
    assert_eq!(text(&world, "/root/notes"), Err(FileError::NotFound));
    let machine = world.machine("web").unwrap();
    assert!(machine.engine.is_none());
    let new = machine.address.clone().unwrap();
    assert_ne!(new, address);
    assert_eq!(world.machine_at(&new).map(|machine| machine.name.as_str()), Some("web"));
}

#[test]
fn an_instance_is_the_machine_again_that_it_was() {
    let mut world = world();
    let mut machine = world.machine("web").unwrap().clone();
    "vm".clone_into(&mut machine.name);
    world.machines.remove_mut("web");
    world.machines.insert_mut("vm".to_owned(), machine);
    world.instance_at_mut(&at("web")).unwrap().machine = "vm".to_owned();
    world.delete_instance(&at("web")).unwrap();
    insert(&mut world, "web");
    assert_eq!(world.instance_at(&at("web")).unwrap().machine, "vm");
    assert!(world.machine("vm").is_some());
}

#[test]
fn a_name_leads_to_the_old_address_until_the_old_record_is_forgotten() {
    let mut world = world();
    let record = |ttl, ip: &str| Record {
        name: "app.example.com.".to_owned(),
        kind: "A".to_owned(),
        ttl,
        data: vec![ip.to_owned()],
    };
    world.insert_zone("acme", "prod", "example.com.", "").unwrap();
    world.insert_record("acme", "prod", record(300, "34.88.1.1")).unwrap();
    assert_eq!(world.resolve("app.example.com").as_deref(), Some("34.88.1.1"));
    let change = |world: &mut World, ip: &str| {
        world.update_record(("acme", "prod"), ("app.example.com.", "A"), (Some(60), vec![ip.to_owned()])).unwrap();
    };
    change(&mut world, "35.228.9.9");
    assert_eq!(world.resolve("app.example.com").as_deref(), Some("34.88.1.1"));
    later(&mut world, 299);
    assert_eq!(world.resolve("app.example.com").as_deref(), Some("34.88.1.1"));
    later(&mut world, 1);
    assert_eq!(world.resolve("APP.example.com.").as_deref(), Some("35.228.9.9"));
    change(&mut world, "35.228.7.7");
    assert_eq!(world.resolve("app.example.com").as_deref(), Some("35.228.7.7"), "60 s count as at once");
    world.delete_record("acme", "prod", "app.example.com.", "A").unwrap();
    assert_eq!(world.resolve("app.example.com"), None);
}

#[test]
fn a_built_world_has_records_from_the_start() {
    let mut world = world();
    world.set_record("acme", "example-com", "www.example.com", Some("203.0.113.4"));
    assert_eq!(world.resolve("www.example.com").as_deref(), Some("203.0.113.4"));
    let records = &world.managed_zone("dns.resourceRecordSets.list", "acme", "example-com").unwrap().records;
    assert!(records.iter().any(|record| record.title() == "www.example.com. (A)"));
    world.set_record("acme", "example-com", "www.example.com", None);
    assert_eq!(world.resolve("www.example.com"), None);
}

#[test]
fn the_end_of_time_is_no_surprise() {
    let mut world = world();
    world.set_now(DateTime::<Utc>::MAX_UTC);
    world.insert_snapshot(&at("data-disk"), "late", Notes::default(), false).unwrap();
    world.stop_instance(&at("web")).unwrap();
    assert_eq!(world.snapshot_documents("acme").unwrap().len(), 1);
}
