//! An engine that kills itself at a point of its choosing: every write, sync, spawn, wait and change of a file's name is one.

use std::cell::Cell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::DateTime;
use nix::sys::signal::{Signal, kill};
use nix::unistd::getpid;
use runbook::document;
use runbook::execute::{self, Answer, BootClock, Intent, Mailbox, Operator, Options, Ports, Question, Resume};
use runbook::journal::{FileJournal, FileLease, FileStorage, Holder, Lease, RunDirectory, Runs};
use runbook::model::id::{AttemptToken, RunId};
use runbook::model::outcome::RunOutcome;
use runbook::model::port::{Live, Storage};
use runbook::model::work::{Attempt, Completion, Work};
use runbook::plan::{self, Inputs, Plan, RunIdentity};
use runbook::runner::{LocalRunner, Report, Runner, Settings};
use runbook::secret::{Masker, SecretStore};

/// The directory of the whole trial.
pub const DIRECTORY: &str = "SURVIVE_DIRECTORY";
/// At which point the engine dies; 0: never.
pub const KILL_AT: &str = "SURVIVE_KILL_AT";
/// The run's id: tokens carry it, and trials run side by side.
pub const RUN: &str = "SURVIVE_RUN";

static POINTS: AtomicU64 = AtomicU64::new(0);

/// One more point; at the chosen one the engine is gone before the next instruction.
fn point() {
    let chosen: u64 = std::env::var(KILL_AT).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    if POINTS.fetch_add(1, Ordering::Relaxed) + 1 == chosen {
        let _ = kill(getpid(), Signal::SIGKILL);
    }
}

/// Counts around something.
fn between<T>(act: impl FnOnce() -> T) -> T {
    point();
    let done = act();
    point();
    done
}

struct Counted(FileStorage);

impl Storage for Counted {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Half a write, too: a process that dies inside `write` leaves a part of it.
        let half = bytes.len() / 2;
        point();
        self.0.append(&bytes[..half])?;
        point();
        self.0.append(&bytes[half..])?;
        point();
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        between(|| self.0.sync())
    }

    fn length(&mut self) -> io::Result<u64> {
        self.0.length()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        between(|| self.0.truncate(length))
    }
}

struct CountedRunner(LocalRunner);

impl Runner for CountedRunner {
    fn start(&self, work: Work) {
        between(|| self.0.start(work));
    }

    fn recover(&self, work: Work) {
        between(|| self.0.recover(work));
    }

    fn cancel(&self, token: &AttemptToken) {
        self.0.cancel(token);
    }
}

struct CountedReport(Mailbox);

impl Report for CountedReport {
    fn spawned(&self, attempt: &Attempt, pid: u32) {
        between(|| self.0.spawned(attempt, pid));
    }

    fn live(&self, live: Live) {
        self.0.live(live);
    }

    fn completed(&self, attempt: Attempt, completion: Completion) {
        between(|| self.0.completed(attempt, completion));
    }
}

/// A person who looks whether the step took effect.
struct Looks {
    effects: PathBuf,
    mailbox: Mailbox,
    asked: Cell<u32>,
}

impl Operator for Looks {
    fn ask(&self, token: AttemptToken, question: Question) {
        self.asked.set(self.asked.get() + 1);
        let Question::Unknown { view, .. } = question else { panic!("nothing else is asked: {question:?}") };
        let name = view.step.0.rsplit('/').next().unwrap_or_default().to_owned();
        let is_there = fs::read_to_string(&self.effects).unwrap_or_default().lines().any(|line| line == name);
        let answer = if is_there { Answer::Yes { inputs: Vec::new(), evidence: None } } else { Answer::Retry };
        self.mailbox.answered(token, answer, "somebody@here".to_owned());
    }
}

/// The plan of a trial.
pub fn planned(directory: &Path) -> Arc<Plan> {
    let documents = document::load(&directory.join("runbook.yaml"), None).expect("a runbook without mistakes");
    let run = RunIdentity {
        id: run_id(),
        stamp: "20261121-030000".to_owned(),
        started: DateTime::UNIX_EPOCH,
        operator: "somebody@here".to_owned(),
    };
    Arc::new(plan::plan(&documents, &Inputs::new(run)).expect("a plan without mistakes"))
}

/// The one run of a trial.
fn run_id() -> RunId {
    RunId(std::env::var(RUN).expect("a run's id"))
}

fn directory_of(runs: &Runs) -> RunDirectory {
    let run = run_id();
    match runs.open(&run.0) {
        Ok(directory) => directory,
        Err(_) => between(|| runs.create(&run)).expect("make the run's directory"),
    }
}

/// One engine: begins the run or goes on with it. Says how the run ended, and at how many points it could have died.
#[test]
#[ignore = "the engine of the kill sweep, started in a process of its own"]
fn one_engine() {
    let directory = PathBuf::from(std::env::var_os(DIRECTORY).expect("a trial's directory"));
    let plan = planned(&directory);
    let run = directory_of(&Runs::new(directory.join("runs")));
    let holder = Holder {
        operator: "somebody@here".to_owned(),
        host: "here".to_owned(),
        pid: std::process::id(),
        run: run_id(),
        run_directory: run.path().to_path_buf(),
        since: DateTime::UNIX_EPOCH,
    };
    let lease = Arc::new(between(|| FileLease::acquire(&run, &holder)).expect("nobody else has the run"));
    if !run.plan().exists() {
        between(|| run.write_plan(b"{}")).expect("write the plan");
    }
    let (storage, records) = if run.journal().exists() {
        let (storage, loaded) = between(|| run.reopen_journal()).expect("a journal that can be read");
        (FileJournal::resume(Counted(storage), &loaded), loaded.records)
    } else {
        (FileJournal::new(Counted(between(|| run.create_journal()).expect("make the journal"))), Vec::new())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (mailbox, inbox) = execute::mailbox();
    let effects = directory.join("effects");
    let outcome = runtime.block_on(async {
        let report = Arc::new(CountedReport(mailbox.clone()));
        let masker = Masker::new(&SecretStore::default());
        let runner = LocalRunner::new(Settings::new(run.path().to_path_buf()), SecretStore::default(), masker, report);
        let mut ports = Ports {
            clock: Box::new(BootClock::start()),
            journal: Box::new(storage.leased(Arc::clone(&lease))),
            runner: Rc::new(CountedRunner(runner)),
            operator: Rc::new(Looks { effects, mailbox, asked: Cell::new(0) }),
            observers: Vec::new(),
            inbox,
        };
        let options = Options::default();
        let report = if records.is_empty() {
            execute::run(plan, &mut ports, options).await
        } else {
            let resume = Resume {
                records: records.iter().collect(),
                epoch: lease.epoch(),
                changes: Vec::new(),
                intent: Intent::GoOn,
                amended: None,
            };
            execute::resume(plan, &mut ports, options, resume).await
        };
        report.expect("the journal takes everything").outcome
    });
    assert_eq!(outcome, RunOutcome::Succeeded);
    fs::write(directory.join("points"), POINTS.load(Ordering::Relaxed).to_string()).expect("say how many");
}
