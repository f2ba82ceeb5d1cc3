//! Runs survive: the kill sweep, signals, a full disk.

mod engine;
pub mod full;
mod kill;
mod locked;
pub mod running;
mod signals;
