//! `runbook check`: every mistake with its place, in every form of output.

use crate::support::{Runbook, Workspace};

const GOOD: &str = "\
kind: runbook/v1
name: greet
steps:
  - id: hello
    exec: echo hello
";

const BAD: &str = "\
kind: runbook/v1
name: greet
setps: []
steps:
  - id: hello
    exec: echo hello
    neds: []
";

#[test]
fn a_good_runbook_is_counted() {
    let workspace = Workspace::new().file("greet.yaml", GOOD);
    let _ = workspace.runbook(["check", "greet.yaml"]).run().exits(0).says("checked 1 runbook: no errors");
}

#[test]
fn every_mistake_has_its_place_and_help() {
    let workspace = Workspace::new().file("greet.yaml", BAD);
    let ran = workspace.runbook(["check", "greet.yaml"]).run().exits(2);
    let ran = ran
        .warns("greet.yaml:3:1: error[document::unknown_key]: unknown key `setps`")
        .warns("     3 | setps: []\n       | ^^^^^")
        .warns("help: did you mean `steps`?")
        .warns("greet.yaml:7:5: error[document::unknown_key]")
        .warns("2 errors");
    assert!(!ran.stderr.contains('\x1b'), "no escape sequences without a terminal");
    assert_eq!(ran.stdout, "");
}

#[test]
fn json_is_one_array_with_places() {
    let workspace = Workspace::new().file("greet.yaml", BAD);
    let ran = workspace.runbook(["check", "--json", "greet.yaml"]).run().exits(2);
    let found: Vec<serde_json::Value> = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(found.len(), 2);
    let first = &found[0];
    assert_eq!(first["code"], "document::unknown_key");
    assert_eq!(first["severity"], "error");
    assert_eq!((first["line"].as_u64(), first["column"].as_u64()), (Some(3), Some(1)));
    assert_eq!(first["path"], "greet.yaml");
    assert!(first["offset"].as_u64() < first["end"].as_u64());
    assert!(first["help"].as_str().unwrap().contains("steps"));
    let good = workspace.file("good.yaml", GOOD);
    assert_eq!(good.runbook(["check", "--json", "good.yaml"]).run().exits(0).stdout.trim(), "[]");
}

#[test]
fn directories_are_searched_for_documents_only() {
    let workspace = Workspace::new()
        .file("books/a.yaml", GOOD)
        .file("books/deep/b.yml", GOOD)
        .file("books/compose.yaml", "services: {}\n")
        .file("books/notes.txt", "kind: runbook/v1\n")
        .file("books/.hidden/c.yaml", BAD);
    let _ = workspace.runbook(["check", "books"]).run().exits(0).says("checked 2 runbooks: no errors");
    let _ = workspace.runbook(["check", "books", "books/a.yaml"]).run().exits(0).says("checked 2 runbooks");
}

#[test]
fn a_directory_without_documents_says_so() {
    let workspace = Workspace::new().file("empty/notes.txt", "");
    let _ = workspace
        .runbook(["check", "empty"])
        .run()
        .exits(2)
        .warns("no runbook, system, test, lab or calendar below empty");
}

#[test]
fn files_that_cannot_be_read_exit_2() {
    let workspace = Workspace::new().file("empty.yaml", "").file("binary.yaml", b"\x00\x01\x02").file("dir/x", "");
    for name in ["missing.yaml", "empty.yaml", "binary.yaml"] {
        let _ = workspace.runbook(["check", name]).run().exits(2).warns("error[document::");
        let _ = workspace.runbook(["run", name]).run().exits(2).warns("error[document::").warns("nothing was changed");
        let _ = workspace.runbook(["graph", name]).run().exits(2).warns("error[document::");
    }
    let _ = workspace.runbook(["run", "dir"]).run().exits(2).warns("it is a directory");
    assert!(!workspace.path("runs").exists());
}

#[test]
fn control_characters_in_a_document_stay_off_the_terminal() {
    let text = "kind: runbook/v1\nname: x\n\"a\u{202e}b\": 1\nsteps: []\n";
    let ran = Workspace::new().file("x.yaml", text).runbook(["check", "x.yaml"]).run().exits(2);
    assert!(!ran.stderr.contains('\u{202e}'), "{}", ran.stderr);
}

#[test]
fn schemas_are_json() {
    for kind in ["runbook", "system", "test"] {
        let ran = Runbook::new().args(["schema", kind]).run().exits(0);
        let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
}
