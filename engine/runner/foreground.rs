//! A long program of the command line's own (an engine in a lab, a server), and the end of everything that carries its mark. Not for
//! steps.

use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::{boot, process, sweep};

/// Between two looks at who still lives.
const LOOK: Duration = Duration::from_millis(50);
/// How long the asked ones have before they are killed.
const GRACE: Duration = Duration::from_secs(3);

/// What to start.
#[derive(Clone, Debug)]
pub struct Foreground {
    /// The program; looked up on the path of this process.
    pub program: PathBuf,
    /// The rest of its vector.
    pub arguments: Vec<String>,
    /// All of its environment: nothing is inherited.
    pub env: Vec<(String, String)>,
    /// Where it begins.
    pub directory: PathBuf,
}

impl Foreground {
    /// Starts it in a process group of its own, nothing on its standard input. `output` takes both of its outputs; without it they are ours.
    ///
    /// # Errors
    /// As the kernel says.
    pub fn start(&self, output: Option<&Path>) -> io::Result<Child> {
        let program = which::which(&self.program).map_err(|error| io::Error::new(io::ErrorKind::NotFound, error))?;
        let output = output.map(|path| File::options().create(true).append(true).open(path)).transpose()?;
        process::spawn_alone(&program, &self.arguments, &self.env, &self.directory, output)
    }
}

/// Waits for a program's end and passes signals on that arrive meanwhile; `signal` takes the newest one, 0: none. Gives its exit code, 128
/// and the signal after one.
///
/// # Errors
/// As the kernel says.
pub fn attend(child: &mut Child, signal: &dyn Fn() -> i32) -> io::Result<i32> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1));
        }
        if let Ok(signal) = Signal::try_from(signal()) {
            sweep::signal_each(&[child.id()], signal);
        }
        thread::sleep(LOOK);
    }
}

/// When a process began, in clock ticks since boot; with its id it tells it from a later one. None: it is gone.
#[must_use]
pub fn began(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    // A zombie does nothing any more.
    (fields.first() != Some(&"Z")).then(|| fields.get(19)?.parse().ok())?
}

/// Ends every process that carries a variable of this value, and what descends from it: asked first, then killed. Gives those that
/// are left, which a kernel alone can hold.
#[must_use]
pub fn end_carrying(variable: &str, value: &str) -> Vec<u32> {
    let mut members = sweep::Members::carrying(variable, value);
    let began = boot::now();
    let mut signal = Signal::SIGTERM;
    loop {
        let living = members.living();
        let waited = boot::now().saturating_sub(began);
        if living.is_empty() || waited > GRACE * 2 {
            return living;
        }
        if waited > GRACE {
            signal = Signal::SIGKILL;
        }
        sweep::signal_each(&living, signal);
        thread::sleep(LOOK);
    }
}
