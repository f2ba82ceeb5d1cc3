//! Runs survive: the kill sweep, signals, a full disk.

mod engine;
mod full;
mod kill;
pub mod running;
mod signals;
