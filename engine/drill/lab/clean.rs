//! Takes labs down, whole or half made, also when whoever made them is gone: what carries a lab's name, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::state::{LABEL, LabDirectory, PLACE, PREFIX, Process, VARIABLE};
use crate::drill::error::DrillError;
use crate::drill::tool::{self, words};
use crate::runner::foreground;

/// What was taken down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Names of labs that are gone now.
    pub labs: Vec<String>,
    /// Labs that somebody works with, and the process that does.
    pub in_use: Vec<(String, u32)>,
    /// Labs that were left up on purpose.
    pub kept: Vec<String>,
}

/// Takes down the lab of a name, or every lab that nobody works with. `all`: those that were left up on purpose too.
///
/// # Errors
/// What could not be removed, once everything else is.
pub fn clean(labs: &Path, only: Option<&str>, all: bool) -> Result<Cleaned, DrillError> {
    let mut names: BTreeSet<String> = LabDirectory::all(labs).into_iter().map(|(name, ..)| name).collect();
    let has_docker = which::which("docker").is_ok();
    if has_docker {
        names.extend(labelled(labs)?);
    }
    let mut cleaned = Cleaned::default();
    let mut failures = Vec::new();
    for name in names.into_iter().filter(|name| only.is_none_or(|only| only == name)) {
        let directory = LabDirectory::new(labs, &name);
        let state = directory.read().ok();
        if only.is_none()
            && let Some(state) = &state
        {
            let owner = state.owner.filter(|owner| owner.lives() && owner.pid != std::process::id());
            if let Some(Process { pid, .. }) = owner {
                cleaned.in_use.push((name, pid));
                continue;
            }
            if state.owner.is_none() && state.is_up && !all {
                cleaned.kept.push(name);
                continue;
            }
        }
        match remove(&name, &directory, has_docker) {
            Ok(()) => cleaned.labs.push(name),
            Err(error) => failures.push(error.to_string()),
        }
    }
    if failures.is_empty() {
        return Ok(cleaned);
    }
    Err(DrillError::failed("take labs down", failures.join("\n"))
        .help("what it names is still there; look at it, then try again"))
}

/// Every lab of which Docker has something, and whose record is or was kept here.
fn labelled(labs: &Path) -> Result<BTreeSet<String>, DrillError> {
    let mut names = BTreeSet::new();
    let labs = std::path::absolute(labs).unwrap_or_else(|_| labs.to_path_buf());
    let place = format!("label={PLACE}={}", labs.display());
    for kind in ["container", "network"] {
        let format = format!("{{{{.Label \"{LABEL}\"}}}}");
        let mut arguments = words([kind, "ls", "--filter", &place, "--format", &format]);
        if kind == "container" {
            arguments.push("--all".to_owned());
        }
        let said = tool::docker(&format!("list the labs' {kind}s"), &arguments)?;
        names.extend(tool::lines(&said).into_iter().filter(|name| name.starts_with(PREFIX)));
    }
    Ok(names)
}

/// Processes first, so that nothing is made again; then what they made, then what says so.
fn remove(name: &str, directory: &LabDirectory, has_docker: bool) -> Result<(), DrillError> {
    let left = foreground::end_carrying(VARIABLE, name);
    if !left.is_empty() {
        return Err(DrillError::failed(format!("end the processes of {name}"), format!("{left:?} live on")));
    }
    if has_docker {
        for (kind, flags, verb) in [
            ("container", &["--all"][..], &["rm", "--force", "--volumes"][..]),
            ("network", &[], &["rm"]),
            ("volume", &[], &["rm", "--force"]),
        ] {
            // Networks have no id that outlives them, volumes none at all: by name.
            let format = if kind == "container" { "{{.ID}}" } else { "{{.Name}}" };
            let label = format!("label={LABEL}={name}");
            let mut list = words([kind, "ls", "--filter", &label, "--format", format]);
            list.extend(flags.iter().map(|flag| (*flag).to_owned()));
            let found = tool::lines(&tool::docker(&format!("list the {kind}s of {name}"), &list)?);
            if found.is_empty() {
                continue;
            }
            let mut arguments = vec![kind.to_owned()];
            arguments.extend(verb.iter().map(|word| (*word).to_owned()));
            arguments.extend(found);
            tool::docker(&format!("remove the {kind}s of {name}"), &arguments)?;
        }
    }
    detach(directory.path())?;
    match fs::remove_dir_all(directory.path()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(DrillError::file("remove the lab's directory", directory.path(), &error))
        }
        _ => Ok(()),
    }
}

/// Loop devices on files of the lab.
fn detach(directory: &Path) -> Result<(), DrillError> {
    if which::which("losetup").is_err() {
        return Ok(());
    }
    let what = "list loop devices";
    let said =
        tool::run(what, "losetup", &words(["--list", "--noheadings", "--output", "NAME,BACK-FILE"]), tool::QUICK)?;
    for line in tool::lines(&said) {
        let Some((device, file)) = line.split_once(char::is_whitespace) else { continue };
        let file = file.trim().trim_end_matches(" (deleted)");
        if Path::new(file).starts_with(directory) {
            tool::run(&format!("detach {device}"), "losetup", &words(["--detach", device]), tool::QUICK)?;
        }
    }
    Ok(())
}
