//! What is in the worlds of the shipped systems: files, containers, disks, names.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model;
use crate::model::facts::{HealthFacts, RuntimeFacts, SystemFacts};
use crate::model::work::Target;

use super::super::blob::{AsOf, Blob, Holds};
use super::super::place::Place;
use super::super::tree::{Kind, Node};
use super::super::world::{Container, Life, MountSource, Program, World};

#[path = "../../../../tests/sim/systems.rs"]
pub(in crate::runner::sim) mod systems;

/// The moment at which the rehearsals of these tests begin.
pub(in crate::runner::sim) fn began() -> DateTime<Utc> {
    "2026-02-09T14:30:00Z".parse().unwrap()
}

fn world(system: Arc<SystemFacts>) -> World {
    World::of(system, began(), 1)
}

fn container<'w>(world: &'w World, machine: &str, name: &str) -> &'w Container {
    world.engine(machine).unwrap().container(name).unwrap()
}

/// What is in a directory, with a slash behind directories.
fn listing(world: &World, place: &Place, path: &str) -> Vec<String> {
    let entries = world.node(place, path).unwrap().entries();
    entries.map(|(name, node)| if node.is_directory() { format!("{name}/") } else { name.clone() }).collect()
}

fn blob<'w>(world: &'w World, place: &Place, path: &str) -> &'w Blob {
    match &world.node(place, path).unwrap().kind {
        Kind::Blob(blob) => blob,
        other => panic!("{path} is {other:?}"),
    }
}

fn text(world: &World, place: &Place, path: &str) -> String {
    match &world.node(place, path).unwrap().kind {
        Kind::Text(text) => text.to_string(),
        other => panic!("{path} is {other:?}"),
    }
}

fn here() -> Place {
    Place::machine("local")
}

#[test]
fn postgres_has_the_directory_that_its_server_wants() {
    let world = world(systems::nchat());
    let files = [
        "PG_VERSION",
        "base/",
        "global/",
        "pg_hba.conf",
        "pg_wal/",
        "pg_xact/",
        "postgresql.auto.conf",
        "postgresql.conf",
    ];
    assert_eq!(listing(&world, &here(), "/data/postgres"), files);
    let dir = world.node(&here(), "/data/postgres").unwrap();
    assert_eq!((dir.mode, dir.uid, dir.gid), (0o700, 999, 999));
    let version = dir.child("PG_VERSION").unwrap();
    assert_eq!((version.mode, version.uid), (0o600, 999));
    let Holds::Cluster(cluster) = &blob(&world, &here(), "/data/postgres/base/1").holds else { panic!() };
    assert_eq!((cluster.as_of, cluster.damaged, cluster.timeline), (AsOf::Present, false, 1));
    assert_eq!(cluster.databases.keys().collect::<Vec<_>>(), ["nself_db", "postgres"]);
    let database = &cluster.databases["nself_db"];
    assert!(["nchat_messages", "nchat_users", "auth.users"].iter().all(|table| database.tables[*table] > 0));
    assert_eq!(database.tables["nchat_users"], database.tables["auth.users"]);
    assert!(database.others.is_some() && cluster.databases["postgres"].others.is_none());
    assert_eq!(cluster.settings["archive_mode"], "on");
}

#[test]
fn its_container_sees_the_same_directory_and_the_archive() {
    let world = world(systems::nchat());
    let postgres = container(&world, "local", "nself-postgres");
    assert_eq!((postgres.program, postgres.service.as_deref()), (Program::Postgres, Some("postgres")));
    assert!(postgres.is_ready(began()) && postgres.restart == "unless-stopped");
    let inside = Place::container("local", &postgres.id);
    assert!(listing(&world, &inside, "/var/lib/postgresql/data").contains(&"PG_VERSION".to_owned()));
    assert_eq!(listing(&world, &inside, "/backups/postgres/wal").len(), 73);
    let redis = Place::container("local", &container(&world, "local", "nself-redis").id);
    assert_eq!(listing(&world, &redis, "/data"), ["appendonlydir/", "dump.rdb"]);
    assert!(
        text(&world, &redis, "/data/appendonlydir/appendonly.aof.manifest")
            .starts_with("file appendonly.aof.1.base.rdb")
    );
    let minio = Place::container("local", &container(&world, "local", "nself-minio").id);
    assert_eq!(listing(&world, &minio, "/data"), [".minio.sys/", "uploads/"]);
}

