//! The only place that spawns. Keeps to what the standard library does by `posix_spawn`: an absolute program, a process group of its
//! own, no `pre_exec` (that would fork: 35 ms in a large engine against 0.6 ms).

use std::fs::File;
use std::io::{self, PipeReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use tokio::process::{Child, Command};

use super::family;

/// Everything a new process needs, resolved.
pub(super) struct Launch {
    /// Absolute.
    pub program: PathBuf,
    /// As authored: `argv[0]` of the process.
    pub name: String,
    /// The rest of the vector.
    pub arguments: Vec<String>,
    /// Over the engine's environment.
    pub env: Vec<(String, String)>,
    /// None: the engine's own.
    pub directory: Option<PathBuf>,
    /// True: a pipe; false: null. Never the terminal.
    pub stdin: bool,
}

/// A new process and the reading ends of its output, which are blocking and not yet known to tokio.
pub(super) struct Spawned {
    pub child: Child,
    /// As long as somebody waits for it.
    pub kin: family::Child,
    pub stdout: PipeReader,
    pub stderr: PipeReader,
}

/// Starts it, output piped. The child leads a group of its own, so that a terminal's interrupt reaches only the engine.
///
/// # Errors
/// As the kernel says; see [`super::program::not_started`].
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub(super) fn spawn(launch: &Launch) -> io::Result<Spawned> {
    let (stdout, for_stdout) = io::pipe()?;
    let (stderr, for_stderr) = io::pipe()?;
    let mut command = Command::new(&launch.program);
    command
        .arg0(&launch.name)
        .args(&launch.arguments)
        .envs(launch.env.iter().map(|(name, value)| (name, value)))
        .process_group(0)
        .stdin(if launch.stdin { Stdio::piped() } else { null() })
        .stdout(for_stdout)
        .stderr(for_stderr);
    if let Some(directory) = &launch.directory {
        command.current_dir(directory);
    }
    // The command goes here, and with it our writing ends.
    let (child, kin) = family::child(|| {
        let child = command.spawn()?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or(0);
        Ok((child, pid))
    })?;
    Ok(Spawned { child, kin, stdout, stderr })
}

/// The null device, opened once: a duplicate costs a tenth of a look-up.
fn null() -> Stdio {
    static NULL: OnceLock<Option<File>> = OnceLock::new();
    let opened = NULL.get_or_init(|| File::open("/dev/null").ok()).as_ref();
    opened.and_then(|null| null.try_clone().ok()).map_or_else(Stdio::null, Stdio::from)
}

/// Starts a program that a person talks to. It keeps our group and so the terminal: a shell that controls jobs makes a group of its
/// own and gives the terminal back at its end.
///
/// # Errors
/// As the kernel says.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub(super) fn spawn_on_terminal(
    program: &Path,
    env: &[(String, String)],
    input: &File,
    output: &File,
) -> io::Result<std::process::Child> {
    let mut command = std::process::Command::new(program);
    command.envs(env.iter().map(|(name, value)| (name, value)));
    command.stdin(input.try_clone()?).stdout(output.try_clone()?).stderr(output.try_clone()?).spawn()
}

/// Starts a program in a group of its own with nothing of our environment. `output` takes both of its outputs; without it they are
/// ours.
///
/// # Errors
/// As the kernel says.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub(super) fn spawn_alone(
    program: &Path,
    arguments: &[String],
    env: &[(String, String)],
    directory: &Path,
    output: Option<File>,
) -> io::Result<std::process::Child> {
    let mut command = std::process::Command::new(program);
    command.args(arguments).env_clear().envs(env.iter().map(|(name, value)| (name, value)));
    command.current_dir(directory).process_group(0).stdin(null());
    if let Some(output) = output {
        command.stdout(output.try_clone()?).stderr(output);
    }
    command.spawn()
}
