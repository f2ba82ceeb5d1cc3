//! The pure core: `next(now, event)` gives commands in the order they must be carried out. No clock, no I/O, no randomness, no map
//! whose iteration order could differ between two runs.
//!
//! A step walks through its stages (`stage`), lists release and join them (`list`), a finished attempt is judged (`judge`), gates
//! and retries wait on timers (`gate`), people are asked (`question`, `approve`, `step`), what was started is undone (`undo`), a run
//! is held back (`halt`), and it has a beginning and an end (`run`).

/// True where a test has planted this bug; never in the program.
macro_rules! planted {
    ($bug:ident) => {{
        #[cfg(test)]
        {
            crate::execute::core::planted::is(crate::execute::core::planted::Bug::$bug)
        }
        #[cfg(not(test))]
        {
            false
        }
    }};
}

mod approve;
mod facts;
mod gate;
mod halt;
mod judge;
mod list;
#[cfg(test)]
pub mod planted;
mod question;
mod resolve;
mod resume;
mod run;
mod stage;
mod started;
mod state;
mod step;
mod undo;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::operator::{Answer, Question};
use super::scope::{RunView, Store};
use crate::model::entry::Entry;
use crate::model::id::{AttemptToken, StepId};
use crate::model::outcome::{Mode, RunOutcome};
use crate::model::port::{Live, Now};
use crate::model::surroundings::Surroundings;
use crate::model::work::{Attempt, Completion, Purpose, Work};
use crate::plan::{FrameIx, NodeIx, Plan};
use crate::template::Scope;

use self::approve::Letter;
use self::halt::Halt;
pub(super) use self::judge::judgement_of;
use self::list::{ListIx, ListState, Role};
use self::resume::Opening;
pub use self::resume::{Amendment, Intent, Resume};
use self::run::RunPhase;
use self::stage::Stage;
use self::started::Started;
use self::state::NodeState;
use self::undo::Undo;

/// Version of the scheduler's rules; recorded in every run.
pub const CORE_VERSION: u32 = 2;

/// What the caller decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// At most so many leaf steps at once.
    pub max_parallel: Option<u32>,
    /// `--yes`: confirmations are answered by the command line (the guard has been checked before).
    pub yes: bool,
    /// Who runs it now, as `user@host`.
    pub operator: String,
    /// This program's version.
    pub engine: String,
    /// Step mode: a person is asked before every step and after every failure.
    pub step: bool,
    /// `resume --failback`: steps of that phase run too.
    pub failback: bool,
    /// Optional secrets without a value: a channel that needs one is not set.
    pub unset_secrets: BTreeSet<String>,
    /// In what world it runs.
    pub mode: Mode,
    /// Where and with what, for the record.
    pub surroundings: Option<Box<Surroundings>>,
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The run begins.
    Begin,
    /// An attempt is over.
    Completed {
        /// Which.
        token: AttemptToken,
        /// How.
        completion: Completion,
    },
    /// A person answered.
    Answered {
        /// Which question.
        token: AttemptToken,
        /// What.
        answer: Answer,
        /// Who.
        by: String,
    },
    /// An answer to an approval arrived through the inbox.
    Approval {
        /// The step.
        step: StepId,
        /// What is approved.
        digest: String,
        /// False: rejected.
        approve: bool,
        /// Who.
        by: String,
        /// A signature over the digest was checked.
        verified: bool,
        /// In the person's words.
        reason: String,
    },
    /// Stop in a way that can be resumed: what runs may finish (a lost connection, a person elsewhere).
    Pause {
        /// Who or what.
        by: String,
        /// Why.
        why: String,
    },
    /// Give the run up: end what runs, run the finally-steps, nothing else.
    Cancel {
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
    /// Undo what was started, once nothing runs any more.
    Rollback {
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
    /// Time passed. Early or late is never wrong.
    Tick,
    /// A signal. 1: start nothing new · 2: end what runs.
    Interrupt {
        /// Level.
        level: u8,
    },
}

/// What is to be done, in this order. Records are durable before any command after them is carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Append.
    Record(Entry),
    /// Start an attempt.
    Start(Work),
    /// Find out what became of an attempt of an engine that is gone; its completion comes back as for a start.
    Recover(Work),
    /// End an attempt.
    Cancel(AttemptToken),
    /// Ask a person.
    Ask(AttemptToken, Question),
    /// Withdraw a question.
    Withdraw(AttemptToken),
    /// Show.
    Show(Live),
    /// Call `next` with [`Event::Tick`] no later than this; replaces the one before.
    WakeAt(Option<Duration>),
    /// A person changes a parameter: plan anew and resume with it. Comes right before [`Command::Finish`] with `Paused`.
    Amend {
        /// Who.
        by: String,
        /// The parameter.
        param: String,
        /// Its new value, as typed.
        value: String,
    },
    /// Over.
    Finish(RunOutcome),
}

