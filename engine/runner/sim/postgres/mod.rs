//! PostgreSQL: its server, and its clients.

use super::process::Program;

/// The clients.
pub fn find(_name: &str) -> Option<Program> {
    None
}
