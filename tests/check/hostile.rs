//! Bad input never panics and never half-runs: each case is a named or located error, exit 2, from every verb, and leaves no run's
//! directory and no trace of a step.

use std::fmt::Write as _;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use crate::support::{Ran, Workspace};

const STEPS: &str = "steps:\n  - id: mark\n    exec: touch marker\n";

fn runbook(head: &str, tail: &str) -> String {
    format!("kind: runbook/v1\nname: x\n{head}{STEPS}{tail}")
}

/// Gives `x.yaml` to `check`, the dry run and the run; each must say `expected`, exit 2 and do nothing.
#[track_caller]
fn refused_everywhere(workspace: &Workspace, expected: &[&str]) {
    for verb in [&["check", "x.yaml"][..], &["graph", "x.yaml"][..]] {
        refused(workspace, verb, expected);
    }
    refused_by_run(workspace, &[], expected);
}

/// The same for the runs, with flags.
#[track_caller]
fn refused_by_run(workspace: &Workspace, flags: &[&str], expected: &[&str]) {
    for verb in [&["run", "x.yaml", "--dry-run"][..], &["run", "x.yaml"][..], &["run", "x.yaml", "--json"][..]] {
        refused(workspace, &[verb, flags].concat(), expected);
    }
}

#[track_caller]
fn refused(workspace: &Workspace, args: &[&str], expected: &[&str]) {
    let ran = workspace.runbook(args).run();
    assert_refused(&ran, args, expected);
    for trace in ["runs", "marker"] {
        assert!(!workspace.path(trace).exists(), "{args:?} left `{trace}`");
    }
}

#[track_caller]
fn assert_refused(ran: &Ran, args: &[&str], expected: &[&str]) {
    assert_eq!(ran.code, Some(2), "{args:?}\n{}{}", ran.stdout, ran.stderr);
    let said = if args.contains(&"--json") { &ran.stdout } else { &ran.stderr };
    assert!(!ran.stderr.contains("panicked"), "{args:?}\n{}", ran.stderr);
    for part in expected {
        // In JSON the code and the message are fields of their own.
        let part =
            if args.contains(&"--json") { part.trim_start_matches("error[").trim_end_matches(']') } else { part };
        assert!(said.contains(part), "{args:?} does not say `{part}`:\n{said}");
    }
}

#[test]
fn files_that_are_no_text_are_refused() {
    let cases: [(&[u8], &str); 7] = [
        (b"", "error[document::empty_file]"),
        (b"# nothing\n", "error[document::empty_file]"),
        (b"\x7fELF\x02\x01\x01\0\0\0\xff\xfe", "error[document::binary_file]"),
        (b"kind: runbook/v1\nname: a\0b\n", "error[document::binary_file]"),
        (b"\xff\xfek\0i\0n\0d\0", "error[document::not_utf8]"),
        (b"kind: runbook/v1\nname: caf\xe9\n", "error[document::not_utf8]"),
        (b"- hosts: all\n", "error[document::not_a_mapping]"),
    ];
    for (bytes, expected) in cases {
        refused_everywhere(&Workspace::new().file("x.yaml", bytes), &[expected]);
    }
}

#[test]
fn paths_that_cannot_be_read_are_refused() {
    let workspace = Workspace::new();
    refused_everywhere(&workspace, &["error[document::missing_file]", "x.yaml"]);
    symlink("nowhere.yaml", workspace.path("x.yaml")).expect("a link");
    refused_everywhere(&workspace, &["error[document::missing_file]", "x.yaml"]);

    // The owner of every file may read whatever its mode; what no one can read is a process's memory at 0.
    let workspace = Workspace::new();
    symlink("/proc/self/mem", workspace.path("x.yaml")).expect("a link");
    refused_everywhere(&workspace, &["error[document::unreadable_file]", "x.yaml"]);

    let workspace = Workspace::new();
    symlink("x.yaml", workspace.path("x.yaml")).expect("a link to itself");
    refused_everywhere(&workspace, &["error[document::unreadable_file]", "x.yaml"]);

    let workspace = Workspace::new().file("x.yaml/inside", "");
    refused_by_run(&workspace, &[], &["error[document::directory]", "x.yaml"]);
}

#[test]
fn bombs_and_depth_are_refused_at_once() {
    let mut bomb = runbook("vars:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n", "");
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        let at = bomb.find("steps:").expect("steps");
        bomb.insert_str(at, &format!("  a{level}: &a{level} [{items}]\n"));
    }
    let flow = format!("kind: runbook/v1\nname: {}{}\n", "[".repeat(50_000), "]".repeat(50_000));
    let block: String = (0..3_000).fold(String::new(), |mut text, level| {
        let _ = writeln!(text, "{}a:", " ".repeat(level));
        text
    });
    let groups = (0..200).fold(String::from("kind: runbook/v1\nname: x\nsteps:\n"), |mut text, level| {
        let indent = "    ".repeat(level);
        let _ = write!(text, "{indent}  - id: g{level}\n{indent}    steps:\n");
        text
    }) + &format!("{}  - id: mark\n{0}    exec: touch marker\n", "    ".repeat(200));
    for (text, code) in [
        (bomb, "error[document::alias]"),
        (flow, "error[document::too_deep]"),
        (block, "error[document::too_deep]"),
        (groups, "error[document::too_deep]"),
    ] {
        let workspace = Workspace::new().file("x.yaml", text);
        fast(|| refused_everywhere(&workspace, &[code]));
    }
}

