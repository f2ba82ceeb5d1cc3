//! Verbs on services: order, gates, optional services, selections.

use runbook::model::effect::Effect;
use runbook::model::runbook::OnFailure;
use runbook::plan::{Action, Body, Plan};

use super::workspace::{Workspace, needs, step, waves};

const SYSTEM: &str = "vars: { dir: /srv/shop }
services:
  postgres: { container: db, estimate: 5s }
  redis: { container: cache, estimate: 2s, health: { docker: exec cache redis-cli ping, expect: stdout == 'PONG' } }
  minio: { container: files, estimate: 5s }
  auth: { container: auth, needs: [postgres, redis], tags: [writer], estimate: 5s }
  hasura: { container: hasura, needs: [postgres], tags: [writer], estimate: 8s }
  functions: { container: functions, needs: [hasura], optional: true, estimate: 5s }
  prometheus: { container: prometheus, after: [functions], optional: true }
";

fn plan(steps: &str) -> Plan {
    Workspace::new(&format!("system: system.yaml\nsteps:\n{steps}")).system(SYSTEM).plan()
}

fn argv(plan: &Plan, id: &str) -> Vec<String> {
    let node = step(plan, id);
    let Body::Operation(operation) = &node.body else { panic!("{id} is a leaf") };
    let Some(Action::Docker(words) | Action::Exec(words)) = &operation.action else { panic!("{id} has an argv") };
    let scope = node
        .bindings
        .iter()
        .fold(plan.frame(node.frame).scope.clone(), |scope, (name, value)| scope.with(name, value.clone()));
    words.render(&scope).expect("rendered")
}

#[test]
fn start_order_is_the_dependency_graph() {
    let plan = plan("  - id: start\n    services: start\n");
    assert_eq!(
        waves(&plan),
        [
            vec!["start/postgres", "start/redis", "start/minio"],
            vec!["start/auth", "start/hasura"],
            vec!["start/functions"],
            vec!["start/prometheus"],
        ]
    );
    assert_eq!(needs(&plan, "start/auth"), ["postgres", "redis"]);
    assert_eq!(step(&plan, "start/prometheus").after.len(), 1);
    assert_eq!(plan.budget.expected.as_secs(), 18);
    let optional = step(&plan, "start/functions");
    assert!(optional.presence.as_ref().is_some_and(|presence| presence.optional));
    assert_eq!(optional.on_failure, OnFailure::Warn);
    let redis = step(&plan, "start/redis");
    assert!(redis.done_when.is_some() && redis.gate.is_some());
    assert_eq!(argv(&plan, "start/redis"), ["start", "cache"]);
}

#[test]
fn verbs_that_lead_to_the_same_end_again_are_repeated_when_nobody_saw_them_end() {
    for verb in ["start", "stop", "restart"] {
        let plan = plan(&format!("  - id: do\n    services: {{ {verb}: redis }}\n"));
        assert!(step(&plan, "do/redis").idempotent, "{verb}");
    }
    let plan = plan("  - id: do\n    services: { pause: redis }\n");
    assert!(!step(&plan, "do/redis").idempotent, "it is paused: it cannot be paused again");
    // How a system does it itself, nobody knows.
    let own = "services:\n  redis: { container: redis, operations: { start: { exec: wake } } }\n";
    let body = "system: system.yaml\nsteps:\n  - id: do\n    services: { start: redis }\n";
    assert!(!step(&Workspace::new(body).system(own).plan(), "do/redis").idempotent);
}

#[test]
fn stopping_goes_backwards_and_pausing_all_at_once() {
    let stop = plan("  - id: stop\n    services: { stop: postgres, scope: with_dependents }\n");
    assert_eq!(needs(&stop, "stop/postgres"), ["auth", "hasura"]);
    assert_eq!(needs(&stop, "stop/hasura"), ["functions"]);
    let pause = plan("  - id: pause\n    services: { pause: postgres, scope: dependents }\n");
    assert_eq!(waves(&pause), [vec!["pause/auth", "pause/hasura", "pause/functions"]]);
}

#[test]
fn order_goes_through_services_that_are_not_selected() {
    let plan = plan("  - id: start\n    services: { start: [postgres, functions] }\n");
    assert_eq!(needs(&plan, "start/functions"), ["postgres"]);
}

