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
    /// Tables (`schema.name`, or a name in `public`) and their rows.
    pub tables: Map<String, u64>,
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
