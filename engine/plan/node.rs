//! A step of the plan: a leaf with an operation, or a group with a list. Everything is compiled; nothing is looked up by name.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{FrameIx, Simulate};
use crate::model::effect::EffectClass;
use crate::model::id::StepId;
use crate::model::outcome::SkipReason;
use crate::model::runbook::{OnFailure, Param, Phase};
use crate::model::source::Span;
use crate::model::work::Capture;
use crate::template::{Expression, Script, Template, Value, Words};

/// Index of a [`Node`] in its plan; never persisted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeIx(pub u32);

/// What is done, compiled.
#[derive(Clone, Debug, Serialize)]
pub enum Action {
    /// Any program.
    Exec(Words),
    /// `docker` and its arguments, compose flags already in.
    Docker(Words),
    /// `gcloud` and its arguments.
    Gcloud(Words),
    /// A script.
    Shell {
        /// The script.
        script: Script,
        /// Program and leading arguments, `-c` included: `["bash", "-euo", "pipefail", "-c"]`.
        interpreter: Vec<String>,
    },
    /// A request.
    Http {
        /// Upper case.
        method: String,
        /// Where to.
        url: Template,
        /// In order.
        headers: Vec<(String, Template)>,
        /// JSON bodies have their content type among the headers already.
        body: Option<Template>,
        /// Follow redirects.
        follow: bool,
        /// Accept any certificate.
        insecure: bool,
    },
    /// A person does it.
    Manual {
        /// What the person is told.
        text: Template,
        /// Values asked for.
        inputs: Vec<ManualInput>,
        /// A text for the record is required.
        evidence: bool,
    },
    /// Time passes.
    Wait(Duration),
    /// A message.
    Notify {
        /// Channel ids of the plan.
        channels: Vec<String>,
        /// The message.
        text: Template,
    },
}

/// One input of a manual step.
#[derive(Clone, Debug, Serialize)]
pub struct ManualInput {
    /// Its output's name.
    pub name: String,
    /// Type, pattern, bounds.
    pub param: Param,
    /// Rendered when asked; may give none.
    pub default: Option<Template>,
}

/// How a result is judged.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Judge {
    /// `exit == 0`, 2xx, all healthy: false where the author's `expect` replaces it.
    pub default_expectation: bool,
    /// All must hold, else failed.
    pub expect: Vec<Expression>,
    /// All must hold, else warned.
    pub warn_unless: Vec<Expression>,
    /// For later steps.
    pub outputs: Vec<(String, Expression)>,
    /// Shown when it fails.
    pub hint: Option<Template>,
}

/// One action with its judgement.
#[derive(Clone, Debug, Serialize)]
pub struct Operation {
    /// Where it was written.
    pub place: Span,
    /// None: on this machine.
    pub target: Option<Target>,
    /// None: only the judgement.
    pub action: Option<Action>,
    /// What it may do.
    pub effect: EffectClass,
    /// Environment of the chosen environment first, then the operation's own.
    pub env: Vec<(String, Template)>,
    /// None: null.
    pub stdin: Option<Template>,
    /// Already resolved against the file that wrote it.
    pub working_dir: Option<Template>,
    /// Directory that a relative `working_dir` starts from.
    pub base_dir: PathBuf,
    /// Ten minutes by default.
    pub timeout: Duration,
    /// What the judgement reads.
    pub capture: Capture,
    /// The judgement.
    pub judge: Judge,
    /// What it does in a rehearsal; none: the simulated world knows. In no digest.
    #[serde(skip)]
    pub simulate: Option<Box<Simulate>>,
}

impl Operation {
    /// Whether an attempt of it leaves something that a runner can look for.
    #[must_use]
    pub const fn has_work(&self) -> bool {
        matches!(
            self.action,
            Some(Action::Exec(_) | Action::Docker(_) | Action::Gcloud(_) | Action::Shell { .. } | Action::Http { .. })
        )
    }
}

/// A read-only measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Probe {
    /// What is asked. Most steps have no probe: a place for one must not make every node large.
    pub operation: Box<Operation>,
}

/// A probe that holds the graph until it passes.
#[derive(Clone, Debug, Serialize)]
pub struct Gate {
    /// What is asked.
    pub probe: Probe,
    /// Longest time between two probes; the first ones come faster.
    pub every: Duration,
    /// Time in all.
    pub within: Duration,
    /// Passes in a row.
    pub successes: u32,
    /// Holds: failed at once.
    pub fail_if: Vec<Expression>,
    /// Percent.
    pub progress: Option<Expression>,
    /// True when an expression reads `before`: the probe is also asked once before the action.
    pub reads_before: bool,
}

/// How a step is undone.
#[derive(Clone, Debug, Serialize)]
pub struct Rollback {
    /// What undoes it.
    pub operation: Operation,
    /// Holds: there is nothing to undo.
    pub done_when: Option<Probe>,
    /// Must pass, or the rollback is stuck.
    pub gate: Option<Gate>,
}

/// Who must agree, bound to the rendered step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approve {
    /// The people of its roles, each once.
    pub people: Vec<String>,
    /// How many of them.
    pub min: u32,
    /// Not who started the run.
    pub not_requester: bool,
    /// How long it is waited for.
    pub within: Duration,
}

