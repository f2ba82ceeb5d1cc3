//! The plan's secrets, read once before the first step. A secret that is not there is an error with its place, before any effect.

use crate::model::diagnostic::{Diagnostic, Severity};
use crate::runner::secrets::{SecretError, resolve};
use crate::secret::SecretStore;

use super::diagnostics;
use super::failure::Failure;
use super::load::Loaded;

/// Every secret of the plan, or all that are missing.
pub fn required(loaded: &Loaded) -> Result<SecretStore, Failure> {
    let declared = loaded.plan.secrets.iter().map(|(name, secret)| (name.as_str(), secret));
    resolve(declared).map_err(|errors| Failure::Invalid {
        sources: loaded.documents.sources.clone(),
        diagnostics: errors.into_iter().map(|error| missing(&error)).collect(),
    })
}

/// What is there: a dry run shows what is missing as warnings.
pub fn available(loaded: &Loaded, silent: bool) -> SecretStore {
    let mut store = SecretStore::default();
    let mut warnings = Vec::new();
    for (name, declared) in &loaded.plan.secrets {
        match resolve([(name.as_str(), declared)]) {
            Ok(found) => {
                if let Some(value) = found.expose(name) {
                    store.insert(name.clone(), value);
                }
            }
            Err(errors) => {
                warnings
                    .extend(errors.iter().map(|error| Diagnostic { severity: Severity::Warning, ..missing(error) }));
            }
        }
    }
    if !silent {
        diagnostics::show(&[(&loaded.documents.sources, &warnings)], false);
    }
    store
}

fn missing(error: &SecretError) -> Diagnostic {
    Diagnostic::error("secret::missing", error.span, error.to_string())
        .label("declared here")
        .help("set it, or give it a `default:`")
}
