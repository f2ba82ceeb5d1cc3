//! What the files of some data look like, as they should be: a PostgreSQL server's, Redis', a service's own.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::model::facts::{DataFacts, SystemFacts};

use super::super::blob::{AsOf, Blob, Holds};
use super::super::dice::Dice;
use super::super::tree::{Kind, Map, Node};
use super::super::world::{Cluster, Program, World};
use super::images;

/// What kind of files some data has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runner::sim) enum Content {
    /// A PostgreSQL server's directory.
    Postgres,
    /// A Redis server's directory.
    Redis,
    /// Buckets of MinIO.
    Minio,
    /// Files of a service of the system.
    Files,
}

/// Where a PostgreSQL server's directory holds what stands for its databases.
pub(in crate::runner::sim) const CLUSTER: &str = "base/1";

/// Tables and their rows; the counts of users agree, as the checks of the shipped runbooks want it.
const TABLES: [(&str, u64); 6] = [
    ("auth.users", 1_204),
    ("messages", 48_210),
    ("nchat_channels", 57),
    ("nchat_messages", 48_210),
    ("nchat_users", 1_204),
    ("users", 1_204),
];

/// Rows of a table that a healthy database has, and nobody has named.
const OTHER_ROWS: u64 = 1_000;

const MIB: u64 = 1 << 20;

impl Content {
    /// That of some data, by the service that owns it.
    pub(in crate::runner::sim) fn of(system: &SystemFacts, data: &DataFacts) -> Self {
        let program = system.service(&data.service).map(|service| images::program_of(system, service));
        match program {
            Some(Program::Postgres) => Self::Postgres,
            Some(Program::Redis) => Self::Redis,
            _ if data.id.contains("minio") || data.service.contains("minio") => Self::Minio,
            _ => Self::Files,
        }
    }

    /// Files that hold a part of the data, each in every whole copy.
    pub(in crate::runner::sim) const fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &[CLUSTER],
            Self::Redis => &["appendonlydir/appendonly.aof.1.base.rdb", "appendonlydir/appendonly.aof.1.incr.aof"],
            Self::Minio => &["uploads/objects-0001", "uploads/objects-0002"],
            Self::Files => &["state/system.duckdb", "tables/facts.parquet"],
        }
    }

    /// Files that hold the whole data by themselves, where they are there.
    pub(in crate::runner::sim) const fn alone(self) -> &'static [&'static str] {
        match self {
            Self::Redis => &["dump.rdb"],
            Self::Postgres | Self::Minio | Self::Files => &[],
        }
    }

    /// Its owner and the mode of its directory, where the system file says nothing.
    const fn owner(self) -> (u32, u32) {
        match self {
            Self::Postgres | Self::Redis => (999, 999),
            Self::Minio | Self::Files => (0, 0),
        }
    }

    const fn mode(self) -> u32 {
        match self {
            Self::Postgres => 0o700,
            Self::Redis | Self::Minio | Self::Files => 0o755,
        }
    }
}

/// The identifier of the server that holds some data: the same in its backups and its WAL.
pub(in crate::runner::sim) fn system_identifier(system: &SystemFacts, data: &DataFacts) -> u64 {
    let digest = Sha256::digest(format!("{}/{}", system.name, data.id));
    // As PostgreSQL's own: seconds of its birth in the upper half.
    let low = u64::from(digest[0]) << 16 | u64::from(digest[1]) << 8 | u64::from(digest[2]);
    (7_300_000_000 << 30) | low
}

/// `uid:gid` of the files.
fn owner(content: Content, data: &DataFacts) -> (u32, u32) {
    let written = data.owner.as_deref().and_then(|owner| {
        let (user, group) = owner.split_once(':').unwrap_or((owner, owner));
        Some((user.parse().ok()?, group.parse().ok()?))
    });
    written.unwrap_or(content.owner())
}

impl World {
    /// The databases of some data, healthy.
    pub(in crate::runner::sim) fn cluster(&self, data: &DataFacts, as_of: AsOf) -> Cluster {
        let days = match as_of {
            AsOf::Present => 0,
            AsOf::At(at) => (self.began - at).num_hours().max(0).unsigned_abs().div_ceil(24),
        };
        let mut tables = Map::new_sync();
        for (table, rows) in TABLES {
            tables.insert_mut(table.to_owned(), rows.saturating_sub(rows / 500 * days));
        }
        let empty = super::super::world::Database { tables: Map::new_sync(), others: None };
        let full = super::super::world::Database { tables, others: Some(OTHER_ROWS) };
        let mut databases = Map::new_sync();
        databases.insert_mut("postgres".to_owned(), empty);
        databases.insert_mut(data.vars.get("database").map_or("postgres", String::as_str).to_owned(), full);
        let mut settings = Map::new_sync();
        if let Some(wal) = wal_path(data) {
            let copy = format!("test ! -f {wal}/%f && cp %p {wal}/.%f.tmp && mv {wal}/.%f.tmp {wal}/%f");
            settings.insert_mut("archive_mode".to_owned(), "on".to_owned());
            settings.insert_mut("archive_command".to_owned(), copy);
            settings.insert_mut("archive_timeout".to_owned(), "60".to_owned());
        }
        Cluster {
            system: system_identifier(&self.system, data),
            timeline: 1,
            as_of,
            damaged: false,
            data: Some(data.id.clone()),
            databases,
            settings,
        }
    }

