//! A small world for tests of servers and their clients: one machine with PostgreSQL, Redis and a service that needs them, as in
//! `runbooks/systems/nchat.yaml`, and a second machine.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use crate::model::facts::{BackupFacts, DataFacts, HealthFacts, RuntimeFacts, ServiceFacts, SystemFacts};
use crate::model::system::BackupKind;
use crate::model::work::Target;

use super::blob::{AsOf, Blob, Holds};
use super::lifecycle;
use super::place::Place;
use super::process::{Process, Stream, Unsimulated};
use super::tree::{Kind, Map, Node};
use super::world::{
    Cluster, Container, Database, Engine, Image, LOCAL, Life, Machine, Mount, MountSource, Program, Run, Server, World,
};

/// What a command gave.
#[derive(Debug)]
pub struct Gave {
    pub exit: i32,
    pub out: String,
    pub err: String,
    pub stdout: Stream,
    pub took: Duration,
}

/// The world under test.
#[derive(Clone)]
pub struct Trial {
    pub world: World,
}

pub const POSTGRES: &str = "nself-postgres";
pub const REDIS: &str = "nself-redis";
pub const AUTH: &str = "nself-auth";
const SYSTEM: u64 = 7_300_000_000_000_000_001;

pub fn began() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 9, 12, 0, 0).unwrap()
}

fn service(id: &str, container: &str, needs: &[&str], health: HealthFacts) -> ServiceFacts {
    ServiceFacts {
        id: id.to_owned(),
        runtime: RuntimeFacts::Container(container.to_owned()),
        target: Target::Local,
        needs: needs.iter().map(|&need| need.to_owned()).collect(),
        optional: false,
        tags: Vec::new(),
        estimate: Some(Duration::from_secs(2)),
        known_good: None,
        health,
    }
}

fn data(id: &str, vars: &[(&str, &str)], backups: Vec<BackupFacts>) -> DataFacts {
    DataFacts {
        id: id.to_owned(),
        service: id.to_owned(),
        volume: None,
        path: Some(format!("/data/{id}")),
        disk: None,
        owner: Some("999:999".to_owned()),
        vars: vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        backups,
    }
}

fn backup(id: &str, kind: BackupKind, path: &str) -> BackupFacts {
    BackupFacts { id: id.to_owned(), kind, path: Some(path.to_owned()), pattern: None, max_age: None }
}

fn system() -> SystemFacts {
    let program = |argv: &[&str]| HealthFacts::Program {
        argv: argv.iter().map(|&word| word.to_owned()).collect(),
        target: Target::Local,
    };
    let http = HealthFacts::Http { url: "http://127.0.0.1:4000/healthz".to_owned(), target: Target::Local };
    SystemFacts {
        name: "nchat".to_owned(),
        services: vec![
            service("postgres", POSTGRES, &[], program(&["docker", "exec", POSTGRES, "pg_isready"])),
            service("redis", REDIS, &[], program(&["docker", "exec", REDIS, "redis-cli", "ping"])),
            service("auth", AUTH, &["postgres", "redis"], http),
        ],
        data: vec![
            data(
                "postgres",
                &[("database", "nself_db")],
                vec![
                    backup("base", BackupKind::BaseBackup, "/backups/postgres/base"),
                    backup("wal", BackupKind::Wal, "/backups/postgres/wal"),
                ],
            ),
            data("redis", &[], Vec::new()),
        ],
        ..SystemFacts::default()
    }
}

pub fn cluster(as_of: AsOf) -> Cluster {
    let tables = [("nchat_messages", 48_210), ("nchat_users", 1_204), ("auth.users", 1_204)];
    let tables = tables.into_iter().map(|(name, rows)| (name.to_owned(), rows)).collect();
    let databases =
        [("postgres".to_owned(), Database::empty()), ("nself_db".to_owned(), Database { tables, others: Some(1_000) })];
    Cluster {
        system: SYSTEM,
        timeline: 1,
        as_of,
        damaged: false,
        data: Some("postgres".to_owned()),
        databases: databases.into_iter().collect(),
        settings: Map::new_sync(),
    }
}

