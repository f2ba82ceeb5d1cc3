//! How a command of the client fails.

use super::super::process::Unsimulated;

/// Why a command did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The client says so: exit code and text.
    Said(i32, String),
    /// The daemon says so.
    Daemon(String),
    /// This world does not know it.
    Unsimulated(Unsimulated),
}

/// What a command gives inside the client.
pub type Done<T = ()> = Result<T, Fault>;

impl Fault {
    pub fn said(exit: i32, text: impl Into<String>) -> Self {
        Self::Said(exit, text.into())
    }

    pub fn daemon(text: impl Into<String>) -> Self {
        Self::Daemon(text.into())
    }

    /// What stands on standard error, and the exit code.
    ///
    /// # Errors
    /// It is not simulated.
    pub fn told(self) -> Result<(i32, String), Unsimulated> {
        match self {
            Self::Said(exit, text) => Ok((exit, text)),
            Self::Daemon(text) => Ok((1, format!("Error response from daemon: {text}"))),
            Self::Unsimulated(what) => Err(what),
        }
    }
}

impl From<Unsimulated> for Fault {
    fn from(what: Unsimulated) -> Self {
        Self::Unsimulated(what)
    }
}

/// Something that is not simulated, in a few words.
pub fn unsimulated<T>(what: impl Into<String>) -> Done<T> {
    Err(Unsimulated(what.into()).into())
}
