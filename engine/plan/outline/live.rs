//! The outline of a plan that was just sealed.

use super::{Outline, OutlineStep};
use crate::plan::graph::estimate;
use crate::plan::{Action, Body, ListKind, Node, Plan};

impl Outline {
    /// Of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        Self {
            name: plan.name.clone(),
            title: plan.title.clone(),
            system: plan.system.clone(),
            environment: plan.environment.as_ref().map(|environment| environment.name.clone()),
            rto: plan.objectives.rto,
            budget: plan.budget.clone(),
            steps: plan.nodes.iter().map(step).collect(),
            main: plan.steps.members.clone(),
            finally: plan.finally.members.clone(),
        }
    }
}

fn step(node: &Node) -> OutlineStep {
    let (members, finally) = match &node.body {
        Body::List { list, finally, .. } => (Some(list.members.clone()), finally.members.clone()),
        Body::Operation(_) => (None, Vec::new()),
    };
    OutlineStep {
        id: node.id.clone(),
        name: node.name.clone(),
        title: node.title.source().to_owned(),
        kind: kind(node),
        effect: match &node.body {
            Body::Operation(operation) => Some(operation.effect.effect),
            Body::List { .. } => None,
        },
        needs: node.needs.clone(),
        after: node.after.clone(),
        pruned: node.pruned.clone(),
        when: node.when.iter().map(|condition| condition.source().to_owned()).collect(),
        approvals: node.approve.as_ref().map(|approve| (approve.min, approve.people.len())),
        asks: node.confirm.is_some(),
        undoable: node.rollback.is_some(),
        estimate: estimate(node),
        members,
        finally,
        fallback: node.fallback.members.clone(),
    }
}

fn kind(node: &Node) -> &'static str {
    match &node.body {
        Body::List { kind, .. } => list(*kind),
        Body::Operation(operation) => match &operation.action {
            Some(Action::Exec(_)) => "exec",
            Some(Action::Docker(_)) => "docker",
            Some(Action::Gcloud(_)) => "gcloud",
            Some(Action::Shell { .. }) => "shell",
            Some(Action::Http { .. }) => "http",
            Some(Action::Manual { .. }) => "manual",
            Some(Action::Wait(_)) => "wait",
            Some(Action::Notify { .. }) => "notify",
            None => "judgement",
        },
    }
}

/// What a group is, in a word or two.
pub(super) const fn list(kind: ListKind) -> &'static str {
    match kind {
        ListKind::Group => "group",
        ListKind::Include => "include",
        ListKind::ForEach => "for each",
        ListKind::Services => "services",
        ListKind::Check => "check",
        ListKind::Logs => "logs",
    }
}
