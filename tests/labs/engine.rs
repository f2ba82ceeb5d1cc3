//! The Docker Engine and the programs that tests drive. One test at a time holds the Engine: times are measured.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

/// The program under test.
pub const RUNBOOK: &str = env!("CARGO_BIN_EXE_runbook");
/// Where the shipped runbooks and the labs are.
pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// An image with a shell and its tools.
pub const TOOLS: &str = "runbook-lab/tools:1";

/// How a program ended and what it printed, both streams together.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub text: String,
}

impl Ended {
    /// Asserts the exit code and shows everything when it is another.
    #[track_caller]
    pub fn gives(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit {} instead of {code}:\n{}", self.code, self.text);
        self
    }
}

/// Runs a program in a directory with additional variables.
pub fn run(dir: &Path, variables: &[(&str, &str)], program: &str, arguments: &[&str]) -> Ended {
    let mut command =
        duct::cmd(program, arguments).dir(dir).stdin_null().stderr_to_stdout().stdout_capture().unchecked();
    for (name, value) in variables {
        command = command.env(name, value);
    }
    let output = command.run().unwrap_or_else(|error| panic!("{program}: {error}"));
    Ended { code: output.status.code().unwrap_or(-1), text: String::from_utf8_lossy(&output.stdout).into_owned() }
}

/// Runs `docker` to its successful end and gives what it printed, without the final newline.
#[track_caller]
pub fn docker(arguments: &[&str]) -> String {
    let ended = run(Path::new("/"), &[], "docker", arguments);
    assert_eq!(ended.code, 0, "docker {}:\n{}", arguments.join(" "), ended.text);
    ended.text.trim_end().to_owned()
}

/// A part of what `docker inspect` shows.
#[track_caller]
pub fn inspect(object: &str, pointer: &str) -> Value {
    let json: Value = serde_json::from_str(&docker(&["inspect", object])).expect("docker inspect prints JSON");
    json[0].pointer(pointer).unwrap_or_else(|| panic!("{object} has no {pointer}")).clone()
}

/// Waits until a condition holds.
#[track_caller]
pub fn wait_until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..300 {
        if condition() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("still not so after 30 s: {what}");
}

/// The Engine, held for one test.
pub struct Engine {
    /// Unlocks when it goes.
    _lock: File,
}

impl Engine {
    /// Waits until no other test uses the Engine.
    ///
    /// # Panics
    /// When the lab is not there: these tests prove recoveries, so they do not pass without one.
    #[track_caller]
    pub fn hold() -> Self {
        let file = File::create(std::env::temp_dir().join("runbook-lab.lock")).expect("the lab's lock file");
        file.lock().expect("the lab's lock");
        let marked = duct::cmd!("docker", "image", "inspect", TOOLS, "runbook-lab/app:v1", "runbook-lab/data:1")
            .stdout_null()
            .stderr_null()
            .unchecked()
            .run();
        let there = marked.is_ok_and(|output| output.status.success());
        assert!(there, "the lab is not up: run `tests/lab/up` first (`tests/run` does)");
        Self { _lock: file }
    }
}

/// The first of `count` neighbouring free ports.
pub fn free_ports(count: u16) -> u16 {
    let free = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    let start = 20_000 + u16::try_from(std::process::id() % 8_000).expect("below 8,000");
    let block = (start..u16::MAX - count).step_by(usize::from(count.max(1)));
    block.into_iter().find(|first| (*first..first + count).all(free)).expect("free ports")
}
