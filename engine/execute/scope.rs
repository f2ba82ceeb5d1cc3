//! What a step's expressions can see: its document's names, `run`, and the steps that have ended.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use minijinja::value::{Enumerator, Object, ObjectRepr};

use crate::model::outcome::{Outcome, RunOutcome};
use crate::model::port::Now;
use crate::plan::{FrameIx, Node, NodeIx, Plan};
use crate::template::{Scope, Value, value};

/// What later steps can read of one step.
#[derive(Clone, Debug, Default)]
pub(super) struct StepValues {
    /// A mapping, or nothing yet.
    pub outputs: Option<Value>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Dry run: outputs are not known before this step has run.
    pub unknown: bool,
}

/// Outputs of every step. Shared with the expressions that read it; written by the core only. A clone goes its own way.
#[derive(Debug)]
pub(super) struct Store {
    plan: Arc<Plan>,
    steps: Arc<RwLock<Vec<StepValues>>>,
}

impl Clone for Store {
    fn clone(&self) -> Self {
        let steps = self.steps.read().unwrap_or_else(PoisonError::into_inner).clone();
        Self { plan: Arc::clone(&self.plan), steps: Arc::new(RwLock::new(steps)) }
    }
}

impl Store {
    /// The same values, seen by an expression.
    fn shared(&self) -> Self {
        Self { plan: Arc::clone(&self.plan), steps: Arc::clone(&self.steps) }
    }

    pub(super) fn new(plan: Arc<Plan>) -> Self {
        let steps = Arc::new(RwLock::new(vec![StepValues::default(); plan.nodes.len()]));
        Self { plan, steps }
    }

    pub(super) fn set(&self, ix: NodeIx, values: StepValues) {
        self.steps.write().unwrap_or_else(PoisonError::into_inner)[ix.0 as usize] = values;
    }

    pub(super) fn get(&self, ix: NodeIx) -> StepValues {
        self.steps.read().unwrap_or_else(PoisonError::into_inner)[ix.0 as usize].clone()
    }

    /// The scope of one document at one moment.
    pub(super) fn frame(&self, frame: FrameIx, run: RunView) -> Scope {
        let document = self.plan.frame(frame);
        let scope = match document.owner {
            Some(owner) if !document.deferred.is_empty() => document.within(&self.node(self.plan.node(owner), run)),
            _ => document.scope.clone(),
        };
        scope
            .with("now", value::timestamp(run.wall.fixed_offset()))
            .with("run", Value::from_object(run.with(&self.plan)))
            .with("steps", Value::from_object(StepsView { frame, store: self.shared() }))
            .with_vars(Arc::clone(&document.vars))
    }

    /// The scope in which a group's result is judged.
    pub(super) fn judge(&self, ix: NodeIx, run: RunView) -> Scope {
        let node = self.plan.node(ix);
        let frame = self.plan.judge_frame(ix);
        if frame == node.frame { self.node(node, run) } else { self.frame(frame, run) }
    }

    /// The scope of one step at one moment.
    pub(super) fn node(&self, node: &Node, run: RunView) -> Scope {
        let mut scope = self.frame(node.frame, run);
        for (name, bound) in &node.bindings {
            scope = scope.with(name, bound.clone());
        }
        scope
    }
}

/// The changing part of `run`.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunView {
    elapsed: Duration,
    wall: DateTime<Utc>,
    outcome: Ended,
}

/// Whether the main list has ended, and how.
#[derive(Clone, Copy, Debug)]
enum Ended {
    No,
    Yes(RunOutcome),
    /// Finally-steps of a dry run.
    NotKnown,
}

impl RunView {
    pub(super) fn new(now: Now, outcome: Option<RunOutcome>) -> Self {
        Self { elapsed: now.elapsed, wall: now.wall, outcome: outcome.map_or(Ended::No, Ended::Yes) }
    }

    /// The end of a run that is only looked at.
    pub(super) fn at_the_end(self) -> Self {
        Self { outcome: Ended::NotKnown, ..self }
    }

    fn with(self, plan: &Arc<Plan>) -> RunObject {
        RunObject { view: self, plan: Arc::clone(plan) }
    }
}

#[derive(Debug)]
struct RunObject {
    view: RunView,
    plan: Arc<Plan>,
}

impl Object for RunObject {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let run = &self.plan.run;
        match key.as_str()? {
            "id" => Some(Value::from(run.id.0.as_str())),
            "stamp" => Some(Value::from(run.stamp.as_str())),
            "started" => Some(value::timestamp(run.started.fixed_offset())),
            "operator" => Some(Value::from(run.operator.as_str())),
            "elapsed" => Some(value::duration(Duration::from_secs(self.view.elapsed.as_secs()))),
            "outcome" => match self.view.outcome {
                Ended::No => None,
                Ended::Yes(outcome) => Some(Value::from(outcome.as_str())),
                Ended::NotKnown => Some(value::unknown("the steps")),
            },
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["id", "stamp", "started", "operator", "elapsed", "outcome"])
    }
}

/// `steps` of one document.
#[derive(Debug)]
struct StepsView {
    frame: FrameIx,
    store: Store,
}

impl Object for StepsView {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let ix = *self.store.plan.frame(self.frame).steps.get(key.as_str()?)?;
        let step = self.store.get(ix);
        if step.unknown {
            return Some(value::unknown(&self.store.plan.node(ix).id.0));
        }
        Some(Value::from_object(StepObject { step }))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(
            self.store.plan.frame(self.frame).steps.keys().map(|name| Value::from(name.as_str())).collect(),
        )
    }
}

#[derive(Debug)]
struct StepObject {
    step: StepValues,
}

impl Object for StepObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "outputs" => {
                Some(self.step.outputs.clone().unwrap_or_else(|| Value::from_pairs(Vec::<(String, Value)>::new())))
            }
            "outcome" => Some(Value::from(self.step.outcome.map_or("pending", Outcome::as_str))),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["outputs", "outcome"])
    }
}
