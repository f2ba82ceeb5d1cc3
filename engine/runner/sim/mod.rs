//! The simulated world: it answers work as the real tools do, and nothing outside this process is touched.
//!
//! [`World`] is persistent data: a clone is a fork. [`World::carry_out`] takes a piece of work and gives what would come back from a
//! runner; time that it takes is the world's own. What the world does not know it says so ([`Unsimulated`]), and then nothing of the
//! work has happened.

mod aws;
mod blob;
mod dice;
mod docker;
mod gcloud;
mod http;
mod lifecycle;
mod place;
mod postgres;
mod process;
mod programs;
mod redis;
mod shell;
mod tree;
mod world;

pub use process::Unsimulated;
pub use world::World;
