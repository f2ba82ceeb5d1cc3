//! Pass 4: every name in every expression, of kept and pruned steps alike, is one that will be there when it is read.

mod kinds;
mod names;
mod reach;
mod rehearsal;
mod secrets;
mod steps;
mod visit;

use crate::model::source::Span;
use crate::template::{Expression, Reference, Template};

pub use kinds::of_param;

use super::builder::{Builder, Loose};
use super::{FrameIx, NodeIx, Probe, variables};

/// Where an expression stands: decides what it may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A text or condition before the action.
    Plain,
    /// An argument vector; with its key.
    Argv,
    /// A script.
    Script,
    /// `env`, `stdin`, HTTP, channels: secrets are legal.
    Sink,
    /// A judgement of a result.
    Judgement,
    /// The default or the values of a parameter, or what the system file says.
    Parameter,
    /// `vars`.
    Variable,
}

/// What an expression sees of a rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Nothing: every run reads it.
    Nothing,
    /// `world`.
    World,
    /// `world`, and every step of its file, whether it has run or not.
    Everything,
}

/// Who reads.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// Whose names.
    pub frame: FrameIx,
    /// The step; none for what belongs to a document.
    pub node: Option<NodeIx>,
    /// A group's judgement reads its members.
    pub members: bool,
    /// Where.
    pub slot: Slot,
    /// The result's names that are there.
    pub results: &'static [&'static str],
    /// `before` is there.
    pub before: bool,
    /// Part of the node's rollback, which runs after the node itself.
    pub undoes: bool,
    /// What it sees of a rehearsal.
    pub watch: Watch,
}

impl Reader {
    /// What belongs to a document, before any action.
    #[must_use]
    pub const fn of_document(frame: FrameIx) -> Self {
        Self {
            frame,
            node: None,
            members: false,
            slot: Slot::Plain,
            results: &[],
            before: false,
            undoes: false,
            watch: Watch::Nothing,
        }
    }
}

impl Builder<'_> {
    /// Checks everything; findings say what is wrong.
    pub fn references(&mut self) {
        for at in 0..self.frames.len() {
            self.frame_references(FrameIx(u32::try_from(at).unwrap_or(u32::MAX)));
        }
        for at in 0..self.nodes.len() {
            self.node_references(NodeIx(u32::try_from(at).unwrap_or(u32::MAX)));
        }
    }

    fn frame_references(&mut self, ix: FrameIx) {
        let frame = &self.frames[ix.0 as usize];
        if frame.outer.is_some() {
            return;
        }
        let (vars, loose) = (std::sync::Arc::clone(&frame.vars), frame.loose.clone());
        let circles = variables::cycles(vars.iter().map(|(name, var)| (name.as_str(), var)), &["vars"]);
        self.findings.push_all(circles);
        let reader = |slot| Reader { slot, ..Reader::of_document(ix) };
        for var in vars.values() {
            for template in variables::templates(var) {
                self.text(template, reader(Slot::Variable));
            }
        }
        for loose in &loose {
            self.loose(loose, reader(Slot::Parameter));
        }
    }

    /// Checks the probes of the run itself, in the root's names.
    pub fn probe_references(&mut self, frame: FrameIx, probes: &[Probe]) {
        for probe in probes {
            let reader = Reader::of_document(frame);
            self.operation_references(&probe.operation, reader);
        }
    }

    /// Checks the outputs of the run.
    pub fn output_references(&mut self, frame: FrameIx, outputs: &[(String, Expression)]) {
        let reader = Reader { members: true, ..Reader::of_document(frame) };
        for (_, expression) in outputs {
            self.expression_references(expression, reader);
        }
    }

    fn loose(&mut self, loose: &Loose, reader: Reader) {
        match loose {
            Loose::Text(template) => self.text(template, reader),
            Loose::Expr(expression) => self.expression_references(expression, reader),
        }
    }

    pub(in crate::plan) fn text(&mut self, template: &Template, reader: Reader) {
        for expression in template.expressions() {
            self.expression_references(expression, reader);
        }
    }

    pub(super) fn expression_references(&mut self, expression: &Expression, reader: Reader) {
        for reference in expression.references() {
            self.reference(reference, expression.place(reference), reader);
        }
        self.kinds(expression, reader);
    }

    fn all(&mut self, references: &[(Reference, Span)], reader: Reader) {
        for (reference, place) in references {
            self.reference(reference, *place, reader);
        }
    }

    /// The frame in which a group's result is judged.
    pub fn judge_frame(&self, ix: NodeIx) -> FrameIx {
        super::node::judge_frame(&self.nodes, ix)
    }
}
