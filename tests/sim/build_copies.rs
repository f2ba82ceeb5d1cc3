//! Copies of the system's data: where they are, how old, whole or not; and what is destroyed.

use runbook::model::change::{BackupState, Change, DataState, Presence};
use runbook::runner::sim::{AsOf, Copy, World};

use super::build::{ago, began};
use super::systems;

fn places(world: &World, data: &str) -> Vec<String> {
    world.copies(data).into_iter().map(|copy| copy.place).collect()
}

fn copy(world: &World, data: &str, place: &str) -> Copy {
    let copies = world.copies(data);
    copies.iter().find(|copy| copy.place == place).cloned().unwrap_or_else(|| panic!("{place} is not in {copies:#?}"))
}

#[test]
fn a_directory_has_its_backups_beside_it() {
    let world = World::of(systems::nchat(), began(), 1);
    assert_eq!(
        places(&world, "postgres"),
        [
            "/backups/postgres/base/20260208_010000 on local",
            "/backups/postgres/base/20260209_020000 on local",
            "/backups/postgres/daily/postgres_20260208_010000.dump on local",
            "/backups/postgres/daily/postgres_20260209_020000.dump on local",
            "/data/postgres on local",
        ]
    );
    let live = copy(&world, "postgres", "/data/postgres on local");
    assert_eq!((live.as_of, live.whole, live.proved, live.live), (AsOf::Present, true, false, true));
    let dump = copy(&world, "postgres", "/backups/postgres/daily/postgres_20260209_020000.dump on local");
    assert_eq!((dump.as_of, dump.whole, dump.proved, dump.live), (ago(45_000), true, false, false));
    assert_eq!(places(&world, "redis"), ["/backups/redis on local", "/data/redis on local"]);
    assert_eq!(copy(&world, "redis", "/backups/redis on local").as_of, ago(450));
    assert_eq!(places(&world, "minio"), ["/backups/minio on local", "/data/minio on local"]);
}

#[test]
fn a_disk_has_its_snapshots() {
    let world = World::of(systems::ai_data_analyst(), began(), 1);
    assert_eq!(
        places(&world, "app"),
        ["disk data-disk", "snapshot data-disk-20260207", "snapshot data-disk-20260208", "snapshot data-disk-20260209"]
    );
    assert!(copy(&world, "app", "disk data-disk").live);
    assert_eq!(copy(&world, "app", "snapshot data-disk-20260209").as_of, ago(45_000));
    assert_eq!(copy(&world, "app", "snapshot data-disk-20260207").as_of, ago(217_800));
}

#[test]
fn a_volume_has_its_archives() {
    let world = World::of(systems::notes(), began(), 1);
    for data in ["app", "postgres", "redis"] {
        assert_eq!(
            places(&world, data),
            [
                format!("/var/backups/notes/{data}_20260208_010000.tar.gz on local"),
                format!("/var/backups/notes/{data}_20260209_020000.tar.gz on local"),
                format!("volume notes_{data}_data"),
            ]
        );
        assert!(world.copies(data).iter().all(|copy| copy.whole && !copy.proved), "{data}");
    }
}

#[test]
fn nothing_is_destroyed_while_nothing_changes() {
    for system in [systems::nchat(), systems::ai_data_analyst(), systems::notes()] {
        let world = World::of(system, began(), 1);
        assert_eq!(world.destroyed_since(&world.clone()), []);
        assert_eq!(world.left_behind(&world.clone()), Vec::<String>::new());
    }
}

#[test]
fn a_lost_volume_destroys_what_no_archive_has() {
    let before = World::of(systems::notes(), began(), 1);
    let mut world = before.clone();
    world.apply(&[Change::Data { id: "app".to_owned(), is: DataState::Lost, from: None }]).unwrap();
    let destroyed = world.destroyed_since(&before);
    assert_eq!(destroyed.len(), 1, "{destroyed:#?}");
    let gone = &destroyed[0];
    assert_eq!((gone.data.as_str(), gone.place.as_str(), gone.as_of), ("app", "volume notes_app_data", AsOf::Present));
    assert!(gone.whole && !gone.as_new_left && !gone.proved_left);
}

#[test]
fn an_old_backup_that_is_removed_leaves_newer_ones() {
    let before = World::of(systems::nchat(), began(), 1);
    let mut world = before.clone();
    let gone =
        Change::Backup { data: "postgres".to_owned(), id: "daily".to_owned(), is: BackupState::Absent, age: None };
    world.apply(&[gone]).unwrap();
    // Base backups of the same moments are still there.
    assert_eq!(world.destroyed_since(&before), []);
    let gone =
        Change::Backup { data: "postgres".to_owned(), id: "base".to_owned(), is: BackupState::Absent, age: None };
    world.apply(&[gone]).unwrap();
    let destroyed = world.destroyed_since(&before);
    assert_eq!(destroyed.len(), 4);
    assert!(destroyed.iter().all(|gone| gone.as_new_left && !gone.proved_left), "{destroyed:#?}");
}

#[test]
fn a_disk_that_is_deleted_leaves_its_snapshots() {
    let before = World::of(systems::ai_data_analyst(), began(), 1);
    let mut world = before.clone();
    let gone = Change::Disk {
        name: "data-disk".to_owned(),
        is: Presence::Absent,
        vm: None,
        device: None,
        data: None,
        project: None,
        zone: None,
    };
    world.apply(&[gone]).unwrap();
    assert_eq!(world.copies("app").len(), 3);
    assert_eq!(world.data()[0].state, "lost");
    assert_eq!(world.services()[0].state, "stopped");
    let destroyed = world.destroyed_since(&before);
    assert_eq!(destroyed.len(), 1);
    assert!(!destroyed[0].as_new_left);
}

#[test]
fn a_damaged_backup_is_a_copy_that_is_not_whole() {
    let mut world = World::of(systems::nchat(), began(), 1);
    let cut = |data: &str, id: &str| Change::Backup {
        data: data.to_owned(),
        id: id.to_owned(),
        is: BackupState::Damaged,
        age: None,
    };
    world.apply(&[cut("postgres", "daily"), cut("redis", "files")]).unwrap();
    let whole = |place: &str| world.copies("postgres").iter().any(|copy| copy.whole && copy.place.contains(place));
    assert!(!whole("daily") && whole("/base/") && whole("/data/postgres"));
    assert!(!copy(&world, "redis", "/backups/redis on local").whole);
    assert!(copy(&world, "redis", "/data/redis on local").whole);
}
