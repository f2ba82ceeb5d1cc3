//! A notes stack of a test's own: project, port, backups and a copy of the lab's files, all gone when the test ends.

use std::fs;
use std::path::{Path, PathBuf};

use super::engine::{Ended, Engine};
use super::engine::{ROOT, RUNBOOK, TOOLS, docker, free_ports, inspect, run, wait_until};
use super::journal::Journal;
use crate::support::Runbook;

/// What the tests write, lose and want back.
pub const NOTE: &str = "written before the disaster";

/// What the lab's own files say.
const PROJECT: &str = "runbook-lab-notes";
const PORT: &str = "18000";
const BACKUPS: &str = "/var/backups/runbook-lab-notes";

/// A running stack.
pub struct Notes {
    pub project: String,
    port: String,
    dir: tempfile::TempDir,
    /// Last: the stack is removed before another test gets the Engine.
    _engine: Engine,
}

impl Notes {
    /// Starts a stack, healthy, with one note.
    #[track_caller]
    pub fn start(name: &str) -> Self {
        let notes = Self::prepare(name);
        notes.compose(&["up", "--detach", "--wait"]);
        notes.curl(&["--request", "PUT", "--data", NOTE, "/notes/first"]).gives(0);
        notes
    }

    /// The files of a stack; nothing runs yet.
    #[track_caller]
    pub fn prepare(name: &str) -> Self {
        let engine = Engine::hold();
        let notes = Self {
            project: format!("runbook-lab-{name}-{}", std::process::id()),
            port: free_ports(1).to_string(),
            dir: tempfile::tempdir().expect("a directory"),
            _engine: engine,
        };
        fs::create_dir(notes.backups()).expect("the directory of the backups");
        let lab = Path::new(ROOT).join("fixtures/labs/notes");
        for file in ["compose.yaml", "system.yaml", "verify.yaml"] {
            let text = fs::read_to_string(lab.join(file)).expect("a file of the lab");
            fs::write(notes.dir().join(file), notes.own(&text)).expect("copy a file of the lab");
        }
        notes
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A text about the lab, made to speak of this stack.
    pub fn own(&self, text: &str) -> String {
        let text = text.replace(BACKUPS, &self.backups().display().to_string());
        text.replace(PROJECT, &self.project).replace(PORT, &self.port)
    }

    /// The other way round.
    pub fn as_documented(&self, text: &str) -> String {
        let text = text.replace(&self.backups().display().to_string(), BACKUPS);
        let text = text.replace(&self.dir().display().to_string(), "fixtures/labs/notes");
        text.replace(&self.project, PROJECT).replace(&self.port, PORT)
    }

    pub fn compose(&self, arguments: &[&str]) {
        let all = [&["compose", "--progress", "quiet", "--project-name", &self.project], arguments].concat();
        run(self.dir(), &[("APP_PORT", &self.port)], "docker", &all).gives(0);
    }

    /// Asks the service; the last argument is the path.
    pub fn curl(&self, arguments: &[&str]) -> Ended {
        let (path, flags) = arguments.split_last().expect("a path");
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        run(self.dir(), &[], "curl", &[&["--silent", "--fail", "--max-time", "5"], flags, &[url.as_str()]].concat())
    }

    /// True when the note that was written first can be read.
    pub fn has_note(&self) -> bool {
        let answer = self.curl(&["/notes/first"]);
        answer.code == 0 && answer.text == NOTE
    }

    /// True when the service answers that it is well, in this version.
    pub fn is_well(&self, version: &str) -> bool {
        let answer = self.curl(&["/health"]);
        answer.code == 0 && answer.text == format!(r#"{{"status":"ok","version":"{version}"}}"#)
    }

    /// Runs a shipped runbook on this stack the way an operator does who cannot be asked.
    pub fn recover(&self, scenario: &str, arguments: &[&str]) -> Ended {
        self.runbook(scenario, &[&["--yes", "--environment", "lab"], arguments].concat())
    }

    /// Runs a shipped runbook on this stack.
    pub fn runbook(&self, scenario: &str, arguments: &[&str]) -> Ended {
        let file = format!("{ROOT}/runbooks/{scenario}.yaml");
        let own = ["run", &file, "--system", "system.yaml", "--runs-dir", "runs"];
        run(self.dir(), &[], RUNBOOK, &[&own, arguments].concat())
    }

    /// A call of the program beside the stack's files.
    pub fn call(&self, arguments: &[&str]) -> Runbook {
        Runbook::new().dir(self.dir()).args(arguments)
    }

    /// The same for a runbook beside them, as an operator does who cannot be asked.
    pub fn own_runbook(&self, file: &str, arguments: &[&str]) -> Runbook {
        let own = ["run", file, "--runs-dir", "runs", "--system", "system.yaml", "--yes", "--environment", "lab"];
        self.call(&[&own, arguments].concat())
    }

    /// The same for a shipped one.
    pub fn shipped(&self, scenario: &str, arguments: &[&str]) -> Runbook {
        self.own_runbook(&format!("{ROOT}/runbooks/{scenario}.yaml"), arguments)
    }

    pub fn journal(&self) -> Journal {
        Journal::newest(&self.dir().join("runs"))
    }

    pub fn backups(&self) -> PathBuf {
        self.dir().join("backups")
    }

    pub fn container(&self, service: &str) -> String {
        format!("{}-{service}-1", self.project)
    }

    pub fn volume(&self, service: &str) -> String {
        format!("{}_{service}_data", self.project)
    }

    /// The image that a service's container was made from, as it was called.
    pub fn image(&self, service: &str) -> String {
        inspect(&self.container(service), "/Config/Image").as_str().expect("a name").to_owned()
    }

    /// Ends the service's process as a fault would. A killed *container* counts as the operator's wish, so the process is.
    pub fn kill(&self, service: &str) {
        let container = self.container(service);
        docker(&["update", "--restart=no", &container]);
        let pid = inspect(&container, "/State/Pid").to_string();
        run(Path::new("/"), &[], "sh", &["-c", &format!("kill -9 {pid}")]).gives(0);
        wait_until("the container has ended", || inspect(&container, "/State/Running") == false);
    }

    /// Runs a script in a helper container, the service's volume at `/data` and the backups at `/backup`.
    pub fn tools(&self, service: &str, script: &str) -> String {
        let volume = format!("{}:/data", self.volume(service));
        let backups = format!("{}:/backup", self.backups().display());
        docker(&["run", "--rm", "--network=none", "-v", &volume, "-v", &backups, TOOLS, "sh", "-euc", script])
    }

    /// Volumes that a recovery set aside.
    pub fn set_aside(&self, service: &str) -> Vec<String> {
        let filter = format!("name=^{}-before-", self.volume(service));
        docker(&["volume", "ls", "--quiet", "--filter", &filter]).lines().map(str::to_owned).collect()
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        // Best effort and quiet: a failing clean-up must not hide why the test failed.
        let script = "docker compose --progress quiet --project-name \"$P\" down --volumes --remove-orphans --timeout 1
            docker ps --all --quiet --filter \"name=^/?$P\" | xargs --no-run-if-empty docker rm --force --volumes
            docker volume ls --quiet --filter \"name=^$P\" | xargs --no-run-if-empty docker volume rm --force";
        let _ = duct::cmd!("sh", "-c", script)
            .dir(self.dir())
            .env("P", &self.project)
            .env("APP_PORT", &self.port)
            .stdin_null()
            .stdout_null()
            .stderr_null()
            .unchecked()
            .run();
    }
}
