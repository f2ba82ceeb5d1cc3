//! What stands outside a rehearsed run: the world, the people, and what is made to fail.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use fixedbitset::FixedBitSet;

use super::failure::{Done, Failure, Kind};
use super::invariants;
use super::people::People;
use super::result::{Assumption, Break, Risk};
use super::simulated;
use crate::execute::{Core, Event, Outside, Question};
use crate::model::change::{Change, ServiceState};
use crate::model::effect::Effect;
use crate::model::entry::{Entry, Record};
use crate::model::id::{AttemptToken, StepId};
use crate::model::outcome::Outcome;
use crate::model::port::Now;
use crate::model::work::{Completion, End, Purpose, Task, Tool, Work};
use crate::plan::{Body, Node, NodeIx, Operation, Plan};
use crate::runner::sim::World;
use crate::runner::simulate;

/// What a failed command says.
const SAID: &str = "rehearsed failure";

/// What is the same for all paths.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What is rehearsed.
    pub plan: Arc<Plan>,
    /// Steps by their id.
    pub steps: HashMap<StepId, NodeIx>,
    /// The world as the disaster left it.
    pub world: World,
    /// The world before the disaster.
    pub before: World,
    /// The world with each other fault of the runbook in it.
    pub others: Vec<World>,
    /// Who answers.
    pub people: People,
}

/// One path's outside. A clone is a fork.
#[derive(Clone, Debug)]
pub struct Scene {
    stage: Arc<Stage>,
    /// The world as it is now.
    pub world: World,
    /// What is made to fail.
    failures: Vec<Failure>,
    /// What was seen on the way.
    pub seen: Seen,
}

/// What a path shows besides its journal.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Content that was destroyed with no copy and no proved backup left.
    pub risks: Vec<Risk>,
    /// What was destroyed, for `world.destroyed`.
    pub destroyed: Vec<String>,
    /// Invariants that did not hold.
    pub broken: Vec<Break>,
    /// What is not simulated.
    pub assumed: BTreeSet<Assumption>,
    /// Steps that began, by their index.
    pub ran: FixedBitSet,
    /// Steps whose gate was asked.
    pub asked: FixedBitSet,
    /// Steps whose gate said no by itself.
    pub red: FixedBitSet,
    /// Services that were paused, each with the step that did it last.
    pub pausers: Vec<(String, StepId)>,
    /// How long people took, in all.
    pub people: Duration,
    /// The step whose record or action came last.
    at: Option<StepId>,
    /// So many pieces of work.
    pub works: u64,
}

impl Scene {
    /// At the beginning of a path.
    pub fn new(stage: Arc<Stage>) -> Self {
        let world = stage.world.clone();
        Self { stage, world, failures: Vec::new(), seen: Seen::default() }
    }

