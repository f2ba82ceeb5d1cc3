//! `plan.json` in the run's directory: the sealed plan as it was run, for people and for evidence. No secret is in it: templates
//! name secrets, they do not hold them.

use serde_json::json;

use super::failure::Failure;
use crate::plan::Plan;

/// The plan as JSON.
pub fn json(plan: &Plan) -> Result<Vec<u8>, Failure> {
    let value = json!({
        "v": 1,
        "name": plan.name,
        "title": plan.title,
        "path": plan.path,
        "system": plan.system,
        "environment": plan.environment,
        "objectives": plan.objectives,
        "run": plan.run,
        "nodes": plan.nodes,
        "steps": plan.steps,
        "finally": plan.finally,
        "preflight": plan.preflight,
        "outputs": plan.outputs,
        "secrets": plan.secrets.keys().collect::<Vec<_>>(),
        "channels": plan.channels,
        "tools": plan.tools,
        "budget": plan.budget,
        "plan_digest": plan.plan_digest,
        "source_digest": plan.source_digest,
    });
    serde_json::to_vec(&value).map_err(|error| Failure::Internal(format!("write the plan: {error}")))
}
