//! Carries out the core's commands on tokio. Per round: take every message that is there, append all their records in one batch
//! (one sync), then start what was to be started.

use std::fs::File;
use std::io::Read;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::core::{Amendment, Command, Core, Event, Options, Resume};
use super::mailbox::{Inbox, Message};
use super::operator::Operator;
use crate::journal::{Journal, JournalError, Position};
use crate::model::entry::Entry;
use crate::model::id::AttemptToken;
use crate::model::outcome::RunOutcome;
use crate::model::port::{Clock, Live, Observer};
use crate::model::work::{Attempt, Work};
use crate::plan::Plan;
use crate::runner::Runner;

/// After the first signal, running steps have this long before they are ended.
const GRACE: Duration = Duration::from_mins(1);
/// The longest sleep: suspended time does not count for the sleeping clock.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// Notes of processes travel with the next records, or by themselves once a step has lasted so long.
const NOTE_DELAY: Duration = Duration::from_millis(500);
/// How long cancelled work may take to be gone when the journal has failed.
const LAST_WAIT: Duration = Duration::from_secs(15);

/// The outside of a run.
pub struct Ports {
    /// The time.
    pub clock: Box<dyn Clock>,
    /// The durable record.
    pub journal: Box<dyn Journal>,
    /// Carries out work; reports to the mailbox of `inbox`.
    pub runner: Rc<dyn Runner>,
    /// Asks people; answers to the same mailbox.
    pub operator: Rc<dyn Operator>,
    /// Get records after the journal has them.
    pub observers: Vec<Box<dyn Observer>>,
    /// What happens.
    pub inbox: Inbox,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunReport {
    /// How.
    pub outcome: RunOutcome,
    /// From start to end.
    pub elapsed: Duration,
    /// Signals taken.
    pub interrupted: u8,
    /// A person changed a parameter: plan anew with it and resume.
    pub amended: Option<Amendment>,
}

/// Why a run could not be brought to an end that the journal knows.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Nothing more was started; what ran was ended.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The third signal: left at once. The journal knows what was under way.
    #[error("left at the third signal; what was running may still run")]
    Abandoned,
}

/// Runs a plan to its end.
///
/// # Errors
/// See [`RunError`].
pub async fn run(plan: Arc<Plan>, ports: &mut Ports, options: Options) -> Result<RunReport, RunError> {
    let core = Core::new(plan, options, ports.clock.now());
    Driver::new(core, ports, 0).run().await
}

/// Goes on with a run whose journal holds these records; the clock goes on from its beginning.
///
/// # Errors
/// See [`RunError`].
pub async fn resume(
    plan: Arc<Plan>,
    ports: &mut Ports,
    options: Options,
    resume: Resume<'_>,
) -> Result<RunReport, RunError> {
    let position = resume.records.len() as Position;
    let core = Core::resume(plan, options, ports.clock.now(), resume);
    Driver::new(core, ports, position).run().await
}

struct Driver<'run> {
    core: Core,
    ports: &'run mut Ports,
    position: Position,
    notes: Vec<Entry>,
    running: Vec<AttemptToken>,
    wake: Option<Duration>,
    interrupts: u8,
    grace_over: Option<Duration>,
    notes_due: Option<Duration>,
    amended: Option<Amendment>,
}

impl<'run> Driver<'run> {
    fn new(core: Core, ports: &'run mut Ports, position: Position) -> Self {
        Self {
            core,
            ports,
            position,
            notes: Vec::new(),
            running: Vec::new(),
            wake: None,
            interrupts: 0,
            grace_over: None,
            notes_due: None,
            amended: None,
        }
    }

    async fn run(mut self) -> Result<RunReport, RunError> {
        let now = self.ports.clock.now();
        let mut commands = self.core.next(now, Event::Begin);
        loop {
            while let Ok(message) = self.ports.inbox.receiver.try_recv() {
                self.take(message, &mut commands)?;
            }
            match self.carry_out(std::mem::take(&mut commands)) {
                Ok(Some(outcome)) => {
                    let elapsed = self.ports.clock.now().elapsed;
                    return Ok(RunReport {
                        outcome,
                        elapsed,
                        interrupted: self.interrupts,
                        amended: self.amended.take(),
                    });
                }
                Ok(None) => {}
                Err(error) => return Err(self.abandon(error).await),
            }
            self.wait(&mut commands).await?;
        }
    }

    /// Until a message or the next timer.
    async fn wait(&mut self, commands: &mut Vec<Command>) -> Result<(), RunError> {
        let now = self.ports.clock.now().elapsed;
        let due = [self.wake, self.grace_over, self.notes_due].into_iter().flatten().min();
        let sleep = due.map_or(LONGEST_SLEEP, |due| due.saturating_sub(now)).min(LONGEST_SLEEP);
        let message = tokio::time::timeout(sleep, self.ports.inbox.receiver.recv()).await;
        if let Ok(Some(message)) = message {
            return self.take(message, commands);
        }
        let now = self.ports.clock.now();
        if self.grace_over.is_some_and(|due| now.elapsed >= due) {
            self.grace_over = None;
            commands.extend(self.core.next(now, Event::Interrupt { level: 2 }));
        }
        commands.extend(self.core.next(now, Event::Tick));
        Ok(())
    }

