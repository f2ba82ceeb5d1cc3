//! P3: independent steps, 16 at once, against `xargs -P 16`; and how many of their records share a sync.

use crate::measure::{RUNBOOK, append_and_sync, interleaved, run, scratch, syncs};
use crate::{Effort, documents, report};

pub fn measure(effort: Effort) {
    let dir = scratch();
    let dir = dir.path();
    let steps = effort.steps;
    let wide = documents::wide(dir, steps);
    // With a placeholder that stands nowhere, xargs adds no argument.
    let script = format!("seq {steps} | xargs -P 16 -I _ {}", documents::TRUE);
    let arguments = ["run", &wide, "--runs-dir", "runs"];
    let [floor, ours, sync] = interleaved(
        effort.rounds,
        [&mut || run(dir, "/bin/sh", &["-c", &script]), &mut || run(dir, RUNBOOK, &arguments), &mut || {
            append_and_sync(dir, steps.min(500))
        }],
    );
    report::heading(&format!("P3 {steps} wide, 16 at once, journal on disk, {} rounds", effort.rounds));
    report::cost("floor: xargs -P 16", floor);
    report::cost("runbook run", ours);
    report::cost("one append with fdatasync, same directory", sync);
    report::ratio("runbook / floor, wall", ours.wall, floor.wall, 1.2);
    report::ratio("runbook / floor, user+sys", ours.cpu, floor.cpu, 1.2);
    match syncs(dir, &arguments) {
        Some(count) => report::rate("syncs a step", count / f64::from(steps), 0.3),
        None => report::say("  syncs a step: not counted, strace is not here"),
    }
}
