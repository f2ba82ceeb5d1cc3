//! Positions in the WAL, its archive, and promotion.
//!
//! A position is a moment: WAL grows by the same amount each second, so that what is behind by a time is behind by that many bytes.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::system::BackupKind;

use super::super::blob::{AsOf, Blob, Holds};
use super::super::place::Place;
use super::super::tree::{Kind, Node};
use super::super::world::{Server, World};
use super::server::{self, Backend};
use super::sql::{Fail, SqlError};
use super::{files, start};

/// Bytes of WAL a millisecond.
const RATE: u64 = 8;

/// One segment.
const SEGMENT: u64 = 16 * 1024 * 1024;

/// The position that was current at a moment.
pub fn position(world: &World, moment: DateTime<Utc>) -> u64 {
    let first = world.began - TimeDelta::days(30);
    let millis = u64::try_from((moment - first).num_milliseconds()).unwrap_or(0);
    0x300_0060 + millis.saturating_mul(RATE)
}

/// The name of the segment that holds a position.
pub fn segment_name(timeline: u32, position: u64) -> String {
    let number = position / SEGMENT;
    format!("{timeline:08X}{:08X}{:08X}", number / 256, number % 256)
}

/// Records that a standby has received, and replayed, were written then; none: it is no standby.
pub fn standby(world: &World, backend: &Backend) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    match backend {
        Backend::Host(name) => {
            let server = world.servers.get(name)?;
            server.follows.as_ref()?;
            // While records arrive, it stays as far behind as it was.
            let behind = |moment: DateTime<Utc>| (world.began - moment).max(TimeDelta::zero());
            Some(if streams(world, server) {
                (world.now() - behind(server.received), world.now() - behind(server.replayed))
            } else {
                (server.received, server.replayed)
            })
        }
        Backend::Container { place, .. } => {
            let startup = start::startup(world, place)?;
            let moment = match server::cluster(world, backend)?.as_of {
                AsOf::At(moment) => moment,
                AsOf::Present => world.now(),
            };
            server::in_recovery(world, backend).then_some((moment, moment)).filter(|_| startup.started <= world.now())
        }
    }
}

/// Records arrive: the standby is set up so, and its primary is there.
pub fn streams(world: &World, standby: &Server) -> bool {
    let primary = standby.follows.as_ref().and_then(|primary| world.servers.get(primary));
    standby.up && standby.streaming && primary.is_none_or(|primary| primary.up && primary.follows.is_none())
}

/// `pg_switch_wal`: closes the segment, and the archiver takes it away.
pub fn switch(world: &mut World, backend: &Backend) -> Result<u64, Fail> {
    if server::in_recovery(world, backend) {
        let hint = "WAL control functions cannot be executed during recovery.";
        return Err(SqlError::new("recovery is in progress").hint(hint).into());
    }
    let at = position(world, world.now());
    archive(world, backend);
    Ok(at)
}

/// Where the WAL of a server is archived: the place and the directory; none: nobody said that it is.
fn archive_of(world: &World, backend: &Backend) -> Option<(Place, String)> {
    let Backend::Container { place, dir } = backend else { return None };
    let data = server::cluster(world, backend)?.data?;
    if files::settings(world, place, dir).get("archive_mode").is_some_and(|mode| mode == "off") {
        return None;
    }
    let facts = world.system.data.iter().find(|facts| facts.id == data)?;
    let backup = facts.backups.iter().find(|backup| backup.kind == BackupKind::Wal)?;
    Some((Place::machine(&place.machine), backup.path.clone()?))
}

/// Its WAL is archived.
pub fn is_archived(world: &World, backend: &Backend) -> bool {
    archive_of(world, backend).is_some()
}

