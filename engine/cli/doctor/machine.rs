//! What every run needs of this machine.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::sys::statfs::{self, statfs};
use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};

use super::Check;
use crate::cli::found::{Found, State};
use crate::cli::trust;
use crate::journal::lock::LockDirectory;
use crate::journal::{LockError, Runs};

/// Less free space than this is worth a warning, bytes.
const ENOUGH: u64 = 200 * 1024 * 1024;
/// Less than this ends a run, bytes.
const LEAST: u64 = 16 * 1024 * 1024;
/// Where locks may not hold.
const NETWORK: [statfs::FsType; 2] = [statfs::NFS_SUPER_MAGIC, statfs::SMB_SUPER_MAGIC];

/// The runs directory, locks, runs that are left over, this program.
pub fn checks(runs: &Runs) -> Vec<Check> {
    let mut checks = Vec::new();
    let there = existing(runs.path());
    checks.push(writable(runs.path(), &there));
    checks.extend(file_system(&there));
    checks.extend(space(&there));
    checks.push(locks());
    checks.extend(left_over(runs));
    checks.extend(program());
    checks
}

/// The directory itself, or the nearest one above it that is there.
fn existing(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    path.ancestors().find(|above| above.exists()).unwrap_or(Path::new("/")).to_path_buf()
}

fn writable(runs: &Path, there: &Path) -> Check {
    let shown = runs.display();
    let name = "runs directory";
    if !there.is_dir() {
        return Check::fail(
            name,
            format!("{} is not a directory", there.display()),
            "name another with --runs-dir or $RUNBOOK_RUNS",
        );
    }
    if access(there, AccessFlags::W_OK | AccessFlags::X_OK).is_err() {
        return Check::fail(
            name,
            format!("{} cannot be written", there.display()),
            "name another with --runs-dir or $RUNBOOK_RUNS",
        );
    }
    if !runs.exists() {
        return Check::ok(name, format!("{shown} will be made"));
    }
    let mode = there.metadata().map_or(0, |found| found.mode() & 0o7777);
    if mode & 0o022 != 0 && mode & 0o1000 == 0 {
        let found = format!("others can write {shown} (mode {mode:04o}) and put runs there");
        return Check::warn(name, found, format!("chmod go-w {shown}"));
    }
    Check::ok(name, format!("{shown} (mode {mode:04o})"))
}

fn file_system(there: &Path) -> Option<Check> {
    let kind = statfs(there).ok()?.filesystem_type();
    let name = "durable";
    Some(if kind == statfs::TMPFS_MAGIC {
        let next = "keep runs on a disk: what is in memory is gone after a power failure";
        Check::warn(name, "the runs directory is in memory (tmpfs)", next)
    } else if NETWORK.contains(&kind) {
        let next = "keep runs on a local disk: locks of a network file system may not hold";
        Check::warn(name, "the runs directory is on a network file system", next)
    } else {
        Check::ok(name, "the runs directory is on a disk")
    })
}

fn space(there: &Path) -> Option<Check> {
    let found = statvfs(there).ok()?;
    let free = found.blocks_available().saturating_mul(found.fragment_size());
    let shown = format!("{} MiB free", free / 1024 / 1024);
    let next = "make room: a full disk ends a run";
    Some(match free {
        _ if free < LEAST => Check::fail("space", shown, next),
        _ if free < ENOUGH => Check::warn("space", shown, next),
        _ => Check::ok("space", shown),
    })
}

fn locks() -> Check {
    match LockDirectory::choose(|name| std::env::var_os(name)) {
        Ok(found) if found.shared => Check::ok("locks", format!("{}, for all users", found.path.display())),
        Ok(found) => {
            let next = "make /run/lock/runbook (mode 1777), or set $RUNBOOK_LOCKS to one directory for all users";
            let place = found.path.display();
            Check::warn("locks", format!("{place}: another user's engine is not kept away"), next)
        }
        Err(error @ (LockError::Storage { .. } | LockError::Held(_))) => {
            Check::fail("locks", error.to_string(), "set $RUNBOOK_LOCKS to a directory that can be written")
        }
    }
}

/// Runs without an end, and what an inbox lets in.
fn left_over(runs: &Runs) -> Vec<Check> {
    let Ok(ids) = runs.list() else { return Vec::new() };
    let mut checks = Vec::new();
    for id in ids {
        let name = format!("run {id}");
        match Found::open(runs, Some(&id.0)) {
            Err(failure) => {
                checks.push(Check::warn(
                    name,
                    failure.message().to_owned(),
                    "move its directory away once it is looked at",
                ));
            }
            Ok(found) => {
                if found.state() == State::EngineGone {
                    let next = format!("runbook resume {id}, or runbook cancel {id}");
                    checks.push(Check::warn(&name, "its engine is gone and it has no end", next));
                }
                if found.summary.is_resumable()
                    && let Ok(inbox) = found.directory.inbox().metadata()
                    && inbox.mode() & 0o002 != 0
                {
                    let next = format!("chmod o-w {}", found.directory.inbox().display());
                    checks.push(Check::warn(name, "everybody can put letters into its inbox", next));
                }
            }
        }
    }
    if checks.is_empty() {
        checks.push(Check::ok("runs", "none is left over"));
    }
    checks
}

fn program() -> Option<Check> {
    let program = std::env::current_exe().ok()?;
    let version = env!("CARGO_PKG_VERSION");
    Some(match trust::writable_by_others(&program) {
        None => Check::ok("this program", format!("{version}, {}", program.display())),
        Some(open) if nix::unistd::geteuid().is_root() => {
            Check::fail("this program", open.to_string(), format!("chmod go-w {}", open.path.display()))
        }
        Some(open) => Check::warn("this program", open.to_string(), format!("chmod go-w {}", open.path.display())),
    })
}
