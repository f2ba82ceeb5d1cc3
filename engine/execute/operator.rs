//! The port to a person: questions go out, answers come back as events. Nothing blocks while somebody thinks.

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
