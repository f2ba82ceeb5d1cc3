//! Plans as a user sees them: what runs in which order, what is left out and why, what is refused and where.

mod budget;
mod cases;
mod cycles;
mod examples;
mod expand;
mod params;
mod properties;
mod references;
mod rehearsal;
mod selection;
mod services;
mod targets;
mod undo;
mod workspace;
