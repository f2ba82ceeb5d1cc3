//! When the world notices that a record of Cloud DNS was changed.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::super::tree::Map;
use super::super::World;
use super::operation::after;
use super::{Project, Record};

/// A record with a shorter life than this is taken as changed at once, seconds.
const SHORT: u64 = 60;

/// A name whose record was changed.
#[derive(Clone, Debug)]
pub struct Spread {
    /// From then on every resolver has the new record.
    pub from: DateTime<Utc>,
    /// Where it leads then; none: nowhere.
    pub address: Option<String>,
}

/// A name as resolvers know it.
fn host(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Seconds, where nobody says how long a record is good for.
const TTL: u64 = 300;

impl World {
    /// A name has another address record: whoever asked before still has the old one until its life is over.
    pub(super) fn spread(&mut self, old: Option<&Record>, new: Option<&Record>) {
        let Some(record) = old.or(new).filter(|record| record.kind == "A") else { return };
        let (name, address) = (host(&record.name), new.and_then(|new| new.data.first().cloned()));
        self.settle_name(&name);
        let ttl = old.map_or(0, |old| old.ttl);
        if ttl > SHORT {
            let from = after(self.now(), Duration::from_secs(ttl));
            self.cloud.spreading.insert_mut(name, Spread { from, address });
        } else {
            self.set_name(&name, address);
        }
    }

    /// What a name is by now replaces what it was.
    fn settle_name(&mut self, name: &str) {
        let Some(spread) = self.cloud.spreading.get(name).cloned() else { return };
        self.cloud.spreading.remove_mut(name);
        if spread.from <= self.now() {
            self.set_name(name, spread.address);
        }
    }

    fn set_name(&mut self, name: &str, address: Option<String>) {
        match address {
            Some(address) => self.names.insert_mut(name.to_owned(), address),
            None => drop(self.names.remove_mut(name)),
        }
    }

    /// Where a changed name leads by now; none: it was not changed, or nobody sees that yet.
    pub(in crate::runner::sim) fn changed_name(&self, host: &str) -> Option<&Option<String>> {
        let spread = self.cloud.spreading.get(host)?;
        (spread.from <= self.now()).then_some(&spread.address)
    }

    /// Sets the address record of a name in a managed zone, which is made where it is missing; none: there is no record. Nobody has
    /// asked for the name before.
    pub fn set_record(&mut self, project: &str, zone: &str, name: &str, address: Option<&str>) {
        let name = format!("{}.", name.trim_end_matches('.'));
        let known = self.cloud.projects.get(project);
        if known.is_none_or(|project| !project.zones.contains_key(zone)) {
            let domain = name.split_once('.').map_or(name.as_str(), |(_, domain)| domain).to_owned();
            self.add_zone(project, zone, &domain);
        }
        let host = host(&name);
        self.cloud.spreading.remove_mut(&host);
        self.set_name(&host, address.map(str::to_owned));
        let Some(zone) = self.cloud.projects.get_mut(project).and_then(|project| project.zones.get_mut(zone)) else {
            return;
        };
        let ttl = zone.record(&name, "A").map_or(TTL, |record| record.ttl);
        zone.records.retain(|record| !record.is(&name, "A"));
        if let Some(address) = address {
            zone.records.push(Record { name, kind: "A".to_owned(), ttl, data: vec![address.to_owned()] });
        }
    }

    fn add_zone(&mut self, project: &str, zone: &str, domain: &str) {
        if !self.cloud.projects.contains_key(project) {
            self.cloud.projects.insert_mut(project.to_owned(), Project::default());
        }
        let refused = std::mem::replace(&mut self.cloud.refused, Map::new_sync());
        // Nothing is refused, the project is there and the zone is not.
        let _ = self.insert_zone(project, zone, domain, "");
        self.cloud.refused = refused;
    }
}
