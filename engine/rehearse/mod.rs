//! Layer 4: a plan against a simulated world. One path with its timeline ([`rehearse`]), or every way in which a step can fail
//! ([`explore`]). Nothing outside this process is touched.

mod case;
mod explore;
mod failure;
mod findings;
mod invariants;
mod path;
mod people;
#[cfg(test)]
mod random;
pub mod result;
mod scene;
mod setup;
mod simulated;
mod view;

pub use case::{Tested, test};
pub use explore::{Budget, explore};
pub use failure::{Done, Failure, Kind};
pub use people::{People, Scripted};
pub use result::{Assumption, Break, End, Exploration, Finding, Rehearsed, Risk, Row};
pub use scene::Stage;
pub use setup::{Broken, Setup, SetupError, options, rehearse, stage};
