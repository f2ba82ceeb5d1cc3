//! Drills as a pipeline carries them out: nobody is asked, and the files are there however it ends.

use std::path::Path;

use super::drills::Place;
use super::engine::{ROOT, RUNBOOK, run};

/// `drill run` as in the example for GitHub Actions, but for its places.
fn example(place: &Place) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(ROOT).join("fixtures/ci/github-actions.yaml")).expect("the example");
    let words = text.lines().skip_while(|line| !line.contains("sudo runbook drill run")).take(2);
    let words: Vec<String> = words.flat_map(str::split_whitespace).skip(2).map(str::to_owned).collect();
    assert!(words.contains(&"--ci".to_owned()) && words.contains(&"--junit".to_owned()), "{words:?}");
    words
        .into_iter()
        .map(|word| if word == "drills" || word.starts_with("out/") { place.path(&word) } else { word })
        .collect()
}

fn read(place: &Place, name: &str) -> String {
    std::fs::read_to_string(place.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_example_recovers_and_leaves_its_files() {
    let place = Place::new("runbook-lab-small-");
    let arguments = example(&place);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = run(Path::new(ROOT), &place.variables(), RUNBOOK, &arguments).gives(0);
    assert!(!ended.text.contains('\u{1b}'), "plain lines: {}", ended.text);
    let junit = junit_parser::from_reader(read(&place, "out/drill.xml").as_bytes()).expect("JUnit");
    assert_eq!((junit.suites.len(), junit.failures, junit.errors), (2, 0, 0));
    let report: serde_json::Value = serde_json::from_str(&read(&place, "out/drill.json")).expect("JSON");
    assert_eq!(report["verdict"]["word"], "recovered");
    assert!(read(&place, "out/drill.md").starts_with("# Container crash or bad deploy"));
    // And the evidence of it holds, with nothing left outside the drill's chain.
    let bundle = place.path("out/evidence.tar");
    place.runbook(&["bundle", "--output", &bundle]).gives(0);
    let verified = place.runbook(&["verify", &bundle]).gives(0);
    assert!(verified.text.contains("files as the drill's journal has them"), "{}", verified.text);
    let head = place.runbook(&["head"]).gives(0);
    let proved = place.runbook(&["verify", "--head", head.text.trim()]).gives(0);
    assert!(proved.text.ends_with("it holds\n"), "one head proves all of it: {}", proved.text);
    assert_eq!(place.left(), Vec::<String>::new());
}

#[test]
fn a_drill_that_ends_red_leaves_red_files() {
    let place = Place::new("runbook-lab-small-");
    let junit = place.path("drill.xml");
    let drill = |more: &[&str]| {
        let mut all = vec!["drill", "run", "runbooks/scenario-a.yaml", "--lab", "fixtures/labs/small/lab.yaml"];
        all.extend(["--ci", "--quiet", "--junit", &junit]);
        all.extend(more);
        place.runbook(&all)
    };
    drill(&["--fault", "unseen"]).gives(1);
    let red = junit_parser::from_reader(read(&place, "drill.xml").as_bytes()).expect("JUnit");
    assert_eq!((red.failures, red.errors), (2, 0), "the stage and the verdict: {red:?}");
    assert!(red.suites[0].cases[4].status.failure_as_ref().message.contains("nobody noticed the fault"), "{red:?}");
    // A control that ends red is as it has to be: green.
    drill(&["--control"]).gives(1);
    let control = junit_parser::from_reader(read(&place, "drill.xml").as_bytes()).expect("JUnit");
    assert_eq!((control.failures, control.errors), (0, 0), "{control:?}");
}

#[test]
fn what_the_lab_does_not_say_nobody_does() {
    let place = Place::new("runbook-lab-small-");
    let asks = place.path("asks.yaml");
    std::fs::write(
        &asks,
        "kind: runbook/v1\nname: asks\ntitle: It asks\nsteps:\n  - id: look\n    manual: Look at the machine.\n",
    )
    .expect("a file");
    let drill = |more: &[&str]| {
        let mut all = vec!["drill", "run", &asks, "--lab", "fixtures/labs/small/lab.yaml", "--fault", "restarted"];
        all.extend(more);
        place.runbook(&all)
    };
    let ended = drill(&["--ci"]).gives(1);
    let said = "the lab does not say what people do at `look`: add it under `people:` of the drill";
    assert!(ended.text.contains(said), "{}", ended.text);
    drill(&[]).gives(0);
}
