//! A journal that a report is from: how long it is, and the head by which it can be recognised.

use schemars::JsonSchema;
use serde::Serialize;

use crate::journal::Loaded;

/// A journal whose chain holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Chain {
    /// `drill` or `run`.
    pub of: &'static str,
    /// How many records.
    pub records: u64,
    /// Hash of the last one. Whoever keeps it elsewhere can prove that nothing was cut off or made anew.
    pub head: String,
    /// Bytes at its end that were never acknowledged, and are not part of it.
    pub torn: Option<u64>,
}

impl Chain {
    pub(super) fn of(of: &'static str, loaded: &Loaded) -> Self {
        let torn = loaded.torn.as_ref().map(|torn| torn.bytes);
        Self { of, records: loaded.position(), head: loaded.head.clone(), torn }
    }
}
