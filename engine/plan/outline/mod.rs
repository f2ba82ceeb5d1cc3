//! What a graph shows of a plan: names, order, nesting and a few facts of each step. It is made of a plan that was just sealed, or of
//! the `plan.json` that a run left behind, so that everything that draws a graph knows only this.

mod live;
mod recorded;

use std::time::Duration;

use super::NodeIx;
use super::budget::Budget;
use crate::model::effect::Effect;
use crate::model::id::StepId;
use crate::model::outcome::SkipReason;

/// A plan as its graph shows it.
#[derive(Clone, Debug)]
pub struct Outline {
    /// The runbook's name.
    pub name: String,
    /// For people.
    pub title: String,
    /// The system's id, if any.
    pub system: Option<String>,
    /// The environment's name, if any.
    pub environment: Option<String>,
    /// Recovery-time objective.
    pub rto: Option<Duration>,
    /// Waves, critical path, expected times.
    pub budget: Budget,
    /// Every step; an index of it stands in at most one list, and the lists are a forest.
    pub steps: Vec<OutlineStep>,
    /// The main list.
    pub main: Vec<NodeIx>,
    /// Runs at the end, whatever happened.
    pub finally: Vec<NodeIx>,
}

/// A step as a graph shows it.
#[derive(Clone, Debug)]
pub struct OutlineStep {
    /// Its id.
    pub id: StepId,
    /// Its own name.
    pub name: String,
    /// For people, as it was written.
    pub title: String,
    /// What it is, in a word: `docker`, `manual`, `group`.
    pub kind: &'static str,
    /// What it may do; none for what has members.
    pub effect: Option<Effect>,
    /// Siblings that must let it go on.
    pub needs: Vec<NodeIx>,
    /// Siblings that must have ended, however.
    pub after: Vec<NodeIx>,
    /// Known not to run.
    pub pruned: Option<SkipReason>,
    /// What must hold for it to run, as it was written.
    pub when: Vec<String>,
    /// How many must agree, and of how many.
    pub approvals: Option<(u32, usize)>,
    /// A person is asked before.
    pub asks: bool,
    /// It says how it is undone.
    pub undoable: bool,
    /// What it says that it takes.
    pub estimate: Option<Duration>,
    /// What lies in it, in authored order; none for a step that does something itself.
    pub members: Option<Vec<NodeIx>>,
    /// Runs at the end of the members.
    pub finally: Vec<NodeIx>,
    /// Runs if it failed.
    pub fallback: Vec<NodeIx>,
}

impl Outline {
    /// A step.
    #[must_use]
    pub fn step(&self, ix: NodeIx) -> &OutlineStep {
        &self.steps[ix.0 as usize]
    }

    /// What a step is expected to take: from history, else as it says.
    #[must_use]
    pub fn takes(&self, ix: NodeIx) -> Option<Duration> {
        let step = self.step(ix);
        self.budget.steps.get(&step.id).map(|expected| expected.p50).or(step.estimate)
    }

    /// Members that nothing else in the list waits for.
    #[must_use]
    pub fn last_of(&self, list: &[NodeIx]) -> Vec<NodeIx> {
        let waited: std::collections::HashSet<NodeIx> =
            list.iter().flat_map(|ix| self.step(*ix).needs.iter().chain(&self.step(*ix).after).copied()).collect();
        list.iter().copied().filter(|ix| !waited.contains(ix)).collect()
    }
}

impl OutlineStep {
    /// Its members where they are of interest: none where it will not run, or has nothing in it.
    #[must_use]
    pub fn open(&self) -> Option<&[NodeIx]> {
        self.members.as_deref().filter(|members| self.pruned.is_none() && !members.is_empty())
    }
}
