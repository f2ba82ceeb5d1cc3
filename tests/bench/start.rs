//! P1: what it costs to start at all.

use std::time::Duration;

use crate::measure::{RUNBOOK, interleaved, run, scratch};
use crate::{Effort, documents, report};

pub fn measure(effort: Effort) {
    let dir = scratch();
    let dir = dir.path();
    let one = documents::chain(dir, 1);
    let [floor, help, check] = interleaved(
        effort.starts,
        [&mut || run(dir, documents::TRUE, &[""; 0]), &mut || run(dir, RUNBOOK, &["--help"]), &mut || {
            run(dir, RUNBOOK, &["check", &one])
        }],
    );
    report::heading(&format!("P1 start, {} times each", effort.starts));
    report::cost("floor: /bin/true", floor);
    // An absolute limit says something on a quiet machine only; the ratio holds on a busy one too.
    let most = Duration::from_millis(3);
    let beside = (floor.wall * 2 + Duration::from_millis(2)).as_secs_f64() / floor.wall.as_secs_f64();
    for (name, ours) in [("runbook --help", help), ("runbook check, one step", check)] {
        report::cost(name, ours);
        report::ratio(&format!("{name} / floor (target 2 × + 2 ms)"), ours.wall, floor.wall, beside);
        report::limit(name, ours.wall, most);
    }
}