#[test]
fn tags_select_and_removing_asks() {
    let body = "  - id: gone\n    services: { remove: writer }\n";
    let workspace = |body: &str| Workspace::new(&format!("system: system.yaml\nsteps:\n{body}")).system(SYSTEM);
    let refused = workspace(body).refused();
    assert!(refused.iter().all(|it| it.starts_with("plan::destroy_without_confirm")), "{refused:?}");
    let plan = workspace(&format!("{body}    confirm: true\n")).plan();
    let Body::Operation(operation) = &step(&plan, "gone/auth").body else { panic!("a leaf") };
    assert_eq!(operation.effect.effect, Effect::Destroy);
    assert_eq!(argv(&plan, "gone/auth"), ["rm", "-f", "auth"]);
}

#[test]
fn check_asks_every_service_once_and_an_expectation_replaces_its_own() {
    let plan = plan(
        "  - id: look\n    services: { check: all }\n    expect: json.auth is defined\n  - id: all_well\n    services: check\n",
    );
    assert!(!step(&plan, "look").judge.default_expectation);
    assert!(step(&plan, "all_well").judge.default_expectation);
    let member = step(&plan, "look/auth");
    assert_eq!(member.on_failure, OnFailure::Continue);
    assert!(member.gate.as_ref().is_some_and(|gate| gate.within.is_zero()));
    let Body::Operation(operation) = &member.body else { panic!("a leaf") };
    assert_eq!(operation.effect.effect, Effect::Read);
    let outputs: Vec<&str> = operation.judge.outputs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(outputs, ["state", "running", "image", "health", "restarts", "started_at"]);
}

#[test]
fn logs_are_those_since_the_start() {
    let plan = plan("  - id: read\n    services: { logs: redis }\n    warn_unless: lines | length == 0\n");
    assert_eq!(argv(&plan, "read/redis_started")[..2], ["container", "inspect"]);
    assert_eq!(needs(&plan, "read/redis"), ["redis_started"]);
    let Body::Operation(operation) = &step(&plan, "read/redis").body else { panic!("a leaf") };
    assert!(operation.capture.stdout && operation.capture.stderr);
}

#[test]
fn compose_services_get_the_system_s_flags_and_deploy_lays_an_override() {
    let system = "compose: { dir: /srv/shop, project: shop, files: [compose.yaml] }
services:
  app: { compose: web }
";
    let workspace = Workspace::new(
        "system: system.yaml
steps:
  - id: which
    exec: date
    outputs: { image: stdout }
  - id: up
    services: { start: app }
  - id: ps
    docker: compose ps --all
  - id: ship
    services: { deploy: app, image: \"${{ steps.which.outputs.image }}\" }
",
    )
    .system(system);
    let plan = workspace.plan();
    let flags = ["compose", "--project-directory", "/srv/shop", "-f", "/srv/shop/compose.yaml", "-p", "shop"];
    assert_eq!(argv(&plan, "up/app"), [&flags[..], &["up", "-d", "--no-deps", "--no-recreate", "web"]].concat());
    assert_eq!(argv(&plan, "ps"), [&flags[..], &["ps", "--all"]].concat());
    assert_eq!(argv(&plan, "ship/app"), [&flags[..], &["-f", "-", "up", "-d", "--no-deps", "web"]].concat());
    let node = step(&plan, "ship/app");
    let frame = plan.frame(node.frame);
    assert_eq!(frame.deferred[0].under, "args");
    let image = runbook::template::Value::from_pairs([("image", runbook::template::Value::from("web: 'v2'"))]);
    let Body::Operation(operation) = &node.body else { panic!("a leaf") };
    let stdin =
        operation.stdin.as_ref().expect("an override").render(&frame.scope.with("args", image)).expect("rendered");
    let parsed: serde_yaml::Value = serde_yaml::from_str(&stdin).expect("YAML");
    assert_eq!(parsed["services"]["web"]["image"], "web: 'v2'");
    assert_eq!(plan.tools.keys().collect::<Vec<_>>(), ["date", "docker"]);
}

#[test]
fn a_system_s_own_way_comes_first() {
    let system = "operations:
  deploy: { exec: \"deploy ${{ service.id }} ${{ args.image }}\" }
services:
  app: { container: app }
  web: { container: web, operations: { deploy: { exec: \"own ${{ args.image }}\" } } }
";
    let body = "system: system.yaml\nsteps:\n  - id: ship\n    services: { deploy: all, image: v2 }\n";
    let plan = Workspace::new(body).system(system).plan();
    assert_eq!(argv(&plan, "ship/app"), ["deploy", "app", "v2"]);
    assert_eq!(argv(&plan, "ship/web"), ["own", "v2"]);
    let without = Workspace::new(body).system("services: { app: { container: app } }\n").refused();
    assert!(without[0].starts_with("plan::no_operation"), "{without:?}");
}
