//! P11: `history` over 1,000 recorded drills and runs, every chain of them verified, against the bare reading of the same files.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use super::Effort;
use super::made::Made;
use super::measure::{self, Cost};
use super::report;

/// Of these one in ten is a real run.
const TENTH: usize = 10;
/// Steps that look and check, to the scenario's own: as many as the shipped runbooks have.
const CHECKS: usize = 35;

pub fn measure(effort: Effort) {
    let count = effort.steps as usize;
    report::heading(&format!("P11 history of {count} drills and runs"));
    let scratch = measure::scratch();
    let made = Made {
        root: scratch.path().to_owned(),
        seed: 11,
        until: chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_780),
        checks: CHECKS,
    };
    made.record(count - count / TENTH, count / TENTH);
    let bytes = read_all(scratch.path());
    let run = |format: &str| measure::run(scratch.path(), measure::RUNBOOK, &["history", "--format", format]);
    let [table, html, json, bare] = measure::interleaved(
        effort.rounds,
        [&mut || run("table"), &mut || run("html"), &mut || run("json"), &mut || {
            let start = measure::now();
            let _ = read_all(scratch.path());
            Cost { wall: start.elapsed(), cpu: Duration::ZERO }
        }],
    );
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    report::figure("journals, MiB", bytes as f64 / f64::from(1 << 20));
    report::cost("reading them, nothing else", bare);
    report::cost("as a table", table);
    report::cost("as a page", html);
    report::cost("as JSON", json);
    report::limit("as a table", table.wall, Duration::from_secs(1));
    if let Some(peak) = measure::peak_memory(scratch.path(), &["history"]) {
        report::figure("most memory, MiB", peak);
    }
}

fn read_all(directory: &Path) -> usize {
    let mut all = 0;
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                let mut bytes = Vec::new();
                File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).expect("a journal");
                all += bytes.len();
            }
        }
    }
    all
}
