//! What is known of a lab on this machine: written before anything is made, so that whoever cleans knows what to look for.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::drill::error::DrillError;
use crate::runner::foreground;

/// Everything that a lab makes carries it, with the lab's name as its value.
pub const LABEL: &str = "runbook-lab";
/// Where the record of the lab is kept: whoever cleans elsewhere leaves it alone.
pub const PLACE: &str = "runbook-lab-directory";
/// In front of every name.
pub const PREFIX: &str = "runbook-lab-";
/// The variable that marks every process of a lab, with the lab's name as its value.
pub const VARIABLE: &str = "RUNBOOK_LAB";

/// A process, so that another one that got its number later is not taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// When it began, in clock ticks since boot.
    pub began: u64,
}

impl Process {
    /// Of a process that lives.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        foreground::began(pid).map(|began| Self { pid, began })
    }

    /// Whether it lives still.
    #[must_use]
    pub fn lives(&self) -> bool {
        foreground::began(self.pid) == Some(self.began)
    }
}

/// A lab that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabState {
    /// Its generated name; containers and networks begin with it.
    pub name: String,
    /// The name in its file.
    pub lab: String,
    /// Its file.
    pub file: PathBuf,
    /// When it was begun.
    pub began: DateTime<Utc>,
    /// Who works with it; none: it was left up.
    pub owner: Option<Process>,
    /// The drill it was made for.
    pub drill: Option<String>,
    /// True once everything stands.
    pub is_up: bool,
    /// Names of its networks in Docker, by their id in the file.
    pub networks: BTreeMap<String, String>,
    /// Names of its containers, by the machine's id.
    pub machines: BTreeMap<String, String>,
    /// Addresses of machines at their first network.
    pub addresses: BTreeMap<String, String>,
    /// The process in whose network namespace everything of the lab happens.
    pub station: Option<Process>,
    /// The cloud's stand-in: where it listens.
    pub cloud: Option<String>,
}

/// The directory of a lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabDirectory(PathBuf);

/// Where labs are kept: `$RUNBOOK_LABS`, else below the user's state directory.
#[must_use]
pub fn labs_directory(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> PathBuf {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("RUNBOOK_LABS").unwrap_or_else(|| {
        let state = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")));
        state.unwrap_or_else(|| PathBuf::from("/var/lib")).join("runbook/labs")
    })
}

impl LabDirectory {
    /// Of the lab of a name; touches nothing.
    #[must_use]
    pub fn new(labs: &Path, name: &str) -> Self {
        let labs = std::path::absolute(labs).unwrap_or_else(|_| labs.to_path_buf());
        Self(labs.join(name))
    }

    /// Every lab that was begun below a directory; one whose record cannot be read is given by its name alone.
    #[must_use]
    pub fn all(labs: &Path) -> Vec<(String, Self, Option<LabState>)> {
        let Ok(entries) = fs::read_dir(labs) else { return Vec::new() };
        let mut found: Vec<_> = entries
            .filter_map(Result::ok)
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.starts_with(PREFIX))
            .map(|name| {
                let directory = Self::new(labs, &name);
                let state = directory.read().ok();
                (name, directory, state)
            })
            .collect();
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found
    }

    /// The flags that mark what Docker makes for it.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        let name = self.0.file_name().unwrap_or_default().to_string_lossy();
        let place = self.0.parent().unwrap_or(Path::new("/")).display();
        vec![format!("--label={LABEL}={name}"), format!("--label={PLACE}={place}")]
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file or directory in it.
    #[must_use]
    pub fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Makes it, for its owner only.
    ///
    /// # Errors
    /// As the machine says.
    pub fn create(&self) -> Result<(), DrillError> {
        let made =
            fs::create_dir_all(&self.0).and_then(|()| fs::set_permissions(&self.0, fs::Permissions::from_mode(0o700)));
        made.map_err(|error| DrillError::file("make the lab's directory", &self.0, &error))
    }

    /// Writes a file of it.
    ///
    /// # Errors
    /// As the machine says.
    pub fn write(&self, name: &str, text: &str, mode: u32) -> Result<PathBuf, DrillError> {
        let path = self.at(name);
        let written =
            fs::write(&path, text).and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(mode)));
        written.map_err(|error| DrillError::file("write", &path, &error))?;
        Ok(path)
    }

    /// Keeps what is known, whole or not at all.
    ///
    /// # Errors
    /// As the machine says.
    pub fn save(&self, state: &LabState) -> Result<(), DrillError> {
        let text = serde_json::to_string_pretty(state).map_err(|error| DrillError::Storage(error.to_string()))?;
        let new = self.write("lab.json.new", &text, 0o600)?;
        let path = self.at("lab.json");
        fs::rename(&new, &path).map_err(|error| DrillError::file("write", &path, &error))
    }

    /// What is known.
    ///
    /// # Errors
    /// It is not there, or no record of a lab.
    pub fn read(&self) -> Result<LabState, DrillError> {
        let path = self.at("lab.json");
        let text = fs::read_to_string(&path).map_err(|error| DrillError::file("read", &path, &error))?;
        serde_json::from_str(&text).map_err(|error| DrillError::Storage(format!("{}: {error}", path.display())))
    }
}
