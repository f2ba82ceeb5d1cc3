//! Which programs the plan needs, so that a missing one is found before the first step.

use std::collections::BTreeMap;

use crate::model::id::StepId;

use super::{Action, Body, Node, Operation, Probe};

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

fn program(operation: &Operation) -> Option<String> {
    if let Some(target) = &operation.target {
        return Some(target.client().to_owned());
    }
    match operation.action.as_ref()? {
        Action::Exec(words) => words.literals().into_iter().next().flatten(),
        Action::Docker(_) => Some("docker".to_owned()),
        Action::Gcloud(_) => Some("gcloud".to_owned()),
        Action::Shell { interpreter, .. } => interpreter.first().cloned(),
        Action::Http { .. } | Action::Manual { .. } | Action::Wait(_) | Action::Notify { .. } => None,
    }
}
