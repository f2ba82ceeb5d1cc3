//! S9: secrets never in an argument vector; what a run leaves is its owner's alone.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::nest::Nest;
use crate::survive::running::{Running, waits_for};

const STEPS: &str = r#"
steps:
  - id: holds
    env: { S: "${{ secrets.env }}" }
    stdin: ${{ secrets.env }}
    shell: cat >/dev/null; touch held; until test -e go; do sleep 0.02; done
  - id: web
    http:
      url: http://127.0.0.1:PORT/ok
      headers: { X-A: "${{ secrets.env }}" }
  - id: out
    env: { S: "${{ secrets.env }}" }
    shell: echo "it=$S" >>"$RUNBOOK_OUTPUT"
"#;

#[test]
fn a_secret_is_in_no_argument_vector_and_files_are_their_owners_alone() {
    let nest = Nest::new(STEPS);
    // Of this test alone: others hand theirs to a program on purpose.
    let own = format!("kAnArIe-in-argv-{}", std::process::id());
    let running = Running::start(nest.runbook(&["run", "nest.yaml", "--environment", "blue"]).env("NEST_SECRET", &own));
    waits_for("the step holds", || nest.workspace.path("held").exists());
    let mut looked_at = 0;
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        looked_at += usize::from(!line.is_empty());
        assert!(!String::from_utf8_lossy(&line).contains(&own), "{}", String::from_utf8_lossy(&line));
    }
    assert!(looked_at > 2);
    nest.workspace.write("go", "");
    let ran = running.ends().exits(0);
    nest.says_nothing(&["run"], &ran);
    let mut open = vec![nest.workspace.path("runs")];
    while let Some(path) = open.pop() {
        let found = fs::symlink_metadata(&path).unwrap();
        let expected = if found.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(found.mode() & 0o7777, expected, "{}", path.display());
        if found.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
}
