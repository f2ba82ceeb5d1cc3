//! The pure core under a simulated world: random plans, random results, seeded.

mod approvals;
mod courses;
mod found;
mod generator;
mod groups;
mod halts;
mod interrupts;
mod invariants;
mod resume;
mod rollback;
mod semantics;
mod status;
mod steps;
mod systems;
mod world;
