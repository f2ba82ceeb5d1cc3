//! Why a lab or a drill does not go on.

use std::path::Path;

/// What stopped it; each says what, why, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrillError {
    /// A program of this machine said no.
    #[error("{what}: {why}")]
    Failed {
        /// What was tried.
        what: String,
        /// Why it failed.
        why: String,
        /// What to do.
        help: Option<String>,
    },
    /// It would not be safe, or this machine cannot do it; nothing was made.
    #[error("{why}")]
    Refused {
        /// Why.
        why: String,
        /// What to do.
        help: String,
    },
    /// What was asked for is not there.
    #[error("{why}")]
    Usage {
        /// Why.
        why: String,
        /// What to do.
        help: String,
    },
    /// The record could not be written.
    #[error("{0}")]
    Storage(String),
    /// A signal arrived; the lab was taken down as far as it stood.
    #[error("interrupted by signal {0}")]
    Interrupted(i32),
}

impl DrillError {
    /// Something failed.
    pub fn failed(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Failed { what: what.into(), why: why.into(), help: None }
    }

    /// The same with what to do.
    #[must_use]
    pub fn help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Failed { what, why, .. } => Self::Failed { what, why, help: Some(text.into()) },
            Self::Refused { why, .. } => Self::Refused { why, help: text.into() },
            Self::Usage { why, .. } => Self::Usage { why, help: text.into() },
            other => other,
        }
    }

    /// What to do, if anything is known.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        match self {
            Self::Failed { help, .. } => help.as_deref(),
            Self::Refused { help, .. } | Self::Usage { help, .. } => Some(help),
            Self::Storage(_) => None,
            Self::Interrupted(_) => Some("`runbook drill clean` removes what is left, if anything is"),
        }
    }

    /// A file that could not be written or read.
    #[must_use]
    pub fn file(what: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::Storage(format!("{what} {}: {error}", path.display()))
    }
}
