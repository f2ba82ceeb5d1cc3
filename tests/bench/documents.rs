//! Writes the runbooks that are measured: every step is the smallest program there is.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The same argument vector as in the floors.
pub const TRUE: &str = "/bin/true";

/// `count` steps, each of which waits for the one above it.
pub fn chain(dir: &Path, count: u32) -> String {
    write(dir, &format!("chain_{count}"), "", count)
}

/// `count` steps that wait for nothing, 16 at once.
pub fn wide(dir: &Path, count: u32) -> String {
    write(dir, &format!("wide_{count}"), "parallel: 16\n", count)
}

/// A chain whose last step leaves the time in a file and fails: everything before it has ended. Gives that file, too.
pub fn paused(dir: &Path, count: u32) -> (String, String) {
    let file = chain(dir, count);
    let last = "  - id: last\n    shell: |\n      date +%s.%N > reached\n      exit 1\n";
    let text = fs::read_to_string(dir.join(&file)).expect("the runbook just written") + last;
    fs::write(dir.join(&file), text).expect("write a runbook");
    (file, "reached".to_owned())
}

fn write(dir: &Path, name: &str, head: &str, count: u32) -> String {
    let mut text = format!("kind: runbook/v1\nname: {name}\ntitle: {count} steps\nowner: bench\n{head}steps:\n");
    for step in 0..count {
        let _ = write!(text, "  - id: step_{step}\n    title: Step {step}\n    exec: {TRUE}\n");
    }
    let file = format!("{name}.yaml");
    fs::write(dir.join(&file), text).expect("write a runbook");
    file
}