    /// The files of some data as they should be: what they hold, and when they were last written.
    pub(in crate::runner::sim) fn files(&mut self, data: &DataFacts, as_of: AsOf, at: DateTime<Utc>) -> Node {
        let content = Content::of(&self.system, data);
        let mut maker = Maker { dice: self.dice, data: &data.id, as_of, at, tree: Node::directory(at) };
        match content {
            Content::Postgres => maker.postgres(self.cluster(data, as_of)),
            Content::Redis => maker.redis(),
            Content::Minio => maker.minio(),
            Content::Files => maker.own(),
        }
        self.dice = maker.dice;
        let mut tree = maker.tree;
        own(&mut tree, owner(content, data), content == Content::Postgres);
        tree.mode = content.mode();
        tree
    }

    /// An empty directory with the owner that the files of some data have.
    pub(in crate::runner::sim) fn empty_place(&self, data: &DataFacts) -> Node {
        let content = Content::of(&self.system, data);
        let mut tree = Node::directory(self.now());
        own(&mut tree, owner(content, data), false);
        tree.mode = content.mode();
        tree
    }
}

/// Where the server's WAL is archived.
pub(in crate::runner::sim) fn wal_path(data: &DataFacts) -> Option<&str> {
    let wal = data.backups.iter().find(|backup| backup.kind == crate::model::system::BackupKind::Wal)?;
    wal.path.as_deref()
}

/// Gives everything below a node to an owner; `private`: nobody else may read it.
fn own(node: &mut Node, (uid, gid): (u32, u32), private: bool) {
    (node.uid, node.gid) = (uid, gid);
    if private {
        node.mode &= 0o700;
    }
    let Kind::Directory(entries) = &mut node.kind else { return };
    let names: Vec<String> = entries.keys().cloned().collect();
    for name in names {
        if let Some(child) = entries.get_mut(&name) {
            own(child, (uid, gid), private);
        }
    }
}

/// Fills one tree.
struct Maker<'d> {
    dice: Dice,
    data: &'d str,
    as_of: AsOf,
    at: DateTime<Utc>,
    tree: Node,
}

impl Maker<'_> {
    fn put(&mut self, path: &str, node: Node) {
        // The tree is new and each path is written once, so that every part of it is a directory.
        let _ = self.tree.make_dirs(super::super::tree::split(path).0, self.at);
        let _ = self.tree.put(path, node);
    }

    fn text(&mut self, path: &str, text: &str) {
        self.put(path, Node::text(text, self.at));
    }

    fn blob(&mut self, path: &str, bytes: u64, holds: Holds) {
        let blob = Blob { id: self.dice.roll(), bytes, whole: true, holds };
        self.put(path, Node::blob(blob, self.at));
    }

    fn part(&mut self, path: &str, bytes: u64) {
        self.blob(path, bytes, Holds::Data { data: self.data.to_owned(), as_of: self.as_of });
    }

    fn postgres(&mut self, cluster: Cluster) {
        let system = cluster.system;
        self.text("PG_VERSION", "15\n");
        self.text("postgresql.conf", "listen_addresses = '*'\nwal_level = replica\nmax_wal_senders = 10\n");
        let auto = "# Do not edit this file manually!\n# It will be overwritten by the ALTER SYSTEM command.\n";
        let settings = cluster.settings.iter();
        let auto = settings.fold(auto.to_owned(), |text, (name, value)| format!("{text}{name} = '{value}'\n"));
        self.text("postgresql.auto.conf", &auto);
        self.text("pg_hba.conf", "local all all trust\nhost all all all scram-sha-256\n");
        self.blob("global/pg_control", 8192, Holds::Other);
        self.blob("pg_xact/0000", 8192, Holds::Other);
        self.blob("pg_wal/000000010000000000000090", 16 * MIB, Holds::Wal { system, until: self.as_of });
        self.blob(CLUSTER, 92 * MIB, Holds::Cluster(Arc::new(cluster)));
    }

    fn redis(&mut self) {
        for part in Content::Redis.parts() {
            self.part(part, 2 * MIB);
        }
        let manifest = "file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n";
        self.text("appendonlydir/appendonly.aof.manifest", manifest);
        self.part("dump.rdb", 3 * MIB);
    }

    fn minio(&mut self) {
        self.text(".minio.sys/format.json", "{\"version\":\"1\",\"format\":\"xl-single\"}\n");
        for part in Content::Minio.parts() {
            self.part(part, 40 * MIB);
        }
    }

    fn own(&mut self) {
        self.text("VERSION", "1\n");
        for part in Content::Files.parts() {
            self.part(part, 24 * MIB);
        }
    }
}
