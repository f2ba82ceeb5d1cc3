//! The run's secrets by name. Values leave only through [`SecretStore::expose`], called by runners.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

/// Names and values; `Debug` redacts.
#[derive(Clone, Debug, Default)]
pub struct SecretStore {
    values: BTreeMap<String, SecretString>,
}

impl SecretStore {
    /// Adds a secret.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.values.insert(name.into(), SecretString::from(value.into()));
    }

    /// The value, for the one place that must have it.
    #[must_use]
    pub fn expose(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(ExposeSecret::expose_secret)
    }

    /// Every value, for the masker.
    pub fn exposed(&self) -> impl Iterator<Item = &str> {
        self.values.values().map(ExposeSecret::expose_secret)
    }
}
