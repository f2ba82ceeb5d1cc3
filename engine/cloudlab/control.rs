//! `/_lab/…`: what the drill asks of its cloud lab: faults, the state, the end.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Request};
use super::effects::Effect;
use super::gcloud::Asked;
use super::lab::Lab;
use crate::runner::sim::cloud::{At, CloudError};

/// What Google Cloud is to refuse from now on.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Fault {
    /// A zone has no capacity.
    Stockout { zone: String, message: Option<String> },
    /// A quota is used up, or has this limit.
    Quota { metric: String, limit: Option<u64> },
    /// Requests wait for so long, operations take so many percent of what they take at Google.
    Latency { ms: Option<u64>, percent: Option<u32> },
    /// A permission is missing.
    Permission { permission: String, message: Option<String> },
    /// The API answers with 503.
    Unavailable,
    /// Too many changes.
    Rate,
}

/// Answers, where the path is one of these.
pub fn answer(lab: &Arc<Lab>, request: &Request) -> Answer {
    let path: Vec<&str> = request.path.trim_matches('/').split('/').skip(1).collect();
    match (request.method.as_str(), path.as_slice()) {
        ("POST", ["gcloud"]) => match serde_json::from_value::<Asked>(request.body.clone()) {
            Ok(asked) => Answer::ok(serde_json::to_value(lab.gcloud(&asked)).unwrap_or_default()),
            Err(error) => wrong(&error.to_string()),
        },
        ("POST", ["fault"]) => match serde_json::from_value::<Fault>(request.body.clone()) {
            Ok(fault) => {
                set(lab, &fault);
                Answer::ok(json!({"refused": refused(lab)}))
            }
            Err(error) => wrong(&error.to_string()),
        },
        ("DELETE", ["fault"]) => {
            lab.world().allow_everything();
            let mut world = lab.world();
            for (metric, limit) in &lab.config.quotas {
                world.limit(&lab.config.project, metric, *limit);
            }
            world.set_pace(lab.config.latency_percent);
            drop(world);
            lab.set_delay(Duration::ZERO);
            Answer::ok(json!({"refused": {}}))
        }
        ("GET", ["state"]) => Answer::ok(state(lab)),
        ("POST", ["vm", name, "kill"]) => vm(lab, name, true),
        ("POST", ["vm", name, "start"]) => vm(lab, name, false),
        _ => Answer::unknown(request),
    }
}

fn wrong(why: &str) -> Answer {
    Answer::error(400, "invalid", why)
}

fn set(lab: &Lab, fault: &Fault) {
    let mut world = lab.world();
    let or_default = |message: &Option<String>| message.clone().unwrap_or_default();
    match fault {
        Fault::Stockout { zone, message } => world.refuse(&format!("zone:{zone}"), &or_default(message)),
        Fault::Quota { metric, limit: None } => world.refuse(&format!("quota:{metric}"), ""),
        Fault::Quota { metric, limit: Some(limit) } => world.limit(&lab.config.project, metric, *limit),
        Fault::Permission { permission, message } => {
            world.refuse(&format!("permission:{permission}"), &or_default(message));
        }
        Fault::Unavailable => world.refuse("api", ""),
        Fault::Rate => world.refuse("rate", ""),
        Fault::Latency { ms, percent } => {
            if let Some(percent) = percent {
                world.set_pace(*percent);
            }
            if let Some(ms) = ms {
                lab.set_delay(Duration::from_millis(*ms));
            }
        }
    }
}

fn refused(lab: &Lab) -> Value {
    let world = lab.world();
    let refused = world.cloud().refused.iter().map(|(what, says)| (what.clone(), Value::from(says.clone())));
    Value::Object(refused.collect())
}

/// What there is, as the API would write it, whatever is refused.
fn state(lab: &Lab) -> Value {
    let refused = refused(lab);
    let mut world = lab.world().clone();
    world.allow_everything();
    let project = &lab.config.project;
    let records = world.cloud().projects.values().flat_map(|project| project.zones.values());
    let records: Vec<Value> =
        records.flat_map(|zone| &zone.records).map(crate::runner::sim::cloud::Record::document).collect();
    json!({
        "lab": lab.config.lab,
        "now": world.now(),
        "refused": refused,
        "instances": world.instance_documents(project, None).unwrap_or_default(),
        "disks": world.disk_documents(project, None).unwrap_or_default(),
        "snapshots": world.snapshot_documents(project).unwrap_or_default(),
        "records": records,
        "operations": world.operation_documents(project, None).unwrap_or_default(),
    })
}

/// Breaks a virtual machine, or starts it.
fn vm(lab: &Arc<Lab>, name: &str, kill: bool) -> Answer {
    let found = {
        let world = lab.world();
        let projects = world.cloud().projects.iter();
        let mut all = projects.flat_map(|(id, project)| project.instances.values().map(move |one| (id, one)));
        all.find(|(_, one)| one.name == name).map(|(id, one)| (At::zone(id, &one.zone, name), one.status.clone()))
    };
    let Some((at, status)) = found else {
        return Answer::error(404, "notFound", &format!("there is no instance `{name}`; see GET /_lab/state"));
    };
    if kill && status != "RUNNING" {
        return Answer::ok(json!({"status": status}));
    }
    // Nobody asks the API, so nothing of it is refused.
    let changed = lab.at_once_as(
        |world| {
            let refused = world.cloud().refused.clone();
            world.allow_everything();
            if kill {
                world.lose_instance(&at);
            } else {
                world.start_instance(&at)?;
            }
            for (what, says) in &refused {
                world.refuse(what, says);
            }
            Ok::<(), CloudError>(())
        },
        |effects| {
            for effect in effects.iter_mut() {
                if let Effect::Stop { at } = effect {
                    *effect = Effect::Kill { at: at.clone() };
                }
            }
        },
    );
    match changed {
        Ok(()) => Answer::ok(json!({"status": if kill { "TERMINATED" } else { "RUNNING" }})),
        Err(why) => Answer::error(500, "backendError", &why),
    }
}