/// Puts what was written until now into the archive, if there is one and it can be written.
fn archive(world: &mut World, backend: &Backend) {
    let Some((place, dir)) = archive_of(world, backend) else { return };
    let Some(cluster) = server::cluster(world, backend) else { return };
    let Ok(node) = world.node(&place, &dir) else { return };
    if is_of_another(node, cluster.system) {
        return;
    }
    let is_segment = |name: &&String| name.len() == 24 && name.chars().all(|c| c.is_ascii_hexdigit());
    let last = node.entries().map(|(name, _)| name).filter(is_segment).last();
    let name = last
        .and_then(|last| next_segment(last))
        .unwrap_or_else(|| segment_name(cluster.timeline, position(world, world.now())));
    let holds = Holds::Wal { system: cluster.system, until: AsOf::At(world.now()) };
    let blob = Blob { id: world.dice.roll(), bytes: SEGMENT, whole: true, holds };
    let (uid, gid) = files::OWNER;
    let node = Node { mode: 0o600, uid, gid, ..Node::blob(blob, world.now()) };
    // An archive that cannot be written is seen by its `.ready` files.
    let _ = world.put(&place, &format!("{dir}/{name}"), node);
}

/// The name after a segment's.
fn next_segment(name: &str) -> Option<String> {
    let number = u64::from_str_radix(&name[8..16], 16).ok()? * 256 + u64::from_str_radix(&name[16..], 16).ok()? + 1;
    Some(format!("{}{:08X}{:08X}", &name[..8], number / 256, number % 256))
}

/// A new cluster counts from the beginning, so it meets names that are taken; nothing is overwritten.
fn is_of_another(archive: &Node, system: u64) -> bool {
    let of = |node: &Node| match &node.kind {
        Kind::Blob(blob) => match blob.holds {
            Holds::Wal { system, .. } => Some(system),
            _ => None,
        },
        _ => None,
    };
    archive.entries().filter_map(|(_, node)| of(node)).any(|other| other != system)
}

/// Segments that wait for the archiver: it has nowhere to put them.
pub fn waiting(world: &World, backend: &Backend) -> Vec<String> {
    let Some((place, dir)) = archive_of(world, backend) else { return Vec::new() };
    let cluster = server::cluster(world, backend);
    let takes = |node: &Node| node.is_directory() && !cluster.as_ref().is_some_and(|it| is_of_another(node, it.system));
    if world.node(&place, &dir).is_ok_and(takes) {
        return Vec::new();
    }
    let timeline = cluster.map_or(1, |cluster| cluster.timeline);
    vec![format!("{}.ready", segment_name(timeline, position(world, world.now())))]
}

/// Makes a standby a primary. It takes its time.
pub fn promote(world: &mut World, backend: &Backend) -> Result<(), Fail> {
    if !server::in_recovery(world, backend) {
        return Err(not_in_recovery().into());
    }
    world.take(Duration::from_millis(300));
    let now = world.now();
    match backend {
        Backend::Host(name) => {
            let replayed = standby(world, backend).map(|(_, replayed)| replayed);
            if let Some(server) = world.servers.get_mut(name) {
                server.follows = None;
                server.streaming = false;
                server.cluster.timeline += 1;
                if let Some(replayed) = replayed {
                    server.received = replayed;
                    server.replayed = replayed;
                    server.cluster.as_of = server.cluster.as_of.min(AsOf::At(replayed));
                }
            }
        }
        Backend::Container { place, dir } => {
            if !start::startup(world, place).is_some_and(|startup| startup.waits) {
                return Err(Fail::unknown("a promotion in the midst of a recovery"));
            }
            if let Some(mut cluster) = server::cluster(world, backend) {
                cluster.timeline += 1;
                if cluster.as_of == AsOf::Present {
                    cluster.as_of = AsOf::At(now);
                }
                files::put(world, place, dir, cluster);
            }
            for signal in ["standby.signal", "recovery.signal"] {
                let _ = world.remove(place, &format!("{dir}/{signal}"));
            }
            start::serves(world, place);
        }
    }
    Ok(())
}

/// What the server says to who controls a recovery that is none.
pub fn not_in_recovery() -> SqlError {
    let hint = "Recovery control functions can only be executed during recovery.";
    SqlError::new("recovery is not in progress").hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_follow_each_other() {
        assert_eq!(next_segment("000000010000000000000009").unwrap(), "00000001000000000000000A");
        assert_eq!(next_segment("0000000100000000000000FF").unwrap(), "000000010000000100000000");
        assert_eq!(segment_name(1, 0x1500_0000), "000000010000000000000015");
    }
}
