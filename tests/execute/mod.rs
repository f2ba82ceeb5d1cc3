//! The pure core under a simulated world: random plans, random results, seeded.

mod generator;
mod invariants;
mod semantics;
mod world;
