//! Small helper commands whose output is wanted whole: versions of tools, secrets from a command. Not for steps.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use duct::cmd;

/// What a helper said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// Exit code; none after a signal.
    pub exit: Option<i32>,
    /// As it was written.
    pub stdout: Vec<u8>,
    /// Lossy.
    pub stderr: String,
}

/// Why a helper has nothing to say.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// It is not there, or cannot be started.
    #[error("start `{program}`: {source}")]
    Start {
        /// Its name.
        program: String,
        /// As the machine says.
        source: std::io::Error,
    },
    /// It took too long and was ended.
    #[error("`{program}` took longer than {} s", within.as_secs())]
    TooLong {
        /// Its name.
        program: String,
        /// The time it had.
        within: Duration,
    },
}

/// Runs a helper with nothing on its standard input. Blocks.
///
/// # Errors
/// See [`CaptureError`]; an exit code is not an error.
pub fn capture(program: &str, arguments: &[String], within: Duration) -> Result<Captured, CaptureError> {
    run(program, arguments, &[], Vec::new(), within)
}

/// Runs a helper with these variables over the inherited ones. Blocks.
///
/// # Errors
/// See [`CaptureError`]; an exit code is not an error.
pub fn capture_as(
    program: &str,
    arguments: &[String],
    env: &[(String, String)],
    within: Duration,
) -> Result<Captured, CaptureError> {
    run(program, arguments, env, Vec::new(), within)
}

/// Runs a helper with these bytes on its standard input. Blocks.
///
/// # Errors
/// See [`CaptureError`]; an exit code is not an error.
pub fn capture_with(
    program: &str,
    arguments: &[String],
    input: Vec<u8>,
    within: Duration,
) -> Result<Captured, CaptureError> {
    run(program, arguments, &[], input, within)
}

/// Runs a program with this process' own streams. Blocks until it ends; gives its exit code, 128 and the signal after one.
///
/// # Errors
/// It cannot be started.
pub fn attended(program: &str, arguments: &[String]) -> Result<i32, CaptureError> {
    let start = |source| CaptureError::Start { program: program.to_owned(), source };
    let path =
        which::which(program).map_err(|error| start(std::io::Error::new(std::io::ErrorKind::NotFound, error)))?;
    let status = cmd(path, arguments.iter().map(OsString::from)).unchecked().run().map_err(start)?.status;
    Ok(status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1))
}

fn run(
    program: &str,
    arguments: &[String],
    env: &[(String, String)],
    input: Vec<u8>,
    within: Duration,
) -> Result<Captured, CaptureError> {
    let start = |source| CaptureError::Start { program: program.to_owned(), source };
    // An absolute path keeps the standard library on posix_spawn.
    let path =
        which::which(program).map_err(|error| start(std::io::Error::new(std::io::ErrorKind::NotFound, error)))?;
    let arguments = arguments.iter().map(OsString::from);
    let command = env.iter().fold(cmd(path, arguments), |command, (name, value)| command.env(name, value));
    let command = if input.is_empty() { command.stdin_null() } else { command.stdin_bytes(input) };
    let handle = command.stdout_capture().stderr_capture().unchecked().start().map_err(start)?;
    if let Some(output) = handle.wait_timeout(within).map_err(start)? {
        return Ok(Captured {
            exit: output.status.code(),
            stdout: output.stdout.clone(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    // Ends the program itself; what it started in turn is not waited for.
    let _ = handle.kill();
    Err(CaptureError::TooLong { program: program.to_owned(), within })
}

/// Programs that are known to say their version, and to do nothing else, when they are told `--version`. A script of somebody's own
/// may take it for the order to begin.
const SPEAKS: [&str; 46] = [
    "ansible",
    "aws",
    "az",
    "bash",
    "bzip2",
    "consul",
    "curl",
    "docker",
    "find",
    "gcloud",
    "getent",
    "git",
    "gpg",
    "grep",
    "gsutil",
    "gzip",
    "helm",
    "jq",
    "kubectl",
    "mc",
    "mysql",
    "mysqldump",
    "nc",
    "node",
    "pg_basebackup",
    "pg_ctl",
    "pg_dump",
    "pg_dumpall",
    "pg_isready",
    "pg_restore",
    "pg_verifybackup",
    "podman",
    "psql",
    "python3",
    "rclone",
    "redis-cli",
    "restic",
    "rsync",
    "sed",
    "ssh",
    "tar",
    "terraform",
    "tofu",
    "vault",
    "wget",
    "zstd",
];

/// The first line that a well-known tool says about itself (`docker --version`), for the record. Others are not asked.
#[must_use]
pub fn version(program: &str) -> Option<String> {
    let name = std::path::Path::new(program).file_name()?.to_str()?;
    SPEAKS.binary_search(&name).ok()?;
    let said = capture(program, &["--version".to_owned()], Duration::from_secs(5)).ok()?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_known_is_not_asked() {
        assert!(SPEAKS.is_sorted());
        let directory = tempfile::tempdir().unwrap();
        let script = directory.path().join("restore");
        let mark = directory.path().join("restored");
        std::fs::write(&script, format!("#!/bin/sh\ntouch {}\necho 1.0\n", mark.display())).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&script, mode).unwrap();
        assert_eq!(version(script.to_str().unwrap()), None);
        assert!(!mark.exists());
    }
}
