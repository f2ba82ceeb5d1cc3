//! A file of a timer. It is written and removed only where nothing stands, or what this program wrote for the same calendar.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::report::visible;

/// Begins the first line of everything that this writes.
pub const MARK: &str = "# runbook drill install: ";

/// A file that is wanted.
pub struct Written {
    /// Where.
    pub path: PathBuf,
    /// All of it; its first line is the mark.
    pub text: String,
}

impl Written {
    fn mark(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// What stands there now; none: nothing.
    fn found(&self) -> Result<Option<String>, Failure> {
        match fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Ok(found) if found.is_file() => {}
            Ok(_) => return Err(self.refused("is no file that this wrote")),
            Err(error) => return Err(failed("look at", &self.path, &error)),
        }
        fs::read(&self.path)
            .map(|bytes| Some(String::from_utf8_lossy(&bytes).into_owned()))
            .map_err(|error| failed("read", &self.path, &error))
    }

    /// Nobody else's file stands there.
    ///
    /// # Errors
    /// One does.
    pub fn is_free(&self) -> Result<(), Failure> {
        let Some(found) = self.found()? else { return Ok(()) };
        let first = found.lines().next().unwrap_or_default();
        if first == self.mark() {
            return Ok(());
        }
        Err(match first.strip_prefix(MARK) {
            Some(other) => self.refused(&format!("is of another one, {other}")),
            None => self.refused("was not written by `runbook drill install`"),
        })
    }

    fn refused(&self, why: &str) -> Failure {
        let message = format!("{} {why}; nothing was changed", self.path.display());
        Failure::advised(Exit::Refused, message, "move it away, or rename the calendar: the timer is called after it")
    }

    /// Writes it, readable by everybody. Gives what was done.
    ///
    /// # Errors
    /// As the machine says.
    pub fn write(&self) -> Result<&'static str, Failure> {
        if self.found()?.as_deref() == Some(&self.text) {
            return Ok("unchanged:");
        }
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory).map_err(|error| failed("make", directory, &error))?;
        }
        // Neither cron nor systemd reads a file of such a name.
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let new = self.path.with_file_name(format!(".{name}.new"));
        fs::write(&new, &self.text).map_err(|error| failed("write", &new, &error))?;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o644)).map_err(|error| failed("write", &new, &error))?;
        fs::rename(&new, &self.path).map_err(|error| failed("write", &self.path, &error))?;
        Ok("written:")
    }

    /// Removes it. Gives what was done.
    ///
    /// # Errors
    /// As the machine says.
    pub fn remove(&self) -> Result<&'static str, Failure> {
        match fs::remove_file(&self.path) {
            Ok(()) => Ok("removed:"),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok("not there:"),
            Err(error) => Err(failed("remove", &self.path, &error)),
        }
    }
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    let shown = path.display().to_string();
    let help = if error.kind() == ErrorKind::PermissionDenied {
        "as root, or with --user for this user alone"
    } else {
        "see what the machine says; nothing else was changed"
    };
    Failure::advised(Exit::RunFailed, format!("{what} {}: {error}", visible::line(&shown)), help)
}
