//! Help, version, usage errors, exit codes.

use crate::support::Runbook;

#[test]
fn no_arguments_show_the_help_and_exit_2() {
    let _ = Runbook::new().run().exits(2).warns("Usage: runbook").warns("runbook help exit-codes");
}

#[test]
fn help_has_examples_for_every_verb() {
    let verbs = "run resume check graph schema history runs status logs show approve reject pause cancel rollback unlock doctor completion rehearse test report render bundle verify head";
    for verb in verbs.split(' ') {
        let _ = Runbook::new().args(["help", verb]).run().exits(0).says("Examples:").says(&format!("runbook {verb}"));
    }
}

#[test]
fn exit_codes_are_listed() {
    for args in [&["help", "exit-codes"][..], &["exit-codes"][..]] {
        let ran = Runbook::new().args(args).run().exits(0);
        for line in ["0  success", "2  usage or invalid input", "4  refused", "7  nobody can say", "124  the run's own"]
        {
            assert!(ran.stdout.contains(line), "{line} is missing in\n{}", ran.stdout);
        }
    }
}

#[test]
fn version_names_the_languages() {
    let _ = Runbook::new().arg("--version").run().exits(0).says(env!("CARGO_PKG_VERSION")).says("runbook/v1");
    let _ = Runbook::new().arg("-V").run().exits(0).says(env!("CARGO_PKG_VERSION"));
}

#[test]
fn unknown_verbs_and_flags_exit_2() {
    let _ = Runbook::new().arg("rnu").run().exits(2).warns("run");
    let _ = Runbook::new().args(["run", "x.yaml", "--drry-run"]).run().exits(2).warns("--dry-run");
    let _ = Runbook::new().args(["run", "x.yaml", "--strict"]).run().exits(2).warns("--dry-run");
    let _ = Runbook::new().args(["run", "x.yaml", "--max-parallel", "0"]).run().exits(2);
}

#[test]
fn completion_scripts_know_the_verbs() {
    for shell in ["bash", "zsh", "fish"] {
        let _ = Runbook::new().args(["completion", shell]).run().exits(0).says("graph").says("runs-dir");
    }
}

#[test]
fn nothing_to_show_is_a_usage_error() {
    let workspace = crate::support::Workspace::new();
    let _ = workspace.runbook(["show"]).run().exits(2).warns("there is no run in runs");
    let _ = workspace.runbook(["show", "01ABC"]).run().exits(2).warns("no run `01ABC`");
}