    fn take(&mut self, message: Message, commands: &mut Vec<Command>) -> Result<(), RunError> {
        let now = self.ports.clock.now();
        match message {
            Message::Completed(attempt, completion) => {
                self.running.retain(|token| token != &attempt.token);
                commands.extend(self.core.next(now, Event::Completed { token: attempt.token, completion }));
            }
            Message::Answered { token, answer, by } => {
                commands.extend(self.core.next(now, Event::Answered { token, answer, by }));
            }
            Message::Spawned(attempt, pid) => {
                self.notes.push(note(attempt, pid));
                self.notes_due.get_or_insert(now.elapsed + NOTE_DELAY);
            }
            Message::Live(live) => {
                self.ports.inbox.shown();
                self.show(&live);
            }
            Message::Event(event) => commands.extend(self.core.next(now, *event)),
            Message::Interrupt => {
                self.interrupts = self.interrupts.saturating_add(1);
                if self.interrupts > 2 {
                    return Err(RunError::Abandoned);
                }
                self.grace_over = (self.interrupts == 1).then(|| now.elapsed + GRACE);
                commands.extend(self.core.next(now, Event::Interrupt { level: self.interrupts }));
            }
        }
        Ok(())
    }

    /// Records first, all in one batch; then everything else.
    fn carry_out(&mut self, commands: Vec<Command>) -> Result<Option<RunOutcome>, JournalError> {
        let mut batch = Vec::new();
        let mut effects = Vec::with_capacity(commands.len());
        for command in commands {
            match command {
                Command::Record(entry) => batch.push(entry),
                other => effects.push(other),
            }
        }
        let overdue = self.notes_due.is_some_and(|due| self.ports.clock.now().elapsed >= due);
        if !batch.is_empty() || overdue {
            batch.splice(0..0, self.notes.drain(..));
            self.notes_due = None;
            let at = self.ports.clock.now().wall;
            let records = self.ports.journal.append(self.position, at, batch)?;
            self.position += records.len() as Position;
            for observer in &mut self.ports.observers {
                for record in &records {
                    observer.record(record);
                }
            }
        }
        let mut outcome = None;
        for effect in effects {
            match effect {
                Command::Record(_) => {}
                Command::Start(work) => self.start(work),
                Command::Recover(work) => {
                    self.running.push(work.attempt.token.clone());
                    self.ports.runner.recover(work);
                }
                Command::Amend { by, param, value } => self.amended = Some(Amendment { by, param, value }),
                Command::Cancel(token) => self.ports.runner.cancel(&token),
                Command::Ask(token, question) => self.ports.operator.ask(token, question),
                Command::Withdraw(token) => self.ports.operator.withdraw(&token),
                Command::Show(live) => self.show(&live),
                Command::WakeAt(at) => self.wake = at,
                Command::Finish(ended) => outcome = Some(ended),
            }
        }
        Ok(outcome)
    }

    /// What passes is shown at once: a step's last lines come before its end.
    fn show(&mut self, live: &Live) {
        for observer in &mut self.ports.observers {
            observer.live(live);
        }
    }

    fn start(&mut self, work: Work) {
        self.running.push(work.attempt.token.clone());
        self.ports.runner.start(work);
    }

    /// The journal takes no more: end what runs, so that nothing happens that nobody records.
    async fn abandon(mut self, error: JournalError) -> RunError {
        for token in &self.running {
            self.ports.runner.cancel(token);
        }
        let all_gone = async {
            while !self.running.is_empty() {
                match self.ports.inbox.receiver.recv().await {
                    Some(Message::Completed(attempt, _)) => self.running.retain(|token| token != &attempt.token),
                    Some(_) => {}
                    None => return,
                }
            }
        };
        let _ = tokio::time::timeout(LAST_WAIT, all_gone).await;
        let now = self.ports.clock.now();
        let elapsed_ms = u64::try_from(now.elapsed.as_millis()).unwrap_or(u64::MAX);
        let last_words = vec![
            Entry::Interrupted { level: 2 },
            Entry::RunFinished {
                outcome: RunOutcome::Interrupted,
                why: Some(error.to_string()),
                outputs: serde_json::Map::new(),
                elapsed_ms,
            },
        ];
        // Only a full disk lets them through; after any other error the journal refuses, and the first error is what counts.
        if let Ok(records) = self.ports.journal.close(now.wall, last_words) {
            for observer in &mut self.ports.observers {
                for record in &records {
                    observer.record(record);
                }
            }
        }
        RunError::Journal(error)
    }
}

/// Process identity for the journal: start time and boot id tell a process from a later one with the same number.
fn note(attempt: Attempt, pid: u32) -> Entry {
    let started_ticks = started_ticks(pid).unwrap_or_default();
    Entry::StepNoted { step: attempt.step, token: attempt.token, pid, started_ticks, boot_id: boot_id() }
}

fn started_ticks(pid: u32) -> Option<u64> {
    // The kernel gives the whole line at once, and it is shorter than this.
    let mut stat = [0; 1024];
    let read = File::open(format!("/proc/{pid}/stat")).ok()?.read(&mut stat).ok()?;
    let stat = String::from_utf8_lossy(&stat[..read]);
    // The name in brackets may hold anything; the 20th field after it is the start time.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(19)?.parse().ok()
}

fn boot_id() -> String {
    static BOOT_ID: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    BOOT_ID
        .get_or_init(|| {
            std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
        })
        .clone()
}
