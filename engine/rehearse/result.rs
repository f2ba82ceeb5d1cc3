//! What a rehearsal found, as plain data: one path, or every path with its findings.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

pub use super::failure::{Done, Kind};
use crate::model::entry::Record;
use crate::model::id::StepId;
use crate::model::outcome::RunOutcome;
use crate::model::rehearsal;
use crate::model::source::Span;
use crate::runner::sim::{DataView, ServiceView};

/// One rehearsed run.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// What was broken before it began; empty: nothing.
    pub fault: String,
    /// Its journal; nothing of it has happened.
    pub records: Vec<Arc<Record>>,
    /// Where it leads.
    pub end: End,
}

/// Where a path leads.
#[derive(Clone, Debug)]
pub struct End {
    /// How the run ends; none: it waits for what never comes.
    pub outcome: Option<RunOutcome>,
    /// Why, if not well.
    pub why: Option<String>,
    /// From start to end, ms.
    pub elapsed_ms: u64,
    /// How much of it people took, ms.
    pub people_ms: u64,
    /// Whether the recovery time is within the objective; none without one, or without a good end.
    pub rto_met: Option<bool>,
    /// Whether the loss of all data is; the same.
    pub rpo_met: Option<bool>,
    /// Every service of the system.
    pub services: Vec<ServiceView>,
    /// All data of the system.
    pub data: Vec<DataView>,
    /// What this run leaves behind: helpers that still run, services that it paused, files of work under way.
    pub left_behind: Vec<String>,
    /// Services that this run paused and that are paused still.
    pub paused: Vec<String>,
    /// The step that paused the first of them.
    pub pauser: Option<StepId>,
    /// Steps that could not be undone.
    pub stuck: Vec<StepId>,
    /// Content that was destroyed with no copy and no proved backup of it left.
    pub at_risk: Vec<Risk>,
    /// Invariants that did not hold at some moment.
    pub broken: Vec<Break>,
    /// Actions that this world does not know, and what was assumed of them.
    pub assumed: Vec<Assumption>,
}

impl End {
    /// Services that must be healthy, and are not.
    pub fn down(&self) -> impl Iterator<Item = &ServiceView> {
        self.services.iter().filter(|service| !service.healthy && !service.optional)
    }

    /// Data that is not whole.
    pub fn lost(&self) -> impl Iterator<Item = &DataView> {
        self.data.iter().filter(|data| data.state != "whole")
    }

    /// True when the run says that it recovered the system.
    #[must_use]
    pub fn claims_success(&self) -> bool {
        matches!(self.outcome, Some(RunOutcome::Succeeded | RunOutcome::Warned))
    }

    /// True when it ends well, and too late or with too much lost.
    #[must_use]
    pub fn misses_an_objective(&self) -> bool {
        self.rto_met == Some(false) || self.rpo_met == Some(false)
    }

    /// The largest data loss, if any data came back.
    #[must_use]
    pub fn loss(&self) -> Option<Duration> {
        self.data.iter().filter_map(|data| data.loss).max()
    }
}

/// Content that is gone for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Risk {
    /// The step that destroyed it.
    pub step: StepId,
    /// Whose content: data of the system.
    pub data: String,
    /// Where it was.
    pub place: String,
}

/// An invariant that did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// Its number in the plan.
    pub invariant: usize,
    /// Its text.
    pub expression: String,
    /// The step at which it stopped to hold, if any had begun.
    pub step: Option<StepId>,
    /// The values seen.
    pub seen: String,
}

/// Something that the simulated world does not know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Assumption {
    /// The step.
    pub step: StepId,
    /// The part of it: `action`, `gate`, …
    pub part: String,
    /// What is not known: "`xargs`".
    pub what: String,
    /// What was assumed: "exit 0", or that it failed.
    pub assumed: String,
}

/// One way in which something fails, and where that leads.
#[derive(Clone, Debug)]
pub struct Row {
    /// The step.
    pub step: StepId,
    /// What happens to it.
    pub failure: Kind,
    /// How much of what its action does had been done; none: that makes no difference, or cannot be.
    pub done: Option<Done>,
    /// A second failure, with `--pairs`.
    pub then: Option<(StepId, Kind)>,
    /// How the run goes from there, in a few words each: `retried 2 times`, `rolled back 3 steps`, `stopped`.
    pub path: Vec<String>,
    /// Where it leads.
    pub end: End,
}

/// Every path.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// What was broken before each of them began.
    pub fault: String,
    /// Nothing fails.
    pub nominal: End,
    /// In plan order.
    pub rows: Vec<Row>,
    /// Paths that were walked, those that make no difference among them.
    pub paths: usize,
    /// Pairs that were left out because the budget was used up.
    pub left_out: usize,
    /// Steps that were carried out on all paths together.
    pub steps: u64,
    /// What is wrong, or worth a look.
    pub findings: Vec<Finding>,
}

/// What is wrong, or worth a look.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is.
    pub kind: rehearsal::Finding,
    /// The step it points at.
    pub step: Option<StepId>,
    /// The same, where it was written; none: a runbook without steps.
    pub place: Option<Span>,
    /// Other places that belong to it.
    pub related: Vec<(Span, String)>,
    /// One sentence.
    pub message: String,
    /// The next step.
    pub help: String,
    /// On so many paths.
    pub paths: usize,
    /// The first of them: step and failure.
    pub example: Option<(StepId, Kind)>,
    /// The author knows it, and why it stands.
    pub accepted: Option<String>,
}

impl Finding {
    /// True for what makes a rehearsal fail: nobody has accepted it, and it is more than a hint.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.accepted.is_none() && self.kind.is_error()
    }
}
