//! P2: steps one after another, against a shell's loop over the same program. The journal is always on; in memory its syncs
//! cost nothing, which is as near as it comes to off.

use crate::measure::{RUNBOOK, append_and_sync, interleaved, memory, run, scratch};
use crate::{Effort, documents, report};

/// Each step is in a process group of its own with its token: the target with containment.
const CONTAINED: f64 = 1.3;
const DURABLE: f64 = 1.15;

pub fn measure(effort: Effort) {
    let disk = scratch();
    let dir = disk.path();
    let Some(memory) = memory() else {
        report::say("P2 needs /dev/shm");
        return;
    };
    let steps = effort.steps;
    let chain = documents::chain(dir, steps);
    let in_memory = memory.path().join("runs").display().to_string();
    let script = format!("i=0; while [ $i -lt {steps} ]; do {}; i=$((i+1)); done", documents::TRUE);
    let [floor, off, on, sync] = interleaved(
        effort.rounds,
        [
            &mut || run(dir, "/bin/sh", &["-c", &script]),
            &mut || run(dir, RUNBOOK, &["run", &chain, "--runs-dir", &in_memory]),
            &mut || run(dir, RUNBOOK, &["run", &chain, "--runs-dir", "runs"]),
            &mut || append_and_sync(dir, steps.min(500)),
        ],
    );
    report::heading(&format!("P2 chain of {steps}, {} rounds", effort.rounds));
    report::cost("floor: sh loop", floor);
    report::cost("runbook run, journal in memory", off);
    report::cost("runbook run, journal on disk", on);
    report::cost("one append with fdatasync, same directory", sync);
    report::ratio("in memory / floor, user+sys", off.cpu, floor.cpu, CONTAINED);
    report::ratio("in memory / floor, wall", off.wall, floor.wall, CONTAINED);
    report::ratio("on disk / (floor + a sync a step), wall", on.wall, floor.wall + sync.wall * steps, DURABLE);
}
