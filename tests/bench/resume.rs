//! P10: a run with very many finished steps goes on.

use std::fs;
use std::time::Duration;

use crate::documents;
use crate::measure::{RUNBOOK, children_of, interleaved, run, run_to, scratch, wall};
use crate::{Effort, report};

pub fn measure(effort: Effort) {
    let dir = scratch();
    let dir = dir.path();
    let steps = effort.parsed.min(10_000);
    let (file, last) = documents::paused(dir, steps);
    // All steps end, the last one fails.
    run_to(dir, RUNBOOK, &["run", &file, "--runs-dir", "runs"], 1);
    let effect = dir.join(&last);
    let check = ["check", &file];
    let keep = dir.join("keep");
    children_of(&dir.join("runs"), |run| {
        fs::create_dir_all(&keep).expect("a place to keep it");
        for name in ["journal.jsonl", "plan.json"] {
            fs::copy(run.join(name), keep.join(name)).expect("a copy");
        }
    });
    let (mut first, mut best) = (Vec::new(), Duration::MAX);
    let [floor, planned, _] = interleaved(
        effort.rounds,
        [&mut || run(dir, documents::TRUE, &[""; 0]), &mut || run(dir, RUNBOOK, &check), &mut || {
            let _ = fs::remove_file(&effect);
            children_of(&dir.join("runs"), |run| {
                fs::copy(keep.join("journal.jsonl"), run.join("journal.jsonl")).expect("the journal as it was");
            });
            let began = wall();
            let cost = run_to(dir, RUNBOOK, &["resume", "--runs-dir", "runs"], 1);
            let written = fs::read_to_string(&effect).expect("the effect of the step that remained");
            let reached: f64 = written.trim().parse().expect("a time in seconds");
            let taken = Duration::from_secs_f64((reached - began).max(0.0));
            best = best.min(taken);
            first.push(taken);
            cost
        }],
    );
    first.sort_unstable();
    let median = first[first.len() / 2];
    report::heading(&format!("P10 resume of a run with {steps} finished steps, {} rounds", effort.rounds));
    report::cost("floor: /bin/true", floor);
    report::cost("runbook check of the same file", planned);
    report::figure("to the first step, best, ms", best.as_secs_f64() * 1e3);
    report::limit("to the first step, less /bin/true", median.saturating_sub(floor.wall), Duration::from_millis(100));
}
