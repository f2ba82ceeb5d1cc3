//! P7: how soon a gate notices health, and how often it asks for it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::measure::{Engine, memory, newest, wall};
use crate::{Effort, report};

const LEAST: Duration = Duration::from_millis(50);

pub fn measure(effort: Effort) {
    let Some(memory) = memory() else {
        report::say("P7 needs /dev/shm");
        return;
    };
    let dir = memory.path();
    let quick = effort.rounds == 1;
    let delays: &[u64] = if quick { &[100, 500] } else { &[100, 500, 2_000, 5_000] };
    report::heading("P7 a gate notices health");
    fs::write(
        dir.join("gate.yaml"),
        "kind: runbook/v1\nname: gate\nsteps: [{ id: one, gate: { exec: test -e healthy, every: 10s, within: 60s } }]\n",
    )
    .expect("write a runbook");
    for delay in delays.iter().copied().map(Duration::from_millis) {
        let mut lags: Vec<Duration> = (0..effort.rounds).map(|_| lag(dir, delay)).collect();
        lags.sort_unstable();
        let worst = lags.last().copied().unwrap_or_default();
        let name = format!("healthy after {} ms: median lag", delay.as_millis());
        report::figure(&format!("{name}, ms"), lags[lags.len() / 2].as_secs_f64() * 1e3);
        report::limit("  worst lag", worst, LEAST.max(delay / 10));
    }
    gcloud(dir, if quick { 2 } else { 16 });
}

/// From the file to the end of the step, as the journal has it.
fn lag(dir: &Path, delay: Duration) -> Duration {
    let healthy = dir.join("healthy");
    let _ = fs::remove_file(&healthy);
    let engine = Engine::start(dir, &["run", "gate.yaml", "--runs-dir", "runs"]);
    sleep(delay);
    let appeared = wall();
    fs::write(&healthy, "").expect("health");
    engine.wait();
    let journal = fs::read_to_string(newest(&dir.join("runs")).join("journal.jsonl")).expect("the journal");
    let end = journal.lines().rfind(|line| line.contains(r#""kind":"step_finished""#)).expect("the step's end");
    let at = end.split(r#""at":""#).nth(1).and_then(|rest| rest.split('"').next()).expect("a time");
    let at = chrono::DateTime::parse_from_rfc3339(at).expect("a time").timestamp_micros();
    #[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit")]
    Duration::from_secs_f64((at as f64 / 1e6 - appeared).max(0.0))
}

/// A client that only counts.
fn gcloud(dir: &Path, seconds: u64) {
    let bin = dir.join("bin");
    fs::create_dir_all(&bin).expect("a directory of programs");
    let shim = bin.join("gcloud");
    fs::write(&shim, "#!/bin/sh\necho \"$1\" >> calls\nexit 1\n").expect("a shim");
    fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).expect("an executable shim");
    fs::write(
        dir.join("cloud.yaml"),
        "kind: runbook/v1\nname: cloud\nsteps: [{ id: one, gate: { gcloud: sql instances describe one, every: 1s, within: 60s } }]\n",
    )
    .expect("write a runbook");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let _ = fs::remove_file(dir.join("calls"));
    let engine = Engine::start_with(dir, &["run", "cloud.yaml", "--runs-dir", "cloud"], &[("PATH", &path)]);
    sleep(Duration::from_secs(seconds));
    let calls = fs::read_to_string(dir.join("calls")).unwrap_or_default().lines().filter(|line| *line == "sql").count();
    // At a signal the gate is asked a last time: that one does not count.
    drop(engine);
    let most = seconds / 5 + 1;
    let name = format!("gcloud probes in {seconds} s");
    report::rate(
        &name,
        f64::from(u32::try_from(calls).unwrap_or(u32::MAX)),
        f64::from(u32::try_from(most).unwrap_or(1)) + 0.5,
    );
}
