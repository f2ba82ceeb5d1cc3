//! How the steps of a run ended, for whatever draws its graph.

use std::collections::{HashMap, HashSet};

use crate::model::id::StepId;
use crate::model::outcome::{Mode, Outcome};
use crate::plan::{NodeIx, Outline};
use crate::report::phrase;
use crate::report::summary::{StepSummary, Summary};

/// The outcomes of a run.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    mode: Mode,
    steps: HashMap<StepId, Mark>,
}

/// Where one step of a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Where it is.
    pub standing: Standing,
    /// The title, rendered; none where it never began.
    pub title: Option<String>,
    /// Why it did not run.
    pub skipped: Option<String>,
    /// From release to end, ms.
    pub took_ms: Option<u64>,
}

/// Whether a step has ended, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is recorded of it.
    #[default]
    NotStarted,
    /// It began, and its end is not recorded.
    UnderWay,
    /// It is over.
    Ended(Outcome),
}

impl Standing {
    /// A name that may stand in an attribute.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::NotStarted => "not-started",
            Self::UnderWay => "under-way",
            Self::Ended(Outcome::Succeeded) => "succeeded",
            Self::Ended(Outcome::Warned) => "warned",
            Self::Ended(Outcome::Failed) => "failed",
            Self::Ended(Outcome::Skipped) => "skipped",
            Self::Ended(Outcome::Interrupted) => "interrupted",
            Self::Ended(Outcome::Unknown) => "unknown",
            Self::Ended(Outcome::RolledBack) => "rolled-back",
        }
    }

    /// One character.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::NotStarted => "·",
            Self::UnderWay => "▸",
            Self::Ended(outcome) => phrase::mark(outcome),
        }
    }

    /// All of them, as a legend lists them.
    pub const ALL: [Self; 9] = [
        Self::Ended(Outcome::Succeeded),
        Self::Ended(Outcome::Warned),
        Self::Ended(Outcome::Failed),
        Self::Ended(Outcome::Unknown),
        Self::Ended(Outcome::Interrupted),
        Self::Ended(Outcome::RolledBack),
        Self::Ended(Outcome::Skipped),
        Self::UnderWay,
        Self::NotStarted,
    ];
}

impl Marks {
    /// Of a run's summary.
    #[must_use]
    pub fn of(summary: &Summary) -> Self {
        let steps = summary.steps.iter().map(|step| (step.step.clone(), mark(step))).collect();
        Self { mode: Mode::of(&summary.mode), steps }
    }

    /// Of a step; one that has no record has not started.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Mark {
        self.steps.get(id).cloned().unwrap_or_default()
    }

    /// The word for where a step is.
    #[must_use]
    pub const fn word(&self, standing: Standing) -> &'static str {
        match standing {
            Standing::NotStarted => "not started",
            Standing::UnderWay => "under way",
            Standing::Ended(outcome) => outcome.word(self.mode),
        }
    }
}

fn mark(step: &StepSummary) -> Mark {
    let standing = match step.outcome {
        Some(outcome) => Standing::Ended(outcome),
        None if step.is_under_way() => Standing::UnderWay,
        None => Standing::NotStarted,
    };
    Mark {
        standing,
        title: step.started.map(|_| step.title.clone()),
        skipped: step.skipped.as_ref().map(crate::model::outcome::SkipReason::describe),
        took_ms: step.elapsed_ms.filter(|_| step.outcome != Some(Outcome::Skipped)),
    }
}

/// Where the critical path goes: for each step on it, or around it, the first and last place on the path.
#[derive(Clone, Debug, Default)]
pub struct Path(HashMap<NodeIx, (usize, usize)>);

impl Path {
    /// The critical path of an outline, or another that took its place.
    #[must_use]
    pub fn of(outline: &Outline, path: &[StepId]) -> Self {
        let places: HashMap<&StepId, usize> = path.iter().enumerate().map(|(at, id)| (id, at)).collect();
        let mut found = HashMap::new();
        let mut open: Vec<(NodeIx, bool)> =
            outline.main.iter().chain(&outline.finally).map(|ix| (*ix, false)).collect();
        let mut seen = HashSet::new();
        while let Some((ix, is_back)) = open.pop() {
            let step = outline.step(ix);
            let inner = || step.members.iter().flatten().chain(&step.finally).chain(&step.fallback).copied();
            if !is_back && seen.insert(ix) {
                open.push((ix, true));
                open.extend(inner().map(|ix| (ix, false)));
                continue;
            }
            let own = places.get(&step.id).map(|at| (*at, *at));
            let all = inner().filter_map(|ix| found.get(&ix).copied()).chain(own);
            if let Some(span) = all.reduce(|a: (usize, usize), b| (a.0.min(b.0), a.1.max(b.1))) {
                found.insert(ix, span);
            }
        }
        Self(found)
    }

    /// True when the step, or something in it, is on the path.
    #[must_use]
    pub fn holds(&self, ix: NodeIx) -> bool {
        self.0.contains_key(&ix)
    }

    /// True when the path begins with the step, or in it.
    #[must_use]
    pub fn begins(&self, ix: NodeIx) -> bool {
        self.0.get(&ix).is_some_and(|(first, _)| *first == 0)
    }

    /// True when the path goes from one step straight to the other.
    #[must_use]
    pub fn leads(&self, from: NodeIx, to: NodeIx) -> bool {
        matches!((self.0.get(&from), self.0.get(&to)), (Some((_, last)), Some((first, _))) if last + 1 == *first)
    }

    /// True when the path enters a group through this member.
    #[must_use]
    pub fn enters(&self, group: NodeIx, member: NodeIx) -> bool {
        matches!((self.0.get(&group), self.0.get(&member)), (Some(a), Some(b)) if a.0 == b.0)
    }

    /// True when the path leaves a group through this member.
    #[must_use]
    pub fn leaves(&self, group: NodeIx, member: NodeIx) -> bool {
        matches!((self.0.get(&group), self.0.get(&member)), (Some(a), Some(b)) if a.1 == b.1)
    }
}
