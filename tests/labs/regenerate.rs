//! A strategy is a branch: what belongs to another one is never reached, above all nothing that destroys.

use std::path::Path;

use super::engine::{ROOT, RUNBOOK, run};

fn dry_run(arguments: &[&str]) -> String {
    let all = [&["run", "runbooks/scenario-b.yaml", "--dry-run"], arguments].concat();
    run(Path::new(ROOT), &[], RUNBOOK, &all).gives(0).text
}

#[test]
fn regenerate_never_reaches_a_step_of_the_snapshot_branch() {
    let text = dry_run(&["--set", "strategy=regenerate"]);
    assert!(text.contains("regenerate/"), "its own branch is planned:\n{text}");
    for foreign in ["snapshot/", "snapshot_found/", "archive/", "copy/", "detach-disk", "disks create"] {
        assert!(!text.contains(foreign), "`{foreign}` is reached:\n{text}");
    }
}

#[test]
fn the_snapshot_branch_never_reaches_regenerate() {
    let text = dry_run(&["--set", "strategy=snapshots"]);
    assert!(text.contains("snapshot/"), "its own branch is planned:\n{text}");
    for foreign in ["regenerate/", "archive/", "copy/"] {
        assert!(!text.contains(foreign), "`{foreign}` is reached:\n{text}");
    }
}
