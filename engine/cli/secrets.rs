//! The plan's secrets, read once before the first step. A secret that is not there is an error with its place, before any effect.

use crate::model::diagnostic::Diagnostic;
use crate::model::runbook::{ParamDefault, SecretDecl, SecretSource};
use crate::secret::SecretStore;

use super::diagnostics;
use super::failure::Failure;
use super::load::Loaded;

/// Every secret of the plan, or all that are missing.
pub fn required(loaded: &Loaded) -> Result<SecretStore, Failure> {
    let (store, missing) = read(loaded);
    if missing.is_empty() {
        return Ok(store);
    }
    Err(Failure::Invalid { sources: loaded.documents.sources.clone(), diagnostics: missing })
}

/// What is there: a dry run shows what is missing as warnings.
pub fn available(loaded: &Loaded, silent: bool) -> SecretStore {
    let (store, mut missing) = read(loaded);
    for one in &mut missing {
        one.severity = crate::model::diagnostic::Severity::Warning;
    }
    if !silent && !missing.is_empty() {
        diagnostics::show(&[(&loaded.documents.sources, &missing)], false);
    }
    store
}

fn read(loaded: &Loaded) -> (SecretStore, Vec<Diagnostic>) {
    let mut store = SecretStore::default();
    let mut missing = Vec::new();
    for (name, declared) in &loaded.plan.secrets {
        match value(declared) {
            Ok(Some(value)) => store.insert(name.clone(), value),
            Ok(None) => {}
            Err((why, help)) => {
                let text = format!("secret `{name}`: {why}");
                missing.push(Diagnostic::error("plan::secret_missing", declared.span, text).help(help));
            }
        }
    }
    (store, missing)
}

/// The value; none when it is optional and not there. The error says why and what to do.
fn value(declared: &SecretDecl) -> Result<Option<String>, (String, String)> {
    let found = match &declared.source {
        SecretSource::Env(variable) => std::env::var(variable)
            .map_err(|error| (format!("${variable}: {error}"), format!("export {variable} before the run"))),
        SecretSource::File(path) => std::fs::read_to_string(path)
            .map(|text| text.strip_suffix('\n').map_or(text.clone(), str::to_owned))
            .map_err(|error| (format!("{}: {error}", path.display()), "make the file readable".to_owned())),
        SecretSource::Command(argv) => command(argv)
            .map_err(|why| (format!("`{}`: {why}", argv.join(" ")), "run the command by hand and see".to_owned())),
    };
    match (found, &declared.default) {
        (Ok(value), _) => Ok(Some(value)),
        (Err(_), Some(ParamDefault::Null)) => Ok(None),
        (Err(_), Some(ParamDefault::Text(text))) => Ok(Some(text.0.source.clone())),
        (Err(error), Some(ParamDefault::List(_)) | None) => Err(error),
    }
}

fn command(_argv: &[String]) -> Result<String, String> {
    Err("not supported yet".to_owned())
}
