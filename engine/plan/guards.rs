//! Pass 5: what must not be possible at all: destroying unasked.

use crate::model::diagnostic::Diagnostic;
use crate::model::effect::Effect;

use super::builder::{Builder, Role};
use super::{Body, NodeIx};

impl Builder<'_> {
    /// Checks confirmations.
    pub fn guards(&mut self) {
        for at in 0..self.nodes.len() {
            if let Body::Operation(operation) = &self.nodes[at].body
                && operation.effect.effect == Effect::Destroy
                && !self.is_confirmed(NodeIx(u32::try_from(at).unwrap_or(u32::MAX)))
            {
                let node = &self.nodes[at];
                let message = format!("step `{}` destroys, and nobody is asked", node.name);
                self.findings.push(
                    Diagnostic::error("plan::destroy_without_confirm", operation.place, message)
                        .help("add `confirm: true` (or what must be typed) to the step or to a group around it"),
                );
            }
        }
    }

    /// A group's `confirm` covers its steps; that of a step does not cover its fallback, which nobody had in mind.
    fn is_confirmed(&self, ix: NodeIx) -> bool {
        let mut at = ix;
        let mut covers = true;
        loop {
            let node = &self.nodes[at.0 as usize];
            if covers && node.confirm.is_some() {
                return true;
            }
            covers = self.notes[at.0 as usize].role != Role::Fallback;
            let Some(parent) = node.parent else { return false };
            at = parent;
        }
    }
}
