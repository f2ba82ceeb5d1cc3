//! P6: what an engine costs that only waits: for a step, a timer, a gate, an approval.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::measure::{Engine, memory};
use crate::{Effort, report};

/// The start is not waiting.
const SETTLED: Duration = Duration::from_secs(1);
/// Percent of a processor.
const CPU: f64 = 0.1;
/// MiB: 15 MB.
const RESIDENT: f64 = 14.3;
const HEAD: &str = "kind: runbook/v1\nname: waits\n";

pub fn measure(effort: Effort) {
    let Some(memory) = memory() else {
        report::say("P6 needs /dev/shm");
        return;
    };
    let dir = memory.path();
    let seconds = if effort.rounds == 1 { 2 } else { 20 };
    // Longer than what is watched: the end is not waiting either.
    let rest = seconds + 5;
    fs::write(
        dir.join("system.yaml"),
        "kind: system/v1\nname: bench\nroles: { lead: [somebody@example.org] }\nservices: { one: { container: bench } }\n",
    )
    .expect("write a system");
    let kinds = [
        ("a step: sleep", format!("{HEAD}steps: [{{ id: one, exec: sleep {rest} }}]\n")),
        ("a timer: wait", format!("{HEAD}steps: [{{ id: one, wait: {rest}s }}]\n")),
        (
            "a gate: every 20s, its probes among it",
            format!("{HEAD}steps: [{{ id: one, gate: {{ exec: test -e never, every: 20s, within: 1h }} }}]\n"),
        ),
        (
            "an approval: the inbox",
            format!(
                "{HEAD}system: system.yaml\nsteps: [{{ id: one, exec: echo one, approve: {{ by: [lead], within: 1h }} }}]\n"
            ),
        ),
    ];
    report::heading(&format!("P6 waiting, watched for {seconds} s after the first"));
    let engines: Vec<_> = kinds.iter().enumerate().map(|(at, (name, text))| (*name, start(dir, at, text))).collect();
    sleep(SETTLED);
    let before: Vec<_> = engines.iter().map(|(_, engine)| engine.idleness()).collect();
    sleep(Duration::from_secs(seconds));
    for ((name, engine), before) in engines.into_iter().zip(before) {
        let Some((before, after)) = before.zip(engine.idleness()) else {
            report::say(&format!("  {name}: the engine does not wait"));
            continue;
        };
        let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64() / f64::from(u32::try_from(seconds).unwrap_or(1));
        report::say(&format!("  {name}"));
        report::rate("  CPU, % of a processor", cpu * 100.0, CPU);
        report::rate("  resident memory, MiB", after.resident, RESIDENT);
        report::figure("  wake-ups of all threads", f64::from(after.wakeups - before.wakeups));
    }
}

fn start(dir: &Path, at: usize, text: &str) -> Engine {
    let file = format!("waits_{at}.yaml");
    fs::write(dir.join(&file), text).expect("write a runbook");
    Engine::start(dir, &["run", &file, "--runs-dir", &format!("runs_{at}")])
}
