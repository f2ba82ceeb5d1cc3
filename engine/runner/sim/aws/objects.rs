//! Objects in buckets.

use std::fmt::Write;

use super::super::tree::{Kind, Node};
use super::super::world::{Upload, World};

/// Where an object is, or a part of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub bucket: String,
    /// The key, or what keys begin with.
    pub key: String,
}

impl Address {
    /// `s3://BUCKET/KEY`.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("s3://")?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        Some(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    pub fn with(&self, key: &str) -> Self {
        Self { bucket: self.bucket.clone(), key: key.to_owned() }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// An object.
pub fn get<'w>(world: &'w World, address: &Address) -> Option<&'w Node> {
    let node = world.buckets.get(&address.bucket)?.get(&address.key)?;
    node.is_file().then_some(node)
}

/// Puts an object; false: there is no such bucket.
pub fn put(world: &mut World, address: &Address, node: Node, upload: Upload) -> bool {
    let now = node.modified;
    let Some(bucket) = world.buckets.get_mut(&address.bucket) else { return false };
    let dir = address.key.rsplit_once('/').map_or("", |(dir, _)| dir);
    // An object beside a key that goes on below it: both can be in S3, the tree keeps the newer one.
    if bucket.make_dirs(dir, now).is_err() {
        bucket.remove(dir, now);
        let _ = bucket.make_dirs(dir, now);
    }
    let _ = bucket.put(&address.key, node);
    let key = format!("{}/{}", address.bucket, address.key);
    if upload == (Upload { encryption: None, class: None }) {
        world.uploads.remove_mut(&key);
    } else {
        world.uploads.insert_mut(key, upload);
    }
    true
}

/// Takes an object away; false: there is no such bucket.
pub fn remove(world: &mut World, address: &Address) -> bool {
    let now = world.now();
    let Some(bucket) = world.buckets.get_mut(&address.bucket) else { return false };
    if bucket.get(&address.key).is_some_and(Node::is_file) {
        bucket.remove(&address.key, now);
    }
    world.uploads.remove_mut(&format!("{}/{}", address.bucket, address.key));
    true
}

/// Objects whose keys begin so, in order; none: there is no such bucket.
pub fn list(world: &World, address: &Address) -> Option<Vec<(String, Node)>> {
    let bucket = world.buckets.get(&address.bucket)?;
    let mut found: Vec<(String, Node)> = bucket
        .walk()
        .into_iter()
        .filter(|(key, node)| node.is_file() && key.starts_with(&address.key))
        .map(|(key, node)| (key, node.clone()))
        .collect();
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    Some(found)
}

/// How an object was uploaded.
pub fn upload(world: &World, address: &Address) -> Upload {
    let known = world.uploads.get(&format!("{}/{}", address.bucket, address.key));
    known.cloned().unwrap_or(Upload { encryption: None, class: None })
}

/// The tag of an object's content: the same for the same content.
pub fn tag(node: &Node) -> String {
    use sha2::{Digest, Sha256};
    let digest = match &node.kind {
        Kind::Text(text) => Sha256::digest(text.as_bytes()),
        Kind::Blob(blob) => Sha256::digest(blob.id.to_le_bytes()),
        _ => Sha256::digest(b""),
    };
    let mut tag = "\"".to_owned();
    for byte in &digest[..16] {
        // Writing to a text does not fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}
