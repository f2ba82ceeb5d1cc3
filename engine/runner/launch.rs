//! From rendered work to something that can be spawned: secrets exposed at the last moment, the program resolved, the token put in.

use std::path::{Path, PathBuf};

use crate::model::id::AttemptToken;
use crate::model::work::{Attempt, Piece, Rendered, Tool, Work};
use crate::secret::SecretStore;

use super::docker::{self, Site};
use super::process::Launch;
use super::program::Programs;
use super::sweep;

/// Ready to spawn.
pub(super) struct Prepared {
    pub launch: Launch,
    /// The text for standard input.
    pub stdin: Option<String>,
    /// As it is spawned, token included; `argv[0]` as authored.
    pub argv: Vec<String>,
    /// Where a Docker client starts work in a container.
    pub site: Option<Site>,
    /// Where the program may leave values.
    pub outputs: PathBuf,
}

/// Puts the secrets' values into a text.
///
/// # Errors
/// The name of a secret that has no value.
pub(super) fn expose(rendered: &Rendered, secrets: &SecretStore) -> Result<String, String> {
    let mut text = String::new();
    for piece in &rendered.0 {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Secret(name) => {
                text.push_str(secrets.expose(name).ok_or_else(|| format!("secret `{name}` has no value"))?);
            }
        }
    }
    Ok(text)
}

/// Where an attempt may leave values; the directory is made by the runner.
pub(super) fn outputs_path(run_directory: &Path, attempt: &Attempt) -> PathBuf {
    run_directory.join("outputs").join(&attempt.token.0)
}

/// The argument vector with the token in it, where it starts work in a container.
pub(super) fn marked(tool: Tool, argv: &[String], token: &AttemptToken) -> (Vec<String>, Option<Site>) {
    let mut argv = argv.to_vec();
    let site = if tool == Tool::Docker { docker::site(&argv) } else { None };
    if let Some(site) = site {
        docker::mark(&mut argv, site, token);
    }
    (argv, site)
}

/// What the step itself declares, exposed.
///
/// # Errors
/// A name that no variable can have; a secret without a value.
pub(super) fn environment(work: &Work, secrets: &SecretStore) -> Result<Vec<(String, String)>, String> {
    let mut env = Vec::with_capacity(work.env.len() + 4);
    for (key, value) in &work.env {
        if key.is_empty() || key.contains(['=', '\0']) {
            return Err(format!("`{}` cannot be the name of an environment variable", key.escape_debug()));
        }
        env.push((key.clone(), expose(value, secrets)?));
    }
    Ok(env)
}

/// What a program is told about itself; by the token it is found again.
pub(super) fn about(attempt: &Attempt, token: String) -> [(String, String); 3] {
    [
        (sweep::VARIABLE.to_owned(), token),
        ("RUNBOOK_RUN".to_owned(), attempt.run.0.clone()),
        ("RUNBOOK_STEP".to_owned(), attempt.step.0.clone()),
    ]
}

/// Resolves a program and its surroundings.
///
/// # Errors
/// Why it cannot be started.
pub(super) fn prepare(
    work: &Work,
    tool: Tool,
    argv: &[String],
    run_directory: &Path,
    secrets: &SecretStore,
    programs: &Programs,
) -> Result<Prepared, String> {
    let attempt = &work.attempt;
    let (argv, site) = marked(tool, argv, &attempt.token);
    let name = argv.first().ok_or("there is no program to start")?.clone();
    let outputs = outputs_path(run_directory, attempt);
    let mut env = environment(work, secrets)?;
    let path = env.iter().rev().find(|(key, _)| key == "PATH").map(|(_, value)| value.as_str());
    let program = programs.resolve(&name, path, work.working_dir.as_deref())?;
    env.extend(about(attempt, attempt.token.0.clone()));
    env.push(("RUNBOOK_OUTPUT".to_owned(), outputs.to_string_lossy().into_owned()));
    let stdin = work.stdin.as_ref().map(|text| expose(text, secrets)).transpose()?;
    let launch = Launch {
        program,
        name,
        arguments: argv[1..].to_vec(),
        env,
        directory: work.working_dir.clone(),
        stdin: stdin.is_some(),
    };
    Ok(Prepared { launch, stdin, argv, site, outputs })
}
