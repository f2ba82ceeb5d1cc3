//! The shipped JSON Schemas are those of the field tables, and agree with them about every file.

use std::path::Path;

use runbook::document;
use serde_json::Value;

use super::rendered::{check, files};

fn shipped(kind: &str) -> Value {
    let path = format!("schemas/{kind}.schema.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn shipped_schemas_are_up_to_date() {
    for kind in ["runbook", "system", "test", "lab", "calendar"] {
        let path = format!("schemas/{kind}.schema.json");
        let made = document::schema(kind).expect("a schema");
        let text = format!("{}\n", serde_json::to_string_pretty(&made).expect("JSON"));
        let shipped = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(shipped == text, "{path} is not what the field tables say; run: runbook schema {kind} > {path}");
    }
}

#[test]
fn schemas_follow_the_draft_they_name() {
    for kind in ["runbook", "system", "test", "lab", "calendar"] {
        let schema = shipped(kind);
        jsonschema::draft202012::meta::validate(&schema).expect("a valid schema");
    }
    assert_eq!(document::schema("roster"), None);
}

fn validators() -> [(&'static str, jsonschema::Validator); 5] {
    ["runbook", "system", "test", "lab", "calendar"]
        .map(|kind| (kind, jsonschema::validator_for(&shipped(kind)).expect("a valid schema")))
}

/// Whether the schema takes a file; none: the file is no YAML mapping with a known kind, so no schema is asked.
fn accepts(validators: &[(&str, jsonschema::Validator)], path: &Path) -> Option<Result<(), String>> {
    let text = std::fs::read_to_string(path).ok()?;
    let value: Value = serde_yaml::from_str(&text).ok()?;
    let kind = value.get("kind")?.as_str()?.split('/').next()?.to_owned();
    let (_, validator) = validators.iter().find(|(name, _)| *name == kind)?;
    let errors: Vec<_> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    Some(if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) })
}

#[test]
fn valid_files_pass_the_schemas() {
    let validators = validators();
    let mut seen = 0;
    for path in ["fixtures/runbooks/valid", "runbooks"].into_iter().flat_map(files) {
        match accepts(&validators, &path) {
            Some(Ok(())) => seen += 1,
            Some(Err(errors)) => panic!("{} is valid, but the schema says:\n{errors}", path.display()),
            None => panic!("{} has no schema", path.display()),
        }
    }
    assert!(seen >= 5, "only {seen} files");
}

/// What a schema can see as well as lowering does.
const STRUCTURAL: [&str; 6] = [
    "document::unknown_key",
    "document::unknown_value",
    "document::missing_key",
    "document::not_supported_yet",
    "document::bad_id",
    "document::empty_list",
];

#[test]
fn schemas_and_lowering_agree_about_invalid_files() {
    let validators = validators();
    for path in files("fixtures/runbooks/invalid") {
        let Some(verdict) = accepts(&validators, &path) else { continue };
        let found = check(&path);
        let own = found.sources.find(&path);
        let here = |code: &str| {
            found.findings.iter().any(|finding| finding.code == code && finding.span.map(|span| span.file) == own)
        };
        if let Err(errors) = verdict {
            assert!(found.errors() > 0, "{}: only the schema refuses it:\n{errors}", path.display());
        } else {
            let missed: Vec<_> = STRUCTURAL.into_iter().filter(|code| here(code)).collect();
            assert!(missed.is_empty(), "{}: the schema misses {missed:?}", path.display());
        }
    }
}
