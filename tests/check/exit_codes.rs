//! Every broken fixture, given to the program itself: exit 2, and at least one error with its place and code.

use crate::support::Runbook;

use super::rendered::{broken, files};

/// `path:line:column: error[code]: message`.
fn is_placed_error(line: &str) -> bool {
    let Some((place, rest)) = line.split_once(": error[") else { return false };
    let mut parts = place.rsplitn(3, ':');
    let mut number = || parts.next().is_some_and(|part| part.parse::<u32>().is_ok_and(|n| n > 0));
    number() && number() && parts.next().is_some_and(is_yaml) && rest.contains("]: ")
}

fn is_yaml(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|end| end == "yaml")
}

#[test]
fn every_broken_fixture_exits_2_with_a_placed_error() {
    for path in broken() {
        let ran = Runbook::new().arg("check").arg(&path).run();
        assert_eq!(ran.code, Some(2), "{}\n{}{}", path.display(), ran.stdout, ran.stderr);
        assert!(ran.stderr.lines().any(is_placed_error), "{}:\n{}", path.display(), ran.stderr);
        assert_eq!(ran.stdout, "", "{}", path.display());
    }
}

#[test]
fn run_refuses_every_broken_fixture_before_it_does_anything() {
    let directory = tempfile::tempdir().expect("a directory");
    let runs = directory.path().join("runs");
    for path in broken().into_iter().filter(|path| !is_system(path)) {
        for mode in [&["run", "--dry-run"][..], &["run"][..]] {
            let ran = Runbook::new().args(mode).arg("--runs-dir").arg(&runs).arg(&path).run();
            assert_eq!(ran.code, Some(2), "{mode:?} {}\n{}{}", path.display(), ran.stdout, ran.stderr);
            assert!(ran.stderr.contains("error["), "{mode:?} {}\n{}", path.display(), ran.stderr);
        }
    }
    assert!(!runs.exists(), "something began to run");
}

fn is_system(path: &std::path::Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| text.contains("kind: system/v1"))
}

#[test]
fn every_valid_document_exits_0() {
    for directory in ["fixtures/runbooks/valid", "fixtures/runbooks/plan", "runbooks"] {
        assert!(!files(directory).is_empty());
        let _ = Runbook::new().args(["check", directory]).run().exits(0).says("no errors");
    }
}
