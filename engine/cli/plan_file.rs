//! `plan.json` in the run's directory: the sealed plan as it was run, for people and for evidence. No secret is in it: templates
//! name secrets, they do not hold them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::failure::Failure;
use crate::model::id::StepId;
use crate::model::runbook::Objectives;
use crate::plan::budget::Budget;
use crate::plan::{List, Node, Plan, PlannedChannel, PlannedEnvironment, Probe, RunIdentity};
use crate::template::Expression;

/// The file's members, in their order.
#[derive(Serialize)]
struct PlanFile<'plan> {
    v: u32,
    name: &'plan str,
    title: &'plan str,
    path: &'plan Path,
    system: Option<&'plan str>,
    environment: Option<&'plan PlannedEnvironment>,
    objectives: &'plan Objectives,
    run: &'plan RunIdentity,
    nodes: &'plan [Node],
    steps: &'plan List,
    finally: &'plan List,
    preflight: &'plan [Probe],
    outputs: &'plan [(String, Expression)],
    secrets: Vec<&'plan str>,
    channels: &'plan BTreeMap<String, PlannedChannel>,
    tools: &'plan BTreeMap<String, StepId>,
    budget: &'plan Budget,
    plan_digest: &'plan str,
    source_digest: &'plan str,
}

/// The plan as JSON.
pub fn json(plan: &Plan) -> Result<Vec<u8>, Failure> {
    let file = PlanFile {
        v: 1,
        name: &plan.name,
        title: &plan.title,
        path: &plan.path,
        system: plan.system.as_deref(),
        environment: plan.environment.as_ref(),
        objectives: &plan.objectives,
        run: &plan.run,
        nodes: &plan.nodes,
        steps: &plan.steps,
        finally: &plan.finally,
        preflight: &plan.preflight,
        outputs: &plan.outputs,
        secrets: plan.secrets.keys().map(String::as_str).collect(),
        channels: &plan.channels,
        tools: &plan.tools,
        budget: &plan.budget,
        plan_digest: &plan.plan_digest,
        source_digest: &plan.source_digest,
    };
    serde_json::to_vec(&file).map_err(|error| Failure::Internal(format!("write the plan: {error}")))
}
