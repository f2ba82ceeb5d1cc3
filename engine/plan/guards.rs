//! Pass 5: what must not be possible at all: destroying unasked, recovering after verifying.

use crate::model::diagnostic::Diagnostic;
use crate::model::effect::Effect;
use crate::model::runbook::Phase;

use super::builder::{Builder, Role};
use super::{Body, NodeIx};

impl Builder<'_> {
    /// Checks confirmations and phases.
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
        self.phases();
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

    /// An earlier phase may not wait for a later one.
    fn phases(&mut self) {
        let mut latest: std::collections::HashMap<(Option<NodeIx>, Role), (Phase, usize)> =
            std::collections::HashMap::new();
        for at in 0..self.nodes.len() {
            let (node, note) = (&self.nodes[at], &self.notes[at]);
            let Some(phase) = node.phase else { continue };
            let list = (node.parent, note.role);
            let above = latest.get(&list).copied().filter(|_| !note.explicit);
            let named =
                node.needs.iter().filter_map(|need| Some((self.nodes[need.0 as usize].phase?, need.0 as usize)));
            if let Some((later, other)) = above.into_iter().chain(named).filter(|(other, _)| *other > phase).max() {
                let message = format!(
                    "step `{}` ({}) waits for `{}` ({}), a later phase",
                    node.name,
                    word(phase),
                    self.nodes[other].name,
                    word(later)
                );
                let found = Diagnostic::error("plan::phase_order", note.name_place, message)
                    .related(self.notes[other].name_place, "the later phase")
                    .help("move it up, or say what it waits for with `needs`");
                self.findings.push(found);
            }
            let entry = latest.entry(list).or_insert((phase, at));
            *entry = (*entry).max((phase, at));
        }
    }
}

const fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Detect => "detect",
        Phase::Recover => "recover",
        Phase::Verify => "verify",
        Phase::Failback => "failback",
    }
}
