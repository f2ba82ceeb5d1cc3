//! `plan.json` in the run's directory: the sealed plan as it was run, for people and for evidence, and what it was made of, so that
//! `resume` can make it again ([`Saved`]). No secret is in it: templates name secrets, they do not hold them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::failure::Failure;
pub use super::saved::Saved;
use crate::model::id::StepId;
use crate::model::runbook::Objectives;
use crate::plan::budget::Budget;
use crate::plan::{List, Node, Plan, PlannedChannel, PlannedEnvironment, Probe, RunIdentity};
use crate::template::Expression;

/// The file's members, in their order.
#[derive(Serialize)]
struct PlanFile<'plan> {
    v: u32,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved: Option<&'plan Saved>,
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
    // What is in no other member and in the plan's digest: so that it can be made again from this file.
    timeout: Option<Duration>,
    rollback: bool,
    params: Vec<Vec<(&'plan str, Value)>>,
}

/// Reads no further than the member that `resume` needs.
struct UpToSaved<'saved>(&'saved mut Option<Saved>);

impl<'de> DeserializeSeed<'de> for UpToSaved<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for UpToSaved<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plan")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<Cow<'de, str>>()? {
            if name == "saved" {
                *self.0 = members.next_value()?;
                break;
            }
            members.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// What the plan of a run was made of. `path` is the `plan.json` of the run's directory.
///
/// # Errors
/// The file cannot be read, or is not what this program writes.
pub fn read(path: &Path) -> Result<Saved, Failure> {
    let failed = |why: String| Failure::Storage(format!("read {}: {why}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let mut saved = None;
    let read = UpToSaved(&mut saved).deserialize(&mut serde_json::Deserializer::from_slice(&bytes));
    match (saved, read) {
        // Every step of the plan stands behind it, and none of them is needed.
        (Some(saved), _) => Ok(saved),
        (None, Err(error)) => Err(failed(error.to_string())),
        (None, Ok(())) => Err(failed("it does not say what the plan was made of".to_owned())),
    }
}

/// The plan as JSON. With `saved` the run can be resumed.
pub fn json(plan: &Plan, saved: Option<&Saved>) -> Result<Vec<u8>, Failure> {
    let file = PlanFile {
        v: 1,
        kind: super::saved_plan::KIND_OF_A_RUN,
        saved,
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
        timeout: plan.timeout,
        rollback: plan.rollback,
        params: plan.all_params(),
    };
    serde_json::to_vec(&file).map_err(|error| Failure::Internal(format!("write the plan: {error}")))
}
