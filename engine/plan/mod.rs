//! Layer 2: the sealed graph. Only this module builds a [`Plan`]; petgraph lives here only.
//!
//! Passes, in order: parameters → scopes → expand (groups, includes, services, `for_each`, pruned `when`) → references → effects
//! and guards → graph (cycles, waves, critical path) → digests.

pub mod budget;
mod builder;
mod compile;
mod digest;
pub mod effects;
mod environment;
mod expand;
mod facts;
mod findings;
mod given;
mod graph;
mod guards;
pub mod node;
pub mod params;
pub mod recorded;
mod references;
mod rehearsal;
mod seal;
mod services;
mod statics;
pub mod targets;
pub mod test;
mod tools;
mod variables;
mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::document::Documents;
use crate::model::diagnostic::{Checked, Diagnostic};
use crate::model::facts::SystemFacts;
use crate::model::id::{RunId, StepId};
use crate::model::runbook::{Objectives, SecretDecl};
use crate::model::system::{ChannelKind, EnvironmentClass, System};
use crate::template::{self, EvalError, Expression, Scope, Template, Value, Vars};

pub use node::{
    Action, Approve, Body, Confirm, Gate, Judge, List, ListKind, ManualInput, Node, NodeIx, Operation, Presence, Probe,
    Retry, Rollback, Target,
};
pub use rehearsal::{Accepted, Answer, Fault, Invariant, PlannedChange, Rehearsal, Simulate};

/// What the command line adds to the documents.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// `--set` and `--params`, later wins; where it came from, for messages.
    pub params: Vec<(String, Given)>,
    /// `--environment`.
    pub environment: Option<String>,
    /// `--only`: step ids.
    pub only: Vec<String>,
    /// `--skip`: step ids.
    pub skip: Vec<String>,
    /// `--from`: the step to begin with.
    pub from: Option<String>,
    /// How long steps took in earlier successful runs of this runbook, system and environment; not part of any digest.
    pub history: History,
    /// The run that would be started.
    pub run: RunIdentity,
}

impl Inputs {
    /// Nothing given.
    #[must_use]
    pub fn new(run: RunIdentity) -> Self {
        Self {
            params: Vec::new(),
            environment: None,
            only: Vec::new(),
            skip: Vec::new(),
            from: None,
            history: History::new(),
            run,
        }
    }
}

/// Durations of steps in earlier runs.
pub type History = BTreeMap<StepId, Timing>;

/// How long one step took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// Half of the runs were faster.
    pub p50: Duration,
    /// Nine of ten were faster.
    pub p90: Duration,
    /// Runs behind it.
    pub runs: u32,
}

/// A parameter value from the command line or a file.
#[derive(Clone, Debug)]
pub struct Given {
    /// In the parameter's type; a list has several.
    pub values: Vec<String>,
    /// `--set service=app` or `params.yaml:3:1`.
    pub origin: String,
}

/// What `run.*` is in expressions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunIdentity {
    /// The run.
    pub id: RunId,
    /// `20261121-050301`: for names of things that a run makes.
    pub stamp: String,
    /// When.
    pub started: DateTime<Utc>,
    /// `user@host`.
    pub operator: String,
}

/// One document's names: an included runbook has its own.
#[derive(Clone, Debug)]
pub struct Frame {
    /// `params`, `system`, `environment`, `secrets`, `vars`; not `run`, `steps`, loop names and results.
    pub scope: Scope,
    /// The variables, also for the reference check.
    pub vars: Arc<Vars>,
    /// Steps by their name in the file.
    pub steps: Arc<BTreeMap<String, NodeIx>>,
    /// The include (or services step) it belongs to; none for the root's.
    pub owner: Option<NodeIx>,
    /// Parameters (or `args`) that only a run knows; empty for most. See [`Frame::within`].
    pub deferred: Vec<Deferred>,
    /// Parameters that are known.
    pub params: Vec<(String, Value)>,
}

/// A value passed into a frame that reads step outputs: evaluated in the owner's scope when the first member starts.
#[derive(Clone, Debug)]
pub struct Deferred {
    /// `params` or `args`.
    pub under: &'static str,
    /// The name under it.
    pub name: String,
    /// What the owner passes.
    pub value: Template,
    /// How it is typed; none: as it is.
    pub param: Option<Arc<params::Typed>>,
}

impl Frame {
    /// The frame's scope once its owner's is known. Without deferred values this is `scope` itself. A value that is not known yet
    /// stays unknown; one that cannot be had fails where it is read.
    #[must_use]
    pub fn within(&self, owner: &Scope) -> Scope {
        let mut scope = self.scope.clone();
        for (under, known) in [("params", self.params.as_slice()), ("args", &[])] {
            let mut values = known.to_vec();
            let mut failed = None;
            for deferred in self.deferred.iter().filter(|deferred| deferred.under == under) {
                match deferred.eval(owner) {
                    Ok(value) => values.push((deferred.name.clone(), value)),
                    Err(EvalError { unknown: Some(step), .. }) => {
                        values.push((deferred.name.clone(), crate::template::value::unknown(&step)));
                    }
                    Err(error) => failed = Some(format!("`{under}.{}`: {}", deferred.name, error.message)),
                }
            }
            scope = match failed {
                Some(why) => scope.with_lazy(under, move || Err(why.clone())),
                None if values.len() > known.len() => scope.with(under, world::map(values)),
                None => scope,
            };
        }
        scope.with_vars(Arc::clone(&self.vars))
    }
}

impl Deferred {
    fn eval(&self, owner: &Scope) -> Result<Value, EvalError> {
        let value = self.value.value(owner)?;
        let Some(param) = &self.param else { return Ok(value) };
        param.coerce(&value).map_err(|message| EvalError::new(self.value.span(), message))
    }
}

