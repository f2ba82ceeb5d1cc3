//! Scenario A on a real stack: a crashed container and two kinds of bad deploy.

use super::engine::{docker, inspect};
use super::notes::Notes;

#[test]
fn a_crashed_container_is_restarted_and_keeps_its_data() {
    let notes = Notes::start("crash");
    notes.kill("app");
    assert!(!notes.is_well("v1"), "it is down");

    notes.recover("scenario-a", &["--set", "service=app"]).gives(0);

    assert!(notes.is_well("v1"));
    assert!(notes.has_note());
    let journal = notes.journal();
    assert_eq!(journal.outcome("bring_up/restart"), "succeeded");
    assert_eq!(journal.skipped("bring_up/deploy")["why"], "when");
}

#[test]
fn a_container_that_is_gone_is_made_again() {
    let notes = Notes::start("gone");
    docker(&["rm", "--force", &notes.container("app")]);

    notes.recover("scenario-a", &["--set", "service=app"]).gives(0);

    assert!(notes.is_well("v1"));
    assert!(notes.has_note());
    assert_eq!(notes.journal().outcome("bring_up/create"), "succeeded");
}

#[test]
fn a_good_image_is_deployed() {
    let notes = Notes::start("deploy");
    notes.recover("scenario-a", &["--set", "service=app", "--set", "image=runbook-lab/app:v2"]).gives(0);

    assert!(notes.is_well("v2"));
    assert!(notes.has_note());
}

#[test]
fn an_image_that_crashes_is_rolled_back() {
    falls_back_from("runbook-lab/app:v3-crash", "fallcrash");
}

#[test]
fn an_image_that_never_gets_healthy_is_rolled_back() {
    falls_back_from("runbook-lab/app:v4-unhealthy", "fallsick");
}

#[track_caller]
fn falls_back_from(image: &str, name: &str) {
    let notes = Notes::start(name);
    let before = inspect(&notes.container("app"), "/Image");

    // Needs attention, and the service is back: exit 0.
    notes.recover("scenario-a", &["--set", "service=app", "--set", &format!("image={image}")]).gives(0);

    assert!(notes.is_well("v1"), "the image that was healthy serves again");
    assert_eq!(inspect(&notes.container("app"), "/Image"), before);
    assert_eq!(notes.image("app"), "runbook-lab/app:v1");
    assert!(notes.has_note());
    let journal = notes.journal();
    assert_eq!(journal.run_outcome(), "warned");
    assert_eq!(journal.outcome("bring_up"), "warned");
    assert_eq!(journal.outcome("bring_up/deploy"), "failed");
    assert!(journal.of("fallback_started", "bring_up").is_some());
}
