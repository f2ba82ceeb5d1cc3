//! The simulated world: it answers work as the real tools do, and nothing outside this process is touched.
//!
//! [`World`] is persistent data: a clone is a fork. It is built of a system ([`World::of`]), broken ([`World::apply`]), used
//! ([`World::call`]) and looked at ([`World::services`], [`World::data`], [`World::copies`]); time that work takes is the world's own.
//! What the world does not know it says ([`Unsimulated`]).

mod aws;
mod blob;
mod build;
mod change;
mod command;
mod copies;
mod dice;
mod docker;
mod gcloud;
mod health;
mod http;
mod lifecycle;
mod names;
mod outside;
mod place;
mod postgres;
mod process;
mod programs;
mod redis;
mod shell;
mod tree;
#[cfg(test)]
mod trial;
mod view;
mod world;

/// Google Cloud, for whoever stands in for its API.
pub mod cloud {
    pub use super::gcloud::served;
    pub use super::world::{
        Address, At, Attached, Cloud, CloudError, Disk, External, Instance, Lab, ManagedZone, NewAttached, NewDisk,
        NewInstance, Notes, Operation, Project, Record, RecordChange, Schedule, Scope, Snapshot, Source, Spread,
        SqlInstance, SqlOperation, SshCall, Vm,
    };
}

pub use blob::AsOf;
pub use command::{Call, Said};
pub use copies::{Copy, Destroyed};
pub use outside::Unanswered;
pub use process::Unsimulated;
pub use view::{DataView, ServiceView};
pub use world::{Engine, HealthCheck, Image, ImageConfig, Power, Program, World};
