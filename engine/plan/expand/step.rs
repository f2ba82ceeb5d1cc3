//! One authored step becomes a node, with everything that surrounds its action.

use std::collections::BTreeSet;

use crate::model::operation::Action as Authored;
use crate::model::outcome::SkipReason;
use crate::model::runbook::{Body as AuthoredBody, Parallel, Step};
use crate::plan::builder::{Builder, Outputs, Role, Site};
use crate::plan::compile::{When, reads};
use crate::plan::{Action, Body, ListKind, NodeIx};
use crate::template::Expression;

impl<'a> Builder<'a> {
    /// The node of a step (the list of its elements, where it has `for_each`).
    pub fn step(&mut self, step: &'a Step, site: &Site, position: usize) -> NodeIx {
        let id = site.id.child(&step.id.value);
        let ix = self.push(site, id, &step.id.value, step.id.span, position);
        self.surroundings(ix, step);
        if step.for_each.is_some() {
            self.each(ix, step, site);
        } else {
            let conditions = self.findings.expressions(&step.when);
            self.decide(ix, conditions, site);
            self.around(ix, step, site);
            self.body(ix, step, site);
        }
        ix
    }

    /// What a step and the list of its elements have in common.
    fn surroundings(&mut self, ix: NodeIx, step: &'a Step) {
        let title = self.findings.maybe(step.title.as_ref());
        let node = self.node(ix);
        if let Some(title) = title {
            node.title = title;
        }
        node.phase = step.phase;
        node.on_failure = step.on_failure;
        node.estimate = step.estimate;
    }

    /// Decides the conditions that can be decided: all others stay.
    pub fn decide(&mut self, ix: NodeIx, conditions: Vec<Expression>, site: &Site) {
        let mut open = Vec::new();
        for condition in &conditions {
            if site.pruned.is_some() || !self.is_static(site, condition) {
                open.push(condition.clone());
                continue;
            }
            match condition.holds(&self.scope(site)) {
                Ok(verdict) if verdict.holds => {}
                Ok(_) => {
                    let expression = condition.source().to_owned();
                    self.node(ix).pruned.get_or_insert(SkipReason::When { expression });
                }
                Err(error) => self.findings.evaluation(&error),
            }
        }
        self.node(ix).when = open;
        self.note(ix).conditions = conditions;
    }

    /// Everything around the action: requirements, confirmation, gate, retry, fallback.
    pub fn around(&mut self, ix: NodeIx, step: &'a Step, site: &Site) {
        let around = &self.below(ix, site);
        // A step's own target is also that of its probes, not of its fallback.
        let own = step.operation.target.as_ref().map(|target| {
            let target = self.target(target, around, When::Rendered).unwrap_or_default();
            Site { target, ..around.clone() }
        });
        let site = own.as_ref().unwrap_or(around);
        let require = step.require.as_ref().map(|probe| self.probe(probe, site));
        let done_when = step.done_when.as_ref().map(|probe| self.probe(probe, site));
        let confirm = step.confirm.as_ref().map(|confirm| self.confirm(confirm));
        let gate = step.gate.as_ref().map(|gate| self.gate(gate, site));
        let retry = step.retry.as_ref().map(|retry| self.retry(retry));
        // By `services`: each service of the step has its own.
        let authored = step.rollback.as_ref().filter(|rollback| !self.undone_by_services(rollback, step));
        let rollback = authored.map(|rollback| Box::new(self.rollback(rollback, site)));
        let approve = step.approve.as_ref().and_then(|approve| self.approve(approve, site));
        let id = self.node(ix).id.clone();
        let fallback = self.list(&step.fallback, &around.inside(ix, &id, Role::Fallback, false), Parallel::No);
        let mut outputs: BTreeSet<String> = step.operation.outputs.iter().map(|(name, _)| name.value.clone()).collect();
        outputs.extend(gate.iter().flat_map(|gate| &gate.probe.operation.judge.outputs).map(|(name, _)| name.clone()));
        let node = self.node(ix);
        node.require = require;
        node.done_when = done_when;
        node.idempotent = step.idempotent;
        node.confirm = confirm;
        node.gate = gate;
        node.fallback = fallback;
        node.rollback = rollback;
        node.approve = approve;
        if let Some(retry) = retry {
            node.retry = retry;
        }
        self.note(ix).outputs = Outputs::Declared(outputs);
    }

    /// The site of what stands on a node itself; pruned with it.
    pub fn below(&self, ix: NodeIx, site: &Site) -> Site {
        let node = &self.nodes[ix.0 as usize];
        let mut own = site.clone();
        if node.pruned.is_some() && own.pruned.is_none() {
            own.pruned = Some(node.id.0.as_str().into());
        }
        own
    }

    /// The action.
    pub fn body(&mut self, ix: NodeIx, step: &'a Step, site: &Site) {
        let (id, pruned) = (self.node(ix).id.clone(), self.node(ix).pruned.is_some());
        match &step.body {
            AuthoredBody::Steps(steps) => {
                let list = self.list(steps, &site.inside(ix, &id, Role::Main, pruned), step.parallel);
                self.group(ix, step, site, ListKind::Group, list);
            }
            AuthoredBody::Include { path, params } => self.include(ix, step, site, path, params),
            AuthoredBody::Operation => {
                match step.operation.action.as_ref().map(|action| (&action.value, action.span)) {
                    Some((Authored::Services(services), _)) => self.services(ix, step, services, site),
                    _ => self.leaf(ix, step, site),
                }
            }
        }
    }

    /// A group's judgement and its `finally`.
    pub fn group(&mut self, ix: NodeIx, step: &'a Step, site: &Site, kind: ListKind, list: crate::plan::List) {
        let (id, pruned) = (self.node(ix).id.clone(), self.node(ix).pruned.is_some());
        let finally = self.list(&step.finally, &site.inside(ix, &id, Role::Finally, pruned), Parallel::No);
        let mut judge = self.judge(&step.operation);
        if kind == ListKind::Check {
            judge.default_expectation = judge.expect.is_empty();
        }
        let node = self.node(ix);
        node.judge = judge;
        node.body = Body::List { kind, list, finally };
    }

    fn leaf(&mut self, ix: NodeIx, step: &'a Step, site: &Site) {
        let own = self.below(ix, site);
        let mut operation = self.operation(&step.operation, &own);
        let again = self.node(ix).retry.when.clone();
        operation.capture = reads::capture(&operation.judge, &again);
        match &operation.action {
            Some(Action::Manual { inputs, .. }) => {
                let names: Vec<String> = inputs.iter().map(|input| input.name.clone()).collect();
                if let Outputs::Declared(outputs) = &mut self.note(ix).outputs {
                    outputs.extend(names);
                }
            }
            Some(Action::Shell { script, .. }) if script.source().contains("RUNBOOK_OUTPUT") => {
                self.note(ix).outputs = Outputs::Open;
            }
            Some(Action::Notify { channels, .. }) if channels.is_empty() => {
                let what = "no channel is set".to_owned();
                self.node(ix).pruned.get_or_insert(SkipReason::Empty { what });
            }
            _ => {}
        }
        self.node(ix).body = Body::Operation(Box::new(operation));
    }
}
