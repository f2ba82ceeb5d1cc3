//! The stage of a rehearsal: the world of the system, with the disaster in it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::failure::{Done, Failure, Kind};
use super::path::{self, NOTICED};
use super::people::{People, Scripted};
use super::result::Rehearsed;
use super::scene::{Scene, Seen, Stage};
use super::{simulated, view};
use crate::execute::{Command, Intent, Options, Simulation};
use crate::model::id::StepId;
use crate::model::outcome::Mode;
use crate::model::port::Now;
use crate::model::work::Purpose;
use crate::plan::{Fault, NodeIx, Plan, PlannedChange};
use crate::runner::sim::World;
use crate::template::Scope;

/// What is broken before the run begins.
#[derive(Clone, Debug)]
pub enum Broken {
    /// The runbook's first fault, if it has any.
    Default,
    /// One of the runbook's.
    Named(String),
    /// Nothing.
    Nothing,
    /// This.
    This(Box<Fault>),
}

/// What a rehearsal starts from.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What is broken.
    pub broken: Broken,
    /// Changes to the world before that.
    pub world: Vec<PlannedChange>,
    /// When it begins.
    pub began: DateTime<Utc>,
    /// Of latencies and ids.
    pub seed: u64,
    /// What people say, by step.
    pub answers: BTreeMap<String, Scripted>,
}

/// Why there is no rehearsal.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There is no such fault.
    #[error("there is no fault `{name}`; this runbook has {known}")]
    NoFault {
        /// As given.
        name: String,
        /// Those there are.
        known: String,
    },
    /// A change cannot be made.
    #[error("{what}: {why}")]
    Change {
        /// Whose.
        what: String,
        /// Why.
        why: String,
    },
}

/// Sets the stage; gives it with the name of what is broken.
///
/// # Errors
/// See [`SetupError`].
pub fn stage(plan: &Arc<Plan>, setup: &Setup) -> Result<(Arc<Stage>, String), SetupError> {
    let mut world = World::of(Arc::clone(&plan.facts), setup.began, setup.seed);
    let now = Now { elapsed: std::time::Duration::ZERO, wall: setup.began };
    let core = crate::execute::Core::new(Arc::clone(plan), Options::default(), now);
    let scope = |world: &World, scope: Scope| view::over(&scope, world, &Seen::default());
    let change = |world: &mut World, what: &str, changes: &[PlannedChange], at: Scope| {
        let scope = scope(world, at);
        simulated::make(world, changes, &scope).map_err(|why| SetupError::Change { what: what.to_owned(), why })
    };
    change(&mut world, "the system's `world`", &plan.world, core.frame_scope(plan.system_frame))?;
    change(&mut world, "the test's `world`", &setup.world, core.frame_scope(plan.root))?;
    let fault = match &setup.broken {
        Broken::Default => plan.faults.first(),
        Broken::Nothing => None,
        Broken::This(fault) => Some(fault.as_ref()),
        Broken::Named(name) => Some(plan.faults.iter().find(|fault| fault.name == *name).ok_or_else(|| {
            let known: Vec<&str> = plan.faults.iter().map(|fault| fault.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            SetupError::NoFault { name: name.clone(), known }
        })?),
    };
    let before = world.clone();
    let broken = |fault: &Fault| {
        let mut world = before.clone();
        let what = format!("fault `{}`", fault.name);
        change(&mut world, &what, &fault.effects, core.frame_scope(fault.frame)).map(|()| world)
    };
    // One that is not possible here is in nobody's way.
    let is_other = |other: &&Fault| fault.is_none_or(|fault| fault.name != other.name);
    let others = plan.faults.iter().filter(is_other).filter_map(|other| broken(other).ok()).collect();
    let mut name = String::new();
    if let Some(fault) = fault {
        name = fault.title.preview(&core.frame_scope(fault.frame));
        world = broken(fault)?;
    }
    let at = |at: usize| NodeIx(u32::try_from(at).unwrap_or(u32::MAX));
    let steps: HashMap<StepId, NodeIx> =
        plan.nodes.iter().enumerate().map(|(ix, node)| (node.id.clone(), at(ix))).collect();
    let people = People { disaster: setup.began, operator: plan.run.operator.clone(), answers: setup.answers.clone() };
    Ok((Arc::new(Stage { plan: Arc::clone(plan), steps, world, before, others, people }), name))
}

/// What the engine is told for a rehearsal.
#[must_use]
pub fn options(plan: &Plan, max_parallel: Option<u32>) -> Options {
    Options {
        max_parallel,
        operator: plan.run.operator.clone(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        mode: Mode::Rehearse,
        surroundings: None,
        ..Options::default()
    }
}

/// Walks one path: nothing fails but what is told.
#[must_use]
pub fn rehearse(stage: &Arc<Stage>, options: &Options, failures: &[Failure], fault: String) -> Rehearsed {
    walk(stage, options, failures, fault).0
}

/// The same, with the simulation at its end.
pub fn walk(
    stage: &Arc<Stage>,
    options: &Options,
    failures: &[Failure],
    fault: String,
) -> (Rehearsed, Simulation<Scene>) {
    let mut scene = Scene::new(Arc::clone(stage));
    let (killed, others): (Vec<Failure>, Vec<Failure>) =
        failures.iter().partition(|failure| failure.kind == Kind::Killed);
    for failure in others {
        scene.fail(failure);
    }
    let mut simulation = Simulation::new(Arc::clone(&stage.plan), options.clone(), stage.world.now(), scene);
    let mut killed = killed.into_iter().peekable();
    loop {
        let here = killed.peek().copied().filter(|failure| match simulation.next_command() {
            Some(Command::Start(work)) => {
                work.attempt.purpose == Purpose::Action && stage.steps.get(&work.attempt.step) == Some(&failure.step)
            }
            _ => false,
        });
        if let Some(failure) = here {
            killed.next();
            die(&mut simulation, failure);
        } else if !simulation.advance() {
            break;
        }
    }
    let end = path::end(&mut simulation);
    (Rehearsed { fault, records: simulation.records().to_vec(), end }, simulation)
}

/// The names of the runbook, with the world as the disaster left it.
pub fn scope(stage: &Stage) -> Scope {
    let now = Now { elapsed: std::time::Duration::ZERO, wall: stage.world.now() };
    let core = crate::execute::Core::new(Arc::clone(&stage.plan), Options::default(), now);
    view::over(&core.frame_scope(stage.plan.root), &stage.world, &Seen::default())
}

/// The engine dies while a step's action runs, which is the command that comes next; after a while somebody resumes the run.
pub fn die(simulation: &mut Simulation<Scene>, failure: Failure) {
    match failure.done {
        Done::Nothing => drop(simulation.drop_command()),
        Done::Half | Done::All => {
            simulation.outside_mut().fail(failure);
            simulation.advance();
            simulation.outside_mut().relent();
        }
    }
    simulation.kill();
    simulation.resume(NOTICED, Intent::GoOn);
}
