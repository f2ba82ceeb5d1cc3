//! What the passes share while the plan grows: nodes, what is remembered about each, frames, findings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use crate::document::Documents;
use crate::model::id::StepId;
use crate::model::runbook::{OnFailure, SecretDecl};
use crate::model::source::{FileId, Span};
use crate::template::{Expression, Scope, Template, Value, Vars};

use super::findings::{Findings, literal};
use super::targets::Place;
use super::world::World;
use super::{Body, Deferred, FrameIx, Inputs, Judge, List, Node, NodeIx, Rehearsal, Retry};

/// The plan under construction.
pub struct Builder<'a> {
    /// What was read.
    pub documents: &'a Documents,
    /// None: `check`, where no parameter has a value.
    pub inputs: Option<&'a Inputs>,
    /// The system, rendered.
    pub world: World<'a>,
    /// Names, one set a document (and an element of a `for_each`).
    pub frames: Vec<FrameDraft<'a>>,
    /// Parents before members.
    pub nodes: Vec<Node>,
    /// What later passes need to know about each node; parallel to `nodes`.
    pub notes: Vec<Note>,
    /// Errors and warnings.
    pub findings: Findings,
    /// Files being included, outermost first.
    pub including: Vec<FileId>,
    /// Those that some kept step reads.
    pub secrets: BTreeMap<String, SecretDecl>,
    /// By id.
    pub channels: BTreeMap<String, super::PlannedChannel>,
    /// What a rehearsal needs to know; in no digest.
    pub rehearsal: Rehearsal,
    /// The frame of system operations, once one is needed.
    pub system_frame: Option<FrameIx>,
}

/// A frame under construction.
#[derive(Debug, Default)]
pub struct FrameDraft<'a> {
    /// Names and values, `vars` included.
    pub scope: Scope,
    /// Compiled.
    pub vars: Arc<Vars>,
    /// By name in the file.
    pub steps: BTreeMap<String, NodeIx>,
    /// Parameters and whether their values are known.
    pub params: BTreeMap<String, ParamState>,
    /// The kind of each parameter that has a value.
    pub kinds: BTreeMap<String, &'static str>,
    /// In authored order, the known ones.
    pub values: Vec<(String, Value)>,
    /// What only a run knows.
    pub deferred: Vec<Deferred>,
    /// The step it belongs to.
    pub owner: Option<NodeIx>,
    /// An element of a `for_each` also sees the steps of the frame around it.
    pub outer: Option<FrameIx>,
    /// Legal names under `secrets`.
    pub secrets: BTreeMap<String, &'a SecretDecl>,
    /// Whether each variable has a value before the run; filled as asked.
    pub fixed_vars: BTreeMap<String, bool>,
    /// Expressions of its parameters, to be checked.
    pub loose: Vec<Loose>,
    /// True for the frame of system operations.
    pub is_system: bool,
}

/// What is known of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamState {
    /// It has its value.
    Known,
    /// A run will tell.
    Later,
    /// Nobody gave it (or `check` does not ask).
    Unknown,
}

/// Which list of its parent a node is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// `steps`.
    #[default]
    Main,
    /// `finally`.
    Finally,
    /// `fallback`.
    Fallback,
}

/// Which outputs others may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// Exactly these.
    Declared(BTreeSet<String>),
    /// Nobody can say before the run (a script that writes `$RUNBOOK_OUTPUT`, an include that was not followed).
    Open,
}

/// An expression that stands in no field of a node: paths of includes, selections, values passed on.
#[derive(Clone, Debug)]
pub enum Loose {
    /// A text.
    Text(Template),
    /// An expression.
    Expr(Expression),
}

/// What later passes need to know about a node.
#[derive(Clone, Debug)]
pub struct Note {
    /// Which list it is in.
    pub role: Role,
    /// Where in it.
    pub position: u32,
    /// The place of its id.
    pub name_place: Span,
    /// Every authored condition, decided or not.
    pub conditions: Vec<Expression>,
    /// True when `needs` was written (or the list is independent).
    pub explicit: bool,
    /// Authored edges: to whom, where, and whether it is a need.
    pub edges: Vec<(NodeIx, Span, bool)>,
    /// What others may read.
    pub outputs: Outputs,
    /// Further expressions to check.
    pub loose: Vec<Loose>,
    /// Names bound to nothing yet (`check` only).
    pub open: Vec<String>,
    /// Made by the engine from the system, not written in a runbook.
    pub generated: bool,
}

