//! The small language of `--filter` and `--format`: keys, transforms, operators.

pub mod evaluate;
pub mod filter;
pub mod kept;
pub mod key;
pub mod lexer;
pub mod server;
pub mod transform;

use super::super::process::Unsimulated;

/// Why an expression was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bad {
    /// What the client says.
    Said(String),
    /// The client knows it; this world does not.
    Unsimulated(Unsimulated),
}

impl Bad {
    pub fn unsimulated(what: impl Into<String>) -> Self {
        Self::Unsimulated(Unsimulated(what.into()))
    }
}