#[test]
fn ten_megabytes_are_read_or_refused_quickly() {
    let mut script = runbook("", "  - id: long\n    shell: |\n");
    while script.len() < 10_000_000 {
        script.push_str("      echo one of very many lines of a script that somebody pasted here\n");
    }
    let workspace = Workspace::new().file("x.yaml", &script);
    fast(|| {
        let _ = workspace.runbook(["check", "x.yaml"]).run().exits(0);
    });
    fast(|| {
        let _ = workspace.runbook(["run", "x.yaml", "--only", "mark"]).run().exits(0);
    });
    assert!(workspace.path("marker").exists());

    let garbage =
        ["x".repeat(10_000_000), "[".repeat(10_000_000), "a: b: c\n".repeat(1_250_000), "- ? ".repeat(2_500_000)];
    for text in garbage {
        let workspace = Workspace::new().file("x.yaml", text);
        fast(|| refused(&workspace, &["check", "x.yaml"], &["error[document::"]));
        fast(|| refused(&workspace, &["run", "x.yaml"], &["error[document::"]));
    }
}

/// A bound that a quadratic answer misses by far, and a busy machine keeps.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "a test measures itself")]
fn fast(work: impl FnOnce()) {
    let start = Instant::now();
    work();
    assert!(start.elapsed() < Duration::from_secs(30), "took {:?}", start.elapsed());
}

#[test]
fn includes_that_are_missing_or_circular_are_refused() {
    let include = |path: &str| runbook("", &format!("  - id: more\n    include: {path}\n"));
    let missing = Workspace::new().file("x.yaml", include("parts/none.yaml"));
    refused_everywhere(&missing, &["error[document::missing_file]", "parts/none.yaml"]);
    let itself = Workspace::new().file("x.yaml", include("x.yaml"));
    refused_everywhere(&itself, &["error[document::include_cycle]", "x.yaml → x.yaml"]);
    let circle = Workspace::new().file("x.yaml", include("y.yaml")).file("y.yaml", include("x.yaml"));
    refused_everywhere(&circle, &["error[document::include_cycle]", "x.yaml → y.yaml → x.yaml"]);
    let broken = Workspace::new().file("x.yaml", include("y.yaml")).file("y.yaml", b"\0");
    refused_everywhere(&broken, &["error[document::binary_file]", "y.yaml"]);
    let system = Workspace::new().file("x.yaml", runbook("system: none.yaml\n", ""));
    refused_everywhere(&system, &["error[document::missing_file]", "none.yaml"]);
}

#[test]
fn flags_that_fit_nothing_are_refused() {
    let system = "kind: system/v1\nname: s\nenvironments:\n  lab: { class: lab }\nservices:\n  a: { container: a }\n";
    let params = "params:\n  count: { type: int, default: 1 }\n  until: { type: timestamp, default: null }\n";
    let workspace = Workspace::new()
        .file("x.yaml", runbook(&format!("system: s.yaml\n{params}"), ""))
        .file("s.yaml", system)
        .file("list.yaml", "- a\n")
        .file("broken.yaml", "count: [\n")
        .file("unknown.yaml", "cuont: 1\n")
        .file("wrong.yaml", "count: many\n")
        .file("empty.yaml", "");
    let cases: [(&[&str], &[&str]); 14] = [
        (&["--set", "count=many"], &["error[plan::bad_parameter]", "--set count=many", "whole number"]),
        (&["--set", "until=2026-03-01 12:00"], &["error[plan::bad_parameter]", "zone"]),
        (&["--set", "cuont=1"], &["error[plan::unknown_parameter]", "cuont", "count"]),
        (&["--set", "count"], &["NAME=VALUE"]),
        (&["--environment", "production"], &["error[plan::unknown_environment]", "production", "lab"]),
        (&["--only", "mrak"], &["error[plan::unknown_step]", "mrak", "mark"]),
        (&["--skip", "nothing_like_it"], &["error[plan::unknown_step]", "nothing_like_it"]),
        (&["--system", "none.yaml"], &["error[document::missing_file]", "none.yaml"]),
        (&["--system", "x.yaml"], &["error[document::wrong_kind]"]),
        (&["--params", "none.yaml"], &["error[document::missing_file]", "none.yaml"]),
        (&["--params", "list.yaml"], &["error[document::", "list.yaml"]),
        (&["--params", "broken.yaml"], &["error[document::", "broken.yaml"]),
        (&["--params", "unknown.yaml"], &["error[plan::unknown_parameter]", "unknown.yaml:1:", "count"]),
        (&["--params", "wrong.yaml"], &["error[plan::bad_parameter]", "wrong.yaml:1:"]),
    ];
    for (flags, expected) in cases {
        refused_by_run(&workspace, flags, expected);
    }
    refused_by_run(&workspace, &["--params", "."], &["error[document::directory]"]);
}

#[test]
fn what_must_be_given_is_named_where_it_is_declared() {
    let params = "params:\n  version: { type: string, help: the image tag }\n";
    let workspace = Workspace::new().file("x.yaml", runbook(params, ""));
    refused_by_run(&workspace, &[], &["error[plan::missing_parameter]", "version", "the image tag"]);

    let secrets = "secrets:\n  token: { env: RUNBOOK_TEST_NOT_SET }\n  key: { file: none.key }\n";
    let uses = "  - id: use\n    exec: 'true'\n    env:\n      A: ${{ secrets.token }}\n      B: ${{ secrets.key }}\n";
    let workspace = Workspace::new().file("x.yaml", runbook(secrets, uses));
    let both = ["error[secret::missing]", "token", "RUNBOOK_TEST_NOT_SET", "key", "none.key"];
    refused(&workspace, &["run", "x.yaml"], &both);
    // A dry run has no effect to protect: it says what is missing and goes on.
    let ran = workspace.runbook(["run", "x.yaml", "--dry-run"]).run();
    assert!(ran.stderr.contains("RUNBOOK_TEST_NOT_SET"), "{}", ran.stderr);
    assert!(!workspace.path("marker").exists() && !workspace.path("runs").exists());
}
