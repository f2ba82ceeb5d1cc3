//! One run while this process drives it: its lock, its lease, its journal, and the engine over them, once or (when a person changes
//! a parameter) several times.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::execute::{
    self, Amendment, BootClock, Inbox, Intent, Mailbox, Operator, Options, Ports, Resume, RunError, RunReport,
};
use crate::journal::{self, FileJournal, FileLease, Known, Lease, Lock, LockDirectory, LockError, RunDirectory, Runs};
use crate::model::entry::{Entry, Record};
use crate::model::outcome::Mode;
use crate::model::port::Observer;
use crate::plan::Plan;
use crate::report::{Aside, Console, Detail, JsonLines, Plain, Shown, Sink, Terminal};
use crate::runner::{LocalRunner, Settings};
use crate::secret::{Masker, SecretStore};
use crate::template::Scope;

use super::exit::Exit;
use super::failure::Failure;
use super::load::Loaded;
use super::mail::Signers;
use super::masked::{Masked, Shared};
use super::prompt::{LabPeople, Nobody, Place, Prompt, Reply};
use super::saved::Saved;
use super::signals::LastSignal;
use super::{identity, mail, secrets, signals, surroundings};

/// How long the end waits at a time for what is still to be shown; signals are heard in between.
const GLANCE: Duration = Duration::from_millis(20);

/// How a run is shown.
pub struct Show {
    /// How much.
    pub detail: Detail,
    /// As JSON lines.
    pub json: bool,
    /// A person can be asked.
    pub attended: bool,
}

/// What the command line decides besides the plan.
pub struct Choices {
    /// At most so many steps at once.
    pub max_parallel: Option<u32>,
    /// Confirmations are answered by the command line; the guard has been asked.
    pub yes: bool,
    /// Step mode.
    pub step: bool,
    /// Steps of the phase `failback` run too.
    pub failback: bool,
    /// It is a drill, and its people listen at this socket.
    pub people: Option<PathBuf>,
}

/// What this process holds while it drives a run. All of it is gone with the process, however that ends.
pub struct Held {
    lease: Arc<FileLease>,
    _system: Option<Lock>,
}

impl Held {
    /// Locks the system's environment on this machine, then the run.
    pub fn acquire(plan: &Plan, directory: &RunDirectory) -> Result<Self, Failure> {
        let holder = identity::holder(directory);
        let system = match &plan.system {
            Some(system) => {
                let locks = LockDirectory::choose(|name| std::env::var_os(name)).map_err(|it| failure(it, "lock"))?;
                let environment = plan.environment.as_ref().map(|environment| environment.name.as_str());
                let place = environment.map_or_else(|| system.clone(), |name| format!("{system} in {name}"));
                let lock = Lock::acquire(&locks.path, system, environment, &holder);
                Some(lock.map_err(|error| failure(error, &place))?)
            }
            None => None,
        };
        let lease = FileLease::acquire(directory, &holder).map_err(|error| failure(error, "the run"))?;
        Ok(Self { lease: Arc::new(lease), _system: system })
    }
}

/// Who holds it is told, with the step it is at.
fn failure(error: LockError, what: &str) -> Failure {
    match error {
        LockError::Held(holder) => {
            let at = holder.as_ref().and_then(|holder| current_step(&holder.run_directory));
            let at = at.map(|step| format!(", at step `{step}`")).unwrap_or_default();
            let run = holder.as_ref().map_or_else(|| "RUN".to_owned(), |holder| holder.run.to_string());
            let text = format!("{what} is {}{at}", LockError::Held(holder));
            let help = format!(
                "wait for it, `runbook status {run}` says where it is; `runbook unlock {run}` frees it from an engine that does not go on"
            );
            Failure::advised(Exit::Locked, text, help)
        }
        LockError::Storage { .. } => Failure::Storage(error.to_string()),
    }
}

/// The step that started last and has not ended.
fn current_step(run: &Path) -> Option<String> {
    let loaded = journal::load(&run.join("journal.jsonl")).ok()?;
    let mut open = Vec::new();
    for record in &loaded.records {
        match &record.entry {
            Entry::StepStarted { step, .. } => open.push(step),
            Entry::StepFinished { step, .. } => open.retain(|known| *known != step),
            _ => {}
        }
    }
    open.last().map(ToString::to_string)
}

/// Where the run stands when this process takes it.
pub enum Start {
    /// At its beginning.
    Fresh,
    /// Behind these records.
    Resumed {
        /// The journal so far.
        journal: Box<Known>,
        /// What differs and was accepted.
        changes: Vec<String>,
        /// What for.
        intent: Intent,
    },
}

/// A run that this process drives.
pub struct Session {
    /// Where it is.
    pub directory: RunDirectory,
    /// What it was made of.
    pub saved: Saved,
    /// What it will do.
    pub loaded: Loaded,
    /// Read once.
    pub secrets: SecretStore,
    /// Its locks.
    pub held: Held,
    /// What the command line decides.
    pub choices: Choices,
    /// How it is shown.
    pub show: Show,
    /// Where runs are.
    pub runs: Runs,
    /// Parameters that people changed so far, as typed.
    pub amended: Vec<(String, String)>,
}

