//! What servers hold beside their files: a Redis server's keys, how an object of S3 was uploaded.

use chrono::{DateTime, Utc};

use super::super::blob::AsOf;

/// A Redis server while it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// The life of the container that it belongs to: when that began.
    pub started: DateTime<Utc>,
    /// Keys in it.
    pub keys: u64,
    /// What data of the system they are, and how old.
    pub holds: Option<(String, AsOf)>,
    /// Keys that were read from a file at the start.
    pub loaded: u64,
    /// It writes an append-only file.
    pub append_only: bool,
    /// What clients have to say first.
    pub password: Option<String>,
    /// `CONFIG SET`, by name.
    pub settings: Vec<(String, String)>,
    /// `dump.rdb` is written until then.
    pub saving: Option<DateTime<Utc>>,
    /// The append-only file is written anew until then.
    pub rewriting: Option<DateTime<Utc>>,
    /// When `dump.rdb` was last written, or the server started.
    pub saved: DateTime<Utc>,
    /// Changes since then.
    pub changes: u64,
}

/// How an object was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Encryption on the server (`aws:kms`).
    pub encryption: Option<String>,
    /// Storage class (`STANDARD_IA`).
    pub class: Option<String>,
}
