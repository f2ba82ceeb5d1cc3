//! S2, ordered start: stand-ins with the names and dependencies of nchat's services on a real Engine, started by `services: start`.

use std::fs;
use std::path::Path;

use super::engine::{Engine, ROOT, RUNBOOK, free_ports, inspect, run};
use super::journal::{Journal, time};

/// Who waits for whom, as in `fixtures/labs/nself/system.yaml`.
const NEEDS: [(&str, &[&str]); 5] =
    [("postgres", &[]), ("redis", &[]), ("minio", &[]), ("auth", &["postgres", "redis"]), ("hasura", &["postgres"])];
const ABSENT: [&str; 5] = ["functions", "meilisearch", "prometheus", "grafana", "loki"];

/// Stand-ins of this test's own.
struct Stack {
    prefix: String,
    base: u16,
    dir: tempfile::TempDir,
    _engine: Engine,
}

impl Stack {
    #[track_caller]
    fn create() -> Self {
        let engine = Engine::hold();
        let prefix = format!("runbook-lab-order-{}-", std::process::id());
        let stack =
            Self { prefix, base: free_ports(12), dir: tempfile::tempdir().expect("a directory"), _engine: engine };
        stack.script("create").gives(0);
        let system = fs::read_to_string(format!("{ROOT}/fixtures/labs/nself/system.yaml")).expect("the system");
        let system = system.replace("runbook-lab-nself-", &stack.prefix).replace("18100", &stack.base.to_string());
        fs::write(stack.dir.path().join("system.yaml"), system).expect("copy the system");
        fs::write(stack.dir.path().join("start.yaml"), RUNBOOK_YAML).expect("the runbook");
        stack
    }

    fn script(&self, name: &str) -> super::engine::Ended {
        let base = self.base.to_string();
        let script = format!("{ROOT}/fixtures/labs/nself/{name}");
        run(Path::new("/"), &[("PREFIX", &self.prefix), ("PORT_BASE", &base)], "bash", &[&script])
    }

    fn started_at(&self, service: &str) -> chrono::DateTime<chrono::FixedOffset> {
        time(&inspect(&format!("{}{service}", self.prefix), "/State/StartedAt"))
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.script("destroy");
    }
}

const RUNBOOK_YAML: &str = "\
kind: runbook/v1
name: start
title: Start everything in order
owner: lab
system: system.yaml
steps:
  - id: start
    title: Start everything
    services: start
";

#[test]
fn services_start_as_their_graph_says() {
    let stack = Stack::create();
    run(stack.dir.path(), &[], RUNBOOK, &["run", "start.yaml", "--environment", "lab"]).gives(0);
    let journal = Journal::newest(&stack.dir.path().join("runs"));

    // A service's container starts after every service that it needs is proved healthy.
    for (service, needs) in NEEDS {
        let step = format!("start/{service}");
        assert_eq!(journal.outcome(&step), "succeeded");
        for need in needs {
            let healthy = journal.at("step_finished", &format!("start/{need}"));
            let started = stack.started_at(service);
            assert!(started > healthy, "{service} started at {started}, {need} was healthy at {healthy}");
        }
    }

    // What needs nothing starts side by side: each before any of the others is healthy.
    let roots = ["postgres", "redis", "minio"];
    let first_healthy = roots.map(|root| journal.at("step_finished", &format!("start/{root}"))).into_iter().min();
    for root in roots {
        assert!(Some(stack.started_at(root)) < first_healthy, "{root} waited for another");
    }
    // Two of them are enough for Auth: nobody waits for MinIO, and Hasura and Auth do not wait for each other.
    let later = ["auth", "hasura"];
    let first_healthy = later.map(|service| journal.at("step_finished", &format!("start/{service}"))).into_iter().min();
    for service in later {
        assert!(Some(stack.started_at(service)) < first_healthy, "{service} waited for its neighbour");
    }

    for service in ABSENT {
        let skipped = journal.skipped(&format!("start/{service}"));
        assert_eq!(skipped["why"], "absent", "{service}");
        assert_eq!(skipped["service"], service);
    }

    // Measured against the critical path of the services' own times, from the command that starts one until it is healthy; one
    // after another would take the sum.
    let times = NEEDS.map(|(service, _)| {
        let step = format!("start/{service}");
        (service, (journal.at("step_finished", &step) - journal.at("step_started", &step)).as_seconds_f64())
    });
    let own = |name: &str| times.iter().find(|(service, _)| *service == name).expect("a service").1;
    let auth = own("postgres").max(own("redis")) + own("auth");
    let critical = auth.max(own("postgres") + own("hasura")).max(own("minio"));
    let total: f64 = times.iter().map(|(_, time)| time).sum();
    let taken = journal.of("step_finished", "start").expect("it has ended")["elapsed_ms"].as_f64().expect("ms") / 1e3;
    let report =
        format!("{taken:.2} s; critical path {critical:.2} s ({:.2} ×); in sequence {total:.2} s", taken / critical);
    show(&report);
    assert!(taken < total, "no faster than in sequence: {report}");
    assert!(taken < critical * 1.5, "far from the critical path: {report}");
}

/// The figure belongs into the log of a passing run too.
#[expect(clippy::print_stderr, reason = "a measurement that nobody sees proves nothing")]
fn show(report: &str) {
    eprintln!("ordered start: {report}");
}

#[test]
fn starting_what_runs_already_does_nothing() {
    let stack = Stack::create();
    let arguments = ["run", "start.yaml", "--environment", "lab"];
    run(stack.dir.path(), &[], RUNBOOK, &arguments).gives(0);
    let before = NEEDS.map(|(service, _)| stack.started_at(service));
    run(stack.dir.path(), &[], RUNBOOK, &arguments).gives(0);
    assert_eq!(before, NEEDS.map(|(service, _)| stack.started_at(service)));
    let journal = Journal::newest(&stack.dir.path().join("runs"));
    assert!(!journal.started("start/postgres"), "healthy already: its action does not run");
}
