//! Finds programs, once each, and says what to do when one cannot be started.

use std::collections::HashMap;
use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use nix::errno::Errno;

use super::process::Launch;

/// Programs found so far, by name and search path.
#[derive(Debug, Default)]
pub(super) struct Programs {
    found: Mutex<HashMap<(String, Option<String>), PathBuf>>,
}

impl Programs {
    /// The absolute path of a program. `path` is a `PATH` of the step's own; `directory` is where a name with a slash starts.
    ///
    /// # Errors
    /// What is missing, where it was searched, how to install it.
    pub fn resolve(&self, name: &str, path: Option<&str>, directory: Option<&Path>) -> Result<PathBuf, String> {
        if name.contains('/') {
            return Ok(absolute(Path::new(name), directory));
        }
        let key = (name.to_owned(), path.map(str::to_owned));
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = found.get(&key) {
            return Ok(program.clone());
        }
        let searched = path.map_or_else(|| env::var("PATH").unwrap_or_default(), str::to_owned);
        let start = directory.map_or_else(|| PathBuf::from("/"), Path::to_path_buf);
        let program = which::which_in(name, Some(&searched), start).map_err(|_| missing(name, &searched))?;
        found.insert(key, program.clone());
        Ok(program)
    }

    /// Forgets a program that is not where it was.
    pub fn forget(&self, name: &str) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _), _| known != name);
    }
}

fn absolute(path: &Path, directory: Option<&Path>) -> PathBuf {
    let joined = directory.map_or_else(|| path.to_path_buf(), |directory| directory.join(path));
    std::path::absolute(&joined).unwrap_or(joined)
}

fn missing(name: &str, searched: &str) -> String {
    let hint = match name {
        "docker" => "; install Docker Engine: https://docs.docker.com/engine/install/",
        "gcloud" => "; install the Google Cloud CLI: https://cloud.google.com/sdk/docs/install",
        "psql" | "pg_dump" | "pg_restore" | "pg_isready" | "pg_basebackup" => {
            "; on Debian: apt-get install postgresql-client"
        }
        "redis-cli" => "; on Debian: apt-get install redis-tools",
        "ssh" | "scp" => "; on Debian: apt-get install openssh-client",
        "aws" => "; install the AWS CLI: https://aws.amazon.com/cli/",
        "dig" => "; on Debian: apt-get install dnsutils",
        "curl" | "jq" | "rsync" | "openssl" => "; your package manager has it under this name",
        _ => "",
    };
    format!("program `{name}` is not on this machine (searched PATH {searched}){hint}")
}

/// Why a process could not be started, and what to do about it.
pub(super) fn not_started(launch: &Launch, error: &io::Error) -> String {
    let name = &launch.name;
    if error.kind() == io::ErrorKind::InvalidInput {
        return format!("start `{name}`: an argument or an environment variable holds a NUL byte");
    }
    if let Some(directory) = launch.directory.as_deref().filter(|directory| !directory.is_dir()) {
        return format!("start `{name}`: there is no directory {}", directory.display());
    }
    let program = launch.program.display();
    let Some(code) = error.raw_os_error() else { return format!("start `{name}`: {error}") };
    match Errno::from_raw(code) {
        Errno::ENOENT if launch.program.exists() => {
            format!("start `{name}`: {program} is there, but the interpreter in its first line is not")
        }
        Errno::ENOENT => format!("start `{name}`: there is no {program}"),
        Errno::EACCES => format!("start `{name}`: {program} is not executable for this user (EACCES); try chmod +x"),
        Errno::ENOEXEC => format!(
            "start `{name}`: {program} is not a program (ENOEXEC); a script needs a first line such as #!/bin/sh"
        ),
        Errno::E2BIG => format!(
            "start `{name}`: its arguments and environment are too long (E2BIG: {} bytes; the kernel takes 128 KiB for one, about \
             2 MiB in all); pass the value on stdin or in a file",
            size(launch)
        ),
        Errno::EAGAIN => {
            format!("start `{name}`: no processes left (EAGAIN); see `ulimit -u` and the pids limit of the cgroup")
        }
        Errno::EMFILE => {
            format!("start `{name}`: too many open files (EMFILE); raise `ulimit -n` or lower --max-parallel")
        }
        Errno::ENFILE => format!("start `{name}`: the machine has too many open files (ENFILE)"),
        Errno::ENOMEM => format!("start `{name}`: out of memory (ENOMEM)"),
        _ => format!("start `{name}`: {error}"),
    }
}

fn size(launch: &Launch) -> usize {
    let arguments: usize = launch.arguments.iter().map(|argument| argument.len() + 1).sum();
    let own: usize = launch.env.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    let inherited: usize = env::vars_os().map(|(name, value)| name.len() + value.len() + 2).sum();
    arguments + own + inherited
}
