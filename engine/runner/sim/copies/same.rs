//! Whether two worlds hold the same content. What was not changed since a fork is shared by both, so it is not looked into.

use std::ptr;
use std::sync::Arc;

use super::super::tree::{Kind, Map, Node};
use super::super::world::{Engine, Machine, Project, World};

/// Names and values agree, with a comparison for the values that are not shared.
fn maps<K: Ord, V>(one: &Map<K, V>, other: &Map<K, V>, same: impl Fn(&V, &V) -> bool) -> bool {
    let mut pairs = one.iter().zip(other.iter());
    one.size() == other.size() && pairs.all(|((a, x), (b, y))| ptr::eq(x, y) || (a == b && same(x, y)))
}

/// The same blobs under the same names; text does not count.
fn nodes(one: &Node, other: &Node) -> bool {
    match (&one.kind, &other.kind) {
        (Kind::Directory(one), Kind::Directory(other)) => maps(one, other, nodes),
        (Kind::Blob(one), Kind::Blob(other)) => Arc::ptr_eq(one, other),
        (Kind::Blob(_) | Kind::Directory(_), _) | (_, Kind::Blob(_) | Kind::Directory(_)) => false,
        _ => true,
    }
}

fn engines(one: &Engine, other: &Engine) -> bool {
    maps(&one.volumes, &other.volumes, |one, other| nodes(&one.files, &other.files))
        && maps(&one.containers, &other.containers, |one, other| nodes(&one.files, &other.files))
}

fn machines(one: &Machine, other: &Machine) -> bool {
    let engines = match (&one.engine, &other.engine) {
        (Some(one), Some(other)) => engines(one, other),
        (one, other) => one.is_none() && other.is_none(),
    };
    engines && nodes(&one.files, &other.files)
}

fn optional(one: Option<&Node>, other: Option<&Node>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => nodes(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

fn projects(one: &Project, other: &Project) -> bool {
    maps(&one.disks, &other.disks, |one, other| optional(one.files.as_ref(), other.files.as_ref()))
        && maps(&one.snapshots, &other.snapshots, |one, other| optional(one.files.as_ref(), other.files.as_ref()))
}

/// Both worlds hold the same content in the same places.
pub(super) fn worlds(one: &World, other: &World) -> bool {
    maps(&one.machines, &other.machines, machines)
        && maps(&one.cloud.projects, &other.cloud.projects, projects)
        && maps(&one.buckets, &other.buckets, nodes)
        && maps(&one.servers, &other.servers, |one, other| {
            let (one, other) = (&one.cluster, &other.cluster);
            one.data == other.data && one.as_of == other.as_of && one.damaged == other.damaged
        })
}
