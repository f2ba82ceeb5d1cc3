//! Rollbacks and approvals in the plan.

use std::time::Duration;

use runbook::model::effect::Effect;
use runbook::model::runbook::OnFailure;
use runbook::plan::{Action, Operation};

use super::workspace::{Workspace, step};

const SYSTEM: &str = "secrets: { key: { env: KEY } }
roles:
  dba: [anna, ben]
  lead: [ben, cleo]
services:
  app: { container: app }
";

const STEPS: &str = "system: system.yaml
on_failure: rollback
steps:
  - id: create
    exec: mktemp -d
    outputs: { path: stdout }
    approve: { by: [dba, lead], min: 2, not_requester: true, within: 5m }
    rollback:
      done_when: { docker: container inspect made }
      exec: [\"undo\", \"${{ steps.create.outputs.path | default('/tmp/none') }}\"]
      env: { KEY: \"${{ secrets.key }}\" }
      gate: { http: \"http://localhost\" }
  - id: each
    for_each: { name: \"['a', 'b']\" }
    exec: [\"mkdir\", \"${{ name }}\"]
    on_failure: rollback
    rollback:
      done_when: { exec: [\"test\", \"!\", \"-e\", \"${{ name }}\"] }
      docker: [volume, rm, \"${{ name }}\"]
";

fn workspace(steps: &str) -> Workspace {
    Workspace::new(steps).system(SYSTEM)
}

#[test]
fn a_rollback_is_compiled_with_everything_it_needs() {
    let plan = workspace(STEPS).plan();
    assert!(plan.rollback);
    let undo = step(&plan, "create").rollback.as_ref().expect("a rollback");
    assert!(undo.done_when.is_some() && undo.gate.as_ref().is_some_and(|gate| !gate.reads_before));
    assert_eq!(undo.operation.effect.effect, Effect::Mutate);
    assert!(plan.secrets.contains_key("key"));
    assert_eq!(plan.tools.get("undo").map(|step| step.0.as_str()), Some("create"));
    assert_eq!(plan.tools.get("docker").map(|step| step.0.as_str()), Some("create"));
    assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
}

#[test]
fn each_element_has_its_own_rollback_and_the_loop_undoes_them_together() {
    let plan = workspace(STEPS).plan();
    for id in ["each[a]", "each[b]"] {
        let undo = step(&plan, id).rollback.as_ref().expect("a rollback");
        assert_eq!((undo.operation.effect.effect, undo.operation.effect.declared), (Effect::Destroy, false));
        assert_eq!(step(&plan, id).on_failure, OnFailure::Stop);
    }
    assert!(step(&plan, "each").rollback.is_none());
    assert_eq!(step(&plan, "each").on_failure, OnFailure::Rollback);
}

#[test]
fn services_are_undone_one_by_one_each_by_what_it_knows() {
    let system = "services:
  db:
    container: db
    health: { exec: ask db }
    operations: { start: { exec: wake db } }
  app: { container: app, needs: [db] }
  job: { unit: job.service }
";
    let body = "system: system.yaml
steps:
  - id: stop
    services: { stop: all }
    on_failure: rollback
    rollback: { services: start }
  - id: start
    services: { start: [app, job] }
    rollback: { services: { stop: [app, job] } }
";
    let plan = Workspace::new(body).system(system).plan();
    assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
    assert!(step(&plan, "stop").rollback.is_none());
    let undo = |id: &str| step(&plan, id).rollback.as_deref().expect("a rollback");
    let words = |operation: &Operation| match &operation.action {
        Some(Action::Exec(words) | Action::Docker(words)) => {
            words.literals().into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(words(&undo("stop/db").operation), "wake db");
    assert_eq!(undo("stop/db").done_when.as_ref().map(|probe| words(&probe.operation)).as_deref(), Some("ask db"));
    assert_eq!(undo("stop/db").gate.as_ref().map(|gate| words(&gate.probe.operation)).as_deref(), Some("ask db"));
    assert_eq!(words(&undo("stop/app").operation), "start app");
    assert_eq!(words(&undo("start/app").operation), "stop app");
    let gone = undo("start/app").done_when.as_ref().expect("a probe");
    assert_eq!(words(&gone.operation), "container inspect app");
    assert!(!gone.operation.judge.default_expectation, "a container that is not there is stopped");
    assert!(undo("start/app").gate.is_none());
    assert_eq!(words(&undo("start/job").operation), "systemctl stop job.service");
}

#[test]
fn approvers_are_the_people_of_all_roles_each_once() {
    let plan = workspace(STEPS).plan();
    let approve = step(&plan, "create").approve.as_ref().expect("an approval");
    assert_eq!(approve.people, ["anna", "ben", "cleo"]);
    assert_eq!((approve.min, approve.not_requester, approve.within), (2, true, Duration::from_mins(5)));
    let default = workspace(&STEPS.replace(", min: 2, not_requester: true, within: 5m", "")).plan();
    let approve = step(&default, "create").approve.as_ref().expect("an approval");
    assert_eq!((approve.min, approve.not_requester, approve.within), (1, false, Duration::from_hours(1)));
}

#[test]
fn a_rollback_without_done_when_is_warned_of() {
    let body = "steps:\n  - id: make\n    exec: mkdir x\n    rollback: { exec: rmdir x }\n";
    let plan = Workspace::new(body).plan();
    assert_eq!(plan.warnings.iter().map(|it| it.code).collect::<Vec<_>>(), ["plan::rollback_without_done_when"]);
}
