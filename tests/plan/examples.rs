//! The scenarios against the systems they are written for.

use runbook::model::outcome::SkipReason;
use runbook::plan::{Body, ListKind, Outline};
use runbook::report::graph::{self, Graph};

use super::workspace::{Workspace, step, waves};

const EXAMPLES: [&str; 9] = [
    "scenario-a.yaml",
    "scenario-b.yaml",
    "scenario-d.yaml",
    "verify.yaml",
    "nchat/start.yaml",
    "nchat/corruption.yaml",
    "nchat/integrity.yaml",
    "goodgo/postgres-failure.yaml",
    "ai-data-analyst/regenerate.yaml",
];

fn at(path: &str) -> Workspace {
    Workspace::file(&format!("fixtures/runbooks/plan/{path}"))
}

#[test]
fn every_example_is_checked_and_planned_without_a_flag() {
    for path in EXAMPLES {
        assert_eq!(at(path).check(), Vec::<String>::new(), "{path}");
        let plan = at(path).plan();
        assert_eq!(plan.plan_digest, at(path).plan().plan_digest, "{path}");
        assert!(graph::mermaid(&Graph::of(&Outline::of(&plan))).starts_with("flowchart TD\n"));
    }
}

#[test]
fn the_start_order_of_s2_is_its_dependency_graph() {
    let plan = at("nchat/start.yaml").environment("production").plan();
    let start: Vec<Vec<&str>> = waves(&plan)
        .into_iter()
        .map(|wave| wave.into_iter().filter_map(|id| id.strip_prefix("start/")).collect::<Vec<_>>())
        .filter(|wave| !wave.is_empty())
        .collect();
    assert_eq!(
        start,
        [
            vec!["postgres", "redis", "minio"],
            vec!["auth", "hasura", "meilisearch"],
            vec!["functions"],
            vec!["prometheus", "grafana", "loki"],
        ]
    );
}

#[test]
fn regenerating_never_reaches_the_snapshot_branch() {
    let plan = at("scenario-b.yaml").set("from", "regenerate").plan();
    let reason = Some(SkipReason::When { expression: "vars.kind == 'disk_snapshot'".to_owned() });
    assert_eq!(step(&plan, "snapshot").pruned, reason);
    for node in plan.nodes.iter().filter(|node| node.id.0.starts_with("snapshot/") || node.id.0.starts_with("archive/"))
    {
        assert!(node.pruned.is_some(), "{}", node.id);
    }
    assert!(!plan.tools.contains_key("gcloud") || plan.tools["gcloud"].0 == "environment");
    assert!(waves(&plan).iter().flatten().all(|id| !id.starts_with("snapshot/")));
    assert!(
        plan.warnings
            .iter()
            .any(|it| it.code == "plan::over_objective" && it.message.contains("`regenerate/sync` is why"))
    );
    insta::assert_snapshot!(graph::text(&Graph::of(&Outline::of(&plan))));
}

#[test]
fn the_default_is_the_first_backup_of_the_only_data() {
    let plan = at("scenario-b.yaml").plan();
    assert_eq!(step(&plan, "snapshot").pruned, None);
    assert!(step(&plan, "regenerate").pruned.is_some());
    insta::assert_snapshot!(graph::mermaid(&Graph::of(&Outline::of(&plan))));
}

#[test]
fn a_generic_scenario_serves_another_system() {
    let plan = at("scenario-a.yaml").set("image", "app:v2").plan();
    assert!(matches!(step(&plan, "verify/own").body, Body::List { kind: ListKind::Include, .. }));
    assert!(step(&plan, "bring_up/restart").pruned.is_some());
    assert_eq!(step(&plan, "bring_up/roll_back/app").pruned, None);
    assert_eq!(plan.secrets.keys().collect::<Vec<_>>(), ["api_token", "slack_hook"]);
}

#[test]
fn tables_of_a_restore_are_one_member_each() {
    let plan = at("scenario-d.yaml").set("mode", "beside").set("tables", "messages,users").plan();
    assert_eq!(
        step(&plan, "beside/tables[messages]/import").parent.map(|ix| plan.node(ix).name.as_str()),
        Some("messages")
    );
    assert!(step(&plan, "in_place").pruned.is_some());
    let prepare = plan.frame(step(&plan, "beside/prepare_beside/copy").frame);
    assert_eq!(prepare.deferred.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["base", "until"]);
}
