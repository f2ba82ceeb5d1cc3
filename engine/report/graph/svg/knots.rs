//! The outline as lists of knots: steps, the boxes of their members, and the lists that hang on them.

use std::collections::HashMap;

use crate::plan::{NodeIx, Outline};
use crate::report::graph::layout::Knot;

/// What a knot stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A step.
    Step(NodeIx),
    /// What runs at the end: of a group, or of all.
    Finally(Option<NodeIx>),
    /// What runs if this step failed.
    Fallback(NodeIx),
}

/// The knots of everything, and what each stands for, by key. What is left out is one knot, whatever lies in it.
#[must_use]
pub fn knots(outline: &Outline, is_left_out: &dyn Fn(NodeIx) -> bool) -> (Vec<Knot>, Vec<What>) {
    let mut work = Work { outline, is_left_out, all: Vec::new() };
    let list = work.list(&outline.main, None, &outline.finally);
    (list, work.all)
}

struct Work<'a> {
    outline: &'a Outline,
    is_left_out: &'a dyn Fn(NodeIx) -> bool,
    all: Vec<What>,
}

impl Work<'_> {
    fn knot(&mut self, what: What) -> Knot {
        self.all.push(what);
        Knot { key: self.all.len() - 1, ..Knot::default() }
    }

    fn list(&mut self, list: &[NodeIx], owner: Option<NodeIx>, finally: &[NodeIx]) -> Vec<Knot> {
        let outline = self.outline;
        let mut knots: Vec<Knot> = Vec::with_capacity(list.len() + 1);
        let mut places: HashMap<NodeIx, usize> = HashMap::new();
        for ix in list {
            let step = outline.step(*ix);
            let mut knot = self.knot(What::Step(*ix));
            let open = step.open().filter(|_| !(self.is_left_out)(*ix));
            knot.inner = open.map(|members| self.list(members, Some(*ix), &step.finally));
            places.insert(*ix, knots.len());
            knots.push(knot);
            if step.pruned.is_none() && !step.fallback.is_empty() {
                let mut fallback = self.knot(What::Fallback(*ix));
                fallback.beside = Some(knots.len() - 1);
                let is_used = step.fallback.iter().any(|ix| !(self.is_left_out)(*ix));
                fallback.inner = is_used.then(|| self.list(&step.fallback, None, &[]));
                knots.push(fallback);
            }
        }
        for ix in list {
            let step = outline.step(*ix);
            // Pruned steps can be waited for twice, in two ways.
            let mut after: Vec<usize> =
                step.needs.iter().chain(&step.after).filter_map(|ix| places.get(ix).copied()).collect();
            after.sort_unstable();
            after.dedup();
            knots[places[ix]].after = after;
        }
        if !finally.is_empty() {
            let mut end = self.knot(What::Finally(owner));
            end.after = outline.last_of(list).iter().filter_map(|ix| places.get(ix).copied()).collect();
            end.inner = Some(self.list(finally, None, &[]));
            knots.push(end);
        }
        knots
    }
}
