//! Paths in documents: relative to the file that wrote them, normalised without touching the disk.

use std::path::{Component, Path, PathBuf};

/// `path` as seen from a directory, without `.` and `..` where that is possible.
#[must_use]
pub fn join(directory: &Path, path: &Path) -> PathBuf {
    normalise(&directory.join(path))
}

/// Removes `.` and resolves `..` by name.
#[must_use]
pub fn normalise(path: &Path) -> PathBuf {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            (Component::ParentDir, Some(Component::RootDir)) => {}
            _ => parts.push(part),
        }
    }
    parts.iter().collect()
}

/// The directory of a file; empty for a bare name.
#[must_use]
pub fn directory(file: &Path) -> &Path {
    file.parent().unwrap_or_else(|| Path::new(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_by_name() {
        assert_eq!(join(Path::new("a/b"), Path::new("../c.yaml")), Path::new("a/c.yaml"));
        assert_eq!(join(Path::new(""), Path::new("./../c.yaml")), Path::new("../c.yaml"));
        assert_eq!(join(Path::new("/x"), Path::new("../../y")), Path::new("/y"));
        assert_eq!(join(Path::new("x"), Path::new("/y/./z")), Path::new("/y/z"));
    }
}
