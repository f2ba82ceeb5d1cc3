//! The scenarios against the systems they are written for.

use super::workspace::Workspace;

fn at(path: &str) -> Workspace {
    Workspace::file(&format!("fixtures/runbooks/plan/{path}"))
}

#[test]
fn every_example_is_checked_without_values() {
    for path in ["scenario-a.yaml", "scenario-b.yaml", "scenario-d.yaml", "verify.yaml", "nchat/start.yaml", "nchat/corruption.yaml", "nchat/integrity.yaml", "goodgo/postgres-failure.yaml", "ai-data-analyst/regenerate.yaml"] {
        println!("{path}: {:#?}", at(path).check());
    }
    for path in ["scenario-a.yaml", "scenario-b.yaml", "scenario-d.yaml", "verify.yaml", "nchat/start.yaml", "nchat/corruption.yaml", "nchat/integrity.yaml", "goodgo/postgres-failure.yaml", "ai-data-analyst/regenerate.yaml"] {
        println!("plan {path}: {:#?}", at(path).refused());
    }
    println!("{}", runbook::plan::text(&at("scenario-b.yaml").set("from", "regenerate").plan()));
}
