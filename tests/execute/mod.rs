//! The pure core under a simulated world: random plans, random results, seeded.

mod generator;
mod groups;
mod interrupts;
mod invariants;
mod resume;
mod semantics;
mod status;
mod systems;
mod world;
