//! The lines that a benchmark prints. A ratio is always to a floor of the same run.
#![expect(clippy::print_stdout, reason = "figures on standard output are what a benchmark is for")]

use std::time::Duration;

use crate::measure::Cost;

pub fn say(line: &str) {
    println!("{line}");
}

pub fn heading(title: &str) {
    println!("\n{title}");
}

/// Who else is at work: a busy machine makes every figure worse, ratios included.
pub fn machine() {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("{cores} cores, load before the start {}", load.split(' ').next().unwrap_or("unknown"));
}

/// A figure as it was measured.
pub fn cost(name: &str, cost: Cost) {
    println!("  {name:<44} {:>9} wall  {:>9} user+sys", ms(cost.wall), ms(cost.cpu));
}

/// A figure against what it must not exceed.
pub fn ratio(name: &str, ours: Duration, floor: Duration, at_most: f64) {
    let ratio = ours.as_secs_f64() / floor.as_secs_f64();
    println!("  {name:<44} {ratio:>8.2} ×  (target ≤ {at_most:.2} ×: {})", verdict(ratio <= at_most));
}

/// A duration against what it must not exceed.
pub fn limit(name: &str, ours: Duration, at_most: Duration) {
    println!("  {name:<44} {:>9}  (target ≤ {}: {})", ms(ours), ms(at_most), verdict(ours <= at_most));
}

/// A count a step against what it must stay below.
pub fn rate(name: &str, ours: f64, below: f64) {
    println!("  {name:<44} {ours:>9.3}  (target < {below:.2}: {})", verdict(ours < below));
}

/// A share that must be reached.
pub fn at_least(name: &str, ours: f64, least: f64) {
    println!("  {name:<44} {ours:>8.2} ×  (target ≥ {least:.2} ×: {})", verdict(ours >= least));
}

/// A figure without a target.
pub fn figure(name: &str, ours: f64) {
    println!("  {name:<44} {ours:>9.2}");
}

const fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "NOT reached" }
}

fn ms(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}
