//! `run --dry-run --out plan.json` and `run plan.json`: exactly that, or a refusal that names every difference.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Ran, Workspace};

const RUNBOOK: &str = "\
kind: runbook/v1
name: restore
system: shop.yaml
params:
  service: { type: string, default: app }
  from_file: { type: string, default: none }
steps:
  - id: note
    exec: [sh, -c, 'echo \"$0 $1\" >> done.txt', \"${{ params.service }}\", \"${{ params.from_file }}\"]
  - id: more
    include: more.yaml
";

const MORE: &str = "kind: runbook/v1\nname: more\nsteps:\n  - id: last\n    exec: touch last.txt\n";

const SYSTEM: &str = "\
kind: system/v1
name: shop
secrets:
  token: { env: SHOP_TOKEN, default: null }
environments:
  blue: { class: staging }
  green: { class: staging }
";

fn workspace() -> Workspace {
    let workspace = Workspace::new().file("book/restore.yaml", RUNBOOK).file("book/more.yaml", MORE);
    workspace.file("book/shop.yaml", SYSTEM).file("values.yaml", "from_file: one\n").file("elsewhere/x", "")
}

fn save(workspace: &Workspace) -> Ran {
    let args = ["run", "book/restore.yaml", "--dry-run", "--out", "plan.json", "--environment", "blue"];
    let more = ["--set", "service=db", "--params", "values.yaml"];
    workspace.runbook(args).args(more).run().exits(0)
}

fn refused(workspace: &Workspace) -> Ran {
    let ran = workspace.runbook(["run", "plan.json"]).run().exits(4).warns("this is not what was saved in plan.json");
    assert!(!workspace.path("done.txt").exists(), "no effects");
    assert!(!workspace.path("runs").exists(), "no record of a run that did not begin");
    ran
}

#[test]
fn a_saved_plan_runs_from_anywhere_with_its_inputs() {
    let workspace = workspace();
    let _ = save(&workspace).says("saved: runbook run plan.json");
    assert!(!workspace.path("done.txt").exists() && !workspace.path("runs").exists(), "a dry run changes nothing");
    let mode = std::fs::metadata(workspace.path("plan.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let elsewhere = workspace.path("elsewhere");
    let _ = workspace.runbook(["run", "../plan.json"]).dir(&elsewhere).run().exits(0).says("environment blue");
    assert_eq!(workspace.read("done.txt"), "db one\n", "steps run where the plan was made");
    assert!(workspace.path("last.txt").exists());
    assert!(workspace.path("elsewhere/runs").is_dir(), "the record is where it was asked for");
    let _ = workspace.runbook(["run", "plan.json", "--dry-run"]).run().exits(0).says("db one");
}

#[test]
fn the_file_is_sorted_and_has_whole_numbers_only() {
    fn check(value: &serde_json::Value) {
        match value {
            serde_json::Value::Object(members) => {
                assert!(members.keys().is_sorted(), "{:?}", members.keys().collect::<Vec<_>>());
                members.values().for_each(check);
            }
            serde_json::Value::Array(items) => items.iter().for_each(check),
            serde_json::Value::Number(number) => assert!(!number.is_f64(), "{number}"),
            _ => {}
        }
    }
    let workspace = workspace();
    let _ = save(&workspace);
    let saved: serde_json::Value = serde_json::from_str(&workspace.read("plan.json")).unwrap();
    check(&saved);
    assert_eq!(saved["kind"], "runbook plan");
    assert_eq!(saved["saved"]["inputs"]["values"]["service"], "db");
    assert!(saved["preview"]["steps"][0]["command"][0].as_str().unwrap().contains("db one"));
}

#[test]
fn every_difference_refuses_and_is_named() {
    let mutations: [(&str, String, &str); 4] = [
        ("book/restore.yaml", RUNBOOK.replace("done.txt", "other.txt"), "restore.yaml:9: changed"),
        ("book/more.yaml", MORE.replace("touch", "echo"), "more.yaml:5: changed"),
        ("book/shop.yaml", SYSTEM.replace("name: shop", "name: shop # ours"), "shop.yaml:2: changed"),
        ("values.yaml", "from_file: two\n".to_owned(), "values.yaml:1: changed"),
    ];
    for (path, text, expected) in &mutations {
        let workspace = workspace();
        let _ = save(&workspace);
        workspace.write(path, text);
        let _ = refused(&workspace).warns(expected);
    }
    let workspace = workspace();
    let _ = save(&workspace);
    for (path, text, _) in &mutations {
        workspace.write(path, text);
    }
    let ran = refused(&workspace);
    for (_, _, expected) in &mutations {
        assert!(ran.stderr.contains(expected), "{expected} is missing in {}", ran.stderr);
    }
    let _ = ran.warns("parameter `from_file`: \"one\" before, \"two\" now").warns("--dry-run --out");
}

#[test]
fn an_edited_plan_is_refused() {
    for (from, to) in
        [("\"only\": []", "\"only\": [\"note\"]"), ("\"service=db\"", "\"service=x\""), ("\"blue\"", "\"green\"")]
    {
        let workspace = workspace();
        let _ = save(&workspace);
        let text = workspace.read("plan.json");
        assert!(text.contains(from), "{from}");
        workspace.write("plan.json", text.replace(from, to));
        let _ = refused(&workspace);
    }
}

#[test]
fn files_that_are_gone_and_words_that_cannot_be_added() {
    let workspace = workspace();
    let _ = save(&workspace);
    let _ =
        workspace.runbook(["run", "plan.json", "--set", "service=x"]).run().exits(2).warns("--set cannot change it");
    let _ = workspace.runbook(["run", "plan.json", "--environment", "green"]).run().exits(2).warns("not `green`");
    std::fs::remove_file(workspace.path("values.yaml")).unwrap();
    let _ = refused(&workspace).warns("values.yaml: is not there any more");
    std::fs::remove_file(workspace.path("book/more.yaml")).unwrap();
    let _ = workspace.runbook(["run", "plan.json"]).run().exits(4).warns("give no plan any more");
}

#[test]
fn a_secret_may_change_and_the_plan_of_a_run_is_no_saved_plan() {
    let workspace = workspace();
    let _ = save(&workspace);
    let _ = workspace.runbook(["run", "plan.json"]).env("SHOP_TOKEN", "another-token").run().exits(0);
    let run = std::fs::read_dir(workspace.path("runs")).unwrap().next().unwrap().unwrap().file_name();
    let plan = format!("runs/{}/plan.json", run.to_string_lossy());
    let _ = workspace.runbook(["run", &plan]).run().exits(2).warns("runbook resume goes on with that run");
}

/// A `docker` that knows one image, whose id stands in a file.
const DOCKER: &str = "#!/bin/sh
case \"$1 $2\" in
  'info --format') echo \"ENGINE-1 box $DOCKER_HOST\";;
  'image inspect') test \"$6\" = shop:1 && cat id.txt;;
esac
";

#[test]
fn images_and_the_engine_are_part_of_it() {
    let runbook = "kind: runbook/v1\nname: d\nsteps:\n  - id: a\n    docker: run --rm shop:1 true\n";
    let workspace = Workspace::new().file("d.yaml", runbook).file("bin/docker", DOCKER).file("id.txt", "sha256:1\n");
    std::fs::set_permissions(workspace.path("bin/docker"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", workspace.path("bin").display());
    let runbook = |args: &[&str]| workspace.runbook(args).env("PATH", &path);
    let _ = runbook(&["run", "d.yaml", "--dry-run", "--out", "plan.json"]).run().exits(0);
    assert!(workspace.read("plan.json").contains("\"image shop:1\": \"sha256:1\""), "{}", workspace.read("plan.json"));
    workspace.write("id.txt", "sha256:2\n");
    let ran = runbook(&["run", "plan.json"]).env("DOCKER_HOST", "tcp://other").run().exits(4);
    let ran = ran.warns("image shop:1: sha256:1 when it was saved, sha256:2 now");
    let _ = ran.warns("docker engine: ENGINE-1 box when it was saved, ENGINE-1 box tcp://other now");
}
