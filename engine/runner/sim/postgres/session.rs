//! A client's session with a PostgreSQL server: what it sees, what it may change, and when a change is kept.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::super::place::Place;
use super::super::world::{Cluster, DROPPED, Database, World};
use super::files;
use super::server::{self, Backend};
use super::sql::{Fail, Name, SqlError};

/// One session.
pub struct Session<'s> {
    pub world: &'s mut World,
    pub backend: Backend,
    pub database: String,
    pub user: String,
    /// What the server holds, as this session has changed it.
    cluster: Cluster,
    changed: bool,
    /// What it held when the transaction began.
    before: Option<(Cluster, BTreeMap<String, Copy>)>,
    pub transaction: Transaction,
    /// Tables that end with the session, and their rows.
    pub temporary: BTreeMap<String, Copy>,
    /// What the server says beside results.
    pub notices: Vec<String>,
    /// What the changing part of the statement returned, by its name.
    pub returned: Option<(String, u64)>,
    /// `set`.
    pub settings: BTreeMap<String, String>,
    /// When the present statement began.
    pub began: DateTime<Utc>,
}

/// A table that ends with the session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copy {
    pub rows: u64,
    /// The table of another server that its rows were read from.
    pub of: Option<String>,
}

/// Whether statements belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transaction {
    /// Each by itself.
    None,
    Open,
    /// One has failed; nothing counts until the end.
    Failed,
}

/// A table as a session finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    pub rows: u64,
    /// Some of its pages cannot be read.
    pub damaged: bool,
}

impl<'s> Session<'s> {
    /// A session with a database of a server that takes connections; none: the server has no such database.
    pub fn open(world: &'s mut World, backend: Backend, database: &str, user: &str) -> Option<Self> {
        let mut cluster = server::cluster(world, &backend)?;
        let database = server::database(world, &cluster, database)?;
        if !cluster.databases.contains_key(&database) {
            cluster.databases.insert_mut(database.clone(), Database::empty());
        }
        let began = world.now();
        Some(Self {
            world,
            backend,
            database,
            user: user.to_owned(),
            cluster,
            changed: false,
            before: None,
            transaction: Transaction::None,
            temporary: BTreeMap::new(),
            notices: Vec::new(),
            returned: None,
            settings: BTreeMap::new(),
            began,
        })
    }

    pub const fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// What the server holds, to be changed.
    pub fn change(&mut self) -> &mut Cluster {
        self.changed = true;
        &mut self.cluster
    }

    pub fn in_recovery(&self) -> bool {
        server::in_recovery(self.world, &self.backend)
    }

    /// Refuses what a server in recovery refuses.
    pub fn writes(&self, what: &str) -> Result<(), Fail> {
        let read_only = self.setting("default_transaction_read_only").is_some_and(|value| value == "on");
        if self.in_recovery() || read_only {
            return Err(SqlError::new(format!("cannot execute {what} in a read-only transaction")).into());
        }
        Ok(())
    }

    /// A setting that was told to this session or to the server.
    pub fn setting(&self, name: &str) -> Option<String> {
        self.settings.get(name).or_else(|| self.cluster.settings.get(name)).cloned()
    }

    pub fn begin(&mut self) {
        if self.transaction == Transaction::None {
            self.before = Some((self.cluster.clone(), self.temporary.clone()));
            self.transaction = Transaction::Open;
        }
    }

    /// Ends the transaction; true: what it did is kept.
    pub fn end(&mut self, keep: bool) -> bool {
        let keep = keep && self.transaction != Transaction::Failed;
        if let Some((cluster, temporary)) = self.before.take().filter(|_| !keep) {
            self.cluster = cluster;
            self.temporary = temporary;
            self.changed = false;
        }
        self.transaction = Transaction::None;
        self.keep();
        keep
    }

    /// After a statement: outside a transaction it is kept.
    pub fn keep(&mut self) {
        if self.transaction == Transaction::None && self.changed {
            server::put(self.world, &self.backend, self.cluster.clone());
            self.changed = false;
        }
    }

