//! Paths in documents: relative to the file that wrote them, shown as the user would write them.

use std::path::{Component, Path, PathBuf};

/// The path that `written` means in the file `base`, without `.` and, where that is certain, without `..`.
#[must_use]
pub fn resolve(base: &Path, written: &str) -> PathBuf {
    normalise(&base.parent().unwrap_or(Path::new("")).join(written))
}

/// A path without `.` and `..`, but for those that lead out of a relative one.
#[must_use]
pub fn normalise(path: &Path) -> PathBuf {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            _ => parts.push(part),
        }
    }
    if parts.is_empty() { PathBuf::from(".") } else { parts.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_their_file_and_stay_short() {
        let at = |base: &str, written: &str| resolve(Path::new(base), written).display().to_string();
        assert_eq!(at("runbooks/a.yaml", "systems/b.yaml"), "runbooks/systems/b.yaml");
        assert_eq!(at("runbooks/systems/b.yaml", "../nchat/c.yaml"), "runbooks/nchat/c.yaml");
        assert_eq!(at("a.yaml", "./b.yaml"), "b.yaml");
        assert_eq!(at("a.yaml", "../b.yaml"), "../b.yaml");
        assert_eq!(at("../x/a.yaml", "../../b.yaml"), "../../b.yaml");
        assert_eq!(at("/a/b.yaml", "/c.yaml"), "/c.yaml");
        assert_eq!(at("/a.yaml", "../../c.yaml"), "/c.yaml");
    }
}
