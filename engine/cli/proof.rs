//! The directory that evidence is in: that of a run or a drill, also one that was moved or whose journal is gone.

use std::path::Path;

use super::args::{DrillsDir, RunsDir};
use super::failure::Failure;
use super::recorded;
use crate::report::evidence::Directory;

/// By an id or the beginning of one, or a directory; without, what began last.
///
/// # Errors
/// There is no such thing, or it is ambiguous.
pub fn directory(name: Option<&str>, runs: &RunsDir, drills: &DrillsDir) -> Result<Directory, Failure> {
    if let Some(directory) = name.and_then(|name| by_path(Path::new(name))) {
        return Ok(directory);
    }
    let found = recorded::find(name, runs, drills)?;
    Ok(Directory { path: found.path().to_path_buf(), id: found.run().0.clone() })
}

/// A directory that holds a journal, or is called as one that has to.
fn by_path(path: &Path) -> Option<Directory> {
    let path = if path.file_name().is_some_and(|name| name == "journal.jsonl") { path.parent()? } else { path };
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    // `.` and `..` have no name of their own.
    let path = if path.is_dir() { std::fs::canonicalize(path).ok()? } else { return None };
    let id = path.file_name()?.to_str()?.to_owned();
    let is_one = path.join("journal.jsonl").symlink_metadata().is_ok() || ulid::Ulid::from_string(&id).is_ok();
    is_one.then_some(Directory { path, id })
}
