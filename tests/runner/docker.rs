//! Work in containers ends with its step, though the client's death alone would not end it. Needs a daemon and the lab's image.

use std::path::Path;
use std::time::Duration;

use runbook::model::work::{End, Rendered, Task, Tool, Work};
use runbook::runner::capture::capture;

use super::{Bench, work};

pub const IMAGE: &str = "runbook-lab/tools:1";

/// Runs the client; its output, or nothing when it failed.
pub fn client(arguments: &[&str]) -> Option<String> {
    let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
    let said = capture("docker", &arguments, Duration::from_mins(1)).ok()?;
    (said.exit == Some(0)).then(|| String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

fn docker(arguments: &[&str]) -> Work {
    let argv = ["docker"].iter().chain(arguments).map(|&word| word.to_owned()).collect();
    work(Task::Program { tool: Tool::Docker, argv })
}

/// A container that is removed at the end of the test.
pub struct Container(pub String);

impl Container {
    pub fn start() -> Self {
        let ready = client(&["image", "inspect", IMAGE]);
        assert!(ready.is_some(), "no Docker Engine with {IMAGE}: run tests/lab/up first (tests/run does)");
        let name = format!("runbook-test-{}", ulid::Ulid::generate().to_string().to_lowercase());
        let started = client(&["run", "-d", "--name", &name, IMAGE, "sleep", "3600"]);
        assert!(started.is_some(), "the Engine does not start a container of {IMAGE}");
        Self(name)
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        client(&["rm", "-f", &self.0]);
    }
}

/// True when some process of the machine was started with this word.
pub fn runs(word: &str) -> bool {
    std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        std::fs::read(Path::new(&entry.path()).join("cmdline"))
            .is_ok_and(|line| line.split(|byte| *byte == 0).any(|part| part == word.as_bytes()))
    })
}

#[tokio::test]
async fn exec_ends_with_its_step() {
    let container = Container::start();
    let mut bench = Bench::new();
    let mut work = docker(&["exec", &container.0, "sh", "-c", "trap '' TERM; sleep 54321 & wait"]);
    work.timeout = Duration::from_secs(2);
    let done = bench.run(work).await;
    assert_eq!((done.end, done.left_behind), (End::TimedOut, Vec::new()));
    assert!(!runs("54321"));
    let top = client(&["top", &container.0]).unwrap();
    assert!(top.lines().count() == 2, "{top}");
}

#[tokio::test]
async fn exec_with_flags_ends_with_its_step() {
    let container = Container::start();
    let mut bench = Bench::new();
    let mut work = docker(&["exec", "-w", "/", &container.0, "sleep", "54322"]);
    work.timeout = Duration::from_secs(2);
    assert_eq!(bench.run(work).await.end, End::TimedOut);
    assert!(!runs("54322"));
}

#[tokio::test]
async fn a_step_whose_name_begins_like_another_ones_is_left_alone() {
    let container = Container::start();
    let mut bench = Bench::new();
    let mut work = docker(&["exec", &container.0, "sleep", "54324"]);
    let other = format!("RUNBOOK_ATTEMPT={}0", work.attempt.token);
    client(&["exec", "-d", "-e", &other, &container.0, "sleep", "54325"]).unwrap();
    work.timeout = Duration::from_secs(1);
    assert_eq!(bench.run(work).await.end, End::TimedOut);
    let top = client(&["top", &container.0]).unwrap();
    assert!(!top.contains("54324") && top.contains("54325"), "{top}");
}

#[tokio::test]
async fn run_ends_with_its_step_and_leaves_no_container() {
    let _container = Container::start();
    let mut bench = Bench::new();
    let mut work = docker(&["run", "--rm", IMAGE, "sh", "-c", "trap '' TERM; sleep 54323 & wait; wait"]);
    let label = format!("label=runbook.attempt={}", work.attempt.token);
    work.timeout = Duration::from_secs(3);
    assert_eq!(bench.run(work).await.end, End::TimedOut);
    assert_eq!(client(&["ps", "-aq", "--filter", &label]).as_deref(), Some(""));
    assert!(!runs("54323"));
}

#[tokio::test]
async fn a_container_that_cannot_answer_is_unreachable() {
    let container = Container::start();
    let mut bench = Bench::new();
    let never = |end: &End| matches!(end, End::Unreachable { may_have_run: false, .. });
    client(&["pause", &container.0]).unwrap();
    let paused = bench.run(docker(&["exec", &container.0, "true"])).await;
    assert!(never(&paused.end), "{:?} {}", paused.end, paused.stderr);
    client(&["unpause", &container.0]).unwrap();
    assert_eq!(bench.run(docker(&["exec", &container.0, "false"])).await.end, End::Exited(1));
    client(&["kill", &container.0]).unwrap();
    let stopped = bench.run(docker(&["exec", &container.0, "true"])).await;
    assert!(never(&stopped.end), "{:?} {}", stopped.end, stopped.stderr);
    let missing = bench.run(docker(&["exec", "no-such-container", "true"])).await;
    assert!(never(&missing.end), "{:?} {}", missing.end, missing.stderr);
    let image = bench.run(docker(&["run", "--rm", "--pull", "never", "no-such-image:0", "true"])).await;
    assert!(matches!(image.end, End::Exited(125) | End::Unreachable { .. }), "{:?} {}", image.end, image.stderr);
    let mut nobody = docker(&["ps"]);
    nobody.env = vec![("DOCKER_HOST".into(), Rendered::text("tcp://127.0.0.1:1"))];
    let nobody = bench.run(nobody).await;
    assert!(never(&nobody.end), "{:?} {}", nobody.end, nobody.stderr);
}
