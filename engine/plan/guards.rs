//! Pass 5: what must not be possible at all: destroying unasked. And rollbacks that would never run.

use crate::model::diagnostic::Diagnostic;
use crate::model::effect::Effect;
use crate::model::runbook::{OnFailure, Runbook};
use crate::model::source::Span;

use super::builder::{Builder, Role, Site};
use super::{Body, ListKind, Node, NodeIx, Probe};

impl Builder<'_> {
    /// Checks confirmations and rollbacks.
    pub fn guards(&mut self, runbook: &Runbook) {
        self.rollbacks(runbook);
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

    /// Conditions of the preflight that are known before the run and do not hold.
    pub fn refused(&mut self, site: &Site, preflight: &[Probe]) -> Vec<Diagnostic> {
        let mut refused = Vec::new();
        for probe in preflight.iter().filter(|probe| probe.operation.action.is_none()) {
            for expect in &probe.operation.judge.expect {
                // Where it has no value, the mistake that is the reason speaks for itself.
                let known = self.is_static(site, expect).then(|| expect.holds(&self.scope(site)));
                if !matches!(known, Some(Ok(verdict)) if !verdict.holds) {
                    continue;
                }
                let message = format!("the preflight of this runbook refuses it: `{}`", expect.source());
                let mut found = Diagnostic::error("plan::refused", expect.span(), message);
                found.help = probe.operation.judge.hint.as_ref().map(|hint| hint.preview(&self.scope(site)));
                refused.push(found);
                break;
            }
        }
        refused
    }

    /// A rollback that never runs, and `on_failure: rollback` where nothing can be undone.
    fn rollbacks(&mut self, runbook: &Runbook) {
        let mut undone = vec![false; self.nodes.len()];
        // Members come after their groups.
        for at in (0..self.nodes.len()).rev() {
            let node = &self.nodes[at];
            undone[at] = undone[at] || node.rollback.is_some();
            if let Some(parent) = node.parent.filter(|_| undone[at]) {
                undone[parent.0 as usize] = true;
            }
            if node.rollback.is_some()
                && let Some((why, help)) = never_undone(node)
            {
                let message = format!("step `{}` {why}", node.name);
                self.findings.push(Diagnostic::warning("plan::rollback_without_use", node.place, message).help(help));
            } else if node.on_failure == OnFailure::Rollback && !undone[at] && node.pruned.is_none() {
                let message = format!("`on_failure: rollback`, but nothing of `{}` has a `rollback:`", node.name);
                self.findings.push(nothing_to_undo(node.place, message));
            }
        }
        if runbook.on_failure == OnFailure::Rollback && !undone.contains(&true) {
            let message = "`on_failure: rollback`, but no step has a `rollback:`".to_owned();
            self.findings.push(nothing_to_undo(runbook.name.span, message));
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

/// Why a node's rollback is never run, and what to do about it.
fn never_undone(node: &Node) -> Option<(&'static str, &'static str)> {
    let effect = match &node.body {
        Body::Operation(operation) => operation.effect.effect,
        Body::List { kind: ListKind::Check | ListKind::Logs, .. } => Effect::Read,
        Body::List { .. } => return None,
    };
    match effect {
        Effect::Read => Some(("only reads, so there is nothing to roll back", "leave `rollback:` out")),
        Effect::Destroy => Some((
            "destroys: a point of no return, where every rollback stops",
            "leave `rollback:` out, and set damaged things aside instead of destroying them",
        )),
        Effect::Mutate => None,
    }
}

fn nothing_to_undo(place: Span, message: String) -> Diagnostic {
    let help = "add `rollback:` to the steps that can be undone, or leave `on_failure:` out";
    Diagnostic::warning("plan::nothing_to_roll_back", place, message).help(help)
}