    /// After an error: what the failed statement changed is gone, and so is the transaction.
    pub fn undo(&mut self) {
        match self.transaction {
            Transaction::None => {
                self.reload();
            }
            Transaction::Open | Transaction::Failed => self.transaction = Transaction::Failed,
        }
    }

    /// After the server itself has changed: what it holds is read again.
    pub fn reload(&mut self) {
        if let Some(cluster) = server::cluster(self.world, &self.backend) {
            if let Some((before, _)) = &mut self.before {
                before.clone_from(&cluster);
            }
            self.cluster = cluster;
            self.changed = false;
        }
    }

    fn content(&self) -> Option<&Database> {
        self.cluster.databases.get(&self.database)
    }

    /// A table; none: there is none of that name.
    pub fn table(&self, name: &str) -> Option<Table> {
        if let Some((_, rows)) = self.returned.as_ref().filter(|(returned, _)| returned == name) {
            return Some(Table { rows: *rows, damaged: false });
        }
        if let Some(copy) = self.temporary.get(name) {
            return Some(Table { rows: copy.rows, damaged: false });
        }
        let name = short(name);
        let damaged = server::is_damaged(self.world, &self.cluster, &self.database, name);
        match self.content().and_then(|database| database.tables.get(name)) {
            Some(&DROPPED) => None,
            Some(rows) => Some(Table { rows: *rows, damaged }),
            // The system's own database has tables that nobody listed.
            None => self.content()?.others.map(|rows| Table { rows, damaged }),
        }
    }

    pub fn table_named(&self, name: &Name) -> Result<Table, SqlError> {
        self.table(&name.text).ok_or_else(|| SqlError::no_relation(name))
    }

    /// Tables that are listed, with their rows.
    pub fn tables(&self) -> Vec<(String, u64)> {
        let tables = self.content().into_iter().flat_map(|database| database.tables.iter());
        tables.filter(|(_, rows)| **rows != DROPPED).map(|(name, rows)| (name.clone(), *rows)).collect()
    }

    /// The database is the system's own.
    pub fn is_home(&self) -> bool {
        self.cluster.data.is_some() && server::home(self.world, &self.cluster) == self.database
    }

    /// Gives a table its rows.
    pub fn set_rows(&mut self, name: &str, rows: u64) {
        if let Some(copy) = self.temporary.get_mut(name) {
            copy.rows = rows;
            return;
        }
        let (database, name) = (self.database.clone(), short(name).to_owned());
        if let Some(database) = self.change().databases.get_mut(&database) {
            database.tables.insert_mut(name, rows);
        }
    }

    /// Takes a table away, so that it is not there even where others are that nobody listed.
    pub fn drop_table(&mut self, name: &str) {
        if self.temporary.remove(name).is_some() {
            return;
        }
        let open = self.content().is_some_and(|database| database.others.is_some());
        let (database, name) = (self.database.clone(), short(name).to_owned());
        if let Some(database) = self.change().databases.get_mut(&database) {
            if open {
                database.tables.insert_mut(name, DROPPED);
            } else {
                database.tables.remove_mut(&name);
            }
        }
    }

    /// Where the server's container is; none: it is known by its host name only.
    pub fn place(&self) -> Option<Place> {
        match &self.backend {
            Backend::Container { place, .. } => Some(place.clone()),
            Backend::Host(_) => None,
        }
    }

    /// Writes a setting into the server's own file.
    pub fn alter_system(&mut self, name: Option<&str>, value: Option<&str>) {
        if let Backend::Container { place, dir } = self.backend.clone() {
            files::alter_system(self.world, &place, &dir, name, value);
        }
    }
}

/// A name without the schema that is looked in anyway.
pub fn short(name: &str) -> &str {
    name.strip_prefix("public.").or_else(|| name.strip_prefix("pg_temp.")).unwrap_or(name)
}
