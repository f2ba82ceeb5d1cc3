//! P9: every single failure of a long chain, each on a path of its own, in simulated time. Where a step fails, the run stops; where
//! it only seems to succeed, or the engine is killed and resumed, the rest of the chain is carried out, too.

use std::path::Path;

use crate::measure::{Cost, RUNBOOK, interleaved, run, scratch};
use crate::{Effort, documents, report};

const STOPS: &str = "error,timeout,unknown";

pub fn measure(effort: Effort) {
    let disk = scratch();
    let dir = disk.path();
    let chain = documents::chain(dir, effort.steps);
    let rounds = effort.rounds.min(3);
    let [one, stops, all] = interleaved(
        rounds,
        [
            &mut || run(dir, RUNBOOK, &["rehearse", &chain]),
            &mut || run(dir, RUNBOOK, &["rehearse", &chain, "--every-failure", "--with", STOPS]),
            &mut || run(dir, RUNBOOK, &["rehearse", &chain, "--every-failure"]),
        ],
    );
    report::heading(&format!("P9 every failure of a chain of {}, {rounds} rounds", effort.steps));
    report::cost("floor: one path without failures", one);
    counted("paths that stop", dir, &chain, &["--with", STOPS], stops);
    counted("all paths", dir, &chain, &[], all);
    report::limit("paths that stop, wall", stops.wall, std::time::Duration::from_secs(10));
}

/// The cost, with how many paths and steps it was for.
fn counted(name: &str, dir: &Path, chain: &str, more: &[&str], cost: Cost) {
    report::cost(name, cost);
    let arguments = [&["rehearse", chain, "--every-failure", "--json"], more].concat();
    let _ = run(dir, RUNBOOK, &arguments);
    let text = std::fs::read_to_string(dir.join("output")).expect("the output of the last call");
    let object: serde_json::Value = serde_json::from_str(&text).expect("one object");
    for what in ["paths", "commands"] {
        let count = object[what].as_f64().unwrap_or_default();
        report::figure(&format!("{name}: {what}"), count);
        report::figure(&format!("{name}: {what} a second"), count / cost.wall.as_secs_f64());
    }
}