/// Where a list is being expanded.
#[derive(Clone, Debug)]
pub struct Site {
    /// Whose names.
    pub frame: FrameIx,
    /// Loop names, `service`, `args`.
    pub bindings: Rc<Vec<(String, Value)>>,
    /// Bound names without a value (`check` only).
    pub open: Rc<Vec<String>>,
    /// The directory of the file.
    pub base: Rc<PathBuf>,
    /// The group.
    pub parent: Option<NodeIx>,
    /// Its id; empty at the root.
    pub id: StepId,
    /// Which of its lists.
    pub role: Role,
    /// The pruned step that encloses it.
    pub pruned: Option<Rc<str>>,
    /// Where operations happen that do not say so themselves.
    pub target: Place,
}

impl Site {
    /// The outermost site of a frame.
    #[must_use]
    pub fn of_frame(frame: FrameIx) -> Self {
        Self {
            frame,
            bindings: Rc::default(),
            open: Rc::default(),
            base: Rc::default(),
            parent: None,
            id: StepId(String::new()),
            role: Role::Main,
            pruned: None,
            target: None,
        }
    }

    /// The site of one of a node's lists.
    #[must_use]
    pub fn inside(&self, node: NodeIx, id: &StepId, role: Role, pruned: bool) -> Self {
        let below = || Some(Rc::from(id.0.as_str()));
        let pruned = self.pruned.clone().or_else(|| if pruned { below() } else { None });
        Self { parent: Some(node), id: id.clone(), role, pruned, ..self.clone() }
    }
}

impl Builder<'_> {
    /// Adds a node whose body is filled in later.
    pub fn push(&mut self, site: &Site, id: StepId, name: &str, place: Span, position: usize) -> NodeIx {
        let ix = NodeIx(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node {
            id,
            name: name.to_owned(),
            title: literal(name, place),
            place,
            phase: None,
            frame: site.frame,
            bindings: site.bindings.as_ref().clone(),
            parent: site.parent,
            needs: Vec::new(),
            after: Vec::new(),
            pruned: site
                .pruned
                .as_ref()
                .map(|step| crate::model::outcome::SkipReason::Parent { step: step.to_string() }),
            when: Vec::new(),
            presence: None,
            require: None,
            done_when: None,
            idempotent: false,
            confirm: None,
            body: Body::List { kind: super::ListKind::Group, list: List::default(), finally: List::default() },
            judge: Judge { default_expectation: true, ..Judge::default() },
            gate: None,
            retry: Retry {
                attempts: 1,
                delay: std::time::Duration::ZERO,
                factor: 2.0,
                max_delay: std::time::Duration::from_mins(1),
                when: Vec::new(),
            },
            on_failure: OnFailure::Stop,
            fallback: List::default(),
            rollback: None,
            approve: None,
            estimate: None,
        });
        self.notes.push(Note {
            role: site.role,
            position: u32::try_from(position).unwrap_or(u32::MAX),
            name_place: place,
            conditions: Vec::new(),
            explicit: true,
            edges: Vec::new(),
            outputs: Outputs::Declared(BTreeSet::new()),
            loose: Vec::new(),
            open: site.open.as_ref().clone(),
            generated: false,
        });
        ix
    }

    /// A node.
    pub fn node(&mut self, ix: NodeIx) -> &mut Node {
        &mut self.nodes[ix.0 as usize]
    }

    /// What is remembered about it.
    pub fn note(&mut self, ix: NodeIx) -> &mut Note {
        &mut self.notes[ix.0 as usize]
    }

    /// A frame.
    pub fn frame(&self, ix: FrameIx) -> &FrameDraft<'_> {
        &self.frames[ix.0 as usize]
    }

    /// Names and values at a site, loop names included.
    pub fn scope(&self, site: &Site) -> Scope {
        let frame = &self.frames[site.frame.0 as usize];
        site.bindings.iter().fold(frame.scope.clone(), |scope, (name, value)| scope.with(name, value.clone()))
    }
}