#[test]
fn backups_are_where_the_system_keeps_them() {
    let world = world(systems::nchat());
    let daily = ["postgres_20260208_010000.dump", "postgres_20260209_020000.dump"];
    assert_eq!(listing(&world, &here(), "/backups/postgres/daily"), daily);
    let newest = world.node(&here(), "/backups/postgres/daily/postgres_20260209_020000.dump").unwrap();
    assert_eq!(newest.modified, began() - TimeDelta::minutes(750));
    assert!(matches!(&newest.kind, Kind::Blob(blob) if blob.whole && matches!(blob.holds, Holds::Dump(_))));

    let base = "/backups/postgres/base/20260209_020000";
    assert!(
        ["PG_VERSION", "backup_label", "base/"]
            .iter()
            .all(|name| listing(&world, &here(), base).contains(&(*name).to_owned()))
    );
    let manifest = world.node(&here(), &format!("{base}/backup_manifest")).unwrap();
    assert_eq!(manifest.modified, began() - TimeDelta::minutes(750), "its time is the end of the backup");

    let Holds::Cluster(live) = &blob(&world, &here(), "/data/postgres/base/1").holds else { panic!() };
    let Holds::Cluster(base) = &blob(&world, &here(), &format!("{base}/base/1")).holds else { panic!() };
    let segments = listing(&world, &here(), "/backups/postgres/wal");
    assert_eq!((segments[0].as_str(), segments[72].as_str()), ("000000010000000000000040", "000000010000000000000088"));
    let last = &blob(&world, &here(), "/backups/postgres/wal/000000010000000000000088").holds;
    assert_eq!(*last, Holds::Wal { system: live.system, until: AsOf::At(began() - TimeDelta::minutes(1)) });
    assert_eq!(base.system, live.system);
    let rows = |cluster: &super::super::world::Cluster| cluster.databases["nself_db"].tables["nchat_messages"];
    assert!(rows(base) < rows(live) && rows(base) * 10 > rows(live) * 9);
    assert!(world.node(&here(), "/backups/minio/.minio.sys").unwrap().is_directory());
}

#[test]
fn archives_are_compressed_trees_of_the_data() {
    let world = world(systems::notes());
    let Holds::Gzip(tar) = &blob(&world, &here(), "/var/backups/notes/app_20260209_020000.tar.gz").holds else {
        panic!()
    };
    let Holds::Archive(tree) = &tar.holds else { panic!() };
    assert!(tree.get("state/system.duckdb").is_some());
    let volume = &world.engine("local").unwrap().volumes["notes_app_data"];
    assert_eq!(volume.labels["com.docker.compose.volume"], "app_data");
    assert_eq!(volume.files.child("state").map(Node::is_directory), Some(true));
    let redis = &world.engine("local").unwrap().volumes["notes_redis_data"];
    assert_eq!((redis.files.uid, redis.files.gid), (998, 998));
}

#[test]
fn containers_of_compose_have_its_labels() {
    let world = world(systems::notes());
    let app = container(&world, "local", "notes-app-1");
    assert_eq!((app.image_name.as_str(), app.program), ("runbook-lab/app:v1", Program::Service));
    let label = |name: &str| app.labels[&format!("com.docker.compose.{name}")].as_str();
    assert_eq!(label("depends_on"), "postgres:service_healthy:false,redis:service_healthy:false");
    assert_eq!((label("project"), label("service"), label("container-number")), ("notes", "app", "1"));
    assert_eq!(label("project.config_files"), "/srv/notes/compose.yaml");
    assert_eq!((label("project.working_dir"), label("oneoff"), label("version")), ("/srv/notes", "False", "2.26.1"));
    assert_eq!(label("image"), app.image);
    assert_eq!(app.networks.iter().collect::<Vec<_>>(), [(&"notes_default".to_owned(), &"172.18.0.2".to_owned())]);
    let network = &world.engine("local").unwrap().networks["notes_default"];
    assert_eq!(network.labels["com.docker.compose.network"], "default");
    assert_eq!(app.mounts[0].target, "/data");
    assert_eq!(app.mounts[0].source, MountSource::Volume("notes_app_data".to_owned()));
    assert!(app.has_health_check);
    let (postgres, redis) =
        (container(&world, "local", "notes-postgres-1"), container(&world, "local", "notes-redis-1"));
    assert_eq!((postgres.program, redis.program), (Program::Postgres, Program::Redis));
}

