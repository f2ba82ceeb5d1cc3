//! Killing the client of `docker run` or `docker exec` leaves the work running; a step that timed out must not.

use std::fs;
use std::path::Path;

use super::engine::{Engine, RUNBOOK, TOOLS, docker, run, wait_until};

fn times_out(dir: &Path, step: &str) {
    let runbook = format!(
        "kind: runbook/v1\nname: ending\ntitle: A step that hangs\nowner: lab\nsteps:\n  - id: hang\n    title: Hang\n    \
         timeout: 2s\n    docker: >-\n      {step}\n"
    );
    fs::write(dir.join("ending.yaml"), runbook).expect("the runbook");
    run(dir, &[], RUNBOOK, &["run", "ending.yaml"]).gives(1);
}

/// Removes a container even when the test fails.
struct Container(String);

impl Drop for Container {
    fn drop(&mut self) {
        let _ = duct::cmd!("docker", "rm", "--force", &self.0).stdout_null().stderr_null().unchecked().run();
    }
}

#[test]
fn a_container_does_not_outlive_its_step() {
    let _engine = Engine::hold();
    let dir = tempfile::tempdir().expect("a directory");
    let name = format!("runbook-lab-run-{}", std::process::id());
    let guard = Container(name.clone());
    // It ignores TERM: only an end of the container itself helps.
    times_out(
        dir.path(),
        &format!("run --rm --name {name} {TOOLS} sh -c 'trap \"\" TERM; sleep 300 & sleep 300; wait'"),
    );
    wait_until("the container is gone", || {
        docker(&["ps", "--quiet", "--all", "--filter", &format!("name=^/?{name}$")]).is_empty()
    });
    drop(guard);
}

#[test]
fn a_process_in_a_container_does_not_outlive_its_step() {
    let _engine = Engine::hold();
    let dir = tempfile::tempdir().expect("a directory");
    let host = Container(format!("runbook-lab-exec-{}", std::process::id()));
    docker(&["run", "--detach", "--init", "--name", &host.0, TOOLS, "sleep", "600"]);

    times_out(dir.path(), &format!("exec {} sh -c 'trap \"\" TERM; sleep 301 & sleep 302; wait'", host.0));

    wait_until("what `docker exec` started is gone", || {
        let processes = docker(&["top", &host.0, "-eo", "pid,args"]);
        assert!(processes.contains("sleep 600"), "the container itself goes on:\n{processes}");
        !processes.contains("sleep 30") && !processes.contains("trap")
    });
}