/// What an attempt under way belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// A step in a stage.
    Step(NodeIx),
    /// The run itself: identity or a preflight probe.
    Run(usize),
    /// Nobody any more: it is only ended.
    Lost,
}

/// An attempt or a question under way.
#[derive(Clone, Debug)]
struct UnderWay {
    owner: Owner,
    purpose: Purpose,
    question: bool,
}

/// The scheduler of one run. A clone is a fork: it goes its own way.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one run")]
pub struct Core {
    plan: Arc<Plan>,
    options: Options,
    store: Store,
    /// Shared with the forks of this core until one of them changes a step.
    nodes: Vec<Arc<NodeState>>,
    dependents: Vec<Arc<Vec<NodeIx>>>,
    lists: Vec<ListState>,
    main: ListIx,
    finally: ListIx,
    phase: RunPhase,
    /// Counts the times that this run was taken up, from 1: tokens and logs of one never meet those of another.
    leg: u64,
    /// When this engine took the run: the run's own timeout counts from here.
    began: Duration,
    /// What the journal knows of a run that is resumed, until it has been laid over the plan.
    opening: Option<Opening>,
    /// The run is taken up only to be brought to its end.
    given_up: bool,
    interrupted: u8,
    halt: Halt,
    halted_why: Option<String>,
    /// Parameter and value that a person changed, by whom: the run pauses for it.
    amend: Option<(String, String, String)>,
    /// A person left at a failure: that is a pause.
    pause_wins: bool,
    /// Steps whose action was started, in order, once for each attempt; without those that are undone.
    started: Started,
    /// Steps that could not be undone.
    stuck: BTreeSet<NodeIx>,
    /// An earlier engine has undone a part of the rollback that goes on.
    undone: bool,
    /// Undoing under way, by the step whose failure asked for it; none: the whole run.
    undos: BTreeMap<Option<NodeIx>, Undo>,
    /// Step mode: questions that wait for the open one, and the open one.
    unasked: VecDeque<(AttemptToken, Question)>,
    asked: Option<AttemptToken>,
    /// Step mode: where a person jumped to starts before all others.
    jumped_to: Option<NodeIx>,
    deadline_passed: bool,
    why: Option<String>,
    under_way: BTreeMap<AttemptToken, UnderWay>,
    counter: u64,
    timers: BTreeSet<(Duration, NodeIx)>,
    ready: BTreeSet<NodeIx>,
    active: u32,
    releasing: VecDeque<NodeIx>,
    queue: VecDeque<NodeIx>,
    now: Now,
    out: Vec<Command>,
}

impl Core {
    /// A core at the beginning of a run.
    #[must_use]
    pub fn new(plan: Arc<Plan>, options: Options, now: Now) -> Self {
        let (lists, main, finally, membership) = list::lists(&plan);
        let nodes: Vec<Arc<NodeState>> =
            plan.nodes.iter().zip(&membership).map(|(node, list)| Arc::new(NodeState::new(node, *list))).collect();
        let mut dependents = vec![Vec::new(); plan.nodes.len()];
        for (at, node) in plan.nodes.iter().enumerate() {
            let ix = NodeIx(u32::try_from(at).unwrap_or(u32::MAX));
            for needed in node.needs.iter().chain(&node.after) {
                dependents[needed.0 as usize].push(ix);
            }
        }
        Self {
            store: Store::new(Arc::clone(&plan)),
            plan,
            options,
            nodes,
            dependents: dependents.into_iter().map(Arc::new).collect(),
            lists,
            main,
            finally,
            phase: RunPhase::New,
            leg: 1,
            began: now.elapsed,
            opening: None,
            given_up: false,
            interrupted: 0,
            halt: Halt::No,
            halted_why: None,
            amend: None,
            pause_wins: false,
            started: Started::default(),
            stuck: BTreeSet::new(),
            undone: false,
            undos: BTreeMap::new(),
            unasked: VecDeque::new(),
            asked: None,
            jumped_to: None,
            deadline_passed: false,
            why: None,
            under_way: BTreeMap::new(),
            counter: 0,
            timers: BTreeSet::new(),
            ready: BTreeSet::new(),
            active: 0,
            releasing: VecDeque::new(),
            queue: VecDeque::new(),
            now,
            out: Vec::new(),
        }
    }

