//! Runbooks that are wrong on purpose: the rehearsal finds what is wrong, and where.

use super::{findings, object};

fn found(name: &str) -> Vec<String> {
    let file = format!("fixtures/runbooks/risky/{name}.yaml");
    let errors = object(&format!("rehearse {file} --every-failure"), 1);
    let place = format!("{file}:");
    findings(&errors).iter().map(|found| found.replace(&place, "")).collect()
}

#[test]
fn a_destroy_before_the_backup_was_read() {
    let found = found("destroys-before-verifying");
    assert!(found.contains(&"rehearse::data_at_risk 20".to_owned()), "{found:?}");
}

#[test]
fn writers_before_the_integrity_checks() {
    assert_eq!(found("writers-before-integrity"), ["rehearse::invariant 15"]);
}

#[test]
fn a_pause_that_nobody_ends() {
    let found = found("never-unpaused");
    assert!(found.contains(&"rehearse::left_paused 10".to_owned()), "{found:?}");
}
