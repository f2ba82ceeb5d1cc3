//! `runbook doctor`: what would stop a run, before it is needed.

use std::os::unix::fs::PermissionsExt;

use chrono::{DateTime, Utc};
use runbook::journal::Lock;

use crate::support::recorded::{Recorded, step_started};
use crate::support::{Ran, Workspace};

const SYSTEM: &str = "\
kind: system/v1
name: shop
secrets:
  token: { env: SHOP_TOKEN }
environments:
  blue:
    class: staging
    identity:
      exec: cat who.txt
      expect: stdout == 'blue'
services:
  app: { container: shop-app }
data:
  files: { service: app, path: data }
";

const RUNBOOK: &str = "\
kind: runbook/v1
name: restore
system: shop.yaml
steps:
  - id: a
    exec: no-such-program
    env: { TOKEN: \"${{ secrets.token }}\" }
  - id: b
    exec: touch b.txt
";

fn workspace() -> Workspace {
    Workspace::new().file("shop.yaml", SYSTEM).file("restore.yaml", RUNBOOK).file("who.txt", "blue")
}

fn doctor(workspace: &Workspace, args: &[&str]) -> Ran {
    let locks = workspace.path("locks");
    workspace.runbook(["doctor"]).args(args).env("RUNBOOK_LOCKS", locks).env("SHOP_TOKEN", "canary-token").run()
}

#[test]
fn a_machine_that_is_ready_says_so() {
    let workspace = workspace();
    let ran = doctor(&workspace, &[]).exits(0);
    let ran = ran.says("runs will be made").says("none is left over").says("locks").says("MiB free");
    let _ = ran.never_says("FAIL");
    assert!(!workspace.path("runs").exists(), "it only looks");
}

#[test]
fn everything_that_a_run_would_need_is_looked_at() {
    let workspace = workspace();
    let ran = doctor(&workspace, &["restore.yaml"]).exits(4);
    let ran = ran.says("is not there, and `a` needs it").says("→ install it").says("secret token").says("can be read");
    let ran = ran.says("identity of blue").says("is proved").says("lock of shop/blue").says("free");
    let ran = ran.says("neither this process nor its runs").says("1 failure would stop a run");
    let _ = ran.never_says("canary-token");
    assert!(!workspace.path("b.txt").exists() && !workspace.path("runs").exists(), "nothing is run");
}

#[test]
fn what_is_wrong_is_named_with_its_next_step() {
    let workspace = workspace().file("who.txt", "green");
    let run = Recorded::new(
        &workspace,
        "01KB7Q00000000000000000001",
        "2026-11-20T03:00:00Z".parse::<DateTime<Utc>>().unwrap(),
    )
    .with(1, step_started("a", "x"));
    std::fs::create_dir_all(workspace.path("locks")).unwrap();
    let _lock = Lock::acquire(&workspace.path("locks"), "shop", Some("blue"), &run.holder()).unwrap();
    workspace.write("restore.yaml", RUNBOOK.replace("no-such-program", "true"));
    let ran = doctor(&workspace, &["restore.yaml", "--json"]).exits(4);
    let object = &ran.json_lines()[0];
    let check = |name: &str| {
        let checks = object["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{name}: {object:#}")).clone()
    };
    assert_eq!(check("identity of blue")["verdict"], "fail");
    assert_eq!(check("program true")["verdict"], "ok");
    let lock = check("lock of shop/blue");
    assert_eq!(lock["verdict"], "fail");
    assert!(lock["found"].as_str().unwrap().contains("held by ana@desk"), "{lock}");
    let stale = check("run 01KB7Q00000000000000000001");
    assert_eq!((&stale["verdict"], object["warnings"].as_u64().unwrap() >= 1), (&"warn".into(), true));
    assert!(stale["next"].as_str().unwrap().contains("runbook resume 01KB7Q"), "{stale}");
}

#[test]
fn a_secret_that_is_not_there_fails() {
    let workspace = workspace();
    let ran =
        workspace.runbook(["doctor", "restore.yaml"]).env("RUNBOOK_LOCKS", workspace.path("locks")).run().exits(4);
    let _ = ran.says("secret token").says("set it, or give it a `default:`");
}

#[test]
fn runs_must_not_be_kept_in_what_is_recovered() {
    let workspace = workspace();
    let _ = doctor(&workspace, &["restore.yaml", "--runs-dir", "data/runs"])
        .exits(4)
        .says("the runs (")
        .says("lie in the data `files`");
}

#[test]
fn a_directory_that_others_can_write_is_named() {
    let workspace = workspace();
    std::fs::create_dir(workspace.path("runs")).unwrap();
    std::fs::set_permissions(workspace.path("runs"), std::fs::Permissions::from_mode(0o777)).unwrap();
    let _ = doctor(&workspace, &[])
        .exits(0)
        .says("others can write runs (mode 0777)")
        .says("chmod go-w runs")
        .says("1 warning");
    let _ = doctor(&workspace, &["--environment", "blue"]).exits(2).warns("need a runbook");
}
