//! The scenarios on both systems: they recover, no failure leads to a surprise, and what stands has its reason.

use super::{call, findings, object};

const S0: &str = "--system runbooks/systems/ai-data-analyst.yaml";
const S2: &str = "--system runbooks/systems/nchat.yaml";

/// It recovers in time; then every failure, with each finding either mended or explained.
fn recovers(scenario: &str, system: &str) {
    let rehearse = format!("rehearse runbooks/scenario-{scenario}.yaml {system}");
    let one = object(&rehearse, 0);
    let end = &one["end"];
    assert_eq!((&end["ends"], &end["down"]), (&"would succeed".into(), &serde_json::json!([])), "{end:#}");
    let all = object(&format!("{rehearse} --every-failure --strict"), 0);
    assert_eq!(findings(&all), Vec::<String>::new());
    assert_eq!(all["nominal"], *end, "the path without failures is the same");
    for accepted in all["accepted"].as_array().unwrap() {
        assert!(accepted["because"].as_str().is_some_and(|why| why.len() > 20), "{accepted}");
    }
    for row in all["rows"].as_array().unwrap() {
        assert!(row["end"]["assumed"].as_array().unwrap().is_empty(), "all of it is simulated: {row:#}");
    }
}

#[test]
fn scenario_a_of_the_first_system() {
    recovers("a", S0);
}

#[test]
fn scenario_a_of_the_second_system() {
    recovers("a", &format!("{S2} --set service=hasura"));
}

#[test]
fn scenario_b_of_the_first_system() {
    recovers("b", S0);
}

#[test]
fn scenario_b_of_the_second_system() {
    recovers("b", &format!("{S2} --set data=postgres"));
}

#[test]
fn scenario_b_of_the_cache_of_the_second_system() {
    recovers("b", &format!("{S2} --set data=redis"));
}

#[test]
fn scenario_c_of_the_first_system() {
    recovers("c", S0);
}

#[test]
fn scenario_c_of_the_second_system() {
    recovers("c", S2);
}

#[test]
fn scenario_d_of_the_second_system() {
    recovers("d", S2);
}

#[test]
fn scenario_e_of_the_second_system() {
    recovers("e", S2);
}

/// The first system has a directory, and no other region: the runbook says what it would need.
#[test]
fn what_a_system_has_not_is_refused_with_the_reason() {
    let refused = |args: &str, why: &str| {
        let ran = call(&format!("rehearse runbooks/scenario-{args} {S0} --every-failure")).run().exits(2);
        let _ = ran.warns("plan::refused").warns(why).warns("1 error; nothing was changed");
    };
    refused("d.yaml --set data=app", "needs a base backup and archived WAL");
    refused("e.yaml", "names no runbook `promote`");
}

#[test]
fn the_tests_beside_them_pass() {
    let _ = call("test runbooks").run().exits(0).says("17 cases: 17 passed, 0 failed");
}