/// Index of a [`Frame`] in [`Plan::frames`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct FrameIx(pub u32);

/// The environment the run is for.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedEnvironment {
    /// Its id.
    pub name: String,
    /// What it is for.
    pub class: EnvironmentClass,
    /// Proves that this is it.
    pub identity: Option<Probe>,
    /// The environment of every program.
    pub env: Vec<(String, Template)>,
}

/// A channel, ready to be rendered.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedChannel {
    /// Its kind.
    pub kind: ChannelKind,
    /// Usually one secret.
    pub url: Template,
}

/// The sealed plan. Holds all choices; only step outputs stay open.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The runbook's name.
    pub name: String,
    /// For people.
    pub title: String,
    /// The root file, as given.
    pub path: PathBuf,
    /// The system's id, if any.
    pub system: Option<String>,
    /// The environment, if one was chosen (the only one of a system is chosen by itself; a lab never is).
    pub environment: Option<PlannedEnvironment>,
    /// The runbook's, else the system's.
    pub objectives: Objectives,
    /// The run's own timeout.
    pub timeout: Option<Duration>,
    /// True: a failure of the main list undoes what was started.
    pub rollback: bool,
    /// What `run.*` is.
    pub run: RunIdentity,
    /// The root runbook's names.
    pub root: FrameIx,
    /// Names, one set a document.
    pub frames: Vec<Frame>,
    /// Every step, parents before members. Index with [`NodeIx`].
    pub nodes: Vec<Node>,
    /// The main list.
    pub steps: List,
    /// Runs at the end, whatever happened.
    pub finally: List,
    /// All must pass before anything.
    pub preflight: Vec<Probe>,
    /// Of the run, in the root frame.
    pub outputs: Vec<(String, Expression)>,
    /// Only those that some kept step can read.
    pub secrets: BTreeMap<String, SecretDecl>,
    /// By id.
    pub channels: BTreeMap<String, PlannedChannel>,
    /// Programs that the pruned plan needs (`docker`, `gcloud`, `bash`, …), with the first step that needs each.
    pub tools: BTreeMap<String, StepId>,
    /// From earlier runs, else from estimates; in no digest.
    pub budget: budget::Budget,
    /// Digest of everything in the plan.
    pub plan_digest: String,
    /// Digest of documents, parameters, environment and names of secrets.
    pub source_digest: String,
    /// What a rehearsal breaks: the root runbook's; the first unless another is named. This and what follows is for rehearsals, and in
    /// no digest.
    pub faults: Vec<Fault>,
    /// Of the root runbook and every one that it includes.
    pub invariants: Vec<Invariant>,
    /// The same.
    pub accepted: Vec<Accepted>,
    /// What a rehearsal starts from beside services and data, in the names of [`Plan::system_frame`].
    pub world: Vec<PlannedChange>,
    /// The names of the system's own texts.
    pub system_frame: FrameIx,
    /// The system as plain data; the default without one.
    pub facts: Arc<SystemFacts>,
    /// Findings that do not stop anything.
    pub warnings: Vec<Diagnostic>,
}

impl Plan {
    /// The frame in which a group's result is judged: an included runbook's own, so that its outputs see its steps.
    #[must_use]
    pub fn judge_frame(&self, ix: NodeIx) -> FrameIx {
        node::judge_frame(&self.nodes, ix)
    }

    /// Programs that every course of the run needs, with the first step that needs each; [`Plan::tools`] has also those that only
    /// some courses need.
    #[must_use]
    pub fn certain_tools(&self) -> BTreeMap<String, StepId> {
        tools::certain(self)
    }

    /// A step.
    #[must_use]
    pub fn node(&self, ix: NodeIx) -> &Node {
        &self.nodes[ix.0 as usize]
    }

    /// Every parameter with its value, a list for each document.
    #[must_use]
    pub fn all_params(&self) -> Vec<Vec<(&str, serde_json::Value)>> {
        let mut all = Vec::with_capacity(self.frames.len());
        for frame in &self.frames {
            all.push(frame.params.iter().map(|(name, it)| (name.as_str(), template::value::to_json(it))).collect());
        }
        all
    }

    /// A document's names.
    #[must_use]
    pub fn frame(&self, ix: FrameIx) -> &Frame {
        &self.frames[ix.0 as usize]
    }
}

/// Checks everything that can be checked without values: references, kinds of step, cycles, guards. Used by `check` for
/// runbooks whose required parameters are not given. Warnings are among the findings.
#[must_use]
pub fn check(documents: &Documents) -> Vec<Diagnostic> {
    seal::check(documents)
}

/// Checks every text and operation of a system by itself. `file` is where it stands.
#[must_use]
pub fn check_system(system: &System, file: &std::path::Path) -> Vec<Diagnostic> {
    seal::check_system(system, file)
}

/// The environment that a plan for this system would choose, by its id; none where none is chosen or the one asked for is unknown.
#[must_use]
pub fn chosen_environment<'a>(system: Option<&'a System>, asked: Option<&str>) -> Option<&'a str> {
    environment::choose(system, asked).ok().flatten().map(|(name, _)| name.value.as_str())
}

/// What planning finds, without the plan's digests, which cost as much as the rest. Errors and warnings, those of the documents
/// among them.
#[must_use]
pub fn findings(documents: &Documents, inputs: &Inputs) -> Vec<Diagnostic> {
    seal::unsealed(documents, inputs).map_or_else(|errors| errors, |plan| plan.warnings)
}

/// Builds the plan.
///
/// # Errors
/// Every mistake, each with its place.
pub fn plan(documents: &Documents, inputs: &Inputs) -> Checked<Plan> {
    seal::plan(documents, inputs)
}

pub use digest::of_text as digest_of_text;
pub use graph::{mermaid, text};
