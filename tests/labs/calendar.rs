//! What a calendar asks for, carried out for real: the drill that is due, and who is told.

use super::drills::Place;
use super::engine::ROOT;

#[test]
fn a_drill_that_is_due_is_carried_out_and_told() {
    let place = Place::new("runbook-lab-small-");
    let calendar = format!(
        "kind: calendar/v1
name: small
zone: Europe/Berlin
notify:
  exec: [sh, -c, 'cat > {told}']
entries:
  service:
    title: A service has crashed
    drill: {ROOT}/runbooks/scenario-a.yaml
    lab: {ROOT}/fixtures/labs/small/lab.yaml
    fault: crash
    every: day at 00:00
",
        told = place.path("told")
    );
    let file = place.path("calendar.yaml");
    std::fs::write(&file, calendar).expect("the calendar");
    let due = |more: &[&str]| place.runbook(&[&["drill", "due", &file], more].concat()).gives(0).text;
    assert!(due(&[]).contains("never done"));
    let ended = due(&["--run"]);
    assert!(ended.contains("10/10") || ended.contains(" 9/10 "), "the drill is shown as it goes:\n{ended}");
    let told = std::fs::read_to_string(place.path("told")).expect("what was told");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "A service has crashed: recovered", "{told}");
    assert!(lines[1].starts_with("small/service, due since "), "{told}");
    assert!(
        lines[2].starts_with("recovery time ") && lines[2].contains("; RTO ") && lines[2].ends_with(": met"),
        "{told}"
    );
    assert!(told.contains(&format!("record: {}", place.path("drills"))), "{told}");
    let after = due(&[]);
    assert!(after.contains("not due  service") && after.contains("recovered (recovery time "), "{after}");
    assert_eq!(place.left(), Vec::<String>::new());
}
