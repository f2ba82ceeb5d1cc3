//! Who can write what is run. A file that others can write is theirs, and so is one in a directory where others can put another in its
//! place; a sticky directory (like `/tmp`) keeps them from that.

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The group of root: who is in it is root already.
const ROOT: u32 = 0;
const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// A file or directory that others can write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Which: the file itself, or one above it.
    pub path: PathBuf,
    /// Its permissions.
    pub mode: u32,
    /// Because of which the file can be replaced.
    pub file: PathBuf,
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, mode, file } = self;
        if path == file {
            write!(f, "others can write {} (mode {mode:04o})", path.display())
        } else {
            write!(f, "others can replace {}: they can write {} (mode {mode:04o})", file.display(), path.display())
        }
    }
}

/// The first of the file and the directories above it, links followed, that others can write; none also where it cannot be looked at.
#[must_use]
pub fn writable_by_others(file: &Path) -> Option<Open> {
    let file = std::fs::canonicalize(file).ok()?;
    file.ancestors().find_map(|path| {
        let found = std::fs::symlink_metadata(path).ok()?;
        let mode = found.mode() & 0o7777;
        let by_group = mode & GROUP_WRITES != 0 && found.gid() != ROOT;
        let open = by_group || mode & OTHERS_WRITE != 0;
        let kept = found.is_dir() && mode & STICKY != 0;
        (open && !kept).then(|| Open { path: path.to_path_buf(), mode, file: file.clone() })
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn others_must_not_write_a_file_nor_what_is_above_it() {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().canonicalize().unwrap().join("inner");
        fs::create_dir(&inner).unwrap();
        let file = inner.join("a.yaml");
        fs::write(&file, "").unwrap();
        let mode = |path: &Path, mode: u32| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        mode(&inner, 0o755);
        mode(&file, 0o644);
        assert_eq!(writable_by_others(&file), None);
        mode(&file, 0o646);
        assert_eq!(
            writable_by_others(&file).unwrap().to_string(),
            format!("others can write {} (mode 0646)", file.display())
        );
        mode(&file, 0o644);
        mode(&inner, 0o777);
        assert_eq!(writable_by_others(&file).unwrap().path, inner);
        mode(&inner, 0o1777);
        assert_eq!(writable_by_others(&file), None, "a sticky directory is fine");
    }
}
