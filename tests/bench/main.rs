//! `cargo bench`: what `runbook` costs, each figure beside its floor taken in the same run, interleaved, and the target.
//!
//! ```text
//! cargo bench                    everything
//! cargo bench -- chain wide      only these
//! cargo bench -- --quick         one round of small sizes: shows that the benchmarks work, proves nothing
//! cargo bench -- --long chain    10,000 steps
//! ```
//!
//! It asserts nothing: machines are noisy, so a target that is not reached is printed, not an error.

mod chain;
mod documents;
mod gate;
mod history;
#[path = "../support/made/mod.rs"]
mod made;
mod measure;
mod ordered;
mod output;
mod parse;
mod rehearsal;
mod report;
mod resume;
mod start;
mod waiting;
mod wide;

use std::process::ExitCode;

/// How much is measured.
#[derive(Clone, Copy)]
struct Effort {
    /// Times that each subject runs; the median counts.
    rounds: u32,
    /// Steps of a runbook.
    steps: u32,
    /// Steps of the file that is only checked.
    parsed: u32,
    /// Starts of the program.
    starts: u32,
}

const QUICK: Effort = Effort { rounds: 1, steps: 30, parsed: 300, starts: 5 };
const NORMAL: Effort = Effort { rounds: 5, steps: 1_000, parsed: 10_000, starts: 100 };
const LONG: Effort = Effort { rounds: 3, steps: 10_000, parsed: 100_000, starts: 100 };

type Benchmark = fn(Effort);

const ALL: [(&str, Benchmark); 11] = [
    ("start", start::measure),
    ("chain", chain::measure),
    ("wide", wide::measure),
    ("parse", parse::measure),
    ("output", output::measure),
    ("waiting", waiting::measure),
    ("gate", gate::measure),
    ("ordered", ordered::measure),
    ("resume", resume::measure),
    ("rehearsal", rehearsal::measure),
    ("history", history::measure),
];

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let flag = |name: &str| arguments.iter().any(|argument| argument == name);
    let effort = match (flag("--quick"), flag("--long")) {
        (true, _) => QUICK,
        (_, true) => LONG,
        _ => NORMAL,
    };
    let wanted: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| !word.starts_with("--")).collect();
    if let Some(unknown) = wanted.iter().find(|name| ALL.iter().all(|(known, _)| known != *name)) {
        report::say(&format!("no benchmark `{unknown}`; there are {}", ALL.map(|(name, _)| name).join(", ")));
        return ExitCode::from(2);
    }
    report::machine();
    for (name, measure) in ALL {
        if wanted.is_empty() || wanted.contains(&name) {
            measure(effort);
        }
    }
    ExitCode::SUCCESS
}
