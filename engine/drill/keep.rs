//! Digests of everything that a drill has written, for its journal: who changes a file later has to change the chain.

use std::path::Path;

use super::course::Course;
use crate::journal::kept;
use crate::model::drill::KeptFile;

/// The drill's files but its journal, then those of its run. What cannot be read is not among them, and will be missed there.
pub fn files(course: &Course<'_>, run: Option<&str>) -> Vec<KeptFile> {
    let mut files = of(course.directory.path(), &course.id);
    files.retain(|file| !file.path.ends_with("/journal.jsonl"));
    if let Some(run) = run {
        files.extend(of(&course.engine.runs.join(run), &format!("runs/{run}")));
    }
    files
}

fn of(directory: &Path, name: &str) -> Vec<KeptFile> {
    let listed = kept::list(directory).map(|listing| listing.files).unwrap_or_default();
    listed.iter().filter_map(|file| kept::digest(&directory.join(file), format!("{name}/{file}")).ok()).collect()
}
