//! The README's walk through one recovery, command by command, on a stack of its own.

use std::path::Path;

use super::engine::{ROOT, RUNBOOK, run};
use super::notes::Notes;

#[test]
fn the_walk_in_the_readme_recovers_the_notes() {
    let notes = Notes::prepare("walk");
    let program = Path::new(RUNBOOK).parent().expect("the directory of the program").display().to_string();
    let path = format!("{program}:{}", std::env::var("PATH").unwrap_or_default());
    let runs = notes.dir().join("runs").display().to_string();
    let variables = [("PATH", path.as_str()), ("RUNBOOK_RUNS", runs.as_str())];
    for command in crate::readme::commands("Recover something") {
        if command.line.starts_with("tests/lab/") {
            continue; // it is up
        }
        let line = notes.own(&command.line.replace("fixtures/labs/notes", &notes.dir().display().to_string()));
        let ended = run(Path::new(ROOT), &variables, "bash", &["-euo", "pipefail", "-c", &line]);
        // The shown command may fail on purpose; then it says so itself.
        command.printed(&notes.as_documented(&ended.gives(0).text));
    }
}
