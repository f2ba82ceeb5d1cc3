//! Carries out the core's commands in simulated time: a heap of what will happen, and whoever answers for the outside at once.
//!
//! A [`Simulation`] is plain data: a clone of it is a fork, at the very command that comes next. Its engine can be killed and another
//! one go on ([`Simulation::kill`], [`Simulation::resume`]).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::core::{Command, Core, Event, Intent, Options, Resume};
use super::operator::Question;
use crate::model::entry::{Entry, Record};
use crate::model::id::AttemptToken;
use crate::model::outcome::RunOutcome;
use crate::model::port::Now;
use crate::model::work::{Completion, End, Target, Work};
use crate::plan::Plan;

/// What stands outside of a simulated run.
pub trait Outside {
    /// Carries out one piece of work now; the completion's `elapsed` is the simulated time after which it comes back. Longer than the
    /// work's timeout: it is ended then.
    fn start(&mut self, core: &Core, now: Now, work: &Work) -> Completion;

    /// What comes of a question: events, each so much later. None: nobody answers.
    fn ask(&mut self, core: &Core, now: Now, token: &AttemptToken, question: &Question) -> Vec<(Duration, Event)>;

    /// A durable fact.
    fn record(&mut self, core: &Core, record: &Record) {
        let _ = (core, record);
    }

    /// A gate was asked and did not pass.
    fn gate_is_red(&mut self, step: &str) {
        let _ = step;
    }
}

/// How an attempt ends, should anybody still want to know.
#[derive(Clone, Debug)]
struct Due {
    at: Duration,
    completion: Completion,
    /// On another machine the work goes on without the engine.
    elsewhere: bool,
}

/// One run in simulated time.
#[derive(Clone, Debug)]
pub struct Simulation<O> {
    plan: Arc<Plan>,
    options: Options,
    core: Core,
    outside: O,
    began: DateTime<Utc>,
    elapsed: Duration,
    /// Commands that are still to be carried out.
    queue: VecDeque<Command>,
    /// What happens, in order.
    heap: BTreeMap<(Duration, u64), Event>,
    counter: u64,
    /// Attempts under way.
    under_way: BTreeMap<AttemptToken, Due>,
    wake: Option<Duration>,
    records: Vec<Arc<Record>>,
    epoch: u64,
    outcome: Option<RunOutcome>,
}

impl<O: Outside> Simulation<O> {
    /// A run at its beginning.
    pub fn new(plan: Arc<Plan>, options: Options, began: DateTime<Utc>, outside: O) -> Self {
        let now = Now { elapsed: Duration::ZERO, wall: began };
        let core = Core::new(Arc::clone(&plan), options.clone(), now);
        let mut simulation = Self {
            plan,
            options,
            core,
            outside,
            began,
            elapsed: Duration::ZERO,
            queue: VecDeque::new(),
            heap: BTreeMap::new(),
            counter: 0,
            under_way: BTreeMap::new(),
            wake: None,
            records: Vec::new(),
            epoch: 1,
            outcome: None,
        };
        simulation.happens(Event::Begin);
        simulation
    }

    /// A run that another engine has left behind these records, taken up right after the last of them.
    pub fn of_journal(
        plan: Arc<Plan>,
        options: Options,
        began: DateTime<Utc>,
        records: Vec<Arc<Record>>,
        intent: Intent,
        outside: O,
    ) -> Self {
        let mut simulation = Self::new(plan, options, began, outside);
        simulation.kill();
        simulation.elapsed = records.last().and_then(|last| (last.at - began).to_std().ok()).unwrap_or_default();
        simulation.records = records;
        simulation.resume(Duration::ZERO, intent);
        simulation
    }

    /// Something that will happen at a time after the start.
    pub fn schedule(&mut self, at: Duration, event: Event) {
        self.at(at, event);
    }

    /// What comes next, if it is a command.
    #[must_use]
    pub fn next_command(&self) -> Option<&Command> {
        self.queue.front()
    }

    /// Leaves out the command that comes next.
    pub fn drop_command(&mut self) -> Option<Command> {
        self.queue.pop_front()
    }

    /// Carries out the next command, or lets the next thing happen. False: the run is over, or waits for what never comes.
    pub fn advance(&mut self) -> bool {
        if let Some(command) = self.queue.pop_front() {
            self.carry_out(command);
            return true;
        }
        if self.core.is_over() {
            return false;
        }
        let next = self.heap.keys().next().map(|(at, _)| *at);
        match (next, self.wake) {
            (Some(at), wake) if wake.is_none_or(|wake| at <= wake) => {
                let Some((_, event)) = self.heap.pop_first() else { return false };
                self.elapsed = self.elapsed.max(at);
                if let Event::Completed { token, .. } = &event {
                    self.under_way.remove(token);
                }
                self.happens(event);
                true
            }
            (_, Some(wake)) => {
                self.elapsed = self.elapsed.max(wake);
                self.wake = None;
                self.happens(Event::Tick);
                true
            }
            (_, None) => false,
        }
    }

