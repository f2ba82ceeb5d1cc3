//! The local runner with real processes.

pub mod docker;
mod ending;
mod http;
mod limits;
mod output;
mod program;
mod recover;
pub mod remote;
mod secrets;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use runbook::model::id::{AttemptToken, RunId, StepId};
use runbook::model::port::Live;
use runbook::model::work::{Attempt, Capture, Completion, Purpose, Rendered, Task, Tool, Work};
use runbook::runner::{LocalRunner, Report, Runner, Settings};
use runbook::secret::{Masker, SecretStore};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Everything a runner told.
struct Told {
    over: UnboundedSender<(Attempt, Completion)>,
    spawned: UnboundedSender<u32>,
    lines: Mutex<Vec<(bool, String)>>,
}

impl Report for Told {
    fn spawned(&self, _: &Attempt, pid: u32) {
        let _ = self.spawned.send(pid);
    }

    fn live(&self, live: Live) {
        if let Live::Output { stderr, line, .. } = live {
            self.lines.lock().unwrap_or_else(PoisonError::into_inner).push((stderr, line));
        }
    }

    fn completed(&self, attempt: Attempt, completion: Completion) {
        let _ = self.over.send((attempt, completion));
    }
}

/// A runner over a temporary run directory.
pub struct Bench {
    pub directory: TempDir,
    pub runner: LocalRunner,
    told: Arc<Told>,
    over: UnboundedReceiver<(Attempt, Completion)>,
    pub spawned: UnboundedReceiver<u32>,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(SecretStore::default(), |_| {})
    }

    pub fn with(secrets: SecretStore, adjust: impl FnOnce(&mut Settings)) -> Self {
        let directory = TempDir::new().unwrap();
        let (over, receive_over) = unbounded_channel();
        let (spawned, receive_spawned) = unbounded_channel();
        let told = Arc::new(Told { over, spawned, lines: Mutex::default() });
        let mut settings = Settings::new(directory.path().to_path_buf());
        settings.grace = Duration::from_millis(300);
        adjust(&mut settings);
        let masker = Masker::new(&secrets);
        let runner = LocalRunner::new(settings, secrets, masker, told.clone());
        Self { directory, runner, told, over: receive_over, spawned: receive_spawned }
    }

    pub async fn next(&mut self) -> (Attempt, Completion) {
        tokio::time::timeout(Duration::from_mins(1), self.over.recv()).await.expect("the runner answers").unwrap()
    }

    pub async fn run(&mut self, work: Work) -> Completion {
        self.runner.start(work);
        self.next().await.1
    }

    pub fn lines(&self) -> Vec<(bool, String)> {
        self.told.lines.lock().unwrap().clone()
    }

    pub fn log(&self) -> Option<Vec<u8>> {
        std::fs::read(self.directory.path().join("steps/step/1.log")).ok()
    }
}

/// A program with its arguments; everything captured; a minute.
pub fn program(argv: &[&str]) -> Work {
    work(Task::Program { tool: Tool::Exec, argv: argv.iter().map(|&word| word.to_owned()).collect() })
}

/// A script of bash.
pub fn script(text: &str) -> Work {
    program(&["bash", "-c", text])
}

pub fn work(task: Task) -> Work {
    let token = format!("test-{}", ulid::Ulid::generate());
    Work {
        attempt: Attempt {
            run: RunId("01RUN".into()),
            step: StepId("step".into()),
            epoch: 1,
            number: 1,
            purpose: Purpose::Action,
            token: AttemptToken(token),
        },
        target: runbook::model::work::Target::Local,
        task,
        env: Vec::new(),
        stdin: None,
        working_dir: None,
        timeout: Duration::from_mins(1),
        capture: Capture { stdout: true, stderr: true },
    }
}

pub fn env(name: &str, value: &str) -> (String, Rendered) {
    (name.to_owned(), Rendered::text(value))
}

/// True while a process exists and is not a zombie.
pub fn lives(pid: &str) -> bool {
    std::fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"))
        .is_ok_and(|stat| !stat[stat.rfind(')').unwrap()..].starts_with(") Z"))
}
