//! `runbook/v1` as authored.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::operation::{Gate, Operation, Probe};
use super::rehearsal::{AcceptDecl, FaultDecl};
use super::source::{Expr, FileId, Map, Name, Span, Spanned, Text};
use super::system::TargetRef;

/// Recovery-time and recovery-point objectives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Objectives {
    /// Recovery time.
    pub rto: Option<Duration>,
    /// Data loss.
    pub rpo: Option<Duration>,
}

/// The type of a parameter or of a manual input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the types of the language")]
pub enum ParamType {
    String,
    Int,
    Number,
    Bool,
    Duration,
    Timestamp,
    Bytes,
    Enum,
    List,
}

/// The values of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum EnumValues {
    /// Written out.
    Fixed(Vec<Spanned<String>>),
    /// Computed from the system.
    Computed(Expr),
}

/// A default, which differs from no default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum ParamDefault {
    /// `default: null`: optional.
    Null,
    /// A text in the parameter's type.
    Text(Text),
    /// Of a list.
    List(Vec<Text>),
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Param {
    /// Where it was written.
    pub span: Span,
    /// Its type.
    pub kind: ParamType,
    /// Element type of a list.
    pub of: Option<ParamType>,
    /// Values of an enum.
    pub values: Option<EnumValues>,
    /// A regular expression that the whole text matches.
    pub pattern: Option<Spanned<String>>,
    /// Smallest value, in the parameter's type.
    pub min: Option<Spanned<String>>,
    /// Largest value, in the parameter's type.
    pub max: Option<Spanned<String>>,
    /// None: required.
    pub default: Option<ParamDefault>,
    /// One line for people.
    pub help: Option<String>,
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum SecretSource {
    /// An environment variable of the engine.
    Env(String),
    /// A file, without its final newline.
    File(PathBuf),
    /// The standard output of a program, without its final newline.
    Command(Vec<String>),
}

/// A declared secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretDecl {
    /// Where it was written.
    pub span: Span,
    /// Where it comes from.
    pub source: SecretSource,
    /// `default: null` makes it optional; a text default is for demonstration and labs only.
    pub default: Option<ParamDefault>,
}

/// The part of a recovery a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the phases of the language")]
pub enum Phase {
    Detect,
    Recover,
    Verify,
    Failback,
}

/// What a failed step means for its list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The list starts nothing new.
    #[default]
    Stop,
    /// What does not need it goes on; the list fails at its end.
    Continue,
    /// Counts as warned.
    Warn,
    /// What was started is undone, then the list stops.
    Rollback,
}

/// `rollback:`: how a step is undone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rollback {
    /// Where it was written.
    pub span: Span,
    /// What undoes it.
    pub operation: Operation,
    /// Holds: there is nothing to undo.
    pub done_when: Option<Probe>,
    /// Must pass, or the rollback is stuck.
    pub gate: Option<Gate>,
}

/// `approve:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approve {
    /// Where it was written.
    pub span: Span,
    /// Roles of the system whose people may.
    pub by: Vec<Name>,
    /// How many of them (1).
    pub min: u32,
    /// Not who started the run.
    pub not_requester: bool,
    /// How long an approval is waited for, and holds (1h).
    pub within: Duration,
}

/// `parallel:`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Parallel {
    /// Top to bottom unless `needs` says otherwise.
    #[default]
    No,
    /// Members are independent: all run, then the list is judged.
    All,
    /// The same, at most so many at once.
    AtMost(u32),
}

/// `confirm:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confirm {
    /// Where it was written.
    pub span: Span,
    /// What must be typed; none: a plain yes.
    pub typed: Option<Text>,
    /// What the person is shown.
    pub show: Option<Text>,
}

