//! What the core remembers of one step.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::list::ListIx;
use super::resume::Enter;
use super::stage::Stage;
use crate::execute::result::ResultView;
use crate::model::id::AttemptToken;
use crate::model::outcome::SkipReason;
use crate::model::status::{StepEvent, StepStatus};
use crate::plan::{Body, Node, NodeIx};

/// A gate that is being asked.
#[derive(Clone, Debug)]
pub(super) struct GateRun {
    pub started: Duration,
    pub deadline: Duration,
    pub streak: u32,
    pub asked: u32,
    pub seen: String,
}

/// Which question is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Confirm,
    Manual,
    Approval,
    Step,
    Failed,
    Unknown,
}

/// A step that is being undone.
#[derive(Clone, Debug)]
pub(super) struct UndoRun {
    /// The step whose failure asked for it; none: the whole run.
    pub owner: Option<NodeIx>,
    pub started: Duration,
    /// Its effect has been recorded.
    pub begun: bool,
    pub why: Vec<String>,
}

/// Approvals of a step.
#[derive(Clone, Debug)]
pub(super) struct ApprovalRun {
    /// The question that shows it.
    pub token: AttemptToken,
    /// What people approve: this asking for this work.
    pub digest: String,
    /// What will be done.
    pub work: String,
    /// Who has approved.
    pub by: Vec<String>,
    pub expires: DateTime<Utc>,
    /// The same on the run's clock.
    pub until: Duration,
    /// Times it was asked for.
    pub asked: u32,
    pub given: bool,
}

/// One step's state.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one step")]
pub(super) struct NodeState {
    pub status: StepStatus,
    pub stage: Stage,
    /// The list it is a member of.
    pub list: ListIx,
    /// A leaf takes one of the places of `--max-parallel`.
    pub leaf: bool,
    /// What it needs that has not ended.
    pub waiting: u32,
    /// Ended in a way that lets dependents go on.
    pub lets_go_on: bool,
    /// When it began; later by the time in which people thought.
    pub released: Duration,
    /// Since when a person is asked.
    pub asked_at: Option<Duration>,
    /// How long a person took for the answer that is about to be recorded.
    pub waited: Option<Duration>,
    /// Attempts of the action.
    pub attempts: u32,
    /// Pieces of work, probes included.
    pub operations: u32,
    /// A person was asked: `require` is read again.
    pub asked: bool,
    /// A person or a guard said no: no fallback, no retry.
    pub refused: bool,
    /// Nobody can say whether the action took effect.
    pub unknown: bool,
    /// On a resumed run: it was under way.
    pub enter: Option<Enter>,
    /// The attempt whose end nobody saw, on a resumed run.
    pub lost: Option<AttemptToken>,
    /// `done_when` is read to find out what became of it.
    pub resolving: bool,
    /// It did not run, or not to its end, because the run was held back: its list has not come to its end either.
    pub held_back: bool,
    /// A group that failed only because of members that are rolled back.
    pub by_rolled_back: bool,
    /// Its `on_failure: rollback` has been tried; false: something is stuck.
    pub rolled_back: Option<bool>,
    /// Step mode: a person let the failure take its course.
    pub stop: bool,
    /// A person accepted the failure.
    pub accepted: Option<SkipReason>,
    pub question: Option<Asked>,
    pub approval: Option<ApprovalRun>,
    /// A lab approves by itself, once.
    pub lab_approved: bool,
    pub undo: Option<UndoRun>,
    /// Why it failed.
    pub why: Vec<String>,
    /// What needs attention.
    pub attention: Vec<String>,
    /// Of the last action.
    pub result: ResultView,
    /// The gate's probe before the action.
    pub before: Option<ResultView>,
    pub gate: Option<GateRun>,
    /// Values for later steps.
    pub outputs: Vec<(String, crate::template::Value)>,
    /// Captured lines, for a `logs` group.
    pub log: Option<String>,
    pub hint: Option<String>,
}

impl NodeState {
    pub(super) fn new(node: &Node, list: ListIx) -> Self {
        let needed = node.needs.len() + node.after.len();
        Self {
            status: StepStatus::Pending,
            stage: Stage::When,
            list,
            leaf: matches!(node.body, Body::Operation(_)),
            waiting: u32::try_from(needed).unwrap_or(u32::MAX),
            lets_go_on: false,
            released: Duration::ZERO,
            asked_at: None,
            waited: None,
            attempts: 0,
            operations: 0,
            asked: false,
            refused: false,
            unknown: false,
            enter: None,
            lost: None,
            resolving: false,
            held_back: false,
            by_rolled_back: false,
            rolled_back: None,
            stop: false,
            accepted: None,
            question: None,
            approval: None,
            lab_approved: false,
            undo: None,
            why: Vec::new(),
            attention: Vec::new(),
            result: ResultView::default(),
            before: None,
            gate: None,
            outputs: Vec::new(),
            log: None,
            hint: None,
        }
    }

    /// Moves on; an impossible event is a bug of ours.
    pub(super) fn event(&mut self, event: StepEvent) {
        match self.status.next(event) {
            Some(next) => self.status = next,
            None => unreachable!("step event {event:?} in status {:?}", self.status),
        }
    }
}
