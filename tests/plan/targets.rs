//! Where operations happen: whose target counts, what it becomes, what is refused.

use std::sync::Arc;

use chrono::DateTime;
use runbook::execute::preview::{self, Prober, ReadWork, Verdict};
use runbook::model::port::Now;
use runbook::model::work::{Completion, End, Target as Rendered, Work};
use runbook::plan::{Action, Body, Gate, Operation, Plan, Probe, Target};

use super::workspace::{Workspace, step};

const SYSTEM: &str = "target: host
vars: { host: db1 }
targets:
  host: { ssh: \"ops@${{ system.vars.host }}\", port: 2222, identity_file: keys/id }
  other: { ssh: other }
  vm: { gcloud: vm-1, zone: z }
  box: { container: db, via: host }
  inside: { container: db }
environments:
  staging: { class: staging, targets: { other: local, extra: { ssh: extra } } }
  production: { class: production, vars: { host: db2 } }
compose: { dir: shop, project: shop, files: [compose.yaml] }
services:
  app: { compose: app }
  far: { container: far, target: other, health: { exec: ask far } }
  own:
    container: own
    target: other
    operations: { stop: { exec: stop own, target: local } }
";

fn workspace(body: &str) -> Workspace {
    Workspace::new(&format!("system: system.yaml\n{body}")).system(SYSTEM)
}

fn words(target: Option<&Target>) -> String {
    match target {
        None => "here".to_owned(),
        Some(Target::Ssh { host, .. }) => format!("ssh {}", host.source()),
        Some(Target::Gcloud { vm, .. }) => format!("gcloud {}", vm.source()),
        Some(Target::Container { name, via }) => format!("container {} on {}", name.source(), words(via.as_deref())),
    }
}

fn operation<'a>(plan: &'a Plan, id: &str) -> &'a Operation {
    match &step(plan, id).body {
        Body::Operation(operation) => operation,
        Body::List { .. } => panic!("{id} is a group"),
    }
}

fn at(plan: &Plan, id: &str) -> String {
    words(operation(plan, id).target.as_ref())
}

fn of_probe(probe: Option<&Probe>) -> String {
    words(probe.expect("a probe").operation.target.as_ref())
}

fn of_gate(gate: Option<&Gate>) -> String {
    of_probe(gate.map(|gate| &gate.probe))
}

#[test]
fn the_nearest_target_counts() {
    let body = "steps:
  - id: plain
    exec: uptime
  - id: own
    target: other
    exec: uptime
    done_when: { exec: uptime }
    gate: { exec: uptime, target: local }
    rollback: { exec: uptime, done_when: { exec: uptime } }
    fallback:
      - id: other_way
        exec: uptime
  - id: here
    target: local
    shell: uptime
  - id: waits
    target: vm
    gate: { exec: uptime }
";
    let plan = workspace(body).plan();
    assert_eq!([at(&plan, "plain"), at(&plan, "here")], ["ssh ops@db1", "here"]);
    let own = step(&plan, "own");
    assert_eq!([at(&plan, "own"), of_probe(own.done_when.as_ref())], ["ssh other", "ssh other"]);
    assert_eq!(of_gate(own.gate.as_ref()), "here");
    let undo = own.rollback.as_ref().expect("a rollback");
    assert_eq!([words(undo.operation.target.as_ref()), of_probe(undo.done_when.as_ref())], ["ssh other", "ssh other"]);
    assert_eq!(at(&plan, "own/other_way"), "ssh ops@db1");
    assert_eq!(of_gate(step(&plan, "waits").gate.as_ref()), "gcloud vm-1");
    let plan = workspace(&format!("target: vm\n{body}")).plan();
    assert_eq!([at(&plan, "plain"), at(&plan, "own")], ["gcloud vm-1", "ssh other"]);
}

#[test]
fn services_have_a_place_of_their_own_unless_the_step_says_another() {
    let body = "steps:
  - id: start
    services: { start: all }
  - id: stop
    services: { stop: all }
  - id: here
    target: local
    services: { stop: [app, far] }
";
    let plan = workspace(body).plan();
    assert_eq!([at(&plan, "start/app"), at(&plan, "start/far")], ["ssh ops@db1", "ssh other"]);
    let far = step(&plan, "start/far");
    assert_eq!([of_gate(far.gate.as_ref()), of_probe(far.done_when.as_ref())], ["ssh other", "ssh other"]);
    assert_eq!(at(&plan, "stop/own"), "here");
    assert_eq!([at(&plan, "here/app"), at(&plan, "here/far")], ["here", "here"]);
    let flags = |id: &str| match &operation(&plan, id).action {
        Some(Action::Docker(words)) => words.literals().into_iter().flatten().collect::<Vec<_>>(),
        _ => panic!("docker"),
    };
    assert_eq!(flags("stop/app")[1..5], ["--project-directory", "shop", "-f", "shop/compose.yaml"]);
    assert!(flags("here/app")[2].starts_with('/'), "{:?}", flags("here/app"));
}

#[test]
fn an_included_runbook_happens_where_it_is_included_unless_it_says_otherwise() {
    let body = "target: vm
steps:
  - id: silent
    include: silent.yaml
  - id: spoken
    include: spoken.yaml
";
    let plan = workspace(body)
        .runbook("silent", "steps:\n  - id: a\n    exec: uptime\n")
        .runbook("spoken", "target: other\nsteps:\n  - id: a\n    exec: uptime\n")
        .plan();
    assert_eq!([at(&plan, "silent/a"), at(&plan, "spoken/a")], ["gcloud vm-1", "ssh other"]);
}