    /// From here on this fails.
    pub fn fail(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    /// What was to fail last has done so.
    pub fn relent(&mut self) {
        self.failures.pop();
    }

    /// What is the same for all paths.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// True when the gate, which is about to be asked for the first time, says no in another world: where nothing is repaired
    /// yet, where nothing is broken, where something else is broken, or where just the service is down that it asks for.
    pub fn gate_can_say_no(&self, core: &Core, work: &Work) -> bool {
        let asked = |ix: &NodeIx| self.seen.asked.contains(ix.0 as usize);
        let Some(ix) = self.stage.steps.get(&work.attempt.step).copied().filter(|ix| !asked(ix)) else { return false };
        let operation = operation(&self.stage.plan, Some(ix), work);
        let service = self.stage.plan.node(ix).bindings.iter().find(|(name, _)| name == "service");
        let down = service.and_then(|(_, service)| {
            let id = service.get_attr("id").ok()?.as_str()?.to_owned();
            let mut world = self.world.clone();
            world.apply(&[Change::Service { id, is: ServiceState::Crashed, image: None }]).ok().map(|()| world)
        });
        let others = [&self.stage.world, &self.stage.before].into_iter().chain(&self.stage.others).cloned();
        others.chain(down).any(|world| {
            let mut there = Self { world, ..Self::new(Arc::clone(&self.stage)) };
            there.world.set_now(self.world.now());
            let answer = there.answer(core, work, Some(ix), operation);
            there.seen.assumed.is_empty() && !core.gate_accepts(ix, &answer)
        })
    }

    fn failure(&self, ix: NodeIx, purpose: Purpose) -> Option<Failure> {
        self.failures.iter().copied().find(|failure| {
            failure.step == ix
                && match purpose {
                    Purpose::Action => failure.kind != Kind::Gate && !failure.undoing,
                    Purpose::Gate => failure.kind == Kind::Gate && !failure.undoing,
                    Purpose::Rollback => failure.kind != Kind::Gate && failure.undoing,
                    Purpose::RollbackGate => failure.kind == Kind::Gate && failure.undoing,
                    _ => false,
                }
        })
    }

    /// What the world answers, or what is assumed where it does not know.
    fn answer(&mut self, core: &Core, work: &Work, ix: Option<NodeIx>, operation: Option<&Operation>) -> Completion {
        let before = self.world.clone();
        let told = operation.and_then(|operation| {
            let simulate = operation.simulate.as_deref()?;
            let plan = &self.stage.plan;
            let scope = match (ix, work.attempt.purpose) {
                (Some(ix), _) => core.scope(ix),
                (None, Purpose::Identity) => core.frame_scope(plan.system_frame),
                (None, _) => core.frame_scope(plan.root),
            };
            Some(simulated::answer(&mut self.world, &scope, &self.seen, simulate, work))
        });
        let answered = match told {
            Some(Ok(completion)) => return completion,
            Some(Err(why)) => Err(why),
            None => simulate(&mut self.world, work).map_err(|unsimulated| unsimulated.to_string()),
        };
        match answered {
            Ok(completion) => completion,
            Err(what) => {
                self.world = before;
                self.assume(work, operation, &what)
            }
        }
    }

    /// What is not known succeeds where nobody reads what it says, else it fails and says why.
    fn assume(&mut self, work: &Work, operation: Option<&Operation>, what: &str) -> Completion {
        let exit = match work.attempt.purpose {
            Purpose::DoneWhen | Purpose::RollbackDoneWhen => 1,
            _ => 0,
        };
        let is_read = work.capture.stdout || work.capture.stderr;
        let judged = operation.is_none_or(|operation| !operation.judge.default_expectation);
        let (end, assumed) = if is_read || judged {
            let why = format!("not simulated: {what}; say what it does with `simulate:`");
            (End::NotStarted { why }, "that it fails".to_owned())
        } else if let Task::Http { .. } = work.task {
            (End::Responded { status: 200, headers: BTreeMap::new() }, "HTTP status 200".to_owned())
        } else {
            (End::Exited(exit), format!("exit {exit}"))
        };
        self.seen.assumed.insert(Assumption {
            step: work.attempt.step.clone(),
            part: part(work.attempt.purpose).to_owned(),
            what: what.to_owned(),
            assumed,
        });
        Completion { elapsed: Duration::from_secs(1), ..Completion::of(end) }
    }

    /// The work as it goes when it is made to fail.
    fn fails(&mut self, core: &Core, work: &Work, at: (NodeIx, &Operation), failure: Failure) -> Completion {
        let before = self.world.clone();
        let natural = self.answer(core, work, Some(at.0), Some(at.1));
        match failure.done {
            Done::All => {}
            Done::Nothing => self.world = before,
            Done::Half => {
                self.world = before;
                self.world.cut_after(natural.elapsed / 2);
                self.answer(core, work, Some(at.0), Some(at.1));
                self.world.heal();
            }
        }
        let soon = natural.elapsed.min(Duration::from_secs(5));
        match failure.kind {
            Kind::Error => {
                let end = match (&work.task, at.1.judge.default_expectation) {
                    (Task::Notify { .. }, _) => End::Done { warning: Some(SAID.to_owned()) },
                    (Task::Http { .. }, true) => End::Responded { status: 500, headers: BTreeMap::new() },
                    (_, true) => End::Exited(1),
                    // Some code may be as good an answer as any other there; that it could not be asked is none.
                    (_, false) => End::Unreachable { why: SAID.to_owned(), may_have_run: false },
                };
                Completion {
                    stdout: Some(String::new()),
                    stderr: SAID.to_owned(),
                    elapsed: soon,
                    ..Completion::of(end)
                }
            }
            Kind::Timeout => Completion { elapsed: work.timeout, ..Completion::of(End::TimedOut) },
            Kind::Unknown => {
                let end = End::Unreachable { why: format!("{SAID}: the connection broke"), may_have_run: true };
                Completion { elapsed: soon, ..Completion::of(end) }
            }
            Kind::Gate => {
                let end = End::Unreachable { why: format!("{SAID}: it never passes"), may_have_run: false };
                Completion { elapsed: soon, ..Completion::of(end) }
            }
            Kind::Silent | Kind::Killed => natural,
        }
    }

    /// Whoever changes the world may destroy what nobody has any more.
    fn look_at_copies(&mut self, before: &World, step: &StepId) {
        for gone in self.world.destroyed_since(before) {
            self.seen.destroyed.push(format!("{} in {}", gone.data, gone.place));
            if !gone.as_new_left && !gone.proved_left {
                let risk = Risk { step: step.clone(), data: gone.data, place: gone.place };
                if !self.seen.risks.contains(&risk) {
                    self.seen.risks.push(risk);
                }
            }
        }
    }

    fn look_at_pauses(&mut self, before: &World, step: &StepId) {
        let was: BTreeSet<String> = before.paused().into_iter().collect();
        for id in self.world.paused().into_iter().filter(|id| !was.contains(id)) {
            self.seen.pausers.retain(|(known, _)| *known != id);
            self.seen.pausers.push((id, step.clone()));
        }
    }

    fn look_at_invariants(&mut self, core: &Core) {
        if self.stage.plan.invariants.is_empty() {
            return;
        }
        let known: BTreeSet<usize> = self.seen.broken.iter().map(|broken| broken.invariant).collect();
        let broken = invariants::broken(&self.stage.plan, core, &self.world, &self.seen, &known);
        let at = self.seen.at.clone();
        self.seen.broken.extend(broken.into_iter().map(|broken| Break { step: at.clone(), ..broken }));
    }
}

impl Outside for Scene {
    fn start(&mut self, core: &Core, now: Now, work: &Work) -> Completion {
        self.world.set_now(now.wall);
        self.seen.works += 1;
        let stage = Arc::clone(&self.stage);
        let plan = &stage.plan;
        let ix = stage.steps.get(&work.attempt.step).copied();
        let operation = operation(plan, ix, work);
        let changes = matches!(work.attempt.purpose, Purpose::Action | Purpose::Rollback);
        let before = changes.then(|| self.world.clone());
        if let (Purpose::Gate, Some(ix)) = (work.attempt.purpose, ix) {
            self.seen.asked.grow_and_insert(ix.0 as usize);
        }
        let failure = ix.and_then(|ix| self.failure(ix, work.attempt.purpose));
        let mut completion = match (failure, ix.zip(operation)) {
            (Some(failure), Some(at)) => self.fails(core, work, at, failure),
            _ => self.answer(core, work, ix, operation),
        };
        if let (Some(ix), true) = (ix, changes && failure.is_none()) {
            let expected = self.expected(plan.node(ix), work).min(work.timeout);
            completion.elapsed = completion.elapsed.max(expected);
        }
        if let Some(before) = before {
            self.seen.at = Some(work.attempt.step.clone());
            if operation.is_some_and(|operation| operation.effect.effect != Effect::Read) {
                self.look_at_copies(&before, &work.attempt.step);
                self.look_at_pauses(&before, &work.attempt.step);
                self.look_at_invariants(core);
            }
        }
        completion
    }