/// `retry:`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Retry {
    /// In all, the first included.
    pub attempts: u32,
    /// Before the second.
    pub delay: Duration,
    /// Each further delay is so many times the one before.
    pub factor: f64,
    /// No delay is longer.
    pub max_delay: Duration,
    /// All must hold, else no further attempt.
    pub when: Vec<Expr>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Body {
    /// One operation (possibly a gate or an expectation alone).
    Operation,
    /// A list of steps.
    Steps(Vec<Step>),
    /// Another runbook in its place.
    Include {
        /// Relative to the file that wrote it.
        path: Text,
        /// Its parameters.
        params: Map<Text>,
    },
}

/// `for_each:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForEach {
    /// The loop name.
    pub name: Name,
    /// A list.
    pub values: Expr,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Unique in its file.
    pub id: Name,
    /// For people; none: the id.
    pub title: Option<Text>,
    /// Part of the recovery.
    pub phase: Option<Phase>,
    /// None: every step above it in its list.
    pub needs: Option<Vec<Name>>,
    /// Order only.
    pub after: Vec<Name>,
    /// False: skipped.
    pub when: Vec<Expr>,
    /// Once per element.
    pub for_each: Option<Box<ForEach>>,
    /// Must hold before people are asked and again right before the action.
    pub require: Option<Box<Probe>>,
    /// Holds: the action is not run.
    pub done_when: Option<Box<Probe>>,
    /// An unknown attempt may be repeated.
    pub idempotent: bool,
    /// Asks a person.
    pub confirm: Option<Box<Confirm>>,
    /// Action, judgement and surroundings; also carries `expect`, `outputs`, … of a group.
    pub operation: Box<Operation>,
    /// What kind of step it is.
    pub body: Body,
    /// Of a group.
    pub parallel: Parallel,
    /// Of a group: runs at its end, whatever happened.
    pub finally: Vec<Step>,
    /// Must pass after the action.
    pub gate: Option<Box<Gate>>,
    /// Repeats action, expectation and gate.
    pub retry: Option<Box<Retry>>,
    /// What its failure means.
    pub on_failure: OnFailure,
    /// Runs if it failed.
    pub fallback: Vec<Step>,
    /// How it is undone.
    pub rollback: Option<Box<Rollback>>,
    /// Who must agree.
    pub approve: Option<Box<Approve>>,
    /// Expected duration.
    pub estimate: Option<Duration>,
}

/// A whole runbook.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Runbook {
    /// Its file.
    pub file: FileId,
    /// Machine name.
    pub name: Name,
    /// For people.
    pub title: Option<Text>,
    /// For people.
    pub description: Option<Text>,
    /// A team or role.
    pub owner: Option<String>,
    /// Where absent, the system's apply.
    pub objectives: Objectives,
    /// Relative to the file; `--system` replaces it.
    pub system: Option<Spanned<String>>,
    /// Default target of its steps.
    pub target: Option<TargetRef>,
    /// Parameters.
    pub params: Map<Param>,
    /// Secrets, united with the system's.
    pub secrets: Map<SecretDecl>,
    /// Lazy values; a list is allowed.
    pub vars: Map<VarValue>,
    /// All must pass before anything.
    pub preflight: Vec<Probe>,
    /// What a rehearsal breaks; the first unless another is named.
    pub faults: Map<FaultDecl>,
    /// Each must hold at every moment of every path of a rehearsal.
    pub invariants: Vec<Expr>,
    /// Findings of a rehearsal that are known and stand.
    pub accept: Vec<AcceptDecl>,
    /// The main list.
    pub steps: Vec<Step>,
    /// Runs at the end, whatever happened.
    pub finally: Vec<Step>,
    /// Values of the whole run.
    pub outputs: Map<Expr>,
    /// Of the main list.
    pub parallel: Parallel,
    /// Of the main list: `stop` or `rollback`.
    pub on_failure: OnFailure,
    /// Of the whole run; passed: exit 124.
    pub timeout: Option<Duration>,
}

/// A variable's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum VarValue {
    /// One text (typed when it is exactly one `${{ }}`).
    Text(Text),
    /// A list of texts.
    List(Vec<Text>),
}