#[test]
fn images_are_present_and_can_be_pulled() {
    let world = world(systems::nchat());
    let engine = world.engine("local").unwrap();
    for image in ["postgres:15", "redis:7", "auth:current"] {
        assert!(engine.image(image).is_some() && engine.registry.contains_key(image), "{image}");
        assert_eq!(engine.image(image), engine.registry.get(image), "{image}");
    }
    assert!(engine.image("alpine:3").is_none() && engine.registry.contains_key("alpine:3"));
    assert_eq!(engine.registry["alpine:3"].program, Program::Tools);
    assert_eq!(engine.image("redis:7").unwrap().program, Program::Redis);
    for container in engine.containers.values() {
        assert!(engine.images.contains_key(&container.image), "{}", container.name);
    }
}

#[test]
fn a_virtual_machine_has_its_disk_and_its_name() {
    let world = world(systems::ai_data_analyst());
    let project = &world.cloud.projects["your-gcp-project"];
    assert_eq!(project.labels["environment"], "production");
    let vm = &project.instances["europe-north1-a/your-server"];
    assert_eq!((vm.status.as_str(), vm.machine.as_str()), ("RUNNING", "vm"));
    let machine = world.machine("vm").unwrap();
    assert_eq!(vm.external, machine.address);
    assert_eq!(world.resolve("your-instance.example.com"), machine.address);
    let disks: Vec<_> = vm.disks.iter().map(|disk| (disk.disk.as_str(), disk.device.as_str(), disk.boot)).collect();
    assert_eq!(disks, [("your-server", "persistent-disk-0", true), ("data-disk", "data-disk", false)]);
    assert_eq!(
        project.snapshots.keys().collect::<Vec<_>>(),
        ["data-disk-20260207", "data-disk-20260208", "data-disk-20260209"]
    );

    let place = Place::machine("vm");
    assert_eq!(listing(&world, &place, "/data"), ["VERSION", "lost+found/", "state/", "tables/"]);
    let device = Kind::Device("your-gcp-project/europe-north1-a/data-disk".to_owned());
    assert_eq!(world.node(&place, "/dev/disk/by-id/google-data-disk").unwrap().kind, device);
    assert!(
        text(&world, &place, "/etc/fstab")
            .contains("/dev/disk/by-id/google-data-disk /data ext4 discard,defaults,nofail 0 2\n")
    );
    let app = Place::container("vm", &container(&world, "vm", "data-analyst-app-1").id);
    assert_eq!(listing(&world, &app, "/data"), ["VERSION", "lost+found/", "state/", "tables/"]);
    assert_eq!(listing(&world, &place, "/opt/data-analyst"), [".env"]);

    let local = world.engine("local").unwrap();
    assert!(local.containers.is_empty() && local.images.is_empty() && !local.registry.is_empty());
    assert!(world.engine("vm").unwrap().running);
}

#[test]
fn this_machine_can_be_the_virtual_machine() {
    let mut facts = (*systems::ai_data_analyst()).clone();
    (facts.target, facts.services[0].target) = (Target::Local, Target::Local);
    facts.targets = vec![("vm".to_owned(), Target::Local)];
    let world = world(Arc::new(facts));
    assert_eq!(world.machines.size(), 1);
    assert_eq!(world.instance("your-server", None, None).unwrap().1.machine, "local");
    assert_eq!(world.resolve("your-instance.example.com"), world.machine("local").unwrap().address);
    assert_eq!(world.data()[0].state, "whole");
}

#[test]
fn a_check_of_another_container_does_not_tell_what_a_service_is() {
    let mut facts = (*systems::nchat()).clone();
    let words = "docker exec nself-postgres psql -c select".split(' ').map(str::to_owned).collect();
    facts.services[3].health = HealthFacts::Program { argv: words, target: Target::Local };
    let world = world(Arc::new(facts));
    assert_eq!(container(&world, "local", "nself-auth").program, Program::Service);

    let mut facts = (*systems::nchat()).clone();
    let script = "docker exec nself-auth redis-cli -e ping | grep -q PONG".to_owned();
    facts.services[3].health = HealthFacts::Program { argv: vec!["bash".to_owned(), script], target: Target::Local };
    let world = self::world(Arc::new(facts));
    assert_eq!(container(&world, "local", "nself-auth").program, Program::Redis, "a script is read too");
}

