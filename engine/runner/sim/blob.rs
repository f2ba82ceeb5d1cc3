//! Content that only its own programs understand: parts of a system's data, archives, dumps, WAL. What stands for what is known here,
//! so that a rehearsal can tell which copies of the data are left, how old they are, and whether anybody has read them to their end.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::tree::Node;
use super::world::Cluster;

/// One opaque file.
#[derive(Clone, Debug, PartialEq)]
pub struct Blob {
    /// The same for all copies of a file; what was read to its end is known by it.
    pub id: u64,
    /// Its size.
    pub bytes: u64,
    /// False: cut or damaged. Copying keeps that; reading it to its end finds it.
    pub whole: bool,
    /// What it stands for.
    pub holds: Holds,
}

/// What a blob stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Holds {
    /// A part of data of the system.
    Data {
        /// Its id in the system file.
        data: String,
        /// How old the content is.
        as_of: AsOf,
    },
    /// The files of a PostgreSQL server.
    Cluster(Arc<Cluster>),
    /// A tar archive.
    Archive(Arc<Node>),
    /// Another blob, compressed by gzip.
    Gzip(Arc<Blob>),
    /// Another blob, encrypted with a key of this name.
    Encrypted {
        /// The key.
        key: String,
        /// What it hides.
        of: Arc<Blob>,
    },
    /// Text, wrapped into something that is none (compressed, encrypted).
    Text(Arc<str>),
    /// A dump in PostgreSQL's custom format.
    Dump(Arc<Cluster>),
    /// The same as SQL text.
    SqlDump(Arc<Cluster>),
    /// A segment of archived WAL of the server with this system identifier.
    Wal {
        /// The server's identifier.
        system: u64,
        /// What is in it goes until here.
        until: AsOf,
    },
    /// Anything else.
    Other,
}

/// How old content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AsOf {
    /// As it was at this moment.
    At(DateTime<Utc>),
    /// Everything that was ever written.
    Present,
}

impl Blob {
    /// What data of the system it holds, looking into archives and dumps: id, age, and whether it is whole.
    pub fn data(&self) -> Vec<(String, AsOf, bool)> {
        match &self.holds {
            Holds::Data { data, as_of } => vec![(data.clone(), *as_of, self.whole)],
            Holds::Cluster(cluster) | Holds::Dump(cluster) | Holds::SqlDump(cluster) => {
                let data = cluster.data.iter();
                data.map(|data| (data.clone(), cluster.as_of, self.whole && !cluster.damaged)).collect()
            }
            Holds::Archive(node) => {
                let held = node.data();
                held.into_iter().map(|(data, as_of, whole)| (data, as_of, whole && self.whole)).collect()
            }
            Holds::Gzip(of) | Holds::Encrypted { of, .. } => {
                of.data().into_iter().map(|(data, as_of, whole)| (data, as_of, whole && self.whole)).collect()
            }
            Holds::Wal { .. } | Holds::Text(_) | Holds::Other => Vec::new(),
        }
    }
}

impl Node {
    /// What data of the system is below this node: each once, as old as its oldest part, whole when all of its parts are.
    pub fn data(&self) -> Vec<(String, AsOf, bool)> {
        let mut found: Vec<(String, AsOf, bool)> = Vec::new();
        for (_, node) in self.walk() {
            let super::tree::Kind::Blob(blob) = &node.kind else { continue };
            for (data, as_of, whole) in blob.data() {
                match found.iter_mut().find(|(known, ..)| *known == data) {
                    Some(known) => {
                        known.1 = known.1.min(as_of);
                        known.2 &= whole;
                    }
                    None => found.push((data, as_of, whole)),
                }
            }
        }
        found
    }
}
