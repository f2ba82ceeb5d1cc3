//! `test/v1` as authored: what a runbook does, case by case, in a simulated world.

use std::time::Duration;

use serde::Serialize;

use super::change::{DataState, ServiceState};
use super::rehearsal::{ChangeDecl, Finding, words};
use super::source::{Expr, FileId, Map, Name, Span, Spanned, Text};

/// A whole test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Test {
    /// Its file.
    pub file: FileId,
    /// For people; none: the file's own.
    pub name: Option<Name>,
    /// The runbook, relative to the file; none: the file of that name without `_test`.
    pub runbook: Option<Spanned<String>>,
    /// Replaces the runbook's system; relative to the file.
    pub system: Option<Spanned<String>>,
    /// Which environment of the system.
    pub environment: Option<Name>,
    /// What is tried.
    pub cases: Vec<CaseDecl>,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseDecl {
    /// Where it was written.
    pub span: Span,
    /// For people; unique in its file.
    pub name: Name,
    /// In the types of the runbook's parameters; a list has several texts.
    pub params: Map<Vec<Spanned<String>>>,
    /// What the world is beside what the system says.
    pub world: Vec<ChangeDecl>,
    /// What is broken; none: the runbook's first fault.
    pub fault: Option<CaseFault>,
    /// What does not work.
    pub fail: Vec<FailDecl>,
    /// What people answer, by the full id of the step that asks; they agree to everything else.
    pub answers: Map<AnswerDecl>,
    /// Of all chance.
    pub seed: Option<u32>,
    /// What must come of it.
    pub expect: ExpectDecl,
}

/// What is broken before a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum CaseFault {
    /// Nothing.
    None,
    /// A fault of the runbook.
    Named(Name),
    /// Written out.
    Effects(Vec<ChangeDecl>),
}

/// A step that does not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailDecl {
    /// Its full id.
    pub step: Name,
    /// In which way.
    pub with: FailWith,
}

/// In which way a step does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailWith {
    /// Its action fails and has done nothing.
    Error,
    /// Its action does not come to an end.
    Timeout,
    /// Nobody sees how its action ended; it was done.
    Unknown,
    /// Its action says that it succeeded, and has done nothing.
    Silent,
    /// Its gate never passes.
    Gate,
    /// The engine is killed while it runs.
    Killed,
}

words!(
    FailWith, "a way to fail",
    "error" => Error, "timeout" => Timeout, "unknown" => Unknown, "silent" => Silent, "gate" => Gate,
    "killed" => Killed,
);

/// What a person answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum AnswerDecl {
    /// Does not agree; where it was written.
    No(Span),
    /// Agrees and gives these values.
    Inputs(Map<Text>),
}

/// How a case ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the outcomes of a run")]
pub enum Ends {
    Succeeded,
    Warned,
    Failed,
    RolledBack,
    RollbackFailed,
    Refused,
    Paused,
    Unknown,
    Interrupted,
    Deadline,
}

words!(
    Ends, "the end of a run",
    "succeeded" => Succeeded, "warned" => Warned, "failed" => Failed, "rolled_back" => RolledBack,
    "rollback_failed" => RollbackFailed, "refused" => Refused, "paused" => Paused, "unknown" => Unknown,
    "interrupted" => Interrupted, "deadline" => Deadline,
);

/// What must come of a case; what is not said is not asked. Steps by their full ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExpectDecl {
    /// How the run ends.
    pub ends: Option<Ends>,
    /// The exit code.
    pub exit: Option<u8>,
    /// Steps that ran.
    pub ran: Vec<Name>,
    /// Steps that did not.
    pub not_run: Vec<Name>,
    /// Steps that ran in this order.
    pub order: Vec<Name>,
    /// Steps that failed.
    pub failed: Vec<Name>,
    /// Services at the end.
    pub services: Map<ServiceState>,
    /// Data at the end.
    pub data: Map<DataState>,
    /// It takes no longer.
    pub within: Option<Duration>,
    /// No more data is lost, counted in time.
    pub loss: Option<Duration>,
    /// Must hold at the end.
    pub holds: Vec<Expr>,
    /// What the rehearsal finds, and nothing else.
    pub findings: Option<Vec<Finding>>,
}
