//! Cases of a test, each with a plan of its own: its parameters may change what the plan is.

use std::time::Duration;

use crate::document::TestDocument;
use crate::model::change::{DataState, ServiceState};
use crate::model::diagnostic::{Checked, Diagnostic, Severity};
use crate::model::id::StepId;
use crate::model::rehearsal::Finding;
use crate::model::source::Span;
use crate::model::test::{CaseDecl, Ends, FailWith};
use crate::template::{Expression, Template};

use super::{Fault, Given, Inputs, Plan, PlannedChange, RunIdentity, seal};

/// A case, ready to be rehearsed. Its texts and conditions see the names of [`Plan::root`], its conditions also `world`.
#[derive(Clone, Debug)]
pub struct Case {
    /// For people.
    pub name: String,
    /// Where it was written.
    pub place: Span,
    /// What the world is, over [`Plan::world`].
    pub world: Vec<PlannedChange>,
    /// What is broken; none: nothing.
    pub fault: Option<Fault>,
    /// What does not work.
    pub fail: Vec<(StepId, FailWith)>,
    /// What people answer; they agree to everything else.
    pub answers: Vec<(StepId, Answered)>,
    /// Of all chance.
    pub seed: Option<u64>,
    /// What must come of it.
    pub expect: Expected,
}

/// What a person answers.
#[derive(Clone, Debug)]
pub enum Answered {
    /// Does not agree.
    No,
    /// Agrees and gives these values, by input.
    Inputs(Vec<(String, Template)>),
}

/// What must come of a case; what is none or empty is not asked.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// How the run ends.
    pub ends: Option<Ends>,
    /// The exit code.
    pub exit: Option<u8>,
    /// Steps that ran.
    pub ran: Vec<StepId>,
    /// Steps that did not.
    pub not_run: Vec<StepId>,
    /// Steps that ran in this order.
    pub order: Vec<StepId>,
    /// Steps that failed.
    pub failed: Vec<StepId>,
    /// Services at the end, by id.
    pub services: Vec<(String, ServiceState)>,
    /// Data at the end, by id.
    pub data: Vec<(String, DataState)>,
    /// It takes no longer.
    pub within: Option<Duration>,
    /// No more data is lost, counted in time.
    pub loss: Option<Duration>,
    /// Hold at the end.
    pub holds: Vec<Expression>,
    /// What the rehearsal finds, and nothing else.
    pub findings: Option<Vec<Finding>>,
}

/// Plans one case: the runbook under its parameters, and itself.
///
/// # Errors
/// Every mistake of both, each with its place.
pub fn compile(document: &TestDocument, case: &CaseDecl, run: &RunIdentity) -> Checked<(Plan, Case)> {
    let inputs = inputs(document, case, run);
    seal::plan_with(&document.documents, &inputs, |builder, frame| builder.case(case, frame))
        .map_err(|found| found.into_iter().map(|one| placed(one, document, case)).collect())
}

/// What is wrong with a test: with its cases, and with its runbook under their parameters. What else there is to say of the runbook is
/// said where that is checked.
#[must_use]
pub fn check(document: &TestDocument, run: &RunIdentity) -> Vec<Diagnostic> {
    let own = |found: &Diagnostic| found.span.is_some_and(|span| span.file == document.test.file);
    let mut all: Vec<Diagnostic> = document.documents.warnings.iter().filter(|found| own(found)).cloned().collect();
    for case in &document.test.cases {
        let found = compile(document, case, run).err().unwrap_or_default();
        for found in found.into_iter().filter(|found| found.severity == Severity::Error || own(found)) {
            let same = |other: &Diagnostic| {
                (other.code, other.span, &other.message) == (found.code, found.span, &found.message)
            };
            if !all.iter().any(same) {
                all.push(found);
            }
        }
    }
    all
}

fn inputs(document: &TestDocument, case: &CaseDecl, run: &RunIdentity) -> Inputs {
    let given = case.params.iter().map(|(name, values)| {
        let values = values.iter().map(|value| value.value.clone()).collect();
        (name.value.clone(), Given { values, origin: origin(document, name.span) })
    });
    Inputs {
        params: given.collect(),
        environment: document.test.environment.as_ref().map(|name| name.value.clone()),
        ..Inputs::new(run.clone())
    }
}

fn origin(document: &TestDocument, span: Span) -> String {
    document.documents.sources.place(span)
}

/// What the command line would be told is about the test here.
fn placed(mut found: Diagnostic, document: &TestDocument, case: &CaseDecl) -> Diagnostic {
    let root = &document.documents.runbooks[&document.documents.root];
    let declared = |span: Span| root.params.iter().any(|(name, _)| name.span == span);
    if let Some(declared) = found.span.filter(|span| found.code == "plan::missing_parameter" && declared(*span)) {
        found.span = Some(case.name.span);
        let choices = found.help.as_deref().and_then(|help| help.split_once("; ")).map(|(_, choices)| choices);
        let choices = choices.map_or_else(String::new, |choices| format!("; {choices}"));
        found.help = Some(format!("add it to `params:` of this case{choices}"));
        return found.related(declared, "declared here");
    }
    if found.span.is_some() {
        return found;
    }
    let environment = document.test.environment.as_ref().filter(|_| found.code == "plan::unknown_environment");
    let mut span = environment.map_or(case.name.span, |name| name.span);
    for (name, _) in &case.params {
        if let Some(message) = found.message.strip_prefix(&format!("{}: ", origin(document, name.span))) {
            (found.message, span) = (message.to_owned(), name.span);
            break;
        }
    }
    found.span = Some(span);
    found
}
