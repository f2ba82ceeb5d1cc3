//! Expected times: from earlier runs, else from estimates.

use std::time::Duration;

use runbook::model::id::StepId;
use runbook::plan::Outline;
use runbook::plan::budget::{Expected, Source};
use runbook::report::graph::{self, Graph};

use super::workspace::Workspace;

const STEPS: &str = "objectives: { rto: 100s }
steps:
  - id: prepare
    exec: prepare
    estimate: 10s
  - id: restore
    exec: restore
    estimate: 40s
  - id: check
    exec: check
    effect: read
  - id: aside
    needs: []
    exec: aside
    estimate: 45s
";

fn of(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn without_history_estimates_are_all_there_is() {
    let plan = Workspace::new(STEPS).plan();
    let budget = &plan.budget;
    assert_eq!((budget.expected, budget.p90, budget.unestimated), (of(50), of(50), 0));
    let restore = &budget.steps[&StepId("restore".to_owned())];
    assert_eq!(*restore, Expected { p50: of(40), p90: of(40), from: Source::Estimate });
    assert!(!budget.steps.contains_key(&StepId("check".to_owned())));
    assert!(plan.warnings.is_empty());
}

#[test]
fn history_counts_more_than_estimates_and_warns_by_its_p90() {
    let plan = Workspace::new(STEPS).history("restore", [60, 130], 5).history("check", [1, 2], 1).plan();
    let budget = &plan.budget;
    assert_eq!((budget.expected, budget.p90), (of(71), of(142)));
    assert_eq!(budget.longest, Some(StepId("restore".to_owned())));
    assert_eq!(budget.steps[&StepId("restore".to_owned())].from, Source::History { runs: 5 });
    let said: Vec<_> = plan.warnings.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(said, ["p90 2m 22s against RTO 1m 40s: `restore` is why"]);
    let text = graph::text(&Graph::of(&Outline::of(&plan)));
    assert!(text.contains("expected 1m 11s (p90 2m 22s), objective 1m 40s"), "{text}");
    assert!(text.contains("restore  [exec; mutate; 1m (p90 2m 10s of 5 runs); needs prepare]"), "{text}");
}

#[test]
fn the_longest_chain_when_things_go_slowly_may_be_another() {
    let plan = Workspace::new(STEPS).history("aside", [45, 300], 9).plan();
    let path: Vec<_> = plan.budget.critical_path.iter().map(|id| id.0.as_str()).collect();
    assert_eq!(path, ["prepare", "restore", "check"]);
    assert_eq!((plan.budget.p90, plan.budget.longest.clone()), (of(300), Some(StepId("aside".to_owned()))));
}

#[test]
fn history_changes_no_digest() {
    let one = Workspace::new(STEPS);
    let plain = one.plan();
    let timed = one.history("restore", [60, 130], 5).plan();
    assert_ne!(plain.budget, timed.budget);
    assert_eq!((plain.plan_digest, plain.source_digest), (timed.plan_digest, timed.source_digest));
}
