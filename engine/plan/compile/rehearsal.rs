//! What a runbook and its system say of the rehearsal, compiled: changes, simulated answers, faults, invariants.

use crate::model::diagnostic::Diagnostic;
use crate::model::id::StepId;
use crate::model::rehearsal::{AcceptDecl, ChangeDecl, SimulateDecl};
use crate::model::runbook::Runbook;
use crate::model::source::Name;
use crate::plan::builder::Builder;
use crate::plan::findings::literal;
use crate::plan::{Accepted, Fault, FrameIx, Invariant, Node, PlannedChange, Simulate};
use crate::template::nearest::did_you_mean;

impl Builder<'_> {
    /// Changes; what they name is checked with the references.
    pub fn changes(&mut self, changes: &[ChangeDecl]) -> Vec<PlannedChange> {
        let findings = &mut self.findings;
        let mut one = |change: &ChangeDecl| PlannedChange {
            place: change.span,
            change: change.change.map(&mut |text| findings.template(text)),
        };
        changes.iter().map(&mut one).collect()
    }

    /// What an operation does in a rehearsal.
    pub fn simulate(&mut self, simulate: &SimulateDecl) -> Simulate {
        Simulate {
            place: simulate.span,
            stdout: self.findings.maybe(simulate.stdout.as_ref()),
            stderr: self.findings.maybe(simulate.stderr.as_ref()),
            exit: simulate.exit.as_ref().and_then(|exit| self.findings.expression(exit)),
            status: simulate.status.as_ref().and_then(|status| self.findings.expression(status)),
            takes: simulate.takes,
            effects: self.changes(&simulate.effects),
            inputs: self.named(&simulate.inputs),
        }
    }

    /// The faults of the root runbook.
    pub fn faults(&mut self, runbook: &Runbook, frame: FrameIx) {
        for (name, fault) in &runbook.faults {
            let title = self.findings.maybe(fault.title.as_ref()).unwrap_or_else(|| literal(&name.value, name.span));
            let effects = self.changes(&fault.effects);
            let fault = Fault { name: name.value.clone(), title, place: name.span, effects, frame };
            self.rehearsal.faults.push(fault);
        }
    }

    /// Invariants and accepted findings of a runbook whose steps are in `frame`.
    pub fn watched(&mut self, runbook: &Runbook, frame: FrameIx) {
        for expr in &runbook.invariants {
            if let Some(expression) = self.findings.expression(expr) {
                self.rehearsal.invariants.push(Invariant { frame, place: expr.0.span, expression });
            }
        }
        for accept in &runbook.accept {
            self.accept(accept, frame);
        }
    }

    fn accept(&mut self, accept: &AcceptDecl, frame: FrameIx) {
        let accepted = |step: Option<StepId>| Accepted {
            finding: accept.finding,
            step,
            because: accept.because.value.clone(),
            place: accept.span,
        };
        let Some(name) = &accept.step else {
            self.rehearsal.accepted.push(accepted(None));
            return;
        };
        let found = self.steps_called(&name.value, frame);
        if found.is_empty() {
            self.unknown_step_of(name, frame);
        }
        self.rehearsal.accepted.extend(found.into_iter().map(|id| accepted(Some(id))));
    }

    /// Every step of a file by its name there (one for each element of a `for_each` around it), or the one of that id below the
    /// step that the file belongs to.
    pub fn steps_called(&self, name: &str, frame: FrameIx) -> Vec<StepId> {
        let base = self.base_of(frame);
        let own = |node: &&Node| {
            let last = node.id.0.rsplit('/').next().unwrap_or_default();
            (last == name && self.is_of_frame(node.frame, frame)) || node.id == base.child(name)
        };
        self.nodes.iter().filter(own).map(|node| node.id.clone()).collect()
    }

    /// True for a frame itself and for those of elements in it.
    fn is_of_frame(&self, mut own: FrameIx, frame: FrameIx) -> bool {
        while let Some(outer) = self.frames[own.0 as usize].outer.filter(|_| own != frame) {
            own = outer;
        }
        own == frame
    }

    /// The step that a file's steps are inside of; empty at the root.
    fn base_of(&self, frame: FrameIx) -> StepId {
        let owner = self.frames[frame.0 as usize].owner;
        owner.map_or_else(|| StepId(String::new()), |owner| self.nodes[owner.0 as usize].id.clone())
    }

    fn unknown_step_of(&mut self, name: &Name, frame: FrameIx) {
        let message = format!("there is no step `{}` in this file", name.value);
        let mut found = Diagnostic::error("plan::unknown_step", name.span, message);
        let own = self.nodes.iter().filter(|node| self.is_of_frame(node.frame, frame));
        let own: Vec<&str> = own.map(file_name).filter(|name| !name.ends_with(']')).collect();
        found.help = did_you_mean(&name.value, own);
        self.findings.push(found);
    }

    /// A step by its full id; a finding says what it may have been.
    pub fn step_of_id(&mut self, name: &Name) -> Option<crate::plan::NodeIx> {
        let mut all = self.nodes.iter().enumerate();
        if let Some((at, _)) = all.find(|(_, node)| node.id.0 == name.value) {
            return Some(crate::plan::NodeIx(u32::try_from(at).unwrap_or(u32::MAX)));
        }
        let called: Vec<&str> =
            self.nodes.iter().filter(|node| file_name(node) == name.value).map(|node| node.id.0.as_str()).collect();
        let mut found =
            Diagnostic::error("plan::unknown_step", name.span, format!("there is no step `{}`", name.value));
        found.help = match called.as_slice() {
            [] => did_you_mean(&name.value, self.nodes.iter().map(|node| node.id.0.as_str())),
            several => Some(format!("write its full id: `{}`", several.join("` or `"))),
        };
        self.findings.push(found);
        None
    }
}

/// The last part of a step's id.
fn file_name(node: &Node) -> &str {
    node.id.0.rsplit('/').next().unwrap_or_default()
}
