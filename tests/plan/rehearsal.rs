//! What a plan knows of its rehearsal: faults, invariants, findings that stand, simulated answers, the system as plain data.

use std::time::Duration;

use runbook::model::change::{
    BackupState, Change, DataState, DatabaseState, HostState, ImageState, Presence, ServiceState, VmState,
};
use runbook::model::facts::{HealthFacts, RuntimeFacts};
use runbook::model::rehearsal::Finding;
use runbook::model::system::BackupKind;
use runbook::model::work::Target;
use runbook::plan::{Answer, Body, Plan, Simulate};
use runbook::template::{EvalError, Scope, Value};

use super::workspace::{Workspace, step};

const SYSTEM: &str = "\
services:
  db: { container: app-db }
  app: { container: app, needs: [db], known_good: 'app:1', tags: [writer], estimate: 20s }
data:
  main: { service: db, volume: pg, backups: { daily: { kind: dump, path: /backups, max_age: 25h } } }
";

fn every_key() -> Plan {
    Workspace::file("fixtures/runbooks/valid/every-key.yaml").set("mode", "slow").plan()
}

#[expect(clippy::unnecessary_wraps, reason = "optional fields of a change")]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn effects(plan: &Plan, fault: usize) -> Vec<Result<Change, EvalError>> {
    let fault = &plan.faults[fault];
    let scope = &plan.frame(fault.frame).scope;
    fault.effects.iter().map(|effect| effect.render(scope)).collect()
}

/// The one fault of a runbook that has these effects.
fn rendered(effect: &str) -> Result<Change, String> {
    let body = format!(
        "system: system.yaml\nparams: {{ word: {{ type: string, default: null }} }}\nfaults: {{ one: {{ effects: [{effect}] }} }}\n\
         steps: [{{ id: a, exec: 'true' }}]\n"
    );
    let plan = Workspace::new(&body).system(SYSTEM).plan();
    effects(&plan, 0).remove(0).map_err(|error| error.message)
}