    /// Takes an event; gives what to do about it.
    pub fn next(&mut self, now: Now, event: Event) -> Vec<Command> {
        self.now = now;
        match event {
            Event::Begin => self.begin(),
            Event::Completed { token, completion } => self.completed(&token, &completion),
            Event::Answered { token, answer, by } => self.answered(&token, answer, &by),
            Event::Approval { step, digest, approve, by, verified, reason } => {
                self.approval(&Letter { step, digest, approve, by, verified, reason });
            }
            Event::Pause { by, why } => self.pause(&by, &why),
            Event::Cancel { by, why } => self.cancel(&by, &why),
            Event::Rollback { by, why } => self.roll_back(&by, &why),
            Event::Tick => {}
            Event::Interrupt { level } => self.interrupt(level),
        }
        self.check_deadline();
        self.fire_timers();
        self.drain();
        self.end_if_over();
        self.ask_next();
        if self.phase != RunPhase::Over {
            self.out.push(Command::WakeAt(self.next_timer()));
        }
        std::mem::take(&mut self.out)
    }

    /// How the run ended, once it has.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.phase == RunPhase::Over
    }

    /// Attempts under way (not questions).
    #[must_use]
    pub fn running(&self) -> usize {
        self.under_way.values().filter(|work| !work.question).count()
    }

    fn state(&mut self, ix: NodeIx) -> &mut NodeState {
        Arc::make_mut(&mut self.nodes[ix.0 as usize])
    }

    fn record(&mut self, entry: Entry) {
        self.out.push(Command::Record(entry));
    }

    fn run_view(&self) -> RunView {
        RunView::new(self.now, self.phase.outcome())
    }

    /// The names of a document at this moment.
    #[must_use]
    pub fn frame_scope(&self, frame: FrameIx) -> Scope {
        self.store.frame(frame, self.run_view())
    }

    /// A step's names at this moment; inside a fallback also `failure`.
    #[must_use]
    pub fn scope(&self, ix: NodeIx) -> Scope {
        let scope = self.store.node(self.plan.node(ix), self.run_view());
        let list = self.nodes[ix.0 as usize].list;
        match &self.lists[list.0].failure {
            Some(failure) => scope.with("failure", failure.as_str()),
            None => scope,
        }
    }

    /// A new attempt's name.
    fn attempt(&mut self, step: StepId, number: u32, purpose: Purpose, owner: Owner, question: bool) -> Attempt {
        self.counter += 1;
        let token = match self.leg {
            1 => AttemptToken(format!("{}-{}", self.plan.run.id, self.counter)),
            leg => AttemptToken(format!("{}-{leg}-{}", self.plan.run.id, self.counter)),
        };
        self.under_way.insert(token.clone(), UnderWay { owner, purpose, question });
        Attempt { run: self.plan.run.id.clone(), step, epoch: self.leg, number, purpose, token }
    }

    fn completed(&mut self, token: &AttemptToken, completion: &Completion) {
        let Some(work) = self.under_way.remove(token) else { return };
        match work.owner {
            Owner::Step(ix) => self.judge(ix, work.purpose, completion),
            Owner::Run(probe) => self.guard_completed(probe, completion),
            Owner::Lost => self.lost_ended(),
        }
    }

    /// Works until nothing can be started any more.
    fn drain(&mut self) {
        loop {
            if let Some(ix) = self.releasing.pop_front() {
                self.release(ix);
            } else if let Some(ix) = self.queue.pop_front() {
                self.walk(ix);
            } else if let Some(ix) = self.next_ready() {
                self.admit(ix);
            } else {
                return;
            }
        }
    }

    /// The first ready step that may start now.
    fn next_ready(&self) -> Option<NodeIx> {
        let limit = if self.step_mode() { Some(1) } else { self.options.max_parallel };
        let full = limit.is_some_and(|limit| self.active >= limit);
        if let (Some(target), false) = (self.jumped_to, full)
            && let Some(ix) = self.ready.iter().find(|ix| self.is_inside(target, **ix))
        {
            return Some(*ix);
        }
        self.ready.iter().copied().find(|ix| {
            let state = &self.nodes[ix.0 as usize];
            let list = &self.lists[state.list.0];
            let limit = list.limit.map(|limit| limit + u32::from(planted!(OverLimit)));
            limit.is_none_or(|limit| list.active < limit) && !(full && state.leaf)
        })
    }

    /// Sets the stage that `walk` continues from.
    fn go_on(&mut self, ix: NodeIx, stage: Stage) {
        self.state(ix).stage = stage;
        self.queue.push_back(ix);
    }
}
