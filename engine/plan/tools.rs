//! Which programs the plan needs, so that a missing one is found before the first step.

use std::collections::BTreeMap;

use crate::model::id::StepId;
use crate::model::runbook::Phase;

use super::{Action, Body, List, Node, Operation, Plan, Probe};

/// Programs and the first step that needs each. What belongs to the run itself counts as `preflight` or `environment`.
#[must_use]
pub fn tools(nodes: &[Node], preflight: &[Probe], identity: Option<&Probe>) -> BTreeMap<String, StepId> {
    let mut tools = BTreeMap::new();
    let mut add = |operation: &Operation, step: &StepId| {
        if let Some(program) = program(operation) {
            tools.entry(program).or_insert_with(|| step.clone());
        }
    };
    for (probe, part) in
        identity.iter().map(|it| (*it, "environment")).chain(preflight.iter().map(|it| (it, "preflight")))
    {
        add(&probe.operation, &StepId(part.to_owned()));
    }
    for node in nodes.iter().filter(|node| node.pruned.is_none()) {
        let around = node.presence.iter().map(|presence| &presence.probe).chain(&node.require).chain(&node.done_when);
        for probe in around.chain(node.gate.iter().map(|gate| &gate.probe)) {
            add(&probe.operation, &node.id);
        }
        if let Body::Operation(operation) = &node.body {
            add(operation, &node.id);
        }
        if let Some(rollback) = &node.rollback {
            add(&rollback.operation, &node.id);
            let probes = rollback.done_when.iter().chain(rollback.gate.iter().map(|gate| &gate.probe));
            probes.for_each(|probe| add(&probe.operation, &node.id));
        }
    }
    tools
}

/// Programs that every course of the run needs, whatever its steps find, with the first step that needs each: not those of fallbacks,
/// rollbacks, steps with a condition that only a run knows, actions that `done_when` may make needless, and paths, which an earlier
/// step may make.
#[must_use]
pub fn certain(plan: &Plan) -> BTreeMap<String, StepId> {
    let mut tools = Certain { plan, found: BTreeMap::new() };
    let identity = plan.environment.iter().filter_map(|environment| environment.identity.as_ref());
    for probe in identity {
        tools.add(&probe.operation, &StepId("environment".to_owned()));
    }
    for probe in &plan.preflight {
        tools.add(&probe.operation, &StepId("preflight".to_owned()));
    }
    tools.list(&plan.steps);
    tools.list(&plan.finally);
    tools.found
}

struct Certain<'a> {
    plan: &'a Plan,
    found: BTreeMap<String, StepId>,
}

impl Certain<'_> {
    fn add(&mut self, operation: &Operation, step: &StepId) {
        if let Some(program) = program(operation).filter(|program| !program.contains('/')) {
            self.found.entry(program).or_insert_with(|| step.clone());
        }
    }

    fn list(&mut self, list: &List) {
        let plan = self.plan;
        for node in list.members.iter().map(|ix| plan.node(*ix)) {
            if node.pruned.is_some() || !node.when.is_empty() || node.phase == Some(Phase::Failback) {
                continue;
            }
            if let Some(presence) = &node.presence {
                self.add(&presence.probe.operation, &node.id);
                if presence.optional {
                    continue;
                }
            }
            for probe in node.require.iter().chain(&node.done_when).chain(node.gate.iter().map(|gate| &gate.probe)) {
                self.add(&probe.operation, &node.id);
            }
            match &node.body {
                Body::Operation(operation) if node.done_when.is_none() => self.add(operation, &node.id),
                Body::Operation(_) => {}
                Body::List { list, finally, .. } => {
                    self.list(list);
                    self.list(finally);
                }
            }
        }
    }
}

/// What must be on this machine; where the work happens elsewhere, that is the way there.
fn program(operation: &Operation) -> Option<String> {
    let action = operation.action.as_ref()?;
    if let Some(target) = &operation.target {
        return Some(target.client().to_owned());
    }
    match action {
        Action::Exec(words) => words.literals().into_iter().next().flatten(),
        Action::Docker(_) => Some("docker".to_owned()),
        Action::Gcloud(_) => Some("gcloud".to_owned()),
        Action::Shell { interpreter, .. } => interpreter.first().cloned(),
        Action::Http { .. } | Action::Manual { .. } | Action::Wait(_) | Action::Notify { .. } => None,
    }
}
