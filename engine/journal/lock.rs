//! One engine per system and environment on this machine. It holds for machines that share the directory, and for no others.
//!
//! `<system>@<environment>.lock` is locked by `flock` and holds nothing; who has it stands in `<system>@<environment>.<uid>.json`, a
//! file for each user: in a directory for all users nobody can write into a file of somebody else, and its owner is who
//! wrote it, whatever it says.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::holder::{Holder, LockError, user};
use super::{flock, private};
use crate::model::id::{RunId, file_name};

/// Where all users of a machine meet.
const SHARED: &str = "/run/lock/runbook";
/// What others put there is read up to here, bytes.
const LARGEST: u64 = 64 * 1024;

/// Where locks are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockDirectory {
    /// Its path; it is there.
    pub path: PathBuf,
    /// False: only this user's engines look here, so that another user's are not kept away.
    pub shared: bool,
}

impl LockDirectory {
    /// `$RUNBOOK_LOCKS`, else `/run/lock/runbook`, else `runbook/locks` in `$XDG_STATE_HOME` or `~/.local/state`. Made if it is not
    /// there.
    ///
    /// # Errors
    /// The directory that was asked for cannot be had, or there is none at all.
    pub fn choose(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, LockError> {
        let variable = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(path) = variable("RUNBOOK_LOCKS") {
            make(&path, 0o700).map_err(LockError::storage(format!("use {} ($RUNBOOK_LOCKS)", path.display())))?;
            return Ok(Self { path, shared: true });
        }
        let shared = PathBuf::from(SHARED);
        if make_shared(&shared).is_ok() {
            return Ok(Self { path: shared, shared: true });
        }
        let state = variable("XDG_STATE_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/state")));
        let Some(path) = state.map(|state| state.join("runbook/locks")) else {
            let source = io::Error::new(io::ErrorKind::NotFound, "set $RUNBOOK_LOCKS to a directory");
            return Err(LockError::Storage { what: format!("{SHARED} cannot be used and there is no $HOME"), source });
        };
        make(&path, 0o700).map_err(LockError::storage(format!("make {}", path.display())))?;
        Ok(Self { path, shared: false })
    }
}

/// The lock of a system and environment; held until dropped or until the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    holder: PathBuf,
    identity: (u64, u64),
    _file: File,
}

impl Lock {
    /// Takes it.
    ///
    /// # Errors
    /// [`LockError::Held`] while another engine has it.
    pub fn acquire(
        directory: &Path,
        system: &str,
        environment: Option<&str>,
        holder: &Holder,
    ) -> Result<Self, LockError> {
        let names = Names::new(directory, system, environment);
        let storage = |path: &Path| LockError::storage(format!("lock {}", path.display()));
        let Some(file) = flock::acquire(&names.lock(), 0o644).map_err(storage(&names.lock()))? else {
            return Err(LockError::Held(names.newest().map_err(storage(directory))?.map(Box::new)));
        };
        let path = names.holder(nix::unistd::geteuid().as_raw());
        let json = serde_json::to_vec(holder).map_err(io::Error::other).map_err(storage(&path))?;
        private::replace(&path, &json, 0o644).map_err(storage(&path))?;
        let identity = private::identity_at(&path).map_err(storage(&path))?;
        Ok(Self { holder: path, identity, _file: file })
    }

    /// Who has it now, if anybody does.
    ///
    /// # Errors
    /// [`LockError::Storage`]; [`LockError::Held`] by somebody who did not say who it is.
    pub fn holder(directory: &Path, system: &str, environment: Option<&str>) -> Result<Option<Holder>, LockError> {
        let names = Names::new(directory, system, environment);
        let storage = || LockError::storage(format!("look at {}", names.lock().display()));
        if !flock::is_held(&names.lock()).map_err(storage())? {
            return Ok(None);
        }
        names.newest().map_err(storage())?.map(Some).ok_or(LockError::Held(None))
    }

    /// Takes it out of the hands of a run's engine that lives and does not go on. Break the run's lease first
    /// ([`super::FileLease::break_held`]): this alone does not stop that engine. Gives who had it; none: nobody.
    ///
    /// # Errors
    /// [`LockError::Held`] when it is another run's; [`LockError::Storage`], for example because the lock file is another user's.
    pub fn break_held(
        directory: &Path,
        system: &str,
        environment: Option<&str>,
        run: &RunId,
    ) -> Result<Option<Holder>, LockError> {
        let Some(holder) = Self::holder(directory, system, environment)? else { return Ok(None) };
        if holder.run != *run {
            return Err(LockError::Held(Some(Box::new(holder))));
        }
        let path = Names::new(directory, system, environment).lock();
        flock::break_open(&path, 0o644).map_err(|source| LockError::Storage { what: cannot_replace(&path), source })?;
        Ok(Some(holder))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // After the lock was broken the file of that name is the successor's. Left behind by a killed engine it does no harm: the
        // lock itself is free.
        if private::identity_at(&self.holder).is_ok_and(|found| found == self.identity) {
            let _ = fs::remove_file(&self.holder);
        }
    }
}

/// The files of one lock.
struct Names {
    directory: PathBuf,
    stem: String,
}

impl Names {
    fn new(directory: &Path, system: &str, environment: Option<&str>) -> Self {
        let stem = format!("{}@{}", file_name(system), file_name(environment.unwrap_or_default()));
        Self { directory: directory.to_path_buf(), stem }
    }

    fn lock(&self) -> PathBuf {
        self.directory.join(format!("{}.lock", self.stem))
    }

    fn holder(&self, uid: u32) -> PathBuf {
        self.directory.join(format!("{}.{uid}.json", self.stem))
    }

    /// Who took it last: only one can have it, so the others are left over.
    fn newest(&self) -> io::Result<Option<Holder>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let name = entry?.file_name();
            let uid =
                name.to_str().and_then(|name| name.strip_prefix(&self.stem)?.strip_prefix('.')?.strip_suffix(".json"));
            if let Some(uid) = uid.and_then(|uid| uid.parse().ok()) {
                found.extend(read(&self.holder(uid), uid));
            }
        }
        Ok(found.into_iter().max_by_key(|holder: &Holder| holder.since))
    }
}

/// What a user said about itself; none: it is not that user's file, or not readable.
fn read(path: &Path, uid: u32) -> Option<Holder> {
    let file = private::open(path).ok()?;
    if file.metadata().ok()?.uid() != uid {
        return None;
    }
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn cannot_replace(lock: &Path) -> String {
    let owner = fs::symlink_metadata(lock).ok().map(|found| found.uid());
    let name = owner.map_or_else(|| "its owner".to_owned(), user);
    format!("replace {} (only {name} or root can)", lock.display())
}

fn make(path: &Path, mode: u32) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(mode).create(path)
}

/// A directory like `/tmp`: everybody may put files there and only touch their own.
fn make_shared(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o755).create(path) {
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(0o1777))?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let found = fs::symlink_metadata(path)?;
    let is_usable = found.is_dir() && found.mode() & 0o1002 == 0o1002;
    if is_usable { Ok(()) } else { Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is not for all users")) }
}