/// The options of an engine that begins: with where and with what, which later legs do not say again.
fn beginning(session: &Session) -> Options {
    let found = surroundings::of(&session.loaded.plan, &session.saved);
    Options { surroundings: Some(Box::new(found)), ..session.options() }
}

impl Session {
    /// Drives it to its end, or as far as it goes now.
    pub fn drive(self, start: Start) -> Result<Exit, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::Internal(format!("start the event loop: {error}")))?;
        let last_signal = LastSignal::default();
        let rto = self.loaded.plan.objectives.rto;
        let place = self.directory.path().display().to_string();
        let ended = runtime.block_on(self.legs(start, &last_signal));
        runtime.shutdown_background();
        match ended? {
            Ok(report) => {
                let rto_met = rto.map(|rto| report.elapsed <= rto);
                Ok(Exit::of_run(report.outcome, rto_met, last_signal.exit()))
            }
            Err(RunError::Journal(error)) => {
                Err(Failure::Storage(format!("{error}; what ran was ended; the record so far is in {place}")))
            }
            Err(RunError::Abandoned) => {
                Sink::stderr().line(format!("{}; the record so far is in {place}", RunError::Abandoned));
                Ok(last_signal.exit().unwrap_or(Exit::Interrupted))
            }
        }
    }

    /// One leg, and another one whenever a person changes a parameter.
    async fn legs(mut self, start: Start, last_signal: &LastSignal) -> Result<Result<RunReport, RunError>, Failure> {
        let (mailbox, inbox) = execute::mailbox();
        signals::forward(&mailbox, last_signal)
            .map_err(|error| Failure::Internal(format!("watch for signals: {error}")))?;
        let shared = Shared::new(&self.secrets);
        mail::forward(self.directory.clone(), self.signers(), shared.clone(), &mailbox);
        let (mut ports, shown) = self.ports(&mailbox, inbox, &start, &shared)?;
        let plan = Arc::new(self.loaded.plan.clone());
        let options = beginning(&self);
        let mut report = match &start {
            Start::Fresh => execute::run(plan, &mut ports, options).await,
            Start::Resumed { journal, changes, intent } => {
                let resume = Resume {
                    records: journal.loaded.records.iter().collect(),
                    epoch: self.held.lease.epoch(),
                    changes: changes.clone(),
                    intent: intent.clone(),
                    amended: None,
                };
                execute::resume(plan, &mut ports, options, resume).await
            }
        };
        while let Ok(RunReport { amended: Some(amendment), .. }) = &report {
            report = self.amend(amendment.clone(), &mut ports, &mailbox, &shared).await?;
        }
        // The run is over and free for others, however long the rest takes to be shown. A signal more ends the wait.
        drop((ports, self));
        let signals = last_signal.count();
        let is_left = matches!(report, Err(RunError::Abandoned));
        while !shown.is_over(GLANCE) && !is_left && last_signal.count() == signals {
            tokio::task::yield_now().await;
        }
        Ok(report)
    }

    /// Plans anew with the changed parameter and goes on. A value that gives no plan is told, and the plan stays as it was.
    async fn amend(
        &mut self,
        amendment: Amendment,
        ports: &mut Ports,
        mailbox: &Mailbox,
        shared: &Shared,
    ) -> Result<Result<RunReport, RunError>, Failure> {
        let mut amended = self.amended.clone();
        amended.push((amendment.param.clone(), amendment.value.clone()));
        let run = self.loaded.plan.run.clone();
        let amendment = match self.saved.plan(run, &amended, &self.runs) {
            Ok(loaded) => {
                self.secrets = secrets::required(&loaded)?;
                self.loaded = loaded;
                self.amended = amended;
                Some(amendment)
            }
            Err(failure) => {
                let _ = failure.show(false);
                None
            }
        };
        let options = self.options();
        // The journal is read back like any other: what the next leg goes on from is what is durable.
        let (storage, records) = self.reopen()?;
        shared.renew(&self.secrets);
        let masker = shared.get();
        ports.journal = Box::new(storage.leased(Arc::clone(&self.held.lease)).masked(masker.clone()));
        ports.runner = self.runner(masker, mailbox);
        let epoch = self.held.lease.epoch();
        let resume = Resume {
            records: records.iter().collect(),
            epoch,
            changes: Vec::new(),
            intent: Intent::GoOn,
            amended: amendment,
        };
        Ok(execute::resume(Arc::new(self.loaded.plan.clone()), ports, options, resume).await)
    }

    fn reopen(&self) -> Result<(FileJournal<journal::FileStorage>, Vec<Record>), Failure> {
        let (storage, loaded) = self.directory.reopen_journal().map_err(|error| Failure::Storage(error.to_string()))?;
        Ok((FileJournal::resume(storage, &loaded), loaded.records))
    }

    fn options(&self) -> Options {
        let unset = self.loaded.plan.secrets.keys().filter(|name| self.secrets.expose(name).is_none());
        Options {
            max_parallel: self.choices.max_parallel,
            yes: self.choices.yes,
            operator: identity::operator(),
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            step: self.choices.step,
            failback: self.choices.failback,
            unset_secrets: unset.cloned().collect(),
            mode: if self.choices.people.is_some() { Mode::Drill } else { Mode::Run },
            surroundings: None,
        }
    }

    /// Beside the system file, unless the operator says where.
    fn signers(&self) -> Signers {
        let approvals = self.loaded.plan.nodes.iter().filter_map(|node| node.approve.as_ref());
        let people: BTreeSet<String> = approvals.flat_map(|approve| approve.people.iter().cloned()).collect();
        let variable = std::env::var_os("RUNBOOK_ALLOWED_SIGNERS").filter(|value| !value.is_empty()).map(PathBuf::from);
        let beside = || {
            let documents = &self.loaded.documents;
            let file = documents.system.as_ref().map(|system| documents.sources.file(system.file).path.clone())?;
            Some(file.with_file_name("allowed_signers")).filter(|path| path.exists())
        };
        Signers { people: people.into_iter().collect(), allowed: variable.or_else(beside) }
    }

    fn ports(
        &self,
        mailbox: &Mailbox,
        inbox: Inbox,
        start: &Start,
        shared: &Shared,
    ) -> Result<(Ports, Shown), Failure> {
        let masker = shared.get();
        let (journal, clock) = match start {
            Start::Fresh => {
                let storage = self.directory.create_journal().map_err(|error| {
                    Failure::Storage(format!("write {}: {error}", self.directory.journal().display()))
                })?;
                (FileJournal::new(storage), BootClock::start())
            }
            Start::Resumed { journal: known, .. } => {
                let reopened = self.directory.reopen_known(known);
                let (storage, loaded) = reopened.map_err(|error| Failure::Storage(error.to_string()))?;
                let journal = FileJournal::resume(storage, loaded.as_ref().unwrap_or(&known.loaded));
                (journal, BootClock::resumed(since_start(&known.loaded.records)))
            }
        };
        let records = match start {
            Start::Resumed { journal, .. } => journal.loaded.records.as_slice(),
            Start::Fresh => &[],
        };
        let (observer, terminal) = self.observer(clock);
        let observer = Aside::new(observer);
        let shown = observer.shown();
        let mut observer = Masked { inner: observer, masker: shared.clone() };
        observer.replay(records);
        let operator = self.operator(terminal, shown.clone(), mailbox);
        let ports = Ports {
            clock: Box::new(clock),
            journal: Box::new(journal.leased(Arc::clone(&self.held.lease)).masked(masker.clone())),
            runner: self.runner(masker, mailbox),
            operator: Rc::new(Masked { inner: operator, masker: shared.clone() }),
            observers: vec![Box::new(observer)],
            inbox,
        };
        Ok((ports, shown))
    }

    fn runner(&self, masker: Masker, mailbox: &Mailbox) -> Rc<LocalRunner> {
        let plan = &self.loaded.plan;
        let mut settings = Settings::new(self.directory.path().to_path_buf());
        settings.live_lines = !self.show.json;
        settings.runbook.clone_from(&plan.name);
        settings.system.clone_from(&plan.system);
        Rc::new(LocalRunner::new(settings, self.secrets.clone(), masker, Arc::new(mailbox.clone())))
    }

    /// The observer, and the terminal that prompts must share with it.
    fn observer(&self, clock: BootClock) -> (Box<dyn Observer>, Option<Terminal>) {
        let directory = Some(PathBuf::from(self.directory.path()));
        if self.show.json {
            (Box::new(JsonLines::new(Sink::stdout())), None)
        } else if Terminal::is_usable() {
            let terminal = Terminal::stdout(Arc::new(clock));
            let nodes = self.loaded.plan.nodes.iter();
            // Titles with values in them are known when the step starts.
            let titles = nodes.map(|node| (node.id.clone(), node.title.preview(&Scope::default())));
            let titles = titles.filter(|(_, title)| !title.contains('‹')).collect();
            (Box::new(Console::new(terminal.clone(), self.show.detail, directory, titles)), Some(terminal))
        } else {
            (Box::new(Plain::new(Sink::stdout(), self.show.detail, directory)), None)
        }
    }

    fn operator(&self, terminal: Option<Terminal>, shown: Shown, mailbox: &Mailbox) -> Rc<dyn Operator> {
        let by = identity::operator();
        let place = Place { run: self.directory.run().clone(), directory: self.directory.path().to_path_buf() };
        let mailbox = mailbox.clone();
        let reply: Reply = Arc::new(move |token, answer| mailbox.answered(token, answer, by.clone()));
        if let Some(socket) = &self.choices.people {
            Rc::new(LabPeople::new(socket.clone(), reply))
        } else if self.show.attended {
            Rc::new(Prompt::new(place, terminal, Some(shown), reply))
        } else {
            Rc::new(Nobody::new(reply))
        }
    }
}

/// The recovery clock goes on from the first start, whoever ran it and whether anybody did.
fn since_start(records: &[Record]) -> Duration {
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return Duration::ZERO };
    let now = identity::wall();
    (now.max(last.at) - first.at).to_std().unwrap_or_default()
}
