//! The plan of a run against its digests in the journal, and what lies outside the chain.

use std::fs;
use std::path::PathBuf;

use crate::support::Workspace;

const RUNBOOK: &str = "\
kind: runbook/v1
name: proved
title: A run that is proved
timeout: 5m
params:
  share:
    type: string
    default: half
steps:
  - id: greet
    shell: echo hello
    retry: { attempts: 2, factor: 1.1000000000000003 }
  - id: pause
    exec: [\"true\"]
    when: params.share == \"half\"
";

/// A run of it, and its directory.
pub fn ran(workspace: &Workspace) -> PathBuf {
    workspace.write("proved.yaml", RUNBOOK);
    let _ = workspace.runbook(["run", "proved.yaml"]).run().exits(0);
    let name = fs::read_dir(workspace.path("runs")).unwrap().next().unwrap().unwrap().file_name();
    workspace.path("runs").join(name)
}

#[test]
fn the_plan_is_held_against_the_journal() {
    let workspace = Workspace::new();
    let run = ran(&workspace);
    let _ = workspace
        .runbook(["verify"])
        .run()
        .exits(0)
        .says("plan.json: documents, parameters, environment and steps are those that the run began with")
        .says("1 file that steps and people wrote are outside the chain")
        .says("it holds; 2 things cannot be proved from this alone");
    let plan = run.join("plan.json");
    let text = fs::read_to_string(&plan).unwrap();
    let changed = |from: &str, to: &str, words: &str| {
        assert!(text.contains(from), "{from} in {text}");
        // The last one: documents stand before the steps that were made of them.
        let (before, after) = text.rsplit_once(from).unwrap();
        fs::write(&plan, format!("{before}{to}{after}")).unwrap();
        let _ = workspace.runbook(["verify"]).run().exits(8).says("plan.json").says(words);
    };
    changed("echo hello", "echo HELLO", "has steps that are not those of the journal's plan digest");
    changed(r#""rollback":false"#, r#""rollback":true"#, "has steps that are not those");
    changed("exec: [\\\"", "exec:  [\\\"", "documents, parameters, an environment or secrets that are not those");
    changed(r#""share":"half""#, r#""share":"hale""#, "documents, parameters, an environment or secrets");
    changed("1.1000000000000003", "1.1000000000000001", "has steps that are not those");
    fs::write(&plan, "{}").unwrap();
    let _ = workspace.runbook(["verify"]).run().exits(0).says("does not hold what its digests were made of");
    fs::write(&plan, "no json").unwrap();
    let _ = workspace.runbook(["verify"]).run().exits(8).says("is not there, or is no plan");
    fs::remove_file(&plan).unwrap();
    let _ = workspace.runbook(["verify"]).run().exits(8).says("is not there, or is no plan");
    // What an earlier program did not write is said to be open, not to be wrong.
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value.as_object_mut().unwrap().remove("rollback");
    fs::write(&plan, value.to_string()).unwrap();
    let _ =
        workspace.runbook(["verify"]).run().exits(0).says("whether the steps are, an earlier program did not record");
}
