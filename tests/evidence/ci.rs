//! The shipped examples for pipelines: of the published schemas, with commands that this program takes.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Runbook, Workspace};

const EXAMPLES: [(&str, &str); 2] =
    [("fixtures/ci/github-actions.yaml", "vendor.github-workflows"), ("fixtures/ci/gitlab-ci.yml", "vendor.gitlab-ci")];

fn text(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Every text in a document that has `runbook` in it, a line each.
fn commands(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("sudo ").or(Some(line.trim())))
            .filter(|line| line.starts_with("runbook "))
            .map(str::to_owned)
            .collect(),
        Value::Array(items) => items.iter().flat_map(commands).collect(),
        Value::Object(members) => members.values().flat_map(commands).collect(),
        _ => Vec::new(),
    }
}

/// The words of a command, without what the pipeline's shell puts in.
fn words(command: &str) -> Vec<String> {
    let words = shlex(command).into_iter().skip(1);
    words.filter(|word| !word.contains("${")).collect()
}

fn shlex(command: &str) -> Vec<String> {
    command.replace('"', "").split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_examples_use_verbs_and_flags_that_there_are() {
    for (path, _) in EXAMPLES {
        let document: Value = serde_yaml::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let commands = commands(&document);
        for verb in ["drill run", "bundle", "head", "drill clean"] {
            assert!(commands.iter().any(|command| command.starts_with(&format!("runbook {verb}"))), "{path}: {verb}");
        }
        for command in commands {
            // With `--help` behind them only the grammar is looked at: an unknown flag before it is an error.
            let ran = Runbook::new().args(words(&command)).arg("--help").run();
            assert_eq!(ran.code, Some(0), "{path}: {command}\n{}", ran.stderr);
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "asks a validator that is not ours")]
fn the_examples_are_of_the_published_schemas() {
    for (path, schema) in EXAMPLES {
        let checked = Command::new("check-jsonschema")
            .args(["--builtin-schema", schema, path])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output();
        match checked {
            Ok(said) => assert!(said.status.success(), "{path}: {}", String::from_utf8_lossy(&said.stdout)),
            Err(error) => {
                let text = format!("{path} is not held against {schema}: check-jsonschema (PyPI): {error}\n");
                drop(std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes()));
            }
        }
    }
}

#[test]
fn a_drill_that_cannot_begin_leaves_a_red_result() {
    let workspace = Workspace::new();
    workspace.write("broken.yaml", "kind: runbook/v1\nname: broken\nsteps: []\n");
    let arguments = ["drill", "run", "broken.yaml", "--ci", "--junit", "out/drill.xml", "--report", "out/drill.json"];
    let _ = workspace.runbook(arguments).run().exits(2);
    let read = junit_parser::from_reader(workspace.read("out/drill.xml").as_bytes()).unwrap();
    assert_eq!((read.tests, read.errors), (1, 1));
    assert_eq!(workspace.read("out/drill.json"), "", "there is nothing to report");
    // Found before anything is made.
    let ran = |flags: &[&str]| workspace.runbook([&["drill", "run", "broken.yaml"], flags].concat()).run();
    let _ = ran(&["--report", "out/drill.pdf"]).exits(2).warns("what form is out/drill.pdf to have?");
    let _ = ran(&["--report", "broken.yaml/drill.json"]).exits(2).warns("make the directory of");
    let _ = ran(&["--junit", "out"]).exits(2).warns("is a directory");
    let _ = ran(&["--ci", "--hold", "fault"]).exits(2).warns("cannot be used with");
}
