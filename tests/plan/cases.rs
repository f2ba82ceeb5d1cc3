//! Cases of a test: each has the plan that its parameters make, and names what is in it.

use std::time::Duration;

use runbook::model::change::{Change, DataState, ServiceState};
use runbook::model::rehearsal::Finding;
use runbook::model::test::{Ends, FailWith};
use runbook::plan::Plan;
use runbook::plan::test::{Answered, Case};

use super::workspace::{Workspace, step};

const SYSTEM: &str = "\
environments:
  live: { class: production, vars: { size: big } }
  lab: { class: lab, vars: { size: small } }
services:
  app: { container: app }
data:
  main: { service: app, volume: v }
";

const RUNBOOK: &str = "\
system: system.yaml
params:
  service: { type: string, default: app }
  names: { type: list, default: [a] }
  full: { type: bool, default: false }
faults:
  down: { effects: [{ service: { name: app, is: crashed } }] }
  lost: { effects: [{ data: { name: main, is: lost } }] }
steps:
  - id: each
    for_each: { name: params.names }
    steps:
      - { id: inside, exec: 'echo ${{ name }}', gate: { exec: 'true' } }
  - id: more
    when: params.full
    exec: 'true'
  - id: ask
    manual: { text: Which?, inputs: { which: { type: int } } }
  - id: sure
    confirm: true
    exec: 'true'
";

fn cases(body: &str) -> Vec<Result<(Plan, Case), Vec<String>>> {
    Workspace::new(RUNBOOK).system(SYSTEM).cases(body)
}

fn case(body: &str) -> (Plan, Case) {
    cases(&format!("cases:\n  - name: it\n{body}")).remove(0).unwrap_or_else(|found| panic!("a case: {found:#?}"))
}

fn refused(body: &str) -> Vec<String> {
    cases(&format!("cases:\n  - name: it\n{body}")).remove(0).expect_err("it is refused")
}

#[test]
fn a_case_has_the_plan_that_its_parameters_make() {
    let (plan, case) = case("    params: { full: true, names: [a, 'b c'] }\n    expect: { ran: 'each[b c]/inside' }\n");
    assert!(step(&plan, "more").pruned.is_none());
    assert_eq!(case.expect.ran[0].0, "each[b c]/inside");
    assert_eq!(case.name, "it");
    assert_eq!(plan.plan_digest.len(), 64);
}

#[test]
fn a_case_says_all_that_is_asked() {
    let (plan, case) = case(
        "    world: [{ host: { name: '${{ params.service }}-1' } }]\n    fail:\n      - { step: sure, with: silent }\n      \
         - { step: 'each[a]/inside', with: gate }\n    answers: { ask: { which: '3' }, sure: no }\n    seed: 9\n    expect:\n      \
         ends: rolled_back\n      exit: 10\n      not_run: [more]\n      order: [each, sure]\n      failed: sure\n      \
         services: { app: running }\n      data: { main: whole }\n      within: 5m\n      loss: 1h\n      holds: world.services.app.healthy\n      \
         findings: [left_behind]\n",
    );
    let scope = &plan.frame(plan.root).scope;
    let Change::Host { name, .. } = case.world[0].render(scope).unwrap() else { panic!("a host") };
    assert_eq!(name.as_deref(), Some("app-1"));
    let fail: Vec<(&str, FailWith)> = case.fail.iter().map(|(step, with)| (step.0.as_str(), *with)).collect();
    assert_eq!(fail, [("sure", FailWith::Silent), ("each[a]/inside", FailWith::Gate)]);
    let [(ask, Answered::Inputs(inputs)), (_, Answered::No)] = case.answers.as_slice() else { panic!("two answers") };
    assert_eq!(
        (ask.0.as_str(), inputs[0].0.as_str(), inputs[0].1.render(scope).unwrap()),
        ("ask", "which", "3".into())
    );
    assert_eq!(case.seed, Some(9));
    let expect = &case.expect;
    assert_eq!((expect.ends, expect.exit), (Some(Ends::RolledBack), Some(10)));
    assert_eq!(expect.services, [("app".to_owned(), ServiceState::Running)]);
    assert_eq!(expect.data, [("main".to_owned(), DataState::Whole)]);
    assert_eq!((expect.within, expect.loss), (Some(Duration::from_mins(5)), Some(Duration::from_hours(1))));
    assert_eq!(expect.holds[0].source(), "world.services.app.healthy");
    assert_eq!(expect.findings, Some(vec![Finding::LeftBehind]));
}

#[test]
fn the_fault_of_a_case_is_the_first_a_named_one_its_own_or_none() {
    let name = |body: &str| case(body).1.fault.map(|fault| fault.name);
    assert_eq!(name("    seed: 1\n"), Some("down".to_owned()));
    assert_eq!(name("    fault: lost\n"), Some("lost".to_owned()));
    assert_eq!(name("    fault: none\n"), None);
    let own = case("    fault: [{ service: { name: app, is: paused } }]\n").1.fault.unwrap();
    assert_eq!((own.name.as_str(), own.effects.len()), ("it", 1));
}

#[test]
fn the_environment_and_the_system_are_the_test_s() {
    let of = |head: &str| cases(&format!("{head}cases: [{{ name: it }}]\n")).remove(0).unwrap().0;
    assert_eq!(of("").environment.unwrap().name, "live");
    assert_eq!(of("environment: lab\n").environment.unwrap().name, "lab");
    let without = RUNBOOK.replace("system: system.yaml\n", "");
    let other = Workspace::new(&without).system(SYSTEM).cases("system: system.yaml\ncases: [{ name: it }]\n");
    assert_eq!(other[0].as_ref().map(|(plan, _)| plan.system.as_deref()), Ok(Some("shop")));
}

#[test]
fn what_a_case_gives_wrongly_is_pointed_at_in_the_test() {
    assert_eq!(
        refused("    params: { full: often }\n"),
        ["plan::bad_parameter 4:15 expected true or false, found `often` (`full` is of type bool)"]
    );
    assert_eq!(
        refused("    fail: { step: inside, with: error }\n"),
        ["plan::unknown_step 4:19 there is no step `inside` (write its full id: `each[a]/inside`)"]
    );
    assert_eq!(
        refused("    fail: { step: more, with: error }\n"),
        [
            "plan::cannot_fail 4:19 step `more` does not run in this case: when is false: params.full (give other `params:`, or name \
         another step)"
        ]
    );
}
