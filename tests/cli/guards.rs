//! Without a terminal nothing is ever answered "yes" by default.

use crate::support::{Ran, Workspace};

const SYSTEM: &str = "\
kind: system/v1
name: shop
environments:
  blue:
    class: staging
    identity:
      exec: cat who.txt
      expect: stdout == 'blue'
  green:
    class: staging
";

const WIPE: &str = "\
kind: runbook/v1
name: wipe
system: shop.yaml
steps:
  - id: first
    exec: touch first.txt
  - id: wipe
    exec: rm -rf data
    effect: destroy
    confirm: shop
";

fn workspace(who: &str) -> Workspace {
    Workspace::new().file("shop.yaml", SYSTEM).file("wipe.yaml", WIPE).file("data/x", "precious").file("who.txt", who)
}

fn refused(workspace: &Workspace, args: &[&str]) -> Ran {
    let ran = workspace.runbook(["run", "wipe.yaml"]).args(args).run().exits(4);
    assert!(workspace.path("data/x").exists());
    assert!(!workspace.path("first.txt").exists(), "no effects at all");
    ran
}

#[test]
fn a_destroy_without_a_terminal_is_refused_before_anything() {
    let workspace = workspace("blue");
    let _ = refused(&workspace, &[]).warns("`wipe` needs a person's confirmation");
    let _ = refused(&workspace, &["--environment", "blue"]);
    let _ = refused(&workspace, &["--yes"]).warns("--environment");
    let _ = refused(&workspace, &["--yes", "--environment", "green"]).warns("identity probe");
}

#[test]
fn a_system_with_several_environments_is_not_changed_on_a_guess() {
    let workspace = workspace("blue").file(
        "touch.yaml",
        "kind: runbook/v1\nname: t\nsystem: shop.yaml\nsteps:\n  - id: a\n    exec: touch first.txt\n",
    );
    let ran =
        workspace.runbook(["run", "touch.yaml"]).run().exits(2).warns("choose one with --environment: blue, green");
    assert!(!workspace.path("first.txt").exists(), "{ran:?}");
    let _ = workspace.runbook(["run", "touch.yaml", "--environment", "blue"]).run().exits(0);
    assert!(workspace.path("first.txt").exists());
}

#[test]
fn yes_counts_for_a_named_environment_that_proves_who_it_is() {
    let workspace = workspace("blue");
    let args = ["run", "wipe.yaml", "--yes", "--environment", "blue"];
    let _ = workspace.runbook(args).run().exits(0).says("answered --yes");
    assert!(!workspace.path("data").exists());
}

#[test]
fn another_identity_refuses() {
    let workspace = workspace("production");
    let ran = refused(&workspace, &["--yes", "--environment", "blue"]);
    let _ = ran.says("this is not proved to be `blue`");
}

#[test]
fn a_plain_question_is_answered_no_with_its_reason() {
    let text = "kind: runbook/v1\nname: m\nsteps:\n  - id: call\n    manual: Call them\n";
    let ran = Workspace::new().file("m.yaml", text).runbook(["run", "m.yaml"]).run().exits(1);
    let _ = ran.says("there is no terminal to ask at");
}

#[test]
fn a_program_that_a_certain_step_needs_must_be_there() {
    let text = "kind: runbook/v1\nname: t\nsteps:\n  - id: first\n    exec: touch first.txt\n  - id: second\n    exec: no-such-program --now\n";
    let workspace = Workspace::new().file("t.yaml", text);
    let ran = workspace.runbook(["run", "t.yaml"]).run().exits(4);
    let _ = ran.warns("`second` needs the program `no-such-program`").warns("in PATH=/").warns("nothing was changed");
    assert!(!workspace.path("first.txt").exists() && !workspace.path("runs").exists());
}

#[test]
fn a_program_that_may_not_be_needed_warns() {
    let text = "\
kind: runbook/v1
name: t
steps:
  - id: first
    exec: touch first.txt
    fallback:
      - id: other
        exec: no-such-fallback
  - id: sometimes
    when: steps.first.outcome == 'failed'
    exec: no-such-sometimes
  - id: done
    done_when: { exec: test -f first.txt }
    exec: no-such-done
  - id: path
    when: steps.first.outcome == 'failed'
    exec: ./no-such-path
";
    let workspace = Workspace::new().file("t.yaml", text);
    let ran = workspace.runbook(["run", "t.yaml"]).run().exits(0);
    for (step, program) in
        [("first/other", "no-such-fallback"), ("sometimes", "no-such-sometimes"), ("done", "no-such-done")]
    {
        let expected = format!("may need the program `{program}`");
        assert!(ran.stderr.contains(&expected), "{step}: {}", ran.stderr);
    }
}

#[test]
fn as_root_what_others_can_write_is_not_run() {
    use std::os::unix::fs::PermissionsExt;
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let text = "kind: runbook/v1\nname: t\nsteps:\n  - id: first\n    exec: touch first.txt\n";
    let workspace = Workspace::new().file("book/t.yaml", text);
    let mode = |name: &str, mode: u32| {
        std::fs::set_permissions(workspace.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("book/t.yaml", 0o666);
    let ran = workspace.runbook(["run", "book/t.yaml"]).run().exits(4);
    let _ = ran.warns("others can write").warns("t.yaml (mode 0666)").warns("chmod go-w");
    mode("book/t.yaml", 0o644);
    mode("book", 0o777);
    let _ = workspace.runbook(["run", "book/t.yaml"]).run().exits(4).warns("others can replace").warns("(mode 0777)");
    assert!(!workspace.path("first.txt").exists());
    mode("book", 0o1777);
    let _ = workspace.runbook(["run", "book/t.yaml"]).run().exits(0);
}
