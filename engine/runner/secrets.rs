//! Reads declared secrets from where they are kept, once, before the first step. All mistakes at once, values in none of them.

use std::env;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::model::runbook::{ParamDefault, SecretDecl, SecretSource};
use crate::model::source::Span;
use crate::secret::SecretStore;

use super::capture::capture;

/// A shorter value would mask half of every log: refused, unless it is a declared default (demonstration and labs).
const SHORTEST: usize = 4;
/// For a secret's command.
const PATIENCE: Duration = Duration::from_secs(30);
/// A secret is not a data set.
const LONGEST: u64 = 64 * 1024;

/// A secret without a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("secret `{name}`: {why}")]
pub struct SecretError {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// What is missing, and where it was looked for.
    pub why: String,
}

/// Reads every secret. `default: null` makes one optional: it is then not in the store. Blocks.
///
/// # Errors
/// Each secret that has no usable value.
pub fn resolve<'decl>(
    declared: impl IntoIterator<Item = (&'decl str, &'decl SecretDecl)>,
) -> Result<SecretStore, Vec<SecretError>> {
    let mut store = SecretStore::default();
    let mut errors = Vec::new();
    for (name, declaration) in declared {
        match value(declaration) {
            Ok(Some(value)) => store.insert(name, value),
            Ok(None) => {}
            Err(why) => errors.push(SecretError { name: name.to_owned(), span: declaration.span, why }),
        }
    }
    if errors.is_empty() { Ok(store) } else { Err(errors) }
}

fn value(declaration: &SecretDecl) -> Result<Option<String>, String> {
    match read(&declaration.source)? {
        Ok(value) if value.chars().count() < SHORTEST => Err(format!(
            "its value has fewer than {SHORTEST} characters; masking it would garble every log, so it is refused"
        )),
        Ok(value) => Ok(Some(value)),
        Err(unset) => match &declaration.default {
            Some(ParamDefault::Null) => Ok(None),
            Some(ParamDefault::Text(text)) => Ok(Some(text.0.source.clone())),
            Some(ParamDefault::List(_)) => Err("its default is a list; a secret is one text".to_owned()),
            None => Err(unset),
        },
    }
}

/// The outer error is final; the inner one says that there is nothing, where a default may stand in.
fn read(source: &SecretSource) -> Result<Result<String, String>, String> {
    match source {
        SecretSource::Env(name) => match env::var(name) {
            Ok(value) if value.is_empty() => Ok(Err(format!("the environment variable {name} is empty"))),
            Ok(value) => Ok(Ok(value)),
            Err(env::VarError::NotPresent) => Ok(Err(format!("the environment variable {name} is not set"))),
            Err(env::VarError::NotUnicode(_)) => Err(format!("the environment variable {name} is not UTF-8")),
        },
        SecretSource::File(path) => file(path),
        SecretSource::Command(argv) => command(argv),
    }
}

fn file(path: &Path) -> Result<Result<String, String>, String> {
    let shown = path.display();
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Err(format!("there is no file {shown}")));
        }
        Err(error) => return Err(format!("read {shown}: {error}")),
        Ok(found) if !found.is_file() => return Err(format!("{shown} is not a file")),
        Ok(found) if found.len() > LONGEST => return Err(format!("{shown} is longer than 64 KiB")),
        Ok(_) => {}
    }
    let bytes = fs::read(path).map_err(|error| format!("read {shown}: {error}"))?;
    let text = text(bytes).ok_or_else(|| format!("{shown} is not UTF-8"))?;
    Ok(if text.is_empty() { Err(format!("{shown} is empty")) } else { Ok(text) })
}

fn command(argv: &[String]) -> Result<Result<String, String>, String> {
    let (program, arguments) = argv.split_first().ok_or("its command is empty")?;
    let said = capture(program, arguments, PATIENCE).map_err(|error| error.to_string())?;
    if said.exit != Some(0) {
        let exit = said.exit.map_or_else(|| "a signal".to_owned(), |exit| exit.to_string());
        let last = said.stderr.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no message");
        return Err(format!("`{program}` ended with {exit}: {last}"));
    }
    let text = text(said.stdout).ok_or_else(|| format!("what `{program}` said is not UTF-8"))?;
    Ok(if text.is_empty() { Err(format!("`{program}` said nothing")) } else { Ok(text) })
}

/// Without its final newline.
fn text(bytes: Vec<u8>) -> Option<String> {
    let mut text = String::from_utf8(bytes).ok()?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Some(text)
}