    fn ask(&mut self, core: &Core, now: Now, token: &AttemptToken, question: &Question) -> Vec<(Duration, Event)> {
        self.world.set_now(now.wall);
        let stage = Arc::clone(&self.stage);
        let Some(ix) = stage.steps.get(step_of(question)).copied() else { return Vec::new() };
        let node = stage.plan.node(ix);
        let mut inputs = Vec::new();
        if let (Question::Manual { .. }, Body::Operation(operation)) = (question, &node.body) {
            let refused = self.failure(ix, Purpose::Action).is_some_and(|failure| failure.kind == Kind::Error);
            if refused {
                let answer = crate::execute::Answer::No { why: SAID.to_owned() };
                let by = stage.people.operator.clone();
                return vec![(Duration::from_secs(30), Event::Answered { token: token.clone(), answer, by })];
            }
            if let Some(simulate) = operation.simulate.as_deref() {
                match simulated::by_hand(&mut self.world, core, &self.seen, ix, simulate) {
                    Ok(given) => inputs = given,
                    Err(what) => drop(self.seen.assumed.insert(Assumption {
                        step: node.id.clone(),
                        part: "action".to_owned(),
                        what,
                        assumed: "that nothing changes".to_owned(),
                    })),
                }
                self.look_at_invariants(core);
            }
        }
        let happens = stage.people.answer(token, question, node.estimate, &inputs);
        self.seen.people += happens.iter().map(|(after, _)| *after).max().unwrap_or_default();
        happens
    }

