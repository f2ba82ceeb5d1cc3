//! Opening and replacing the files of a run: never through a link, nothing but regular files, durable with their names.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::OFlag;

/// Opens a file for reading.
pub(super) fn open(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().read(true), path)
}

/// Opens a file that is there: a link, a pipe or a device of that name is an error.
pub(super) fn open_with(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Without O_NONBLOCK, a planted pipe would hold the opener for ever.
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let file = options.custom_flags(flags.bits()).open(path).map_err(|error| match error.raw_os_error() {
        Some(code) if code == Errno::ELOOP as i32 => refused("it is a symbolic link"),
        _ => error,
    })?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(refused("it is not a regular file")) }
}

/// Refuses a file that others than its owner may write.
pub(super) fn is_ours_alone(file: &File) -> io::Result<()> {
    let mode = file.metadata()?.mode();
    if mode & 0o022 == 0 {
        return Ok(());
    }
    Err(refused(&format!(
        "others may write it (mode {:04o}); look at what is in it, then `chmod go-w` it",
        mode & 0o7777
    )))
}

/// Makes a file that must not be there yet, with exactly this mode.
pub(super) fn create(path: &Path, mode: u32) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create_new(true)
        .mode(mode)
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(path)?;
    if file.metadata()?.mode() & 0o7777 != mode {
        // The umask took some of it.
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    Ok(file)
}

/// Writes a file anew and puts it in the place of `path` in one go; durable on return.
pub(super) fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    put(path, bytes, mode, None)
}

/// As [`replace`], and what was the file's owner stays it: root may resume a user's run, and the user may go on after that.
pub(super) fn renew(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let owner = fs::symlink_metadata(path).ok().filter(|found| found.uid() != nix::unistd::geteuid().as_raw());
    put(path, bytes, mode, owner.map(|found| (found.uid(), found.gid())))
}

fn put(path: &Path, bytes: &[u8], mode: u32, owner: Option<(u32, u32)>) -> io::Result<()> {
    let beside = beside(path);
    let written = create(&beside, mode).and_then(|mut file| {
        file.write_all(bytes)?;
        if let Some((user, group)) = owner {
            // Only root can; anybody else keeps a file of their own.
            let _ = fchown(&file, Some(user), Some(group));
        }
        file.sync_all()?;
        fs::rename(&beside, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    path.parent().map_or(Ok(()), sync_directory)
}

/// A hidden name in the same directory that nobody else has.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", ulid::Ulid::generate()))
}

/// Makes the names in a directory durable.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    File::open(directory)?.sync_all()
}

/// Device and number of what is open.
pub(super) fn identity(file: &File) -> io::Result<(u64, u64)> {
    file.metadata().map(|found| (found.dev(), found.ino()))
}

/// Device and number of what a name stands for; a link stands for itself.
pub(super) fn identity_at(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