    /// To its end.
    pub fn run(&mut self) {
        while self.advance() {}
    }

    /// The engine dies before anything that is still to be carried out, and everything of it on this machine with it.
    pub fn kill(&mut self) {
        self.queue.clear();
        self.heap.clear();
        self.wake = None;
        self.under_way.retain(|_, due| due.elsewhere);
    }

    /// Another engine takes the run up, so much later, and goes on with what is durable.
    pub fn resume(&mut self, later: Duration, intent: Intent) {
        self.elapsed += later;
        self.epoch += 1;
        let resume = Resume {
            records: self.records.iter().map(AsRef::as_ref).collect(),
            epoch: self.epoch,
            changes: Vec::new(),
            intent,
            amended: None,
        };
        self.core = Core::resume(Arc::clone(&self.plan), self.options.clone(), self.now(), resume);
        self.outcome = None;
        self.happens(Event::Begin);
    }

    /// Something happens now.
    pub fn happens(&mut self, event: Event) {
        let now = self.now();
        let commands = self.core.next(now, event);
        // As in the real driver: all records of a round are durable before anything else of it.
        let is_record = |command: &Command| matches!(command, Command::Record(_));
        let (records, others): (Vec<_>, Vec<_>) = commands.into_iter().partition(is_record);
        self.queue.extend(records);
        self.queue.extend(others);
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Record(entry) => self.record(entry),
            Command::Start(work) => {
                let completion = self.outside.start(&self.core, self.now(), &work);
                self.completes(work, completion);
            }
            Command::Recover(work) => self.recover(&work),
            Command::Cancel(token) => self.cancel(token),
            Command::Ask(token, question) => {
                for (later, event) in self.outside.ask(&self.core, self.now(), &token, &question) {
                    self.at(self.elapsed + later, event);
                }
            }
            Command::Show(crate::model::port::Live::Gate { step, seen, .. }) if !seen.is_empty() => {
                self.outside.gate_is_red(&step.0);
            }
            Command::WakeAt(at) => self.wake = at,
            Command::Finish(outcome) => self.outcome = Some(outcome),
            Command::Withdraw(_) | Command::Show(_) | Command::Amend { .. } => {}
        }
    }

    fn record(&mut self, entry: Entry) {
        let record = Record { seq: self.records.len() as u64, at: self.now().wall, entry };
        self.outside.record(&self.core, &record);
        self.records.push(Arc::new(record));
    }

    fn completes(&mut self, work: Work, mut completion: Completion) {
        if completion.elapsed >= work.timeout {
            completion.elapsed = work.timeout;
            completion.end = End::TimedOut;
        }
        let at = self.elapsed + completion.elapsed;
        let elsewhere = matches!(work.target, Target::Ssh { .. } | Target::Gcloud { .. });
        let token = work.attempt.token;
        self.under_way.insert(token.clone(), Due { at, completion: completion.clone(), elsewhere });
        self.at(at, Event::Completed { token, completion });
    }

    /// On another machine the end is still to be had; on this one the work was ended with its engine.
    fn recover(&mut self, work: &Work) {
        let token = work.attempt.token.clone();
        let (at, completion) = if let Some(due) = self.under_way.get(&token) {
            (due.at.max(self.elapsed), due.completion.clone())
        } else {
            let why = "the engine that started it is gone".to_owned();
            (self.elapsed, Completion::of(End::Unreachable { why, may_have_run: true }))
        };
        self.at(at, Event::Completed { token, completion });
    }

    fn cancel(&mut self, token: AttemptToken) {
        let Some(due) = self.under_way.remove(&token) else { return };
        self.heap.retain(|_, event| !matches!(event, Event::Completed { token: known, .. } if *known == token));
        self.at(
            self.elapsed,
            Event::Completed { token, completion: Completion { end: End::Cancelled, ..due.completion } },
        );
    }

    fn at(&mut self, at: Duration, event: Event) {
        self.counter += 1;
        self.heap.insert((at, self.counter), event);
    }

    /// The moment it is at.
    #[must_use]
    pub fn now(&self) -> Now {
        let since = TimeDelta::from_std(self.elapsed).unwrap_or(TimeDelta::MAX);
        let wall = self.began.checked_add_signed(since).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Now { elapsed: self.elapsed, wall }
    }

    /// How the run ended, once it has.
    #[must_use]
    pub fn outcome(&self) -> Option<RunOutcome> {
        self.outcome
    }

    /// The journal so far.
    #[must_use]
    pub fn records(&self) -> &[Arc<Record>] {
        &self.records
    }

    /// The scheduler.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// Whoever answers.
    #[must_use]
    pub fn outside(&self) -> &O {
        &self.outside
    }

    /// The same, to be changed.
    pub fn outside_mut(&mut self) -> &mut O {
        &mut self.outside
    }
}
