//! A Docker Engine and a service that are reached through another machine.

use nix::sys::signal::Signal;

use super::engine::{Engine, TOOLS, docker, free_ports};
use crate::support::driven::{holds, signal};
use crate::support::far::Scene;

/// Removes a container even when the test fails.
struct Container(String);

impl Drop for Container {
    fn drop(&mut self) {
        let _ = duct::cmd!("docker", "rm", "--force", &self.0).stdout_null().stderr_null().unchecked().run();
    }
}

const RUNBOOK: &str = "\
kind: runbook/v1
name: far
system: far.yaml
secrets: { password: { env: FAR_PASSWORD } }
steps:
  - id: engine
    target: db
    docker: inspect CONTAINER
    outputs: { name: \"json[0].Name\" }
    expect: json[0].State.Running
  - id: asked
    target: db
    http: http://127.0.0.1:PORT/health
    expect: json.status == 'ok'
  - id: written
    target: db
    http: { method: PUT, url: http://127.0.0.1:PORT/notes/first, body: over there }
    expect: status == 201
  - id: inside
    target: box
    exec:
      - sh
      - -c
      - |
        echo run >>/tmp/runs
        cat /etc/hostname
        echo \"${#PASSWORD} $PASSWORD\"
        echo count=$(wc -l </tmp/runs) >>$RUNBOOK_OUTPUT
        touch /tmp/ready
        while [ ! -e /tmp/go ]; do sleep 0.1; done
        exit 42
    env: { PASSWORD: \"${{ secrets.password }}\" }
    expect: exit == 42
    outputs: { host: lines | first }
";

#[test]
fn an_engine_a_service_and_a_container_of_another_machine() {
    let _engine = Engine::hold();
    let name = format!("runbook-lab-far-{}", std::process::id());
    let port = free_ports(1).to_string();
    let (tools, app) = (Container(name.clone()), Container(format!("{name}-app")));
    docker(&["run", "--detach", "--name", &tools.0, TOOLS, "sleep", "600"]);
    docker(&[
        "run",
        "--detach",
        "--name",
        &app.0,
        "--publish",
        &format!("127.0.0.1:{port}:8000"),
        "runbook-lab/app:v1",
    ]);
    let inside = |words: &[&str]| docker(&[&["exec", &tools.0][..], words].concat());
    let runbook = RUNBOOK.replace("CONTAINER", &app.0).replace("PORT", &port);
    let scene = Scene::new(&runbook, &format!("  box: {{ container: {name}, via: db }}\n"));

    let engine = scene.engine(&["run", "run.yaml"]);
    holds("it is under way in there", || {
        let said = scene.workspace.read("said");
        assert!(!said.contains("ended after") && !said.contains("nothing was changed"), "{said}");
        scene.records().last("step_noted", "inside").is_some() && inside(&["ls", "/tmp"]).contains("ready")
    });
    let client = scene.records().last("step_noted", "inside").expect("its client")["pid"].as_u64().expect("a pid");
    engine.kill();
    signal(u32::try_from(client).expect("a pid"), Signal::SIGKILL);
    let processes = inside(&["ps"]);
    assert!(processes.contains("/tmp/go"), "it goes on:\n{processes}");
    inside(&["touch", "/tmp/go"]);
    let _ = scene.resumed();

    let records = scene.records();
    assert_eq!(records.resolved("inside"), ("done", "reattached"));
    assert_eq!(inside(&["cat", "/tmp/runs"]), "run");
    let finished = records.last("step_finished", "inside").expect("it has ended");
    assert_eq!(finished["outputs"]["count"], "1", "{finished}");
    let id = docker(&["inspect", "--format", "{{.Id}}", &tools.0]);
    assert!(id.starts_with(finished["outputs"]["host"].as_str().expect("a name")), "{finished}");
    assert_eq!(
        records.last("step_finished", "engine").expect("it has ended")["outputs"]["name"],
        format!("/{}", app.0)
    );
    assert!(scene.workspace.read("words").contains(&format!(":127.0.0.1:{port} ")), "asked through the machine");
    assert!(!scene.workspace.read("words").contains(crate::support::far::PASSWORD));
}
