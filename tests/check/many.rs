//! `check` of several files and directories at once, and the shape of its JSON.

use crate::support::{Runbook, Workspace};

const GOOD: &str = "kind: runbook/v1\nname: good\nsteps:\n  - id: a\n    exec: 'true'\n";

fn workspace() -> Workspace {
    Workspace::new()
        .file("a.yaml", "kind: runbook/v1\nname: a\nsteps:\n  - id: one\n    exce: echo\n    timeout: soon\n")
        .file("b.yaml", "kind: runbook/v1\nname: b\nsteps:\n  - id: one\n    exec: echo ${{ params.x }}\n")
        .file("dir/good.yaml", GOOD)
        .file("dir/deep/c.yaml", "kind: system/v1\nname: c\nservices:\n  x: { container: x, needs: [y] }\n")
        .file("dir/empty.yaml", "")
        .file("dir/compose.yaml", "services: {}\n")
}

#[test]
fn all_errors_of_all_files_are_shown() {
    let workspace = workspace();
    let ran = workspace.runbook(["check", "a.yaml", "b.yaml", "dir", "none.yaml"]).run().exits(2);
    let ran = ran
        .warns("a.yaml:5:5: error[document::unknown_key]")
        .warns("a.yaml:6:14: error[document::wrong_type]")
        .warns("b.yaml:5:20: error[plan::unknown_parameter]")
        .warns("dir/deep/c.yaml:4:30: error[document::unknown_id]")
        .warns("error[document::missing_file]: cannot read `none.yaml`")
        .warns("checked 2 runbooks, 3 unusable files: 5 errors");
    assert!(!ran.stderr.contains("good.yaml") && !ran.stderr.contains("compose.yaml"), "{}", ran.stderr);
}

#[test]
fn what_two_files_share_is_reported_once() {
    let include =
        |name: &str| format!("kind: runbook/v1\nname: {name}\nsteps:\n  - id: one\n    include: shared.yaml\n");
    let workspace = Workspace::new()
        .file("a.yaml", include("a"))
        .file("b.yaml", include("b"))
        .file("shared.yaml", "kind: runbook/v1\nname: shared\nsteps:\n  - id: one\n    exce: echo\n");
    let ran = workspace.runbook(["check", "a.yaml", "b.yaml", "."]).run().exits(2);
    assert_eq!(ran.stderr.matches("unknown key `exce`").count(), 1, "{}", ran.stderr);
}

#[test]
fn json_has_the_documented_shape() {
    let workspace = workspace();
    let ran = workspace.runbook(["check", "--json", "a.yaml", "b.yaml", "dir", "none.yaml"]).run().exits(2);
    assert_eq!(ran.stderr, "");
    let found: Vec<serde_json::Value> = serde_json::from_str(&ran.stdout).expect("an array");
    assert_eq!(found.len(), 5);
    for one in &found {
        let keys: Vec<&str> = one.as_object().expect("an object").keys().map(String::as_str).collect();
        let placed =
            ["code", "severity", "message", "path", "line", "column", "offset", "end", "label", "help", "related"];
        let unplaced = ["code", "severity", "message", "label", "help", "related"];
        assert!(keys == placed || (keys == unplaced && one["code"] == "document::missing_file"), "{one}");
        assert_eq!(one["severity"], "error");
        assert!(one["help"].is_string() && one["related"].is_array(), "{one}");
    }
    let help = Runbook::new().args(["check", "--help"]).run().exits(0);
    for key in ["code", "severity", "message", "path", "line", "column", "offset", "end", "label", "help", "related"] {
        assert!(help.stdout.contains(&format!("  {key} ")), "`{key}` is not documented in\n{}", help.stdout);
    }
}

const TEST: &str = "kind: test/v1\ncases:\n  - name: all is well\n    expect: { ran: one }\n";

#[test]
fn tests_of_a_directory_are_checked_with_their_runbooks() {
    let workspace = Workspace::new()
        .file("dir/good.yaml", GOOD)
        .file("dir/good_test.yaml", TEST.replace("one", "a"))
        .file("dir/odd.yaml", GOOD)
        .file("dir/odd_test.yaml", TEST);
    let _ = workspace
        .runbook(["check", "dir"])
        .run()
        .exits(2)
        .warns("dir/odd_test.yaml:4:20: error[plan::unknown_step]: there is no step `one`")
        .warns("checked 2 runbooks, 2 tests: 1 error");
    let _ = workspace.runbook(["check", "dir/good_test.yaml"]).run().exits(0).says("checked 1 test: no errors");
}

#[test]
fn a_test_is_no_runbook() {
    let workspace = Workspace::new().file("good.yaml", GOOD).file("good_test.yaml", TEST.replace("one", "a"));
    let _ = workspace
        .runbook(["run", "good_test.yaml", "--dry-run"])
        .run()
        .exits(2)
        .warns("this file is a test, not a runbook")
        .warns("name the runbook that it tests");
}

#[test]
fn a_broken_runbook_is_said_once_for_all_cases_of_its_test() {
    let workspace = Workspace::new()
        .file("odd.yaml", GOOD.replace("'true'", "echo ${{ params.x }}"))
        .file("odd_test.yaml", format!("{TEST}  - name: again\n"));
    let ran = workspace.runbook(["check", "odd_test.yaml"]).run().exits(2);
    assert_eq!(ran.stderr.matches("there is no parameter `x`").count(), 1, "{}", ran.stderr);
}
