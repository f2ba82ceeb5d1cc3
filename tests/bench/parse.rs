//! P4: reading, checking and planning a large file, against the bare YAML events of the same file.

use std::fs;

use granit_parser::Parser;

use crate::measure::{Cost, RUNBOOK, interleaved, now, peak_memory, run, scratch};
use crate::{Effort, documents, report};

/// MiB for each 10,000 steps.
const MEMORY: f64 = 25.0;

pub fn measure(effort: Effort) {
    let dir = scratch();
    let dir = dir.path();
    let file = documents::chain(dir, effort.parsed);
    let text = fs::read_to_string(dir.join(&file)).expect("the file just written");
    let [floor, check] =
        interleaved(effort.rounds, [&mut || events(&text), &mut || run(dir, RUNBOOK, &["check", &file])]);
    report::heading(&format!("P4 check and plan of {} steps, {} rounds", effort.parsed, effort.rounds));
    report::cost("floor: YAML events, in this process", floor);
    report::cost("runbook check", check);
    report::ratio("runbook check / floor, wall", check.wall, floor.wall, 3.0);
    match peak_memory(dir, &["check", &file]) {
        Some(peak) => {
            report::rate("memory at its peak, MiB", peak, MEMORY * f64::from(effort.parsed.max(10_000)) / 1e4);
        }
        None => report::say("  memory at its peak: not seen"),
    }
}

fn events(text: &str) -> Cost {
    let start = now();
    let count = Parser::new_from_str(text).map_while(Result::ok).count();
    let wall = start.elapsed();
    assert!(count > 0, "the file has events");
    Cost { wall, cpu: wall }
}
