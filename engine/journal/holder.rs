//! Who drives a run, for whoever has to wait for it.

use std::fmt;
use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::model::id::RunId;

/// An engine and its run. The step it is at is in its journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// As `user@host`.
    pub operator: String,
    /// Of the machine.
    pub host: String,
    /// Of the engine, on that machine.
    pub pid: u32,
    /// The run.
    pub run: RunId,
    /// Where its journal is.
    pub run_directory: PathBuf,
    /// When the engine took hold.
    pub since: DateTime<Utc>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operator, host, pid, run, since, .. } = self;
        let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
        write!(f, "{operator}, process {pid} on {host}, run {run}, since {since}")
    }
}

/// A user of this machine as `user@host`, as far as the machine knows.
#[must_use]
pub fn user_at_host(uid: u32) -> String {
    let host =
        nix::unistd::gethostname().map_or_else(|_| "localhost".to_owned(), |name| name.to_string_lossy().into_owned());
    format!("{}@{host}", user(uid))
}

/// The user's name, else the number.
pub(super) fn user(uid: u32) -> String {
    let found = nix::unistd::User::from_uid(uid.into()).ok().flatten();
    found.map_or_else(|| uid.to_string(), |user| user.name)
}

/// Why something cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// A living engine has it; none: it has not said yet who it is.
    #[error("held by {}", .0.as_ref().map_or_else(|| "an engine that just began".to_owned(), ToString::to_string))]
    Held(Option<Box<Holder>>),
    /// The machine refused.
    #[error("{what}: {source}")]
    Storage {
        /// What was tried.
        what: String,
        /// As the machine says.
        source: std::io::Error,
    },
}

impl LockError {
    /// Names what was tried.
    pub(super) fn storage(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Storage { what, source }
    }
}
