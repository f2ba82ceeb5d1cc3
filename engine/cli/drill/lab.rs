//! Which lab drills a runbook, where nobody says.

use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::document;
use crate::report::visible;

/// Where labs stand, from here.
const PLACES: [&str; 2] = ["labs", "fixtures/labs"];

/// The lab of a runbook, by its name.
pub fn find(runbook: &str, asked: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(file) = asked {
        return Ok(file.to_path_buf());
    }
    let mut found = all();
    // One that cannot be read is told once it is asked for by name.
    found.retain(|file| {
        document::load_lab(file).is_ok_and(|it| it.lab.drills.iter().any(|(name, _)| name.value == runbook))
    });
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Failure::usage(format!("no lab below labs/ or fixtures/labs/ drills `{}`", visible::line(runbook)))
            .help("name one with --lab FILE; its `drills:` says how a runbook is drilled")),
        several => {
            let names: Vec<String> = several.iter().map(|file| file.display().to_string()).collect();
            Err(Failure::usage(format!("several labs drill `{}`", visible::line(runbook)))
                .help(format!("choose one with --lab: {}", names.join(", "))))
        }
    }
}

/// Every lab's file, in the places where labs stand.
pub fn all() -> Vec<PathBuf> {
    PLACES.iter().flat_map(|place| files(Path::new(place))).collect()
}

/// `lab.yaml` of every directory in a place.
fn files(place: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(place) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("lab.yaml"))
        .filter(|file| file.is_file())
        .collect();
    files.sort();
    files
}
