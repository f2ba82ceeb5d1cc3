//! Drills of the smallest lab: a real fault, a real recovery, and nothing left, whenever the drill is killed.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::engine::{Ended, Engine, ROOT, RUNBOOK, docker, run};

/// A place for one test's labs and drills.
pub struct Place {
    pub dir: tempfile::TempDir,
    /// In front of the names of its labs.
    prefix: &'static str,
    _engine: Engine,
}

impl Place {
    /// Of labs whose names begin so.
    pub fn new(prefix: &'static str) -> Self {
        Self { dir: tempfile::tempdir().expect("a directory"), prefix, _engine: Engine::hold() }
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    pub fn runbook(&self, arguments: &[&str]) -> Ended {
        run(Path::new(ROOT), &self.variables(), RUNBOOK, arguments)
    }

    /// Leaked: a few paths a test.
    pub fn variables(&self) -> [(&'static str, &'static str); 2] {
        let leak = |name| &*Box::leak(self.path(name).into_boxed_str());
        [("RUNBOOK_LABS", leak("labs")), ("RUNBOOK_DRILLS", leak("drills"))]
    }

    fn drill(&self, arguments: &[&str]) -> Ended {
        let mut all = vec!["drill", "run", "runbooks/scenario-a.yaml", "--lab", "fixtures/labs/small/lab.yaml"];
        all.extend(arguments);
        self.runbook(&all)
    }

    /// Everything of this test's labs that is still there, a line each.
    pub fn left(&self) -> Vec<String> {
        let mut left = Vec::new();
        for kind in ["container", "network", "volume"] {
            let mut arguments = vec![kind, "ls", "--quiet", "--filter", "label=runbook-lab"];
            if kind == "container" {
                arguments.push("--all");
            }
            let format = "{{.Label \"runbook-lab\"}}";
            arguments.extend(["--format", format]);
            let found = docker(&arguments);
            left.extend(
                found.lines().filter(|name| name.starts_with(self.prefix)).map(|name| format!("{kind} of {name}")),
            );
        }
        if let Ok(entries) = std::fs::read_dir(self.dir.path().join("labs")) {
            left.extend(entries.map(|entry| format!("directory {}", entry.expect("an entry").path().display())));
        }
        for entry in std::fs::read_dir("/proc").expect("/proc").filter_map(Result::ok) {
            let environ = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            let mut marks = environ.split(|byte| *byte == 0);
            if marks.any(|mark| mark.starts_with(format!("RUNBOOK_LAB={}", self.prefix).as_bytes())) {
                left.push(format!("process {}", entry.path().display()));
            }
        }
        left
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.runbook(&["lab", "down"]);
    }
}

pub fn result(text: &str) -> Value {
    let line = text.lines().rfind(|line| line.contains("drill_result")).expect("a result");
    serde_json::from_str(line).expect("JSON")
}

#[test]
fn a_drill_breaks_recovers_measures_and_leaves_nothing() {
    let place = Place::new("runbook-lab-small-");
    let ended = place.drill(&["--json"]).gives(0);
    let result = result(&ended.text);
    assert_eq!(result["verdict"], "recovered", "{result:#}");
    assert_eq!(result["stages"].as_array().map(Vec::len), Some(10), "{result:#}");
    let score = &result["score"];
    let at = |name: &str| score[name].as_u64().unwrap_or_else(|| panic!("{name} in {score:#}"));
    assert!(at("detected_ms") <= at("declared_ms") && at("declared_ms") <= at("started_ms"), "{score:#}");
    assert!(at("started_ms") < at("verified_ms"), "{score:#}");
    assert_eq!(score["rto_met"], true);
    assert!(score["predicted"]["rehearsed_ms"].is_u64(), "{score:#}");
    assert_eq!(place.left(), Vec::<String>::new());

    // The fault stands in the journal before it was injected, and the next drill knows how long this one took.
    let shown = place.runbook(&["drill", "show", "--json"]).gives(0);
    let shown: Value = serde_json::from_str(shown.text.trim()).expect("JSON");
    let facts: Vec<&str> =
        shown["facts"].as_array().expect("facts").iter().filter_map(|fact| fact["fact"]["kind"].as_str()).collect();
    let place_of = |kind: &str| facts.iter().position(|fact| *fact == kind);
    assert!(place_of("fault_planned") < place_of("fault_injected"), "{facts:?}");
    assert!(place_of("fault_injected") < place_of("fault_undone"), "{facts:?}");
    let again = place.drill(&[]).gives(0);
    assert!(again.text.contains("of 1 earlier drill"), "{}", again.text);
}

#[test]
fn without_the_recovery_a_drill_ends_red() {
    let place = Place::new("runbook-lab-small-");
    let ended = place.drill(&["--control"]).gives(1);
    assert!(ended.text.contains("red, as a control has to be"), "{}", ended.text);
    // What comes back by itself proves nothing.
    let ended = place.drill(&["--control", "--fault", "restarted"]).gives(0);
    assert!(ended.text.contains("GREEN WITHOUT A RECOVERY"), "{}", ended.text);
    assert_eq!(place.left(), Vec::<String>::new());
}

/// A drill that waits when a stage begins.
#[expect(clippy::disallowed_methods, reason = "a test kills what it starts")]
pub fn held(place: &Place, scenario: &str, lab: &str, stage: &str, stdout: Stdio) -> Child {
    let mut drill = Command::new(RUNBOOK)
        .args(["drill", "run", scenario, "--lab", lab, "--json", "--hold", stage])
        .current_dir(ROOT)
        .envs(place.variables())
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut stderr = BufReader::new(drill.stderr.take().expect("its errors")).lines();
    let held = stderr.by_ref().map(Result::unwrap).any(|line| line.starts_with("held at"));
    assert!(held, "the drill ended before `{stage}`");
    drill
}

#[test]
fn killed_at_any_stage_it_leaves_nothing_that_clean_does_not_remove() {
    let place = Place::new("runbook-lab-small-");
    let mut found = 0;
    for stage in
        ["create", "baseline", "canary", "fault", "detect", "recover", "verify", "measure", "destroy", "report"]
    {
        let mut drill = held(&place, "runbooks/scenario-a.yaml", "fixtures/labs/small/lab.yaml", stage, Stdio::null());
        // Whoever works with a lab keeps it.
        if stage == "verify" {
            let ended = place.runbook(&["drill", "clean"]).gives(0);
            assert!(ended.text.contains("works with it"), "{}", ended.text);
        }
        if stage == "recover" {
            // Not at its beginning: in the middle of the run, which goes on without its drill.
            drop(drill.stdin.take());
            std::thread::sleep(std::time::Duration::from_millis(1_500));
        }
        drill.kill().expect("to kill it");
        drill.wait().expect("its end");
        found += usize::from(!place.left().is_empty());
        place.runbook(&["drill", "clean"]).gives(0);
        assert_eq!(place.left(), Vec::<String>::new(), "after a kill at `{stage}`");
    }
    assert!(found >= 7, "the kills came too late to leave anything: {found}");
}

#[test]
fn what_is_no_lab_is_refused_and_nothing_else_can_be_reached() {
    let place = Place::new("runbook-lab-small-");
    let system = std::fs::read_to_string(Path::new(ROOT).join("fixtures/labs/small/system.yaml")).expect("the system");
    let with = |name: &str, text: String| {
        let path = place.path(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    // An environment that says of itself that it is production: before anything is made.
    let production = with("production.yaml", system.replace("    class: lab\n", "    class: production\n"));
    let ended = place.drill(&["--system", &production]).gives(4);
    assert!(ended.text.contains("is no lab; nothing was made"), "{}", ended.text);
    // One whose identity probe does not pass: before anything is broken.
    let other = with("other.yaml", system.replace("'runbook-lab-small-'", "'production-'"));
    let ended = place.drill(&["--system", &other]).gives(4);
    assert!(ended.text.contains("identity") || ended.text.contains("not proved"), "{}", ended.text);
    assert!(!ended.text.contains("the process of the app is killed"), "{}", ended.text);
    assert_eq!(place.left(), Vec::<String>::new());

    // A runbook that tries what it should not: this machine's Docker, its networks, its credentials.
    let home = place.path("home");
    std::fs::create_dir_all(format!("{home}/.aws")).expect("a home");
    std::fs::write(format!("{home}/.aws/credentials"), "secret").expect("credentials");
    let tries = with(
        "tries.yaml",
        format!(
            "kind: runbook/v1
name: tries
owner: lab
target: local
steps:
  - id: tries
    shell: |
      if docker -H unix:///var/run/docker.sock version --format '{{{{.Server.Version}}}}'; then exit 11; fi
      if cat {home}/.aws/credentials; then exit 12; fi
      if ls ~/.ssh/id_* ~/.aws; then exit 13; fi
      if curl -sS -m 2 http://1.1.1.1; then exit 14; fi
      if getent hosts deb.debian.org; then exit 15; fi
      test -z \"${{AWS_SECRET_ACCESS_KEY-}}\"
      docker info --format '{{{{.Name}}}}' > {}
",
            place.path("docker")
        ),
    );
    let arguments = ["drill", "run", &tries, "--lab", "fixtures/labs/small/lab.yaml", "--fault", "crash", "--json"];
    let mut variables = place.variables().to_vec();
    variables.extend([("AWS_SECRET_ACCESS_KEY", "production"), ("HOME", &*Box::leak(home.into_boxed_str()))]);
    let ended = run(Path::new(ROOT), &variables, RUNBOOK, &arguments);
    let facts = &ended.text;
    // The runbook recovers nothing, so the drill is red; but every try of it failed as it has to.
    ended_well(facts);
    assert_eq!(std::fs::read_to_string(place.path("docker")).unwrap_or_default().trim(), "small-1", "{facts}");
}

/// The stage of the recovery went well.
#[track_caller]
fn ended_well(text: &str) {
    let stages = result(text)["stages"].clone();
    let recover = stages.as_array().expect("stages").iter().find(|stage| stage["stage"] == "recover");
    assert!(recover.is_some_and(|stage| stage["why"].is_null()), "{text}");
}
