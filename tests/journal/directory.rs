//! Where runs are kept.

use std::os::unix::fs::PermissionsExt;

use runbook::journal::Runs;
use runbook::model::id::RunId;

fn id(text: &str) -> RunId {
    RunId(text.to_owned())
}

#[test]
fn a_run_has_its_own_private_directory() {
    let directory = tempfile::TempDir::new().unwrap();
    let runs = Runs::new(directory.path().join("a/runs"));
    assert!(runs.list().unwrap().is_empty() && runs.newest().unwrap().is_none());
    let run = runs.create(&id("01J9ZQ6V5T0000000000000001")).unwrap();
    run.create_journal().unwrap();
    run.write_plan(b"{}").unwrap();
    assert!(run.create_journal().is_err() && run.write_plan(b"{}").is_err());
    for (path, mode) in [(run.path().to_path_buf(), 0o700), (run.path().join("inbox"), 0o700), (run.plan(), 0o600)] {
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
    assert!(runs.create(run.run()).is_err(), "an id is used once");
}

#[test]
fn runs_are_listed_by_time_and_found_by_a_beginning() {
    let directory = tempfile::TempDir::new().unwrap();
    let runs = Runs::new(directory.path());
    let ids = ["01J9ZQ6V5T0000000000000002", "01J9ZQ6V5T0000000000000001", "01J9ZQ6V5W0000000000000001"];
    for text in ids {
        runs.create(&id(text)).unwrap();
    }
    std::fs::create_dir(directory.path().join("something else")).unwrap();
    std::fs::write(directory.path().join("01J9ZQ6V5X0000000000000001"), "a file").unwrap();
    assert_eq!(runs.list().unwrap(), [id(ids[1]), id(ids[0]), id(ids[2])]);
    assert_eq!(runs.newest().unwrap().unwrap().run(), &id(ids[2]));
    assert_eq!(runs.open("01J9ZQ6V5W").unwrap().run(), &id(ids[2]));
    assert!(runs.open("01J9ZQ6V5T").unwrap_err().to_string().contains("2 runs"));
    assert!(runs.open("02").unwrap_err().to_string().contains("no run `02`"));
    assert!(runs.open("../etc").is_err());
}
