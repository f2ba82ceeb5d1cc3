//! `rehearse` and `test` as a person calls them.

mod risky;
mod shipped;
mod verbs;

use std::path::Path;

use serde_json::Value;

use crate::support::Runbook;

/// A call in the repository, on a machine without programs and without a home: a rehearsal needs none.
fn call(args: &str) -> Runbook {
    Runbook::new()
        .dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .env("PATH", "")
        .env("HOME", "/nonexistent")
        .args(args.split_whitespace())
}

/// The one object that it prints.
fn object(args: &str, exit: i32) -> Value {
    let ran = call(&format!("{args} --json")).run().exits(exit);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

/// Codes and places of the findings.
fn findings(object: &Value) -> Vec<String> {
    let findings = object["findings"].as_array().unwrap().iter();
    let text = |finding: &Value| {
        let code = finding["code"].as_str().unwrap();
        format!("{} {}:{}", code, finding["path"].as_str().unwrap(), finding["line"])
    };
    findings.map(text).collect()
}