/// A blob with content of its own.
pub fn blob(id: u64, holds: Holds) -> Blob {
    Blob { id, bytes: 30_000_000, whole: true, holds }
}

fn container(
    name: &str,
    program: Program,
    service: Option<&str>,
    mounts: &[(&str, &str)],
    command: &[&str],
) -> Container {
    let started = began() - TimeDelta::days(3);
    let mount = |(source, target): &(&str, &str)| Mount {
        target: (*target).to_owned(),
        source: MountSource::Bind((*source).to_owned()),
        read_only: false,
    };
    let mut files = Node::directory(started);
    for dir in mounts.iter().map(|(_, target)| *target).chain(["/tmp", "/root", "/dev"]) {
        files.make_dirs(dir, started).unwrap();
    }
    let id = format!("{:0<64}", name.replace(|c: char| !c.is_ascii_hexdigit(), "0"));
    Container {
        image: format!("sha256:{name}"),
        image_name: format!("{}:current", service.unwrap_or(name)),
        program,
        service: service.map(str::to_owned),
        command: command.iter().map(|&word| word.to_owned()).collect(),
        mounts: mounts.iter().map(mount).collect(),
        networks: [("nchat".to_owned(), format!("172.20.0.{}", 2 + name.len()))].into_iter().collect(),
        restart: "unless-stopped".to_owned(),
        files,
        life: Life::Running(Run { started, ready: Some(started), ends: None }),
        ..Container::new(&id, name, started)
    }
}

fn image(name: &str, program: Program) -> Image {
    Image { id: format!("sha256:{name}"), ..Image::new(name, program, began()) }
}

impl Trial {
    /// Everything is well.
    pub fn new() -> Self {
        let mut world = World::empty(began(), 7, Arc::new(system()));
        let mut engine = Engine::new();
        for (name, program, service, mounts, command) in [
            (
                POSTGRES,
                Program::Postgres,
                "postgres",
                &[("/data/postgres", "/var/lib/postgresql/data")][..],
                &["postgres"][..],
            ),
            (
                REDIS,
                Program::Redis,
                "redis",
                &[("/data/redis", "/data")][..],
                &["redis-server", "--appendonly", "yes"][..],
            ),
            (AUTH, Program::Service, "auth", &[][..], &[][..]),
        ] {
            let image = image(name, program);
            engine.images.insert_mut(image.id.clone(), image);
            let container = container(name, program, Some(service), mounts, command);
            engine.containers.insert_mut(container.id.clone(), container);
        }
        world.machine_mut(LOCAL).unwrap().engine = Some(engine);
        let mut trial = Self { world };
        trial.postgres_files("/data/postgres", AsOf::Present);
        trial.redis_files("/data/redis", AsOf::Present);
        let mut other = Machine::new("standby", began());
        other.address = Some("203.0.113.20".to_owned());
        trial.world.machines.insert_mut("standby".to_owned(), other);
        trial.world.names.insert_mut("standby.example.com".to_owned(), "203.0.113.20".to_owned());
        trial
    }

    /// Puts the files of a PostgreSQL server somewhere on the machine.
    pub fn postgres_files(&mut self, dir: &str, as_of: AsOf) {
        let at = match as_of {
            AsOf::At(at) => at,
            AsOf::Present => began(),
        };
        self.write(&format!("{dir}/PG_VERSION"), "15\n");
        self.write(&format!("{dir}/postgresql.auto.conf"), "# Do not edit this file manually!\n");
        self.blob(&format!("{dir}/global/pg_control"), blob(1, Holds::Other));
        self.blob(&format!("{dir}/base/1"), blob(2, Holds::Cluster(Arc::new(cluster(as_of)))));
        if as_of != AsOf::Present {
            self.write(&format!("{dir}/backup_label"), "START WAL LOCATION: 0/2000028\n");
            self.write(&format!("{dir}/backup_manifest"), "{}\n");
            self.world.node_mut(&Place::machine(LOCAL), &format!("{dir}/backup_manifest")).unwrap().modified = at;
        }
        let node = self.world.node_mut(&Place::machine(LOCAL), dir).unwrap();
        give(node, 999);
        node.mode = 0o700;
    }

