//! A lab on this machine: machines as containers with a Docker daemon of their own, on networks without a way out, and a station: a
//! network namespace and a view of files in which names, credentials and sockets are the lab's and nobody else's.

mod clean;
mod cloud;
mod hosts;
mod machine;
mod ready;
pub mod state;
mod station;
mod texts;
mod up;

pub use clean::{Cleaned, clean};
pub use cloud::{Gcloud, snapshots};
pub use hosts::lookup;
pub use machine::{Inside, change as change_machine};
pub use station::Station;
pub use texts::Scene;
pub use up::{Lab, Wanted, generated_name, up};
