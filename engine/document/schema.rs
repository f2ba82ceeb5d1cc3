//! JSON Schemas (draft 2020-12) from the field tables.

use serde_json::{Value, json};

use super::kind::Kind;
use super::table::{Schemas, calendar, lab, runbook, system, test};

/// The schema of a kind of document.
pub(super) fn of(kind: &str) -> Option<Value> {
    let mut schemas = Schemas::default();
    let (root, title, summary) = match kind {
        "runbook" => (runbook::RUNBOOK.schema(&mut schemas), "Runbook, version 1", "How a system is recovered."),
        "system" => {
            (system::SYSTEM.schema(&mut schemas), "System, version 1", "What is recovered, and how it does things.")
        }
        "test" => (test::TEST.schema(&mut schemas), "Test, version 1", "What a runbook does, case by case."),
        "lab" => {
            (lab::LAB.schema(&mut schemas), "Lab, version 1", "A disposable environment, and what can be broken in it.")
        }
        "calendar" => {
            (calendar::CALENDAR.schema(&mut schemas), "Calendar, version 1", "Which drill, and which run, is due when.")
        }
        _ => return None,
    };
    schemas.definitions.sort_keys();
    Some(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": summary,
        "$ref": root["$ref"],
        "$defs": schemas.definitions,
    }))
}
