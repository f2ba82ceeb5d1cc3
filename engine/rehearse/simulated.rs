//! `simulate:`: what the author says that an action does.

use std::collections::BTreeMap;
use std::time::Duration;

use super::scene::Seen;
use super::view;
use crate::execute::Core;
use crate::model::work::{Completion, End, Task, Work};
use crate::plan::{Answer, NodeIx, PlannedChange, Simulate};
use crate::runner::sim::World;
use crate::template::{EvalError, Scope};

/// Usual for a command of which nothing is known.
const TAKES: Duration = Duration::from_secs(1);

/// What comes back, with its effects made.
///
/// # Errors
/// What cannot be rendered, or cannot happen in this world.
pub fn answer(
    world: &mut World,
    scope: &Scope,
    seen: &Seen,
    simulate: &Simulate,
    work: &Work,
) -> Result<Completion, String> {
    let scope = view::over(scope, world, seen);
    let told = told(world, &scope, simulate)?;
    let end = match &work.task {
        Task::Http { .. } => End::Responded { status: told.status, headers: BTreeMap::new() },
        Task::Wait(_) | Task::Notify { .. } => End::Done { warning: None },
        Task::Program { .. } => End::Exited(told.exit),
    };
    let elapsed = told.takes.unwrap_or(TAKES);
    Ok(Completion { stdout: Some(told.stdout), stderr: told.stderr, elapsed, ..Completion::of(end) })
}

/// What a person does and says.
///
/// # Errors
/// As [`answer`].
pub fn by_hand(
    world: &mut World,
    core: &Core,
    seen: &Seen,
    ix: NodeIx,
    simulate: &Simulate,
) -> Result<Vec<(String, String)>, String> {
    let scope = view::over(&core.scope(ix), world, seen);
    told(world, &scope, simulate).map(|told| told.inputs)
}

fn told(world: &mut World, scope: &Scope, simulate: &Simulate) -> Result<Answer, String> {
    let told = simulate.answer(scope).map_err(|error| error.message)?;
    world.apply(&told.effects)?;
    Ok(told)
}

/// Renders changes and makes them.
///
/// # Errors
/// As [`answer`].
pub fn make(world: &mut World, effects: &[PlannedChange], scope: &Scope) -> Result<(), String> {
    let changes = effects.iter().map(|change| change.render(scope)).collect::<Result<Vec<_>, EvalError>>();
    world.apply(&changes.map_err(|error| error.message)?)
}