#[test]
fn every_kind_of_change_is_rendered_in_the_names_of_the_runbook() {
    let plan = every_key();
    let names: Vec<&str> = plan.faults.iter().map(|fault| fault.name.as_str()).collect();
    assert_eq!(names, ["down", "lost"]);
    assert_eq!(plan.faults[0].title.render(&plan.frame(plan.root).scope).unwrap(), "app is down");
    let crashed = Change::Service { id: "app".to_owned(), is: ServiceState::Crashed, image: None };
    assert_eq!(effects(&plan, 0), [Ok(crashed)]);
    let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
    let project = || (some("shop"), some("europe-north1-a"));
    let expected = [
        Change::Service { id: "postgres".into(), is: ServiceState::CrashLoop, image: some("app:slow") },
        Change::Data { id: "postgres".into(), is: DataState::Lost, from: None },
        Change::Data { id: "files".into(), is: DataState::Damaged, from: some("copies") },
        Change::Backup { data: "postgres".into(), id: "daily".into(), is: BackupState::Damaged, age: hours(26) },
        Change::Backup {
            data: "postgres".into(),
            id: "base".into(),
            is: BackupState::Whole,
            age: Some(Duration::from_mins(5)),
        },
        Change::Image { name: "app:1".into(), is: ImageState::Pullable },
        Change::Host { name: some("host"), is: HostState::Cut, address: some("192.0.2.7") },
        Change::Vm {
            name: "vm-1".into(),
            is: VmState::Terminated,
            project: project().0,
            zone: project().1,
            address: some("192.0.2.8"),
            host: some("vm"),
        },
        Change::Disk {
            name: "disk-1".into(),
            is: Presence::Absent,
            vm: some("vm-1"),
            device: some("data-disk"),
            data: some("disk"),
            project: project().0,
            zone: project().1,
        },
        Change::Snapshot {
            name: "nightly".into(),
            is: Presence::Present,
            disk: some("disk-1"),
            age: hours(3),
            ready: false,
        },
        Change::Dns { name: "example.com".into(), address: some("192.0.2.9"), zone: some("main") },
        Change::Dns { name: "gone.example.com".into(), address: None, zone: None },
        Change::Http {
            url: "https://example.com/health".into(),
            status: Some(503),
            body: "sorry".into(),
            service: some("app"),
        },
        Change::Http { url: "https://example.com/*".into(), status: None, body: String::new(), service: None },
        Change::Database {
            host: "db-2".into(),
            is: DatabaseState::Standby,
            of: some("db-1"),
            lag: Some(Duration::from_mins(5)),
        },
        Change::File { path: "/etc/app.conf".into(), text: some("mode=slow"), host: some("host") },
        Change::File { path: "/etc/old.conf".into(), text: None, host: None },
        Change::Cloud { what: "zone:europe-north1-a".into(), refused: true },
        Change::Cloud { what: "quota:CPUS".into(), refused: false },
    ];
    let found: Vec<Change> = effects(&plan, 1).into_iter().map(Result::unwrap).collect();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.into_iter().zip(expected) {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_word_that_is_a_template_is_looked_at_when_it_is_rendered() {
    let rendered_is = |is: &str| rendered(&format!("{{ service: {{ name: app, is: \"{is}\" }} }}"));
    let paused = Change::Service { id: "app".to_owned(), is: ServiceState::Paused, image: None };
    assert_eq!(rendered_is("${{ 'pau' ~ 'sed' }}"), Ok(paused));
    assert_eq!(
        rendered_is("${{ 'puased' }}"),
        Err("`puased` is not the state of a service; did you mean `paused`?".to_owned())
    );
    assert_eq!(
        rendered("{ data: { name: main, is: \"${{ 'broken' }}\" } }"),
        Err("`broken` is not the state of data; use one of whole, damaged, empty, lost".to_owned())
    );
}

#[test]
fn other_values_that_are_templates_are_looked_at_too() {
    let wrong = |effect: &str| rendered(effect).unwrap_err();
    assert_eq!(
        wrong("{ backup: { data: main, name: daily, age: \"${{ 'old' }}\" } }"),
        "`old` is not a duration, like 90s or 1h30m"
    );
    assert_eq!(wrong("{ http: { url: u, status: \"${{ 99 }}\" } }"), "`99` is not a status, a number from 100 to 599");
    assert_eq!(wrong("{ snapshot: { name: s, ready: \"${{ 'yes' }}\" } }"), "`yes` is not true or false");
    let ready = rendered("{ snapshot: { name: s, ready: \"${{ 1 == 2 }}\", age: \"${{ '90m' | duration }}\" } }");
    let age = Some(Duration::from_mins(90));
    let expected = Change::Snapshot { name: "s".into(), is: Presence::Present, disk: None, age, ready: false };
    assert_eq!(ready, Ok(expected));
}

#[test]
fn an_optional_text_that_is_none_is_left_out() {
    let kept = rendered("{ service: { name: app, is: running, image: \"${{ params.word }}\" } }");
    assert_eq!(kept, Ok(Change::Service { id: "app".into(), is: ServiceState::Running, image: None }));
    let needed = rendered("{ service: { name: \"${{ params.word }}\", is: running } }").unwrap_err();
    assert!(needed.contains("is none and has no text"), "{needed}");
}

/// What the step `a` is simulated by.
fn simulate(body: &str) -> Simulate {
    let body = format!("system: system.yaml\nsteps: [{{ id: a, {body} }}]\n");
    let plan = Workspace::new(&body).system(SYSTEM).plan();
    let Body::Operation(operation) = &step(&plan, "a").body else { panic!("an operation") };
    operation.simulate.as_deref().cloned().expect("it is simulated")
}

/// A scope with `world.services.app.running`.
fn world(running: bool) -> Scope {
    let app = Value::from_pairs([("running", Value::from(running))]);
    let services = Value::from_pairs([("app", app)]);
    Scope::default().with("world", Value::from_pairs([("services", services)]))
}

#[test]
fn a_simulated_operation_answers_by_the_world() {
    let simulated = simulate(
        "exec: curl app, simulate: { stdout: \"up: ${{ world.services.app.running }}\", stderr: said, takes: 3s, \
         exit: 0 if world.services.app.running else 7, effects: [{ service: { name: app, is: running } }] }",
    );
    let up = simulated.answer(&world(true)).unwrap();
    let effects = vec![Change::Service { id: "app".into(), is: ServiceState::Running, image: None }];
    let takes = Some(Duration::from_secs(3));
    let expected =
        Answer { stdout: "up: true".into(), stderr: "said".into(), status: 200, takes, effects, ..Answer::default() };
    assert_eq!(up, expected);
    assert_eq!(simulated.answer(&world(false)).unwrap().exit, 7);
}

#[test]
fn requests_have_a_status_and_people_answer() {
    let simulated =
        simulate("http: 'http://app', simulate: { status: '503 if not world.services.app.running else 204' }");
    assert_eq!(simulated.answer(&world(false)).unwrap().status, 503);
    let simulated =
        simulate("manual: { text: t, inputs: { which: { type: string } } }, simulate: { inputs: { which: b } }");
    assert_eq!(simulated.answer(&world(true)).unwrap().inputs, [("which".to_owned(), "b".to_owned())]);
}

#[test]
fn an_exit_code_that_is_none_is_an_error() {
    let message = |exit: &str| {
        let simulated = simulate(&format!("exec: 'true', simulate: {{ exit: \"{exit}\" }}"));
        simulated.answer(&world(true)).unwrap_err().message
    };
    assert_eq!(message("255 + 1"), "`255 + 1` is 256, which is not an exit code: a number from 0 to 255");
    assert_eq!(message("0 - 1"), "`0 - 1` is -1, which is not an exit code: a number from 0 to 255");
}

#[test]
fn simulated_answers_are_everywhere_where_there_is_an_action_and_in_no_digest() {
    const ANSWER: &str = ", simulate: { exit: 0 }";
    let body = "system: system.yaml\nsteps:\n  - { id: a, exec: one, simulate: { exit: 0 }, require: { exec: two, simulate: { exit: 0 } }, \
                gate: { exec: three, simulate: { exit: 0 } }, rollback: { exec: four, simulate: { exit: 0 }, done_when: { exec: five, \
                simulate: { exit: 0 } } } }\n  - { id: b, services: { stop: app } }\n";
    let system = format!("{SYSTEM}operations:\n  stop: {{ exec: stop{ANSWER} }}\n");
    let with = Workspace::new(body).system(&system).plan();
    let without = Workspace::new(&body.replace(ANSWER, "")).system(&system.replace(ANSWER, "")).plan();
    let node = step(&with, "a");
    let Body::Operation(own) = &node.body else { panic!("an operation") };
    let rollback = node.rollback.as_ref().unwrap();
    let Body::Operation(verb) = &step(&with, "b/app").body else { panic!("an operation") };
    let all = [
        own.as_ref(),
        &node.require.as_ref().unwrap().operation,
        &node.gate.as_ref().unwrap().probe.operation,
        &rollback.operation,
        &rollback.done_when.as_ref().unwrap().operation,
        verb,
    ];
    assert!(all.iter().all(|operation| operation.simulate.is_some()));
    let text = |plan: &Plan| {
        let mut nodes = serde_json::to_value(&plan.nodes).unwrap();
        without_places(&mut nodes);
        nodes
    };
    assert_eq!(text(&with), text(&without));
}

/// Places and base directories differ between two workspaces.
fn without_places(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.retain(|name, _| !matches!(name.as_str(), "place" | "span" | "base_dir"));
            fields.values_mut().for_each(without_places);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(without_places),
        _ => {}
    }
}

const INCLUDED: &str = "\
params: { name: { type: string } }
invariants:
  - world.services.app.running or params.name == 'a'
accept:
  - { finding: left_behind, step: deep, because: small }
  - { finding: never_red, because: a stub }
steps:
  - id: group
    steps: [{ id: deep, exec: 'true' }]
";

#[test]
fn invariants_and_accepted_findings_of_includes_are_those_of_each_place() {
    let plan = Workspace::new(
        "system: system.yaml\ninvariants: [\"steps.deep_in.outcome != 'failed'\"]\n\
         accept: [{ finding: unreachable, step: inside, because: rare }, { finding: stuck_rollback, step: shared/group, because: known }]\n\
         steps:\n  - id: outer\n    steps: [{ id: deep_in, exec: 'true' }]\n  - id: shared\n    include: part.yaml\n    params: { name: a }\n\
         \x20 - id: each\n    for_each: { x: \"['a', 'b']\" }\n    steps:\n      - { id: inside, exec: 'true' }\n      \
         - { id: more, include: part.yaml, params: { name: \"${{ x }}\" } }\n",
    )
    .system(SYSTEM)
    .runbook("part", INCLUDED)
    .plan();
    let sources: Vec<&str> = plan.invariants.iter().map(|invariant| invariant.expression.source()).collect();
    assert_eq!(sources.iter().filter(|source| source.starts_with("world")).count(), 3);
    assert_eq!(sources.iter().filter(|source| source.starts_with("steps.deep_in")).count(), 1);
    let holds = plan.invariants.iter().filter(|invariant| invariant.frame != plan.root).map(|invariant| {
        let scope = plan.frame(invariant.frame).scope.with("world", world(false).get("world").unwrap());
        invariant.expression.holds(&scope).unwrap().holds
    });
    let mut holds: Vec<bool> = holds.collect();
    holds.sort_unstable();
    assert_eq!(holds, [false, true, true]);
    let of = |finding: Finding| {
        let accepted = plan.accepted.iter().filter(|accepted| accepted.finding == finding);
        let mut steps: Vec<&str> = accepted.map(|it| it.step.as_ref().map_or("", |step| step.0.as_str())).collect();
        steps.sort_unstable();
        steps
    };
    assert_eq!(of(Finding::LeftBehind), ["each[a]/more/group/deep", "each[b]/more/group/deep", "shared/group/deep"]);
    assert_eq!(of(Finding::NeverRed), ["", "", ""]);
    assert_eq!(of(Finding::Unreachable), ["each[a]/inside", "each[b]/inside"]);
    assert_eq!(of(Finding::StuckRollback), ["shared/group"]);
    assert_eq!(plan.accepted.iter().find(|it| it.finding == Finding::Unreachable).unwrap().because, "rare");
}

#[test]
fn an_include_that_is_left_out_says_nothing() {
    let plan = Workspace::new(
        "system: system.yaml\nsteps:\n  - { id: a, exec: 'true' }\n  - { id: b, when: 1 == 2, include: part.yaml, params: { name: a } }\n",
    )
    .system(SYSTEM)
    .runbook("part", INCLUDED)
    .plan();
    assert!(plan.invariants.is_empty() && plan.accepted.is_empty());
}

#[test]
fn an_invariant_may_read_any_step_of_its_file() {
    let body = "system: system.yaml\ninvariants:\n  - steps.member.outcome != 'failed' or steps.saved.outcome == 'pending'\n  \
                - steps.last.outcome != 'failed'\n  - steps.member.outputs.said | default('') == ''\nsteps:\n  - id: group\n    \
                steps: [{ id: member, exec: 'true', outputs: { said: stdout } }]\n    fallback: [{ id: saved, exec: 'true' }]\n\
                finally:\n  - { id: last, exec: 'true' }\n";
    assert_eq!(Workspace::new(body).system(SYSTEM).check(), Vec::<String>::new());
    assert_eq!(Workspace::new(body).system(SYSTEM).plan().invariants.len(), 3);
}

#[test]
fn the_world_of_a_system_is_rendered_in_its_own_names() {
    let plan = every_key();
    let scope = &plan.frame(plan.system_frame).scope;
    let world: Vec<Change> = plan.world.iter().map(|change| change.render(scope).unwrap()).collect();
    let expected = [
        Change::Host { name: some("host"), is: HostState::Up, address: some("192.0.2.7") },
        Change::File { path: "https://example.com".into(), text: some(""), host: None },
    ];
    assert_eq!(world, expected);
}

#[test]
fn the_system_is_plain_data() {
    let facts = every_key().facts;
    assert_eq!((facts.name.as_str(), &facts.target), ("every-key", &Target::Local));
    let compose = facts.compose.as_ref().unwrap();
    assert_eq!(compose.project, "every-key");
    assert!(compose.dir.ends_with("fixtures/runbooks/valid/parts"), "{}", compose.dir);
    assert!(compose.files[1].ends_with("valid/parts/compose.lab.yaml"), "{:?}", compose.files);
    let target = |id: &str| facts.targets.iter().find(|(known, _)| known == id).unwrap().1.clone();
    let Target::Ssh { host, port: Some(2222), identity_file: Some(file) } = target("host") else { panic!("ssh") };
    assert_eq!(host, "ops@one");
    assert!(file.ends_with("valid/systems/keys/host"));
    let via = Box::new(target("host"));
    assert_eq!(target("box"), Target::Container { name: "app-postgres".into(), via });
    assert_eq!(
        target("vm"),
        Target::Gcloud { vm: "vm-1".into(), project: some("shop"), zone: some("europe-north1-a") }
    );

    let services: Vec<&str> = facts.services.iter().map(|service| service.id.as_str()).collect();
    assert_eq!(services, ["postgres", "app", "worker", "backup"]);
    let [postgres, app, worker, backup] = facts.services.as_slice() else { panic!("four") };
    assert_eq!(
        postgres.runtime,
        RuntimeFacts::Compose { service: "postgres".into(), container: "app-postgres".into() }
    );
    let argv = ["docker", "exec", "app-postgres", "pg_isready"].map(str::to_owned).to_vec();
    assert_eq!(postgres.health, HealthFacts::Program { argv, target: Target::Local });
    let url = "http://127.0.0.1:8000/health".to_owned();
    assert_eq!(app.health, HealthFacts::Http { url, target: Target::Local });
    assert_eq!((app.known_good.as_deref(), app.needs.as_slice()), (Some("app:1"), &["postgres".to_owned()][..]));
    assert_eq!((&worker.target, worker.optional), (&target("alias"), true));
    assert_eq!(
        (&backup.runtime, &backup.health),
        (&RuntimeFacts::Unit("app-backup.service".into()), &HealthFacts::Runtime)
    );

    let [postgres, files, disk] = facts.data.as_slice() else { panic!("three") };
    assert_eq!((postgres.volume.as_deref(), postgres.owner.as_deref()), (Some("app_postgres"), Some("999:999")));
    assert_eq!(postgres.vars.get("database").map(String::as_str), Some("app"));
    let daily = &postgres.backups[0];
    assert_eq!(
        (daily.id.as_str(), daily.kind, daily.path.as_deref()),
        ("daily", BackupKind::Dump, Some("/backups/daily"))
    );
    assert_eq!((daily.pattern.as_deref(), daily.max_age), (Some("*.dump"), Some(Duration::from_hours(25))));
    assert_eq!((files.path.as_deref(), files.volume.as_deref()), (Some("/srv/files"), None));
    assert_eq!((disk.disk.as_deref(), disk.path.as_deref()), (Some("data-disk"), Some("/data")));
}

#[test]
fn the_facts_of_an_environment_and_of_another_machine_are_its_own() {
    let system = "target: far\nvars: { port: 80 }\ntargets: { far: { ssh: one } }\nsecrets: { key: { env: KEY } }\n\
                  environments:\n  lab: { class: lab, targets: { far: { ssh: two } }, vars: { port: 81 } }\n  live: { class: production }\n\
                  compose: { dir: /srv/app, files: [a.yaml] }\n\
                  services:\n  web: { compose: web, health: { http: \"http://w:${{ system.vars.port }}/?k=${{ secrets.key }}\" } }\n  \
                  job: { container: job, target: { container: box, via: far }, health: { shell: \"test -e ${{ service.container }}\" } }\n";
    let facts = |environment: &str| {
        let plan = Workspace::new("system: system.yaml\nsteps: [{ id: a, exec: 'true' }]\n").system(system);
        plan.environment(environment).plan().facts
    };
    let ssh = |host: &str| Target::Ssh { host: host.to_owned(), port: None, identity_file: None };
    let (lab, live) = (facts("lab"), facts("live"));
    assert_eq!((&lab.target, &live.target), (&ssh("two"), &ssh("one")));
    let compose = lab.compose.as_ref().unwrap();
    assert_eq!((compose.project.as_str(), compose.dir.as_str()), ("app", "/srv/app"));
    assert_eq!(compose.files, ["/srv/app/a.yaml"]);
    let health = HealthFacts::Http { url: "http://w:81/?k=***".into(), target: ssh("two") };
    assert_eq!(lab.services[0].health, health);
    let RuntimeFacts::Compose { container, .. } = &lab.services[0].runtime else { panic!("compose") };
    assert_eq!(container, "app-web-1");
    let target = Target::Container { name: "box".into(), via: Box::new(ssh("two")) };
    let argv = ["bash", "-euo", "pipefail", "-c", "test -e job"].map(str::to_owned).to_vec();
    assert_eq!(lab.services[1].health, HealthFacts::Program { argv, target });
}

#[test]
fn without_a_system_there_are_no_facts() {
    let plan = Workspace::new("steps: [{ id: a, exec: 'true' }]\n").plan();
    assert_eq!(*plan.facts, runbook::model::facts::SystemFacts::default());
    assert!(plan.world.is_empty() && plan.faults.is_empty());
}
