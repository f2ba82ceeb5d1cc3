//! A disk that fills up under a run, and is emptied again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use runbook::journal;
use runbook::model::entry::Entry;
use runbook::model::outcome::RunOutcome;

use super::running;
use crate::support::Workspace;

/// Steps that say much, so that the room that the journal has in advance is used up.
const STEPS: usize = 16;

/// A small file system in memory; unmounted when dropped.
pub struct Mounted(PathBuf);

impl Mounted {
    /// None: it cannot be mounted here, which is said.
    pub fn on(path: &Path) -> Option<Self> {
        std::fs::create_dir(path).unwrap();
        match mount(Some("tmpfs"), path, Some("tmpfs"), MsFlags::empty(), Some("size=640k")) {
            Ok(()) => Some(Self(path.to_path_buf())),
            Err(error) => {
                running::say(&format!("skipped: a small disk cannot be mounted here ({error})"));
                None
            }
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = umount2(&self.0, MntFlags::MNT_DETACH);
    }
}

fn book() -> String {
    let mut book = String::from(
        "kind: runbook/v1\nname: full\nsteps:\n  - id: fill\n    shell: cat /dev/zero >runs/filler 2>/dev/null || echo fill >>effects\n",
    );
    for step in 0..STEPS {
        let _ = write!(
            book,
            "  - id: s{step}\n    shell: echo s{step} >>effects; head -c 40000 /dev/zero | tr '\\0' x\n    outputs: {{ text: stdout }}\n"
        );
    }
    book
}

#[test]
fn a_run_on_a_full_disk_ends_with_its_last_words_and_goes_on_once_there_is_room() {
    let workspace = Workspace::new().file("book.yaml", book());
    let runs = workspace.path("runs");
    let Some(_mounted) = Mounted::on(&runs) else { return };
    let ran = workspace.runbook(["run", "book.yaml"]).run().exits(8);
    assert!(ran.stderr.contains("No space left on device"), "{ran:?}");
    std::fs::remove_file(runs.join("filler")).unwrap();
    let path = running::journal(&runs).unwrap();
    let loaded = journal::load(&path).unwrap();
    assert!(loaded.torn.is_none());
    let Entry::RunFinished { outcome: RunOutcome::Interrupted, why: Some(why), .. } =
        &loaded.records.last().unwrap().entry
    else {
        panic!("{:?}", loaded.records.last())
    };
    assert!(why.contains("No space left"), "{why}");
    let _ = workspace.runbook(["show"]).run().exits(0);
    let before = workspace.read("effects");
    assert!(before.lines().count() > 2 && before.lines().count() < STEPS, "{before}");
    // What the journal needs for all of it.
    mount(None::<&str>, &runs, None::<&str>, MsFlags::MS_REMOUNT, Some("size=8m")).unwrap();
    let _ = workspace.runbook(["resume"]).run().exits(0);
    let expected: Vec<String> =
        std::iter::once("fill".to_owned()).chain((0..STEPS).map(|step| format!("s{step}"))).collect();
    assert_eq!(workspace.read("effects").lines().collect::<Vec<_>>(), expected, "each exactly once");
}
