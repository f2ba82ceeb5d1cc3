//! Runs the built program the way a person does: arguments, files, environment in; exit code and output out.

pub mod driven;
pub mod far;
pub mod made;
pub mod recorded;
pub mod terminal;
pub mod transcripts;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A directory of its own with files in it; gone afterwards.
pub struct Workspace {
    dir: TempDir,
}

impl Workspace {
    /// An empty one.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// This one with a file.
    #[must_use]
    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(name, text);
        self
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The text of a file in it; empty when there is none.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Names of everything directly in it, sorted.
    pub fn names(&self) -> Vec<String> {
        self.names_in("")
    }

    /// Names of everything directly in a directory of it, sorted.
    pub fn names_in(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(directory)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The program, started in this directory.
    pub fn runbook<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Runbook {
        Runbook::new().dir(self.dir.path()).args(args)
    }
}

/// Locks of this test only: tests of one system run beside each other.
pub fn locks() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("locks/{}", std::process::id()))
}

/// One call of the program.
#[must_use]
pub struct Runbook {
    command: Command,
}

impl Runbook {
    /// Without arguments, without a terminal, with a plain environment.
    #[expect(clippy::disallowed_methods, reason = "tests start the program itself")]
    pub fn new() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runbook"));
        command.env("RUNBOOK_LOCKS", locks()).env_remove("RUNBOOK_RUNS").env_remove("NO_COLOR").stdin(Stdio::null());
        Self { command }
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes a variable away.
    pub fn env_remove(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Starts in this directory.
    pub fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// The command, for tests that need more of it.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Starts it and lets it run.
    pub fn start(mut self) -> std::process::Child {
        self.command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Ran {
        Ran::of(&self.command.output().unwrap())
    }
}

/// What a call gave.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; a death by signal has none.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            code: shell_code(output.status),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Asserts the exit code; shows everything when it is another.
    #[track_caller]
    #[must_use]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts a part of standard output.
    #[track_caller]
    #[must_use]
    pub fn says(self, part: &str) -> Self {
        assert!(self.stdout.contains(part), "no `{part}` in\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts a part of standard error.
    #[track_caller]
    #[must_use]
    pub fn warns(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "no `{part}` in\n--- stderr\n{}\n--- stdout\n{}", self.stderr, self.stdout);
        self
    }

    /// Asserts that standard output does not have a part.
    #[track_caller]
    #[must_use]
    pub fn never_says(self, part: &str) -> Self {
        assert!(!self.stdout.contains(part), "`{part}` is in\n--- stdout\n{}", self.stdout);
        self
    }

    /// Standard output as JSON objects, one a line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The exit code as a shell gives it: 128 and the signal's number for a program that died of one.
pub fn shell_code(status: std::process::ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal))
}
