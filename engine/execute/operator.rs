//! The port to a person: questions go out, answers come back as events. Nothing blocks while somebody thinks.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::model::effect::Effect;
use crate::model::id::{AttemptToken, StepId};
use crate::model::runbook::Param;

/// What a person is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// May this go on?
    Confirm {
        /// The step.
        step: StepId,
        /// For people.
        title: String,
        /// What the person should look at.
        show: Option<String>,
        /// What must be typed; none: a plain yes.
        typed: Option<String>,
    },
    /// Please do this.
    Manual {
        /// The step.
        step: StepId,
        /// For people.
        title: String,
        /// What to do.
        text: String,
        /// Values asked for.
        inputs: Vec<InputQuestion>,
        /// A text for the record is required.
        evidence: bool,
    },
    /// Step mode: what now? Answers: `Yes` (run it), `Skip`, `Rest`, `Edit`, `Jump`, `Rollback`, `Pause`.
    Step {
        /// What people see of it.
        view: StepView,
    },
    /// Step mode: the step failed for good. Answers: `Retry`, `Skip`, `Edit`, `Rollback`, `Pause`, `Stop` (go on as the runbook
    /// says: rollback, fallback, stop).
    Failed {
        /// What people see of it.
        view: StepView,
        /// Why, a line each.
        why: Vec<String>,
        /// The author's hint.
        hint: Option<String>,
    },
    /// Nobody saw how an attempt ended. Answers: `Yes` (it took effect: its gate is next), `Retry` (it did not: run it again),
    /// `Pause`.
    Unknown {
        /// What people see of it.
        view: StepView,
        /// What is known.
        why: String,
    },
    /// Approvals are being collected; they come through the inbox. Shown; answers: `Pause`.
    Approval {
        /// The step.
        step: StepId,
        /// For people.
        title: String,
        /// What is approved.
        command: String,
        /// Its digest.
        digest: String,
        /// Who may.
        people: Vec<String>,
        /// How many are missing.
        missing: u32,
        /// Until then.
        expires: DateTime<Utc>,
    },
}

/// What a person sees of a step before it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct StepView {
    /// The step.
    pub step: StepId,
    /// For people.
    pub title: String,
    /// What it may do.
    pub effect: Effect,
    /// Where it happens; empty: here.
    pub target: String,
    /// The exact command, a line each; secrets as `***`; empty for a group or a gate alone.
    pub command: Vec<String>,
    /// Everything else worth seeing: condition, requirement, gate, retry, rollback, fallback, each `name: text`.
    pub details: Vec<(String, String)>,
    /// Expected duration, if known.
    pub expected: Option<Duration>,
    /// Attempts so far.
    pub attempts: u32,
    /// Where `j` can go: steps of the plan that have not ended, in order, with what each still needs that has not ended.
    pub jumps: Vec<(StepId, Vec<StepId>)>,
    /// Parameters that `e` can change, with their values.
    pub params: Vec<(String, String)>,
}

/// One value asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct InputQuestion {
    /// Its output's name.
    pub name: String,
    /// Type, pattern, bounds, help.
    pub param: Param,
    /// Offered.
    pub default: Option<String>,
}

/// What a person said.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Go on; for a manual step: done, with its inputs and evidence.
    Yes {
        /// In the inputs' order.
        inputs: Vec<(String, String)>,
        /// For the record.
        evidence: Option<String>,
    },
    /// Do not.
    No {
        /// In the person's words, or why nobody could be asked.
        why: String,
    },
    /// Leave the step out.
    Skip {
        /// In the person's words.
        why: String,
    },
    /// Run the step, and everything behind it without asking again.
    Rest,
    /// Run the failed (or unknown) step again.
    Retry,
    /// Let the failure take its course.
    Stop,
    /// Change a parameter, plan anew, come back to this step.
    Edit {
        /// The parameter.
        param: String,
        /// Its new value, as typed.
        value: String,
    },
    /// Go on with another step; what lies before it is left out.
    Jump {
        /// The step.
        to: StepId,
    },
    /// Undo what was started.
    Rollback,
    /// Leave; the run can be resumed.
    Pause,
}

/// Takes questions. The answer arrives later through the sender given to the adapter; `token` names the question.
pub trait Operator {
    /// Asks; returns at once.
    fn ask(&self, token: AttemptToken, question: Question);

    /// The question is no longer of interest (the run was interrupted).
    fn withdraw(&self, token: &AttemptToken) {
        let _ = token;
    }
}
