//! PostgreSQL: what a server holds, and servers that are reached by their host name.

use chrono::{DateTime, Utc};

use super::super::blob::AsOf;
use super::super::tree::Map;

/// What one PostgreSQL server holds on its disk.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Its system identifier: WAL of another server cannot be replayed.
    pub system: u64,
    /// Counted up by every promotion.
    pub timeline: u32,
    /// How old its content is.
    pub as_of: AsOf,
    /// Rows deleted by mistake, pages damaged.
    pub damaged: bool,
    /// What data of the system it holds; none: a scratch database.
    pub data: Option<String>,
    /// By name.
    pub databases: Map<String, Database>,
    /// `alter system set`, and what was read at the start.
    pub settings: Map<String, String>,
}

/// One database.
#[derive(Clone, Debug, PartialEq)]
pub struct Database {
    /// Tables (`schema.name`, or a name in `public`) and their rows; [`DROPPED`]: it is not there any more.
    pub tables: Map<String, u64>,
    /// Rows of every table that nobody has named: a database of the system has more tables than a rehearsal knows. None: such a table
    /// does not exist.
    pub others: Option<u64>,
}

impl Database {
    /// Without tables.
    pub fn empty() -> Self {
        Self { tables: Map::new_sync(), others: None }
    }
}

/// In the place of rows: the table was dropped.
pub const DROPPED: u64 = u64::MAX;

/// What the server of a container does after a start that is more than a plain one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Startup {
    /// The life of the container that it belongs to: when that began.
    pub started: DateTime<Utc>,
    /// While a new cluster is made, a temporary server answers on the Unix socket alone, from then on.
    pub socket: Option<DateTime<Utc>>,
    /// It replays WAL and takes no writes until then.
    pub recovers: Option<DateTime<Utc>>,
    /// It follows a primary, or waits at its target: no writes until it is promoted.
    pub waits: bool,
}

/// A server that is reached by its host name.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// Answers, and takes writes unless it is a standby.
    pub up: bool,
    /// The primary it follows; none: it is a primary.
    pub follows: Option<String>,
    /// Records still arrive from its primary.
    pub streaming: bool,
    /// When the last record that it has was written.
    pub received: DateTime<Utc>,
    /// When the last record that it has replayed was written.
    pub replayed: DateTime<Utc>,
    /// What it holds.
    pub cluster: Cluster,
}