    pub fn redis_files(&mut self, dir: &str, as_of: AsOf) {
        let holds = Holds::Data { data: "redis".to_owned(), as_of };
        self.blob(&format!("{dir}/appendonlydir/appendonly.aof.1.base.rdb"), blob(11, holds.clone()));
        self.blob(&format!("{dir}/appendonlydir/appendonly.aof.1.incr.aof"), blob(12, holds));
        self.write(
            &format!("{dir}/appendonlydir/appendonly.aof.manifest"),
            "file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n",
        );
    }

    /// Archived WAL: a segment an hour until a minute ago.
    pub fn wal(&mut self) {
        for n in 0..24_i64 {
            let until = began() - TimeDelta::minutes(1) - TimeDelta::hours(23 - n);
            let holds = Holds::Wal { system: SYSTEM, until: AsOf::At(until) };
            self.blob(&format!("/backups/postgres/wal/0000000100000000000000{:02X}", 16 + n), blob(100, holds));
        }
    }

    pub fn write(&mut self, path: &str, text: &str) {
        let node = Node::text(text, began());
        self.put(path, node);
    }

    pub fn blob(&mut self, path: &str, blob: Blob) {
        self.put(path, Node::blob(blob, began()));
    }

    fn put(&mut self, path: &str, node: Node) {
        let place = Place::machine(LOCAL);
        self.world.make_dirs(&place, path.rsplit_once('/').unwrap().0).unwrap();
        self.world.put(&place, path, node).unwrap();
    }

    /// A container by its name.
    pub fn container(&self, name: &str) -> &Container {
        self.world.engine(LOCAL).unwrap().container(name).unwrap()
    }

    /// What a container has printed, also what it is going to print.
    pub fn log(&self, name: &str) -> String {
        let lines: Vec<&str> = self.container(name).log.iter().map(|(_, _, line)| line.as_str()).collect();
        lines.join("\n")
    }

    pub fn change(&mut self, name: &str, change: impl FnOnce(&mut Container)) {
        change(self.world.engine_mut(LOCAL).unwrap().container_mut(name).unwrap());
    }

    /// Another container, not a service.
    pub fn beside(&mut self, name: &str, program: Program, mounts: &[(&str, &str)], command: &[&str]) {
        let mut made = container(name, program, None, mounts, command);
        made.life = Life::Created;
        "no".clone_into(&mut made.restart);
        self.world.engine_mut(LOCAL).unwrap().containers.insert_mut(made.id.clone(), made);
    }

    /// What an image does from now on.
    pub fn image(&mut self, container: &str, change: impl FnOnce(&mut Image)) {
        let id = self.container(container).image.clone();
        change(self.world.engine_mut(LOCAL).unwrap().images.get_mut(&id).unwrap());
    }

    /// Starts a container again, whatever it did.
    pub fn start(&mut self, name: &str) -> Life {
        let id = self.container(name).id.clone();
        let life = lifecycle::start(&mut self.world, LOCAL, &id);
        self.change(name, |container| container.life = life.clone());
        life
    }

    pub fn stop(&mut self, name: &str) {
        let now = self.world.now();
        self.change(name, |container| {
            if let Life::Running(run) = container.life {
                container.life = Life::Exited { code: 0, at: now, started: run.started, oom: false };
            }
        });
    }

    pub fn pass(&mut self, seconds: u64) {
        self.world.pass(Duration::from_secs(seconds));
    }

