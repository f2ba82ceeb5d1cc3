//! `--only`, `--skip`, `--from`, `--environment`.

use runbook::model::outcome::SkipReason;

use super::workspace::{Workspace, needs, step, waves};

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

const NESTED: &str = "steps:
  - id: a
    exec: date
    outputs: { now: stdout }
  - id: b
    needs: []
    wait: 1s
  - id: early
    needs: [a]
    steps:
      - id: e1
        wait: 1s
      - id: e2
        wait: 1s
  - id: late
    needs: [early]
    after: [b]
    steps:
      - id: l1
        wait: 1s
      - id: l2
        wait: 1s
      - id: aside
        needs: []
        wait: 1s
    finally:
      - id: tidy
        wait: 1s
  - id: unrelated
    needs: []
    wait: 1s
    fallback:
      - id: other_way
        wait: 1s
  - id: last
    wait: 1s
finally:
  - id: tell
    wait: 1s
";

fn jumped(plan: &runbook::plan::Plan, to: &str) -> Vec<String> {
    let reason = Some(SkipReason::Jumped { to: to.to_owned() });
    plan.nodes.iter().filter(|node| node.pruned == reason).map(|node| node.id.0.clone()).collect()
}

#[test]
fn from_leaves_out_all_that_must_come_before_with_its_members_and_nothing_else() {
    let plan = Workspace::new(NESTED).starting_at("l2").plan();
    assert_eq!(jumped(&plan, "late/l2"), ["a", "b", "early", "early/e1", "early/e2", "late/l1"]);
    let kept: Vec<&str> =
        plan.nodes.iter().filter(|node| node.pruned.is_none()).map(|node| node.id.0.as_str()).collect();
    let others = ["late", "late/l2", "late/aside", "late/tidy", "unrelated", "unrelated/other_way", "last", "tell"];
    assert_eq!(kept, others);
    assert!(waves(&plan)[0].contains(&"late/l2"));
    assert_eq!(jumped(&Workspace::new(NESTED).starting_at("a").plan(), "a"), Vec::<String>::new());
}

#[test]
fn from_a_step_of_a_finally_leaves_out_the_list_it_ends() {
    let plan = Workspace::new(NESTED).starting_at("late/tidy").plan();
    let left_out = jumped(&plan, "late/tidy");
    assert_eq!(left_out, ["a", "b", "early", "early/e1", "early/e2", "late/l1", "late/l2", "late/aside"]);
    let plan = Workspace::new(NESTED).starting_at("tell").plan();
    assert_eq!(plan.nodes.iter().filter(|node| node.pruned.is_none()).count(), 1);
}

#[test]
fn from_needs_a_step_that_runs_by_itself() {
    assert_eq!(
        Workspace::new(NESTED).starting_at("lats").refused(),
        ["plan::unknown_step --from: there is no step `lats` (did you mean `late`?)"]
    );
    let refused = Workspace::new(NESTED).starting_at("other_way").refused();
    assert!(refused[0].starts_with("plan::jump_into_fallback --from: `unrelated/other_way`"), "{refused:?}");
}

#[test]
fn what_was_jumped_over_has_no_outputs() {
    let body = NESTED.replace("  - id: last\n    wait: 1s\n", "  - id: last\n    manual: ${{ steps.a.outputs.now }}\n");
    let refused = Workspace::new(&body).starting_at("late").refused();
    assert!(refused[0].contains("reads an output of `a`, which --from late leaves out"), "{refused:?}");
    let guarded = body.replace("outputs.now }}", "outputs.now | default('then') }}");
    assert!(Workspace::new(&guarded).starting_at("late").refused().is_empty());
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