#[test]
fn what_cannot_happen_elsewhere_stays_here_when_it_only_inherits() {
    let body = "target: box
steps:
  - id: inside
    shell: pg_isready
  - id: engine
    docker: ps
  - id: web
    http: http://localhost
  - id: cloud
    gcloud: projects list
  - id: person
    manual: Look
";
    let plan = workspace(body).plan();
    assert_eq!(
        ["inside", "engine", "web", "cloud", "person"].map(|id| at(&plan, id)),
        ["container db on ssh ops@db1", "ssh ops@db1", "here", "here", "here"]
    );
    let tools: Vec<&str> = plan.tools.keys().map(String::as_str).collect();
    assert_eq!(tools, ["gcloud", "ssh"]);
    let web = workspace("steps:\n  - id: web\n    http: http://localhost\n").plan();
    assert_eq!(at(&web, "web"), "ssh ops@db1");
}

#[test]
fn an_environment_has_targets_of_its_own() {
    let body = "steps:\n  - id: a\n    target: other\n    exec: uptime\n  - id: b\n    exec: uptime\n";
    let plan = workspace(body).environment("staging").plan();
    assert_eq!([at(&plan, "a"), at(&plan, "b")], ["here", "ssh ops@db1"]);
    let plan = workspace(body).environment("production").plan();
    assert_eq!([at(&plan, "a"), at(&plan, "b")], ["ssh other", "ssh ops@db2"]);
    let extra = || workspace("steps:\n  - id: a\n    target: extra\n    exec: uptime\n");
    assert_eq!(at(&extra().environment("staging").plan(), "a"), "ssh extra");
    assert_eq!(extra().check(), Vec::<String>::new());
    let refused = extra().environment("production").refused();
    assert!(refused[0].contains("environment staging has it: choose one with --environment"), "{refused:?}");
}

#[test]
fn a_name_may_be_a_parameter() {
    let body = "params: { at: { type: string, default: other } }
steps:
  - id: a
    target: ${{ params.at }}
    exec: uptime
";
    assert_eq!(at(&workspace(body).plan(), "a"), "ssh other");
    assert_eq!(at(&workspace(body).set("at", "vm").plan(), "a"), "gcloud vm-1");
    assert!(workspace(body).set("at", "nowhere").refused()[0].contains("unknown target `nowhere`"));
    assert_eq!(workspace(body).check(), Vec::<String>::new());
}

/// Answers every read with success and keeps what it was asked.
#[derive(Default)]
struct Seen(Vec<Work>);

impl Prober for Seen {
    fn has(&mut self, _: &str) -> bool {
        true
    }

    fn probe(&mut self, work: ReadWork) -> Completion {
        self.0.push(work.into_work());
        Completion {
            end: End::Exited(0),
            stdout: Some("db9".to_owned()),
            stderr: String::new(),
            truncated: false,
            values: std::collections::BTreeMap::new(),
            elapsed: std::time::Duration::ZERO,
            left_behind: Vec::new(),
        }
    }
}

fn dry_run(plan: Plan) -> (preview::Preview, Vec<Work>) {
    let now = Now { elapsed: std::time::Duration::ZERO, wall: DateTime::UNIX_EPOCH };
    let mut seen = Seen::default();
    (preview::preview(&Arc::new(plan), now, &mut seen), seen.0)
}

#[test]
fn targets_are_rendered_with_the_operation_and_shown_above_it() {
    let body = "steps:
  - id: find
    target: box
    exec: find
    effect: read
    working_dir: data
    outputs: { host: stdout }
  - id: use
    target: { ssh: \"ops@${{ steps.find.outputs.host }}\", port: \"${{ 20 + 2 }}\" }
    exec: uptime
    effect: read
  - id: default
    exec: uptime
    env: { A: b }
    effect: read
";
    let plan = workspace(body).plan();
    let (shown, works) = dry_run(plan);
    let host = Rendered::Ssh { host: "ops@db1".to_owned(), port: Some(2222), identity_file: None };
    let Rendered::Container { name, via } = &works[0].target else { panic!("{:?}", works[0].target) };
    assert_eq!(name, "db");
    let Rendered::Ssh { identity_file: Some(file), .. } = via.as_ref() else { panic!("{via:?}") };
    assert!(file.is_absolute() && file.ends_with("keys/id"), "{}", file.display());
    assert_eq!(works[0].working_dir.as_deref(), Some(std::path::Path::new("data")));
    assert_eq!(works[1].target, Rendered::Ssh { host: "ops@db9".to_owned(), port: Some(22), identity_file: None });
    assert_ne!(works[2].target, host, "the key is part of it");
    assert_eq!(shown.steps[1].command, ["[on ssh ops@db9 port 22]", "uptime"]);
    let line = &shown.steps[2].command;
    assert!(
        line[0].starts_with("[on ssh ops@db1 port 2222 key /") && line[1] == "A=b" && line[2] == "uptime",
        "{line:?}"
    );
    assert!(shown.steps[0].command[0].starts_with("[on container db on ssh ops@db1 port 2222"));
}

#[test]
fn a_value_that_a_client_would_read_as_an_option_never_reaches_it() {
    for (host, why) in [
        ("-oProxyCommand=id", "would be read as an option"),
        ("", "is empty"),
        ("a b", "no part of a target has white space"),
    ] {
        let body = format!(
            "steps:
  - id: find
    target: local
    exec: find
    effect: read
    outputs: {{ host: \"'{host}'\" }}
  - id: use
    target: {{ ssh: \"${{{{ steps.find.outputs.host }}}}\" }}
    exec: uptime
    effect: read
"
        );
        let (shown, works) = dry_run(workspace(&body).plan());
        assert_eq!(works.len(), 1);
        let Verdict::Broken { why: said } = &shown.steps[1].verdict else { panic!("{:?}", shown.steps[1].verdict) };
        assert!(said.contains(why), "{said}");
    }
}
