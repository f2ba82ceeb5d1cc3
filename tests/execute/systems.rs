//! Service verbs, identity and the values that come back from services.

use std::sync::Arc;

use runbook::execute::Options;
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::work::{Purpose, Task, Work};
use runbook::plan::Plan;

use super::world::{Scripted, planned_with, simulate, yes};

const SYSTEM: &str = "kind: system/v1
name: shop
environments:
  staging:
    class: staging
    identity:
      exec: whoami staging
services:
  db:
    container: shop-db
    health:
      exec: health db
  app:
    container: shop-app
    needs: [db]
    health:
      exec: health app
  search:
    container: shop-search
    optional: true
    health:
      exec: health search
";

fn plan(steps: &str) -> Arc<Plan> {
    let runbook = format!("kind: runbook/v1\nname: systems\nsystem: system.yaml\nsteps:\n{steps}");
    planned_with(&[("runbook.yaml", &runbook), ("system.yaml", SYSTEM)])
}

fn line(work: &Work) -> String {
    match &work.task {
        Task::Program { argv, .. } => argv.join(" "),
        _ => String::new(),
    }
}

/// Docker's answer for a container that runs.
fn running(work: &Work) -> Scripted {
    let image = if line(work).contains("shop-db") { "postgres:15" } else { "shop:v1" };
    Scripted::said(&format!(
        r#"[{{"State":{{"Status":"running","Running":true,"Paused":false,"Restarting":false,"StartedAt":"2026-11-21T05:00:00Z"}},"Config":{{"Image":"{image}"}},"RestartCount":0}}]"#
    ))
}

#[test]
fn start_is_nothing_where_it_is_healthy_and_optional_absent_services_are_skipped() {
    let plan = plan("  - id: start\n    services: start\n");
    let mut started = Vec::new();
    let history = simulate(
        &plan,
        Options::default(),
        |work| {
            let line = line(work);
            if line.starts_with("docker start") {
                started.push(line.clone());
            }
            // The database is healthy already; the application once it was started; search is not there.
            let bad = (line == "health app" && !started.iter().any(|line| line.ends_with("shop-app")))
                || line.contains("shop-search");
            Scripted::exit(i32::from(bad))
        },
        yes,
    );
    assert_eq!(started, ["docker start shop-app"]);
    assert_eq!(history.ended("start/search").map(|(outcome, _)| outcome), Some(Outcome::Skipped));
    assert_eq!(history.outcome, Some(RunOutcome::Succeeded), "{:#?}", history.entries);
}

#[test]
fn check_brings_back_what_each_service_is_and_an_expectation_replaces_all_healthy() {
    let steps = "  - id: now\n    services: { check: [db, app] }\n    expect: json.app is defined\n    outputs:\n      image: json.app.image\n      healthy: json.app.healthy\n      all: healthy\n  - id: say\n    exec: say ${{ steps.now.outputs.image }} ${{ steps.now.outputs.healthy }} ${{ steps.now.outputs.all }}\n";
    let sick = |work: &Work| if line(work) == "health app" { Scripted::exit(1) } else { running(work) };
    let history = simulate(&plan(steps), Options::default(), sick, yes);
    assert_eq!(history.outcome_of("now"), Some(Outcome::Succeeded));
    assert_eq!(history.attempts.last().map(|(_, argv, ..)| argv.join(" ")), Some("say shop:v1 false false".to_owned()));

    let history = simulate(&plan("  - id: now\n    services: { check: [db, app] }\n"), Options::default(), sick, yes);
    assert_eq!(history.outcome_of("now"), Some(Outcome::Failed), "all healthy is what is expected otherwise");
}

#[test]
fn logs_are_lines_of_the_services_only() {
    let steps = "  - id: quiet\n    services: { logs: db }\n    warn_unless: lines | select('matching', 'ERROR') | list | length == 0\n    outputs: { count: lines | length }\n  - id: say\n    exec: say ${{ steps.quiet.outputs.count }}\n";
    let history = simulate(
        &plan(steps),
        Options::default(),
        |work| match line(work) {
            line if line.contains("inspect") => Scripted::said("2026-11-21T05:00:00Z"),
            line if line.contains(" logs ") => Scripted::said("one\nERROR two\n"),
            _ => Scripted::exit(0),
        },
        yes,
    );
    assert_eq!(history.outcome_of("quiet"), Some(Outcome::Warned));
    assert_eq!(history.attempts.last().map(|(_, argv, ..)| argv[1].clone()), Some("2".to_owned()));
}

#[test]
fn identity_is_read_before_the_run_and_again_before_every_destroy() {
    let steps =
        "  - id: harmless\n    exec: work a\n  - id: gone\n    effect: destroy\n    confirm: shop\n    exec: work b\n";
    let history = simulate(&plan(steps), Options::default(), |_| Scripted::exit(0), yes);
    assert_eq!(history.purposes, [Purpose::Identity, Purpose::Action, Purpose::Identity, Purpose::Action]);

    let mut read = 0;
    let history = simulate(
        &plan(steps),
        Options::default(),
        |work| {
            read += u32::from(work.attempt.purpose == Purpose::Identity);
            Scripted::exit(i32::from(work.attempt.purpose == Purpose::Identity && read == 2))
        },
        yes,
    );
    assert_eq!(history.started(), ["harmless"], "the world changed under the run: nothing is destroyed");
    assert_eq!(history.outcome, Some(RunOutcome::Failed));

    let history = simulate(&plan(steps), Options::default(), |_| Scripted::exit(1), yes);
    assert!(history.started().is_empty());
    assert_eq!(history.outcome, Some(RunOutcome::Refused));
}
