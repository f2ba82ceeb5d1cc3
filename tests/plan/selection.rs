//! `--only`, `--skip`, `--environment`.

use runbook::model::outcome::SkipReason;

use super::workspace::{Workspace, needs, step};

const STEPS: &str = "steps:
  - id: a
    exec: date
    outputs: { now: stdout }
  - id: group
    steps:
      - id: b
        wait: 1s
      - id: c
        wait: 1s
  - id: d
    wait: 1s
finally:
  - id: tell
    wait: 1s
";

#[test]
fn only_keeps_the_named_their_groups_and_finally() {
    let plan = Workspace::new(STEPS).only("group/c").plan();
    let left_out = |id: &str| step(&plan, id).pruned.clone();
    let flag = || Some(SkipReason::Selection { flag: "--only group/c".to_owned() });
    assert_eq!([left_out("a"), left_out("group/b"), left_out("d")], [flag(), flag(), flag()]);
    assert_eq!([left_out("group"), left_out("group/c"), left_out("tell")], [None, None, None]);
}

#[test]
fn skip_leaves_out_a_group_and_the_rest_keeps_its_order() {
    let plan = Workspace::new(STEPS).skip("group").plan();
    assert_eq!(step(&plan, "group").pruned, Some(SkipReason::Selection { flag: "--skip group".to_owned() }));
    assert_eq!(step(&plan, "group/b").pruned, Some(SkipReason::Parent { step: "group".to_owned() }));
    assert!(needs(&plan, "d").contains(&"a".to_owned()));
}

#[test]
fn an_unknown_step_names_the_nearest() {
    let refused = Workspace::new(STEPS).skip("gruop").refused();
    assert_eq!(refused, ["plan::unknown_step --skip: there is no step `gruop` (did you mean `group`?)"]);
}

#[test]
fn reading_what_was_left_out_is_refused() {
    let body = STEPS.replace("  - id: d\n    wait: 1s\n", "  - id: d\n    manual: ${{ steps.a.outputs.now }}\n");
    assert!(Workspace::new(&body).skip("a").refused()[0].contains("which --skip a leaves out"));
    assert!(Workspace::new(&body).skip("group").refused().is_empty());
}

#[test]
fn the_only_environment_that_is_no_lab_is_chosen_and_changes_vars() {
    let system = "vars: { host: default }
environments:
  production: { class: production, vars: { host: prod }, objectives: { rto: 5m } }
  drill: { class: lab, vars: { host: lab } }
services:
  app: { container: \"app-${{ system.vars.host }}\" }
";
    let workspace =
        || Workspace::new("system: system.yaml\nsteps:\n  - id: s\n    services: { stop: app }\n").system(system);
    let container = |plan: &runbook::plan::Plan| {
        step(plan, "s/app")
            .bindings
            .iter()
            .find(|(name, _)| name == "service")
            .expect("bound")
            .1
            .get_attr("container")
            .expect("a name")
            .to_string()
    };
    let plan = workspace().plan();
    assert_eq!(plan.environment.as_ref().map(|it| it.name.as_str()), Some("production"));
    assert_eq!(plan.objectives.rto.map(|rto| rto.as_secs()), Some(300));
    assert_eq!(container(&plan), "app-prod");
    assert_eq!(container(&workspace().environment("drill").plan()), "app-lab");
    let refused = workspace().environment("prodution").refused();
    assert!(refused[0].contains("did you mean `production`?"), "{refused:?}");
}
