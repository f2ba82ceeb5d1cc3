//! What becomes of a container or a unit that is started, and whether it is healthy now.

use super::world::{Life, World};

/// How a container is, for whoever asks for its health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It runs and is not ready yet.
    Starting,
    /// It does its work.
    Healthy,
    /// It runs and does not; why.
    Unhealthy(String),
    /// It does not run.
    Down,
}

/// What a container does when it is started now; also writes what it prints. The caller stores the result as its `life`.
pub fn start(_world: &mut World, _machine: &str, _id: &str) -> Life {
    Life::Created
}

/// How a container is now: its own state, what its service needs, its data.
pub fn health(_world: &World, _machine: &str, _id: &str) -> Health {
    Health::Down
}
