//! The outline of the `plan.json` that a run left behind. The file is evidence, perhaps tampered with: what it says is checked before
//! anything walks over it.

use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::live::list;
use super::{Outline, OutlineStep};
use crate::model::effect::EffectClass;
use crate::model::id::StepId;
use crate::model::outcome::SkipReason;
use crate::plan::budget::Budget;
use crate::plan::{List, ListKind, NodeIx};

/// Nested deeper than any runbook may be.
const DEEPEST: usize = 64;

#[derive(Deserialize)]
struct File {
    name: String,
    title: String,
    system: Option<String>,
    environment: Option<Environment>,
    objectives: Objectives,
    nodes: Vec<Node>,
    steps: List,
    finally: List,
    budget: Budget,
}

#[derive(Deserialize)]
struct Environment {
    name: String,
}

#[derive(Deserialize)]
struct Objectives {
    rto: Option<Duration>,
}

#[derive(Deserialize)]
struct Node {
    id: StepId,
    name: String,
    title: String,
    needs: Vec<NodeIx>,
    after: Vec<NodeIx>,
    pruned: Option<SkipReason>,
    when: Vec<String>,
    confirm: Option<IgnoredAny>,
    body: Body,
    fallback: List,
    rollback: Option<IgnoredAny>,
    approve: Option<Approve>,
    estimate: Option<Duration>,
}

#[derive(Deserialize)]
struct Approve {
    people: Vec<IgnoredAny>,
    min: u32,
}

#[derive(Deserialize)]
enum Body {
    Operation(Operation),
    List { kind: ListKind, list: List, finally: List },
}

#[derive(Deserialize)]
struct Operation {
    action: Option<Action>,
    effect: EffectClass,
}

#[derive(Deserialize)]
enum Action {
    Exec(IgnoredAny),
    Docker(IgnoredAny),
    Gcloud(IgnoredAny),
    Shell(IgnoredAny),
    Http(IgnoredAny),
    Manual(IgnoredAny),
    Wait(Duration),
    Notify(IgnoredAny),
}

impl Outline {
    /// Of the bytes of a run's `plan.json`.
    ///
    /// # Errors
    /// It is not what this program writes, or its steps do not fit together; the text fits after "read …: ".
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let outline = Self {
            name: file.name,
            title: file.title,
            system: file.system,
            environment: file.environment.map(|environment| environment.name),
            rto: file.objectives.rto,
            budget: file.budget,
            steps: file.nodes.into_iter().map(step).collect(),
            main: file.steps.members,
            finally: file.finally.members,
        };
        outline.holds_together()?;
        Ok(outline)
    }

    /// Every index is one of a step, every step lies in one list only, and what it waits for lies beside it.
    fn holds_together(&self) -> Result<(), String> {
        let mut homes: Vec<Option<usize>> = vec![None; self.steps.len()];
        let mut lists = vec![(&self.main, 0), (&self.finally, 0)];
        let mut number = 0;
        while let Some((list, depth)) = lists.pop() {
            number += 1;
            for ix in list {
                let home = homes.get_mut(ix.0 as usize).ok_or_else(|| format!("it has no step {}", ix.0))?;
                if home.replace(number).is_some() {
                    return Err(format!("step {} stands in two lists", ix.0));
                }
                if depth == DEEPEST {
                    return Err(format!("steps lie more than {DEEPEST} deep"));
                }
                let step = self.step(*ix);
                let inner = step.members.iter().chain([&step.finally, &step.fallback]);
                lists.extend(inner.map(|list| (list, depth + 1)));
            }
        }
        for (step, home) in self.steps.iter().zip(&homes) {
            let is_beside = |ix: &NodeIx| homes.get(ix.0 as usize) == Some(home);
            if let Some(stranger) = step.needs.iter().chain(&step.after).find(|ix| !is_beside(ix)) {
                return Err(format!("`{}` waits for step {}, which is not beside it", step.id, stranger.0));
            }
        }
        Ok(())
    }
}

fn step(node: Node) -> OutlineStep {
    let (kind, effect, estimate, members, finally) = match node.body {
        Body::List { kind, list: members, finally } => {
            (list(kind), None, node.estimate, Some(members.members), finally.members)
        }
        Body::Operation(operation) => {
            let (kind, own) = match operation.action {
                Some(Action::Exec(_)) => ("exec", None),
                Some(Action::Docker(_)) => ("docker", None),
                Some(Action::Gcloud(_)) => ("gcloud", None),
                Some(Action::Shell(_)) => ("shell", None),
                Some(Action::Http(_)) => ("http", None),
                Some(Action::Manual(_)) => ("manual", None),
                Some(Action::Wait(duration)) => ("wait", Some(duration)),
                Some(Action::Notify(_)) => ("notify", None),
                None => ("judgement", None),
            };
            (kind, Some(operation.effect.effect), node.estimate.or(own), None, Vec::new())
        }
    };
    OutlineStep {
        id: node.id,
        name: node.name,
        title: node.title,
        kind,
        effect,
        needs: node.needs,
        after: node.after,
        pruned: node.pruned,
        when: node.when,
        approvals: node.approve.map(|approve| (approve.min, approve.people.len())),
        asks: node.confirm.is_some(),
        undoable: node.rollback.is_some(),
        estimate,
        members,
        finally,
        fallback: node.fallback.members,
    }
}