#[test]
fn every_target_is_a_machine() {
    let gcloud = |vm: &str| Target::Gcloud { vm: vm.to_owned(), project: None, zone: None };
    let inside = |name: &str, via: Target| Target::Container { name: name.to_owned(), via: Box::new(via) };
    let targets = [
        ("web", systems::ssh("root@web.example.com")),
        ("same", systems::ssh("deploy@WEB.example.com")),
        ("bare", systems::ssh("198.51.100.7")),
        ("box", gcloud("box-1")),
        ("tools", inside("toolbox", systems::ssh("web.example.com"))),
        ("unknown", systems::ssh("")),
    ];
    let targets: Vec<_> = targets.map(|(id, target)| (id.to_owned(), target)).to_vec();
    let world = world(Arc::new(SystemFacts { targets: targets.clone(), ..SystemFacts::default() }));
    assert_eq!(world.machines.keys().collect::<Vec<_>>(), ["bare", "box-1", "local", "web"]);
    let found = |n: usize| world.machine_for(&targets[n].1).map(|machine| machine.name.as_str());
    let expected = [Some("web"), Some("web"), Some("bare"), Some("box-1"), Some("web"), None];
    assert_eq!([0, 1, 2, 3, 4, 5].map(found), expected);
    assert_eq!(world.machine("web").unwrap().hostname, "web");
    assert_eq!(world.resolve("web.example.com").as_deref(), Some("203.0.113.101"));
    assert_eq!(world.machine("bare").unwrap().address.as_deref(), Some("198.51.100.7"));
    let toolbox = container(&world, "web", "toolbox");
    assert!(toolbox.program == Program::Tools && toolbox.service.is_none() && toolbox.runs(began()));
    assert!(world.engine("bare").is_none() && world.engine("box-1").is_none());
    let (project, instance) = world.instance("box-1", None, None).unwrap();
    assert_eq!((project.as_str(), instance.zone.as_str()), ("project", "us-central1-a"));
}

#[test]
fn units_are_units() {
    let mut facts = (*systems::nchat()).clone();
    facts.services.truncate(1);
    facts.services[0].runtime = RuntimeFacts::Unit("postgresql".to_owned());
    facts.services[0].target = systems::ssh("db.example.com");
    facts.targets = vec![("db".to_owned(), systems::ssh("db.example.com"))];
    facts.services[0].health = HealthFacts::Runtime;
    let world = world(Arc::new(facts));
    let machine = world.machine("db").unwrap();
    assert!(machine.engine.is_none(), "nothing there needs Docker");
    let unit = machine.unit("postgresql").unwrap();
    assert_eq!((unit.state.as_str(), unit.service.as_deref()), ("active", Some("postgres")));
    assert_eq!(machine.units.keys().collect::<Vec<_>>(), ["postgresql.service"]);
    let services = world.services();
    assert!(services[0].healthy && services[0].running);
    assert!(world.node(&Place::machine("db"), "/data/postgres/PG_VERSION").is_ok(), "the data is where the service is");
}

#[test]
fn users_reach_the_machine_by_its_names() {
    let world = world(systems::nchat());
    let address = world.resolve("chat.example.com").unwrap();
    assert_eq!(world.machine_at(&address).unwrap().name, "local");
    assert_eq!(world.machine_named("localhost").unwrap().name, "local");
    assert!(world.machine_named("elsewhere.example.com").is_none());
}

#[test]
fn a_service_is_well_for_longer_than_it_takes() {
    let world = world(systems::notes());
    for container in world.engine("local").unwrap().containers.values() {
        let Life::Running(run) = container.life else { panic!() };
        assert!(run.ready.unwrap() < began() && run.ready.unwrap() >= run.started && run.ends.is_none());
    }
}

#[test]
fn a_system_file_with_odd_texts_makes_a_world_nevertheless() {
    let mut facts = (*systems::nchat()).clone();
    for data in &mut facts.data {
        data.path = Some("//..//".to_owned());
        data.owner = Some("postgres".to_owned());
        for backup in &mut data.backups {
            backup.path = Some("relative/../x".to_owned());
            backup.pattern = Some("[*{".to_owned());
            backup.max_age = Some(std::time::Duration::MAX);
        }
    }
    for service in &mut facts.services {
        service.health = HealthFacts::Http { url: "::".to_owned(), target: systems::ssh("@") };
        service.estimate = Some(std::time::Duration::MAX);
        service.known_good = Some(String::new());
    }
    let world = world(Arc::new(facts));
    assert_eq!(world.services().len(), 10);
    assert_eq!(world.data().len(), 4);
}
