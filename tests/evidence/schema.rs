//! `runbook report --format json` against the schema that `runbook schema report` publishes.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::Workspace;

fn shipped() -> Value {
    let text = std::fs::read_to_string("schemas/report.schema.json").expect("the shipped schema");
    serde_json::from_str(&text).expect("JSON")
}

#[track_caller]
fn errors(report: &Value) -> Vec<String> {
    let schema = jsonschema::validator_for(&shipped()).expect("a valid schema");
    schema.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn report(workspace: &Workspace, id: &str) -> Value {
    serde_json::from_str(&workspace.runbook(["report", id, "--format", "json"]).run().exits(0).stdout).unwrap()
}

fn fixture(workspace: &Workspace, place: &str, name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/journals").join(name);
    workspace.write(&format!("{place}/journal.jsonl"), std::fs::read(file).unwrap());
}

#[test]
fn the_shipped_schema_is_that_of_the_program() {
    let printed = Workspace::new().runbook(["schema", "report"]).run().exits(0).stdout;
    let shipped = std::fs::read_to_string("schemas/report.schema.json").unwrap_or_default();
    assert!(
        shipped == printed,
        "schemas/report.schema.json is another; run: runbook schema report > schemas/report.schema.json"
    );
    jsonschema::draft202012::meta::validate(&serde_json::from_str(&printed).unwrap()).expect("a valid schema");
}

#[test]
fn reports_of_every_kind_of_record_are_of_the_schema() {
    let workspace = Workspace::new();
    // Every kind of entry, every outcome, every reason to skip.
    fixture(&workspace, "runs/01KB7Q00000000000000000001", "0.1.0.jsonl");
    let every_kind = report(&workspace, "01KB7Q");
    assert_eq!(errors(&every_kind), Vec::<String>::new());
    // A drill with its run, and one whose run is gone.
    fixture(&workspace, "drills/01M8EZPW5QGAQKTQ67WP72RFE5", "drill-0.1.0.jsonl");
    let alone = report(&workspace, "01M8EZPW");
    assert!(alone["run"].is_null());
    fixture(&workspace, "drills/runs/01M8EZQ1MMR586QNZT3BHNZCJ2", "drill-run-0.1.0.jsonl");
    let drill = report(&workspace, "01M8EZPW");
    assert!(drill["run"].is_object() && drill["drill"]["score"].is_object());
    for report in [&alone, &drill] {
        assert_eq!(errors(report), Vec::<String>::new());
    }
    // The schema says something: what is no report is refused.
    for (member, value) in [("v", json!("1")), ("verdict", json!({})), ("objectives", json!([1])), ("began", json!(3))]
    {
        let mut changed = drill.clone();
        changed[member] = value;
        assert!(!errors(&changed).is_empty(), "{member}");
        changed.as_object_mut().unwrap().remove(member);
        assert!(!errors(&changed).is_empty(), "without {member}");
    }
    let mut changed = drill;
    changed["run"]["summary"]["steps"][0]["outcome"] = json!("fine");
    assert!(!errors(&changed).is_empty());
}
