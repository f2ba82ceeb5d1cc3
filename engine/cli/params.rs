//! Parameters from `--params FILE` and `--set NAME=VALUE`. Texts stay texts: the parameter's own type reads them, never YAML's.

use std::path::{Path, PathBuf};

use crate::document::{self, Documents};
use crate::model::runbook::ParamType;
use crate::plan::Given;

use super::failure::Failure;

/// Everything given, in the order in which later wins: files first, then flags.
pub fn given(files: &[PathBuf], flags: &[String], documents: &Documents) -> Result<Vec<(String, Given)>, Failure> {
    let mut given = Vec::new();
    for file in files {
        given.extend(read(file)?);
    }
    let mut lists: Vec<(String, Given)> = Vec::new();
    for flag in flags {
        let (name, value) = flag.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(|| {
            Failure::usage(format!("`--set {flag}` is not NAME=VALUE")).help("for example --set service=app")
        })?;
        let origin = format!("--set {flag}");
        if is_list(documents, name) {
            let values = value.split(',').filter(|item| !item.is_empty()).map(str::to_owned);
            match lists.iter_mut().find(|(known, _)| known == name) {
                Some((_, list)) => list.values.extend(values),
                None => lists.push((name.to_owned(), Given { values: values.collect(), origin })),
            }
        } else {
            given.push((name.to_owned(), Given { values: vec![value.to_owned()], origin }));
        }
    }
    given.extend(lists);
    Ok(given)
}

fn is_list(documents: &Documents, name: &str) -> bool {
    documents.runbooks.get(&documents.root).is_some_and(|runbook| {
        runbook.params.iter().any(|(id, param)| id.value == name && param.kind == ParamType::List)
    })
}

fn read(file: &Path) -> Result<Vec<(String, Given)>, Failure> {
    let (sources, values) = document::values(file)
        .map_err(|invalid| Failure::Invalid { sources: invalid.sources, diagnostics: invalid.diagnostics })?;
    let given = values.into_iter().map(|one| (one.name, Given { values: one.values, origin: sources.place(one.span) }));
    Ok(given.collect())
}