/// Where an operation happens; texts are rendered with the operation.
#[derive(Clone, Debug, Serialize)]
pub enum Target {
    /// Another machine, over OpenSSH.
    Ssh {
        /// `host` or `user@host`.
        host: Template,
        /// None: OpenSSH decides.
        port: Option<Template>,
        /// None: OpenSSH decides.
        identity_file: Option<Template>,
    },
    /// A virtual machine, over `gcloud compute ssh`.
    Gcloud {
        /// Its name.
        vm: Template,
        /// None: the client's own.
        project: Option<Template>,
        /// None: the client's own.
        zone: Option<Template>,
    },
    /// Inside a container.
    Container {
        /// Its name.
        name: Template,
        /// Where its Docker Engine is; none: here.
        via: Option<Box<Target>>,
    },
}

/// Asks a person.
#[derive(Clone, Debug, Serialize)]
pub struct Confirm {
    /// What must be typed; none: yes.
    pub typed: Option<Template>,
    /// What the person is shown.
    pub show: Option<Template>,
}

/// Repeats action, expectation and gate.
#[derive(Clone, Debug, Serialize)]
pub struct Retry {
    /// In all; 1: no retry.
    pub attempts: u32,
    /// Before the second.
    pub delay: Duration,
    /// Growth.
    pub factor: f64,
    /// Longest.
    pub max_delay: Duration,
    /// All must hold, else no further attempt.
    pub when: Vec<Expression>,
}

/// Steps that stand together. Order is in each member's `needs` and `after`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct List {
    /// In authored order.
    pub members: Vec<NodeIx>,
    /// Independent members: all run, then the list is judged.
    pub independent: bool,
    /// At most so many leaf steps of it at once.
    pub limit: Option<u32>,
}

/// Where a group comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// `steps:`.
    Group,
    /// `include:`.
    Include,
    /// `for_each:`: one member an element; its outputs are maps by element key.
    ForEach,
    /// `services:` with a verb that changes something.
    Services,
    /// `services: { check: … }`: its result has `json` (service → member outputs and `healthy`) and `healthy`.
    Check,
    /// `services: { logs: … }`: its result has `lines` and `stdout` of all members.
    Logs,
}

/// What a step is made of.
#[derive(Clone, Debug, Serialize)]
pub enum Body {
    /// An operation; its action may be none (gate or expectation alone).
    Operation(Box<Operation>),
    /// Members.
    List {
        /// Where it comes from.
        kind: ListKind,
        /// The members.
        list: List,
        /// Runs at its end, whatever happened.
        finally: List,
    },
}

/// One step.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// Persisted id.
    pub id: StepId,
    /// Its own name: the last part of the id, an element's key or a service's id.
    pub name: String,
    /// For people.
    pub title: Template,
    /// Where it was written.
    pub place: Span,
    /// Part of the recovery.
    pub phase: Option<Phase>,
    /// Whose names it sees.
    pub frame: FrameIx,
    /// Loop names, `service`, `args`: over the frame's.
    #[serde(serialize_with = "bindings_as_json")]
    pub bindings: Vec<(String, Value)>,
    /// The group it is a member of.
    pub parent: Option<NodeIx>,
    /// Siblings that must let it go on.
    pub needs: Vec<NodeIx>,
    /// Siblings that must have ended, however.
    pub after: Vec<NodeIx>,
    /// Known not to run; then nothing below is rendered.
    pub pruned: Option<SkipReason>,
    /// All must hold (what the plan could not decide).
    pub when: Vec<Expression>,
    /// Service members: is it there? Failing means skipped (optional) or failed.
    pub presence: Option<Presence>,
    /// Before people are asked and again right before the action.
    pub require: Option<Probe>,
    /// Holds: the action is not run.
    pub done_when: Option<Probe>,
    /// An unknown attempt may be repeated.
    pub idempotent: bool,
    /// Asks a person.
    pub confirm: Option<Confirm>,
    /// What it is made of.
    pub body: Body,
    /// Judges a group's result; an operation has its own.
    pub judge: Judge,
    /// Must pass after the action.
    pub gate: Option<Gate>,
    /// Repeats.
    pub retry: Retry,
    /// What its failure means.
    pub on_failure: OnFailure,
    /// Runs if it failed.
    pub fallback: List,
    /// How it is undone.
    pub rollback: Option<Box<Rollback>>,
    /// Who must agree.
    pub approve: Option<Approve>,
    /// Expected duration.
    pub estimate: Option<Duration>,
}

impl Node {
    /// True when other steps can lie inside it: members or a fallback.
    #[must_use]
    pub fn contains(&self) -> bool {
        matches!(self.body, Body::List { .. }) || !self.fallback.members.is_empty()
    }

    /// True for the member of a `logs` group that reads the log itself, not for the one that reads since when.
    #[must_use]
    pub fn is_log(&self) -> bool {
        matches!(&self.body, Body::Operation(operation) if operation.judge.outputs.is_empty())
    }
}

/// Whether an optional service is there.
#[derive(Clone, Debug, Serialize)]
pub struct Presence {
    /// The service.
    pub service: String,
    /// Passes when it is there.
    pub probe: Probe,
    /// Absent: skipped; else failed.
    pub optional: bool,
}

fn bindings_as_json<S: serde::Serializer>(bindings: &[(String, Value)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(bindings.iter().map(|(name, value)| (name, crate::template::value::to_json(value))))
}

/// See [`super::Plan::judge_frame`].
pub(super) fn judge_frame(nodes: &[Node], ix: NodeIx) -> FrameIx {
    let node = &nodes[ix.0 as usize];
    match &node.body {
        Body::List { kind: ListKind::Include, list, .. } => {
            list.members.first().map_or(node.frame, |member| nodes[member.0 as usize].frame)
        }
        Body::List { .. } | Body::Operation(_) => node.frame,
    }
}
