//! A Docker Engine: containers, images, volumes, networks.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rpds::QueueSync;
use sha2::{Digest, Sha256};

use super::super::tree::{Map, Node};
use super::{Container, Image};

/// One Engine.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The daemon answers.
    pub running: bool,
    /// By id.
    pub containers: Map<String, Container>,
    /// By id (`sha256:…`).
    pub images: Map<String, Image>,
    /// Name with its tag, and the id it stands for here.
    pub tags: Map<String, String>,
    /// Images that a registry has: by name with its tag.
    pub registry: Map<String, Image>,
    /// By name.
    pub volumes: Map<String, Volume>,
    /// By name.
    pub networks: Map<String, Network>,
    /// The last few, the oldest first.
    pub events: QueueSync<Event>,
}

/// A volume.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    /// Its content.
    pub files: Node,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// A network.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// 64 hexadecimal digits.
    pub id: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// `172.18.0.0/16`; empty: it has no addresses.
    pub subnet: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// Something that happened to a container, as `docker events` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// `start`.
    pub action: &'static str,
    /// The container's id.
    pub id: String,
    /// The image as it was named.
    pub image: String,
    /// Its name and labels, and what belongs to the action.
    pub attributes: Arc<BTreeMap<String, String>>,
}

/// So many events are kept.
const EVENTS: usize = 256;
/// Networks that every Engine has.
pub const OWN_NETWORKS: [&str; 3] = ["bridge", "host", "none"];

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An Engine without anything but its own networks.
    #[must_use]
    pub fn new() -> Self {
        let mut networks = Map::new_sync();
        for name in OWN_NETWORKS {
            let subnet = if name == "bridge" { "172.17.0.0/16" } else { "" };
            let network = Network {
                id: hexadecimal(name),
                created: DateTime::<Utc>::UNIX_EPOCH,
                subnet: subnet.to_owned(),
                labels: BTreeMap::new(),
            };
            networks.insert_mut(name.to_owned(), network);
        }
        Self {
            running: true,
            containers: Map::new_sync(),
            images: Map::new_sync(),
            tags: Map::new_sync(),
            registry: Map::new_sync(),
            volumes: Map::new_sync(),
            networks,
            events: QueueSync::new_sync(),
        }
    }

    /// Puts an image here under a name.
    pub fn keep(&mut self, name: &str, image: Image) {
        self.tags.insert_mut(tagged(name), image.id.clone());
        self.images.insert_mut(image.id.clone(), image);
    }

    /// A container by its name, its id, or the beginning of its id.
    #[must_use]
    pub fn container(&self, name: &str) -> Option<&Container> {
        let by_name = || self.containers.values().find(|container| container.name == name.trim_start_matches('/'));
        let by_id = || {
            // Ids are in order: those that begin with the same digits are neighbours.
            let mut found = self.containers.range(name.to_owned()..).map(|(_, container)| container);
            let first = found.next().filter(|container| !name.is_empty() && container.id.starts_with(name))?;
            found.next().is_none_or(|second| !second.id.starts_with(name)).then_some(first)
        };
        self.containers.get(name).or_else(by_name).or_else(by_id)
    }

    /// The same, to be changed.
    pub fn container_mut(&mut self, name: &str) -> Option<&mut Container> {
        let id = self.container(name)?.id.clone();
        self.containers.get_mut(&id)
    }

    /// An image by its name (without a tag: `latest`) or its id.
    #[must_use]
    pub fn image(&self, name: &str) -> Option<&Image> {
        let tagged = tagged(name);
        let id = self.tags.get(&tagged);
        let by_id = || {
            let digits = name.strip_prefix("sha256:").unwrap_or(name);
            let long = digits.len() >= 4 && digits.chars().all(|c| c.is_ascii_hexdigit());
            let of = |image: &&Image| image.id.strip_prefix("sha256:").is_some_and(|id| id.starts_with(digits));
            if long { self.images.values().find(of) } else { None }
        };
        id.and_then(|id| self.images.get(id)).or_else(by_id)
    }

    /// A network by its name, its id, or the beginning of its id.
    #[must_use]
    pub fn network(&self, name: &str) -> Option<(&String, &Network)> {
        let by_id = || self.networks.iter().find(|(_, network)| !name.is_empty() && network.id.starts_with(name));
        self.networks.iter().find(|(known, _)| *known == name).or_else(by_id)
    }

    /// Remembers what happened to a container.
    pub fn tell(&mut self, at: DateTime<Utc>, action: &'static str, container: &Container, more: &[(&str, String)]) {
        let mut attributes = container.labels.clone();
        attributes.insert("image".to_owned(), container.image_name.clone());
        attributes.insert("name".to_owned(), container.name.clone());
        attributes.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        let (id, image) = (container.id.clone(), container.image_name.clone());
        self.events.enqueue_mut(Event { at, action, id, image, attributes: Arc::new(attributes) });
        if self.events.len() > EVENTS {
            self.events.dequeue_mut();
        }
    }
}

/// A name with its tag.
pub fn tagged(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') || name.contains('@') { name.to_owned() } else { format!("{name}:latest") }
}

/// 64 hexadecimal digits that stand for a text: ids that nobody chose.
pub fn hexadecimal(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut digits, byte| {
        for nibble in [byte >> 4, byte & 15] {
            digits.push(char::from_digit(nibble.into(), 16).unwrap_or('0'));
        }
        digits
    })
}
