//! Reads a lab with the system that it is for.

use std::path::{Path, PathBuf};

use super::load::{Document, Expected, Loader};
use super::{Invalid, invalid, paths};
use crate::model::diagnostic::Diagnostic;
use crate::model::lab::Lab;
use crate::model::source::SourceMap;
use crate::model::system::{EnvironmentClass, System};

/// A lab with its system.
#[derive(Debug)]
pub struct LabDocument {
    /// Every file read.
    pub sources: SourceMap,
    /// The lab.
    pub lab: Lab,
    /// Where its system is written.
    pub system_path: PathBuf,
    /// The system itself.
    pub system: System,
    /// Findings that do not stop anything.
    pub warnings: Vec<Diagnostic>,
}

/// Reads a lab and its system.
///
/// # Errors
/// As [`super::load`]; also an environment that the system does not have, that is not of class lab, or that has no identity probe.
pub fn load_lab(path: &Path) -> Result<LabDocument, Box<Invalid>> {
    let mut loader = Loader::default();
    match loader.file(path, None, Expected::Lab) {
        Some((_, Document::Lab(lab))) => finish(loader, *lab, path),
        _ => Err(invalid(loader)),
    }
}

/// Reads what a lab names. `path` is its own.
pub(super) fn finish(mut loader: Loader, lab: Lab, path: &Path) -> Result<LabDocument, Box<Invalid>> {
    let system_path = paths::resolve(path, &lab.system.value);
    let system = match loader.file(&system_path, Some(lab.system.span), Expected::System) {
        Some((_, Document::System(system))) => *system,
        _ => return Err(invalid(loader)),
    };
    loader.findings.extend(environment(&lab, &system));
    if loader.has_errors() {
        return Err(invalid(loader));
    }
    let warnings = Loader::finish(loader.findings);
    Ok(LabDocument { sources: loader.sources, lab, system_path, system, warnings })
}

/// A drill changes and destroys: what it may do that to has to prove that it is a lab.
fn environment(lab: &Lab, system: &System) -> Option<Diagnostic> {
    let asked = &lab.environment;
    let error = |message: String, help: &str| {
        Some(
            Diagnostic::error("document::lab_environment", asked.span, message)
                .help(help)
                .related(lab.system.span, "the system"),
        )
    };
    let found = system.environments.iter().find(|(name, _)| name.value == asked.value);
    let Some((name, environment)) = found else {
        let message = format!("system `{}` has no environment `{}`", system.name.value, asked.value);
        return error(
            message,
            "declare it there, with `class: lab` and an `identity:` probe, or name another with `environment:`",
        );
    };
    if environment.class != EnvironmentClass::Lab {
        let message = format!("environment `{}` of system `{}` is no lab", name.value, system.name.value);
        return error(message, "a drill runs in an environment with `class: lab` only");
    }
    if environment.identity.is_none() {
        let message = format!("environment `{}` of system `{}` has no identity probe", name.value, system.name.value);
        return error(message, "add `identity:`, a probe that passes in the lab and nowhere else");
    }
    None
}
