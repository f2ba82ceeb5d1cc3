//! Changes to the world: what a fault does, what a simulated action does, what a test is given.

mod backup;
mod cloud;
mod data;
mod disk;
mod host;
mod image;
mod outside;
mod service;
#[cfg(test)]
mod tests;
mod vm;

use std::sync::Arc;

use crate::model::change::Change;
use crate::model::facts::{DataFacts, ServiceFacts};

use super::world::World;

/// Why a change cannot be made, for people: "there is no service `x`".
type Changed = Result<(), String>;

impl World {
    /// Makes changes, one after the other. What each names must be there, unless it is what the change brings.
    ///
    /// # Errors
    /// What cannot be; then none of them is made.
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), String> {
        let mut next = self.clone();
        for change in changes {
            next.apply_one(change, changes)?;
        }
        *self = next;
        Ok(())
    }

    fn apply_one(&mut self, change: &Change, all: &[Change]) -> Changed {
        match change {
            Change::Service { id, is, image } => service::change(self, id, *is, image.as_deref()),
            Change::Data { id, is, from } => data::change(self, id, *is, from.as_deref()),
            Change::Backup { data, id, is, age } => backup::change(self, data, id, *is, *age),
            Change::Image { name, is } => image::change(self, name, *is),
            Change::Host { name, is, address } => host::change(self, name.as_deref(), *is, address.as_deref()),
            Change::Vm { .. } => vm::change(self, change),
            Change::Disk { .. } => disk::change(self, change),
            Change::Snapshot { .. } => cloud::snapshot(self, change),
            Change::Cloud { what, refused } => cloud::refuse(self, what, *refused),
            Change::Dns { name, address, zone } => outside::dns(self, name, address.as_deref(), zone.as_deref()),
            Change::Http { url, status, body, service } => outside::http(self, url, *status, body, service.as_deref()),
            Change::Database { host, is, of, lag } => outside::database(self, host, *is, of.as_deref(), *lag, all),
            Change::File { path, text, host } => host::file(self, path, text.as_deref(), host.as_deref()),
        }
    }

    /// A service of the system, with the system kept beside the world.
    fn known_service(&self, id: &str) -> Result<ServiceFacts, String> {
        self.system.service(id).cloned().ok_or_else(|| format!("there is no service `{id}`"))
    }

    fn known_data(&self, id: &str) -> Result<DataFacts, String> {
        self.system.data(id).cloned().ok_or_else(|| format!("there is no data `{id}`"))
    }

    /// Services whose data this is, or whose data is on it, die when it goes: their processes lose their files.
    fn crash_owner(&mut self, data: &DataFacts) {
        let system = Arc::clone(&self.system);
        if let Some(owner) = system.service(&data.service) {
            service::crash(self, owner);
        }
    }
}
