//! Real recoveries: a Docker Engine, the lab's images (`tests/lab/up`), the shipped runbooks and the built binary. Each test breaks
//! something of its own, recovers it as an operator would, and then looks at the data.
//!
//! Nothing is skipped: without an Engine these tests fail and name the command that brings one.

mod calendar;
mod crash;
mod drills;
mod ending;
pub mod engine;
mod far;
mod images;
mod journal;
mod notes;
mod order;
mod pipeline;
mod regenerate;
mod resume;
mod scenarios;
mod undo;
mod volume;
mod walk;