    fn record(&mut self, core: &Core, record: &Record) {
        let step = match &record.entry {
            // Nothing of it began; its members are looked at by themselves.
            Entry::StepFinished { outcome: Outcome::Skipped, .. } => return,
            Entry::StepStarted { step, .. } | Entry::UndoFinished { step, .. } | Entry::StepFinished { step, .. } => {
                step
            }
            _ => return,
        };
        if let Some(ix) = self.stage.steps.get(step) {
            self.seen.ran.grow_and_insert(ix.0 as usize);
        }
        self.world.set_now(record.at);
        self.seen.at = Some(step.clone());
        // That a step begins changes nothing yet.
        if !matches!(record.entry, Entry::StepStarted { .. }) {
            self.look_at_invariants(core);
        }
    }

    fn gate_is_red(&mut self, step: &str) {
        let Some(ix) = self.stage.steps.get(&StepId(step.to_owned())).copied() else { return };
        if self.failure(ix, Purpose::Gate).is_none() {
            self.seen.red.grow_and_insert(ix.0 as usize);
        }
    }
}

impl Scene {
    /// Work whose length this world cannot know takes what the runbook expects of it.
    fn expected(&mut self, node: &Node, work: &Work) -> Duration {
        let opaque = match &work.task {
            Task::Program { tool: Tool::Exec | Tool::Shell, .. } => true,
            Task::Program { tool: Tool::Docker, argv } => argv.iter().any(|word| word == "exec" || word == "run"),
            Task::Program { tool: Tool::Gcloud, argv } => argv.iter().any(|word| word == "ssh"),
            Task::Http { .. } | Task::Wait(_) | Task::Notify { .. } => false,
        };
        match node.estimate {
            Some(estimate) if opaque && work.attempt.purpose == Purpose::Action => self.world.about(estimate),
            _ => Duration::ZERO,
        }
    }
}

/// The operation that a piece of work comes from.
fn operation<'p>(plan: &'p Plan, ix: Option<NodeIx>, work: &Work) -> Option<&'p Operation> {
    let identity = || Some(&*plan.environment.as_ref()?.identity.as_ref()?.operation);
    let Some(ix) = ix else {
        let guards = plan.environment.as_ref().is_some_and(|environment| environment.identity.is_some());
        return match work.attempt.purpose {
            Purpose::Identity => identity(),
            Purpose::Preflight => {
                let at = (work.attempt.number as usize).checked_sub(1 + usize::from(guards))?;
                plan.preflight.get(at).map(|probe| &*probe.operation)
            }
            _ => None,
        };
    };
    let node = plan.node(ix);
    match work.attempt.purpose {
        Purpose::Action | Purpose::DryRun => match &node.body {
            Body::Operation(operation) => Some(operation),
            Body::List { .. } => None,
        },
        Purpose::Identity | Purpose::Preflight => identity(),
        Purpose::Presence => node.presence.as_ref().map(|presence| &*presence.probe.operation),
        Purpose::Require | Purpose::RequireAgain => node.require.as_ref().map(|probe| &*probe.operation),
        Purpose::DoneWhen => node.done_when.as_ref().map(|probe| &*probe.operation),
        Purpose::Before | Purpose::Gate => node.gate.as_ref().map(|gate| &*gate.probe.operation),
        Purpose::Rollback => node.rollback.as_ref().map(|rollback| &rollback.operation),
        Purpose::RollbackDoneWhen => node.rollback.as_ref()?.done_when.as_ref().map(|probe| &*probe.operation),
        Purpose::RollbackGate => node.rollback.as_ref()?.gate.as_ref().map(|gate| &*gate.probe.operation),
    }
}

const fn part(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Identity => "identity",
        Purpose::Preflight => "preflight",
        Purpose::Presence => "presence",
        Purpose::Require | Purpose::RequireAgain => "require",
        Purpose::DoneWhen => "done_when",
        Purpose::Before | Purpose::Gate => "gate",
        Purpose::Action | Purpose::DryRun => "action",
        Purpose::RollbackDoneWhen => "rollback done_when",
        Purpose::Rollback => "rollback",
        Purpose::RollbackGate => "rollback gate",
    }
}

fn step_of(question: &Question) -> &StepId {
    match question {
        Question::Confirm { step, .. } | Question::Manual { step, .. } | Question::Approval { step, .. } => step,
        Question::Step { view } | Question::Failed { view, .. } | Question::Unknown { view, .. } => &view.step,
    }
}
