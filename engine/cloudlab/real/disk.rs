//! Disks: sparse files behind loop devices, which appear in machines as Google's do.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use super::{PATIENCE, Real};
use crate::runner::sim::cloud::At;

const GB: u64 = 1 << 30;

/// Makes the device of loop device `$1` and the link that Google's guest software would make. `$2` is the device's name.
const PLUG: &str = r#"set -e
mkdir -p /dev/disk/by-id
[ -b "/dev/pd$1" ] || mknod -m 660 "/dev/pd$1" b 7 "$1"
ln -sfn "../../pd$1" "/dev/disk/by-id/google-$2""#;

/// Takes them away, with what is mounted from them.
const UNPLUG: &str = r#"link=/dev/disk/by-id/google-$1
[ -L "$link" ] || exit 0
device=$(readlink -f "$link")
while umount "$device" 2>/dev/null; do :; done
umount -l "$device" 2>/dev/null
rm -f "$link" "$device""#;

impl Real {
    pub(super) fn disk_file(&self, id: &str) -> PathBuf {
        self.state.join("disks").join(format!("{id}.img"))
    }

    fn snapshot_file(&self, id: &str) -> PathBuf {
        self.state.join("snapshots").join(format!("{id}.img"))
    }

    /// A file of a size, with holes only.
    fn blank(path: &Path, size_gb: u64) -> Result<(), String> {
        let made = File::create(path).and_then(|file| file.set_len(size_gb.saturating_mul(GB)));
        made.map_err(|error| format!("make {}: {error}", path.display()))
    }

    fn resize(path: &Path, size_gb: u64) -> Result<(), String> {
        let resized = OpenOptions::new().write(true).open(path).and_then(|file| {
            let size = size_gb.saturating_mul(GB).max(file.metadata()?.len());
            file.set_len(size)
        });
        resized.map_err(|error| format!("make {} larger: {error}", path.display()))
    }

    fn copy(&self, from: &Path, to: &Path) -> Result<(), String> {
        let (from, to) = (from.display().to_string(), to.display().to_string());
        self.ask("cp", &["--sparse=always", "--reflink=auto", &from, &to], super::LONG).map(drop)
    }

    pub(super) fn make_disk(&self, id: &str, size_gb: u64, snapshot: Option<&str>) -> Result<(), String> {
        let file = self.disk_file(id);
        match snapshot.map(|snapshot| self.snapshot_file(snapshot)).filter(|snapshot| snapshot.exists()) {
            Some(snapshot) => {
                self.copy(&snapshot, &file)?;
                Self::resize(&file, size_gb)
            }
            None => Self::blank(&file, size_gb),
        }
    }

    pub(super) fn grow_disk(&self, id: &str, size_gb: u64) -> Result<(), String> {
        let file = self.disk_file(id);
        if !file.exists() {
            return Ok(());
        }
        Self::resize(&file, size_gb)?;
        match self.loop_of(&file)? {
            Some(device) => self.ask("losetup", &["--set-capacity", &device], PATIENCE).map(drop),
            None => Ok(()),
        }
    }

    /// As it is now; of a disk that a machine boots from, and of one that is gone, an empty one.
    pub(super) fn take_snapshot(&self, id: &str, disk: Option<&str>, size_gb: u64) -> Result<(), String> {
        let to = self.snapshot_file(id);
        match disk.map(|disk| self.disk_file(disk)).filter(|file| file.exists()) {
            Some(file) => {
                // What machines have written and not synced yet would reach a real disk within seconds.
                self.ask("sync", &[], PATIENCE)?;
                self.copy(&file, &to)
            }
            None => Self::blank(&to, size_gb),
        }
    }

    pub(super) fn drop_disk(&self, id: &str) -> Result<(), String> {
        let file = self.disk_file(id);
        self.release(&file)?;
        remove(&file)
    }

    pub(super) fn drop_snapshot(&self, id: &str) -> Result<(), String> {
        remove(&self.snapshot_file(id))
    }

    pub(super) fn attach(&self, at: &At, disk: &str, device: &str) -> Result<(), String> {
        let file = self.disk_file(disk);
        if !file.exists() {
            return Ok(());
        }
        let path = file.display().to_string();
        let known = self.loop_of(&file)?;
        let found = match known {
            Some(known) => known,
            None => self.ask("losetup", &["--find", "--show", &path], PATIENCE).map_err(|error| {
                format!("{error}; a disk needs a loop device: the machine needs /dev/loop-control and CAP_SYS_ADMIN")
            })?,
        };
        let number = found.trim_start_matches("/dev/loop").to_owned();
        self.inside(at, PLUG, &[&number, device]).map(drop)
    }

    pub(super) fn detach(&self, at: &At, disk: Option<&str>, device: &str) -> Result<(), String> {
        // A machine that is off has no devices.
        let _ = self.inside(at, UNPLUG, &[device]);
        disk.map_or(Ok(()), |disk| self.release(&self.disk_file(disk)))
    }

    /// A disk that no machine has needs no loop device.
    pub(super) fn release(&self, file: &Path) -> Result<(), String> {
        match self.loop_of(file)? {
            Some(device) => self.ask("losetup", &["--detach", &device], PATIENCE).map(drop),
            None => Ok(()),
        }
    }

    fn loop_of(&self, file: &Path) -> Result<Option<String>, String> {
        if !file.exists() {
            return Ok(None);
        }
        let said = self.ask("losetup", &["--associated", &file.display().to_string()], PATIENCE)?;
        Ok(said.lines().next().and_then(|line| line.split(':').next()).map(str::to_owned))
    }
}

fn remove(file: &Path) -> Result<(), String> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("remove {}: {error}", file.display()))
        }
        _ => Ok(()),
    }
}
