//! What `history --format json` prints is what its schema says.

use serde_json::Value;

use super::{Drill, drilled, json, made};
use crate::support::{Runbook, Workspace};

const SHIPPED: &str = "schemas/history.schema.json";

fn schema() -> Value {
    serde_json::from_str(&std::fs::read_to_string(SHIPPED).unwrap()).unwrap()
}

fn validate(history: &Value) {
    let validator = jsonschema::options().should_validate_formats(true).build(&schema()).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(history).take(9).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn the_schema_is_valid_and_printed() {
    jsonschema::draft202012::meta::validate(&schema()).expect("a valid schema");
    let printed = Runbook::new().args(["schema", "history"]).run().exits(0).stdout;
    assert_eq!(printed, std::fs::read_to_string(SHIPPED).unwrap());
}

#[test]
fn every_history_is_as_the_schema_says() {
    let workspace = made(60, 15);
    workspace.write("drills/01KB7Q00000000000000000009/journal.jsonl", "not a journal\n");
    workspace.write("runbooks/scenario-z.yaml", "kind: runbook/v1\nname: scenario-z\ntitle: Z\nowner: a\nsteps: []\n");
    let history = json(&workspace, &[]);
    validate(&history);
    let has = |path: &str| history.pointer(path).unwrap_or_else(|| panic!("no {path}")).as_array().unwrap().len();
    assert_eq!((has("/records"), has("/damaged")), (75, 1));
    assert!(has("/trends") >= 5 && has("/coverage/cells") >= 5, "{}", history["trends"]);
    validate(&json(&workspace, &["--scenario", "scenario-a", "--since", "2026-10-01"]));
    validate(&json(&Workspace::new(), &[]));
    validate(&json(&drilled(&[Drill::control(1), Drill::failed(2), Drill { verdict: None, ..Drill::new(3) }]), &[]));
}

#[test]
fn a_member_that_the_schema_does_not_know_is_found() {
    let mut history = json(&drilled(&[Drill::new(1)]), &[]);
    history["trends"][0]["new"] = Value::from(1);
    let validator = jsonschema::validator_for(&schema()).unwrap();
    assert!(!validator.is_valid(&history));
}
