//! Invariants: what must hold at every moment of every path.

use std::collections::BTreeSet;

use super::result::Break;
use super::scene::Seen;
use super::view;
use crate::execute::Core;
use crate::plan::Plan;
use crate::runner::sim::World;

/// Those that do not hold now, without those that are known already.
pub fn broken(plan: &Plan, core: &Core, world: &World, seen: &Seen, known: &BTreeSet<usize>) -> Vec<Break> {
    let mut broken = Vec::new();
    for (at, invariant) in plan.invariants.iter().enumerate().filter(|(at, _)| !known.contains(at)) {
        let scope = view::over(&core.frame_scope(invariant.frame), world, seen);
        let seen = match invariant.expression.holds(&scope) {
            Ok(verdict) if verdict.holds => continue,
            Ok(verdict) => {
                let seen = verdict.seen.iter().map(|(name, value)| format!("{name} = {value}"));
                seen.collect::<Vec<_>>().join(", ")
            }
            Err(error) => error.message,
        };
        let expression = invariant.expression.source().to_owned();
        broken.push(Break { invariant: at, expression, step: None, seen });
    }
    broken
}