    pub fn try_at(&mut self, place: Place, command: &str, stdin: Stream) -> Result<Gave, Unsimulated> {
        let argv = shlex::split(command).unwrap();
        let began = self.world.now();
        let env = self.world.container_in(&place).map(|container| container.env.clone()).unwrap_or_default();
        let mut process = Process::new(&mut self.world, place);
        process.env = env;
        let assigned = argv.iter().take_while(|word| word.contains('=')).count();
        for word in &argv[..assigned] {
            let (name, value) = word.split_once('=').unwrap();
            process.env.insert(name.to_owned(), value.to_owned());
        }
        process.stdin = stdin;
        let exit = process.run(&argv[assigned..])?;
        let (stdout, err) = (process.stdout, process.stderr);
        let took = (self.world.now() - began).to_std().unwrap();
        Ok(Gave { exit, out: stdout.to_text(), err, stdout, took })
    }

    /// A command on the machine.
    pub fn here(&mut self, command: &str) -> Gave {
        self.try_at(Place::machine(LOCAL), command, Stream::default()).unwrap()
    }

    /// A command in a container.
    pub fn inside(&mut self, container: &str, command: &str) -> Gave {
        self.fed(container, command, Stream::default())
    }

    /// A command in a container that reads something.
    pub fn fed(&mut self, container: &str, command: &str, stdin: impl Into<Stream>) -> Gave {
        let place = self.place(container);
        self.try_at(place, command, stdin.into()).unwrap()
    }

    pub fn place(&self, container: &str) -> Place {
        Place::container(LOCAL, &self.container(container).id)
    }

    /// SQL on standard input of `psql`, as the shipped runbooks ask it.
    pub fn sql(&mut self, database: &str, sql: &str) -> Gave {
        let command = format!("psql -XAtq -v ON_ERROR_STOP=1 -U postgres -d {database}");
        self.fed(POSTGRES, &command, Stream::text(sql))
    }

    /// What the server's data directory holds.
    pub fn held(&self, dir: &str) -> Cluster {
        let node = self.world.node(&Place::machine(LOCAL), &format!("{dir}/base/1")).unwrap();
        match &node.kind {
            Kind::Blob(blob) => match &blob.holds {
                Holds::Cluster(cluster) => (**cluster).clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    /// Rows deleted, pages damaged.
    pub fn damage(&mut self) {
        let damaged = Cluster { damaged: true, ..self.held("/data/postgres") };
        self.blob("/data/postgres/base/1", blob(3, Holds::Cluster(Arc::new(damaged))));
        give(self.world.node_mut(&Place::machine(LOCAL), "/data/postgres").unwrap(), 999);
    }

    pub fn is_there(&self, path: &str) -> bool {
        self.world.node(&Place::machine(LOCAL), path).is_ok()
    }

    /// A primary and its standby that are known by their names.
    pub fn servers(&mut self, lag: i64) {
        let last = began() - TimeDelta::seconds(lag);
        for (host, follows, address) in [
            ("db-us-east.example.com", None, "203.0.113.51"),
            ("db-eu-west.example.com", Some("db-us-east.example.com".to_owned()), "203.0.113.52"),
        ] {
            let streaming = follows.is_some();
            let server = Server {
                up: true,
                follows,
                streaming,
                received: last,
                replayed: last,
                cluster: cluster(AsOf::Present),
            };
            self.world.servers.insert_mut(host.to_owned(), server);
            self.world.names.insert_mut(host.to_owned(), address.to_owned());
        }
    }
}

impl From<&str> for Stream {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

fn give(node: &mut Node, uid: u32) {
    (node.uid, node.gid) = (uid, uid);
    if let Kind::Directory(entries) = &mut node.kind {
        let names: Vec<String> = entries.keys().cloned().collect();
        for name in names {
            give(entries.get_mut(&name).unwrap(), uid);
        }
    }
}
