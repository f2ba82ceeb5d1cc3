//! `runbook run --dry-run`: exact commands, verdicts, what will be asked; and nothing happens.

use crate::support::Workspace;

const BOOK: &str = "\
kind: runbook/v1
name: book
title: Restore the data
objectives:
  rto: 10m
params:
  with_tool:
    type: bool
    default: false
steps:
  - id: look
    exec: cat marker.txt
    effect: read
    outputs:
      text: stdout
  - id: change
    shell: echo ${{ steps.look.outputs.text }} > changed.txt
    estimate: 2m
    outputs:
      size: elapsed
  - id: later
    exec: echo ${{ steps.change.outputs.size }}
  - id: wipe
    exec: rm -rf data
    effect: destroy
    confirm: production
  - id: cloud
    when: params.with_tool
    exec: surely-no-such-tool list
  - id: person
    manual: Tell the customer
";

fn workspace() -> Workspace {
    Workspace::new().file("book.yaml", BOOK).file("marker.txt", "here\n").file("data/x", "precious")
}

#[test]
fn every_step_has_its_command_and_a_verdict() {
    let ran = workspace().runbook(["run", "book.yaml", "--dry-run"]).run().exits(0);
    for part in [
        "Restore the data",
        "RTO 10m",
        "cat marker.txt",
        "probe passed · read (declared, not proved)",
        "> changed.txt",
        "rendered · mutate",
        "cannot be known until `change` has run",
        "rm -rf data",
        "DESTROYS",
        "asks: type `production`",
        "skipped: when is false",
        "waves:",
        "expected time: 2m, within the RTO of 10m",
        "destroys:\n  wipe: rm -rf data",
        "will be asked:\n  wipe: type `production`\n  person: a person does it",
        "4 of 5 proved",
    ] {
        assert!(ran.stdout.contains(part), "no `{part}` in\n{}", ran.stdout);
    }
}

#[test]
fn nothing_is_changed() {
    let workspace = workspace();
    let before = workspace.names();
    let _ = workspace.runbook(["run", "book.yaml", "--dry-run"]).run().exits(0);
    assert_eq!(workspace.names(), before);
    assert_eq!(workspace.read("data/x"), "precious");
}

#[test]
fn strict_wants_everything_proved() {
    let _ = workspace().runbook(["run", "book.yaml", "--dry-run", "--strict"]).run().exits(4).says("4 of 5 proved");
    let text = "kind: runbook/v1\nname: x\nsteps:\n  - id: a\n    exec: echo hi\n";
    let simple = Workspace::new().file("x.yaml", text);
    let _ = simple.runbook(["run", "x.yaml", "--dry-run", "--strict"]).run().exits(0).says("1 of 1 proved");
}

#[test]
fn missing_tools_are_named() {
    let args = ["run", "book.yaml", "--dry-run", "--set", "with_tool=true"];
    let _ = workspace().runbook(args).run().exits(0).says("surely-no-such-tool missing here");
}

#[test]
fn json_is_one_object() {
    let ran = workspace().runbook(["run", "book.yaml", "--dry-run", "--json"]).run().exits(0);
    let one = &ran.json_lines()[0];
    assert_eq!(one["kind"], "dry_run");
    assert_eq!((one["proved"].as_u64(), one["of"].as_u64()), (Some(4), Some(5)));
    let step = |id: &str| one["steps"].as_array().unwrap().iter().find(|step| step["step"] == id).unwrap();
    assert_eq!(step("look")["verdict"], "probe_passed");
    assert_eq!(step("later")["verdict"], "unknown");
    assert_eq!(step("wipe")["effect"], "destroy");
    assert_eq!(step("cloud")["verdict"], "skipped");
}

#[test]
fn graphs_show_the_same_plan() {
    let text = workspace().runbook(["graph", "book.yaml"]).run().exits(0);
    let _ = text.says("wipe").says("destroy").says("waves").says("critical path");
    let mermaid = workspace().runbook(["graph", "book.yaml", "--format", "mermaid"]).run().exits(0);
    let _ = mermaid.says("flowchart TD").says("-->").says("class ");
}

#[test]
fn approvals_and_the_real_command_of_what_destroys_are_listed() {
    let system = "kind: system/v1\nname: shop\ntitle: Shop\nroles:\n  dba: [ann, bob]\n";
    let runbook = "kind: runbook/v1\nname: wipe\ntitle: Wipe\nsystem: shop.yaml\nsteps:\n  - id: wipe\n    title: Wipe it\n    \
                   exec: rm -rf data\n    env:\n      LEVEL: '5'\n    effect: destroy\n    confirm: true\n    approve:\n      by: [dba]\n      \
                   min: 2\n      within: 10m\n      not_requester: true\n";
    let workspace = Workspace::new().file("shop.yaml", system).file("wipe.yaml", runbook);
    let ran = workspace.runbook(["run", "wipe.yaml", "--dry-run"]).run().exits(0);
    let ran = ran.says("    asks: 2 approvals of ann, bob within 10m, not of who starts the run");
    let _ = ran.says("  wipe: 2 approvals of ann, bob within 10m").says("  wipe: rm -rf data");
}
