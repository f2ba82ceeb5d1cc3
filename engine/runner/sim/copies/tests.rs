//! What becomes of copies when files are moved, copied, packed, cut and read.

use std::sync::Arc;

use super::super::blob::{AsOf, Blob, Holds};
use super::super::build::tests::{began, systems};
use super::super::place::Place;
use super::super::tree::{Kind, Node};
use super::super::world::World;
use super::Copy;

fn world() -> World {
    World::of(systems::nchat(), began(), 1)
}

fn here() -> Place {
    Place::machine("local")
}

fn copy(world: &World, data: &str, place: &str) -> Option<Copy> {
    world.copies(data).into_iter().find(|copy| copy.place == place)
}

#[test]
fn what_is_set_aside_is_not_destroyed() {
    let before = world();
    let mut world = before.clone();
    world.rename(&here(), "/data/postgres", "/data/postgres_before_20260209").unwrap();
    assert_eq!(world.destroyed_since(&before), []);
    let aside = copy(&world, "postgres", "/data/postgres_before_20260209 on local").unwrap();
    assert!(aside.whole && !aside.live && aside.as_of == AsOf::Present);
    assert_eq!(world.data()[0].state, "lost");

    world.remove(&here(), "/data/postgres_before_20260209").unwrap();
    let destroyed = world.destroyed_since(&before);
    assert_eq!(destroyed.len(), 1);
    assert_eq!((destroyed[0].place.as_str(), destroyed[0].as_new_left), ("/data/postgres on local", false));
}

#[test]
fn a_part_that_is_missing_makes_the_place_wrong() {
    let mut world = world();
    world.remove(&here(), "/data/meilisearch/state/system.duckdb").unwrap();
    assert_eq!(world.data()[3].state, "damaged");
    let live = copy(&world, "meilisearch", "/data/meilisearch on local").unwrap();
    assert!(!live.whole && live.live);
    // Redis can do without one of its two forms.
    world.remove(&here(), "/data/redis/appendonlydir").unwrap();
    assert_eq!(world.data()[1].state, "whole");
    world.remove(&here(), "/data/redis/dump.rdb").unwrap();
    assert_eq!(world.data()[1].state, "empty");
}

#[test]
fn a_lone_part_is_no_whole_copy() {
    let mut world = world();
    let part = world.node(&here(), "/data/meilisearch/state/system.duckdb").unwrap().clone();
    world.put(&here(), "/root/system.duckdb.before", part).unwrap();
    assert!(!copy(&world, "meilisearch", "/root/system.duckdb.before on local").unwrap().whole);
    let snapshot = world.node(&here(), "/data/redis/dump.rdb").unwrap().clone();
    world.put(&here(), "/root/redis-20260209.rdb", snapshot).unwrap();
    assert!(copy(&world, "redis", "/root/redis-20260209.rdb on local").unwrap().whole);
}

#[test]
fn an_archive_is_as_whole_as_what_is_in_it() {
    let mut world = world();
    let pack = |world: &mut World, path: &str, files: Node, whole: bool| {
        let tar = Blob { id: world.dice.roll(), bytes: 1, whole: true, holds: Holds::Archive(Arc::new(files)) };
        let gzip = Blob { id: world.dice.roll(), bytes: 1, whole, holds: Holds::Gzip(Arc::new(tar)) };
        let id = gzip.id;
        world.put(&here(), path, Node::blob(gzip, began())).unwrap();
        id
    };
    let files = world.node(&here(), "/data/meilisearch").unwrap().clone();
    let mut half = files.clone();
    half.remove("tables", began()).unwrap();
    let id = pack(&mut world, "/root/whole.tgz", files.clone(), true);
    pack(&mut world, "/root/cut.tgz", files, false);
    pack(&mut world, "/root/half.tgz", half, true);
    let is_whole = |name: &str| copy(&world, "meilisearch", &format!("/root/{name}.tgz on local")).unwrap().whole;
    assert_eq!(["whole", "cut", "half"].map(is_whole), [true, false, false]);
    assert!(!copy(&world, "meilisearch", "/root/whole.tgz on local").unwrap().proved);
    world.prove(id);
    assert!(copy(&world, "meilisearch", "/root/whole.tgz on local").unwrap().proved);
}

#[test]
fn a_place_is_proved_when_all_of_its_parts_are() {
    let mut world = world();
    let id =
        |world: &World, part: &str| match &world.node(&here(), &format!("/backups/meilisearch/{part}")).unwrap().kind {
            Kind::Blob(blob) => blob.id,
            other => panic!("{other:?}"),
        };
    let proved = |world: &World| copy(world, "meilisearch", "/backups/meilisearch on local").unwrap().proved;
    let first = id(&world, "state/system.duckdb");
    world.prove(first);
    assert!(!proved(&world));
    let second = id(&world, "tables/facts.parquet");
    world.prove(second);
    assert!(proved(&world));
    let before = world.clone();
    world.remove(&here(), "/data/meilisearch").unwrap();
    assert!(world.destroyed_since(&before)[0].proved_left);
}

#[test]
fn copies_are_found_in_containers_and_buckets() {
    let mut world = world();
    let files = world.node(&here(), "/data/redis").unwrap().clone();
    let id = world.engine("local").unwrap().container("nself-loki").unwrap().id.clone();
    world.put(&Place::container("local", &id), "/tmp/redis", files.clone()).unwrap();
    let mut bucket = Node::directory(began());
    bucket.put("redis", files).unwrap();
    world.buckets.insert_mut("offsite".to_owned(), bucket);
    let places: Vec<_> = world.copies("redis").into_iter().map(|copy| copy.place).collect();
    assert_eq!(
        places,
        ["/backups/redis on local", "/data/redis on local", "/tmp/redis in container nself-loki", "s3://offsite/redis"]
    );
}

#[test]
fn newer_content_in_the_same_place_destroys_nothing() {
    let before = world();
    let mut world = before.clone();
    let files = world.node(&here(), "/data/redis").unwrap().clone();
    world.put(&here(), "/backups/redis", files).unwrap();
    assert_eq!(world.destroyed_since(&before), []);
    // The other way round is a loss.
    let mut world = before.clone();
    let files = world.node(&here(), "/backups/redis").unwrap().clone();
    world.put(&here(), "/data/redis", files).unwrap();
    let destroyed = world.destroyed_since(&before);
    assert_eq!((destroyed.len(), destroyed[0].as_new_left), (1, false));
    assert_eq!(world.data()[1].loss, Some(std::time::Duration::from_secs(450)));
}

#[test]
fn worlds_that_hold_the_same_are_told_apart_from_those_that_do_not() {
    let before = world();
    let mut world = before.clone();
    world.put(&here(), "/root/notes.txt", Node::text("text", began())).unwrap();
    assert!(!world.holds_the_same_as(&before), "a file came, so it is looked at closely");
    world.remove(&here(), "/root/notes.txt").unwrap();
    assert!(world.holds_the_same_as(&before));
    world.remove(&here(), "/data/redis/dump.rdb").unwrap();
    assert!(!world.holds_the_same_as(&before));
}
