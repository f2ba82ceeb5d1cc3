//! Layer 4: `cloudlab`, a stand-in for Google Cloud's control plane in drills. Nothing here leaves the machine.
//!
//! There is one model of the cloud, the simulated world's ([`crate::runner::sim::cloud`]). A request of the real client ([`rest`]) or of the
//! stand-in for the client ([`gcloud`]) changes that world; [`effects`] says what is different, and [`real`] makes it so: a virtual
//! machine is a container, a disk a sparse file behind a loop device, a snapshot a copy, a record of DNS a line of a hosts file.
//! Whatever it makes carries the label `runbook-lab=LAB` or lies in the state directory, for whoever cleans up; it cleans nothing itself.

mod answer;
mod batch;
mod config;
mod control;
mod effects;
mod gcloud;
mod lab;
mod names;
mod queue;
mod real;
mod rest;
mod serve;
mod shim;

pub use answer::{Answer, Request};
pub use config::{Config, ConfigError, NewDisk, NewInstance, NewRecord, NewZone};
pub use gcloud::{Asked, Said, SshCommand, transaction_file};
pub use lab::{Lab, Time};
pub use serve::{ServeError, serve};
pub use shim::{ShimError, ask};

use std::sync::Arc;

/// Answers a request, of the client or of the drill.
#[must_use]
pub fn answer(lab: &Arc<Lab>, request: &Request) -> Answer {
    if request.path.starts_with("/_lab/") { control::answer(lab, request) } else { rest::answer(lab, request) }
}
