//! Takes time: wall and user+sys CPU of a whole process tree, medians over interleaved rounds, the price of one fdatasync.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The program under test, built like a release.
pub const RUNBOOK: &str = env!("CARGO_BIN_EXE_runbook");

/// Kernel ticks, as `/proc` counts CPU time.
const TICK: Duration = Duration::from_millis(10);

/// What something took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// From start to end.
    pub wall: Duration,
    /// CPU of the process and of every descendant that was waited for.
    pub cpu: Duration,
}

/// A directory on the disk that holds the build: journals written there are as slow as real ones.
pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory")
}

/// A directory in memory, where a sync costs nothing; none on machines without one.
pub fn memory() -> Option<tempfile::TempDir> {
    tempfile::tempdir_in("/dev/shm").ok()
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this module is for")]
pub fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "floors are other programs")]
fn command(program: &str) -> Command {
    Command::new(program)
}

/// Runs a program in a directory to its successful end. What it prints goes to a file, as it would under a scheduler.
///
/// # Panics
/// When it fails: a figure of a failed run would be a lie.
pub fn run(dir: &Path, program: &str, arguments: &[impl AsRef<OsStr>]) -> Cost {
    let output = dir.join("output");
    let file = File::create(&output).expect("a file for the output");
    let mut command = command(program);
    command.current_dir(dir).args(arguments).stdin(Stdio::null());
    command.stdout(file.try_clone().expect("a second handle")).stderr(file);
    let (cpu, start) = (children_cpu(), now());
    let status = command.status().unwrap_or_else(|error| panic!("{program}: {error}"));
    let wall = start.elapsed();
    if !status.success() {
        let text = fs::read_to_string(&output).unwrap_or_default();
        let tail: Vec<&str> = text.lines().rev().take(20).collect();
        panic!("{program} ended with {status}:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
    }
    Cost { wall, cpu: children_cpu().saturating_sub(cpu) }
}

/// Takes each subject in turn, round after round, and gives for each the median wall time and the mean CPU time (ticks are too
/// coarse for a median of short runs).
pub fn interleaved<const N: usize>(rounds: u32, mut subjects: [&mut dyn FnMut() -> Cost; N]) -> [Cost; N] {
    let mut taken: [Vec<Cost>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..rounds {
        for (subject, costs) in subjects.iter_mut().zip(&mut taken) {
            costs.push(subject());
        }
    }
    taken.map(|costs| {
        let mut walls: Vec<Duration> = costs.iter().map(|cost| cost.wall).collect();
        walls.sort_unstable();
        Cost { wall: walls[walls.len() / 2], cpu: costs.iter().map(|cost| cost.cpu).sum::<Duration>() / rounds }
    })
}

/// One appended record of a journal's size with its fdatasync, on average over `count`.
pub fn append_and_sync(dir: &Path, count: u32) -> Cost {
    let record = [b'x'; 300];
    let mut file = File::create(dir.join("synced")).expect("a file to append to");
    let start = now();
    for _ in 0..count {
        file.write_all(&record).and_then(|()| file.sync_data()).expect("append and sync");
    }
    Cost { wall: start.elapsed() / count, cpu: Duration::ZERO }
}

/// Counts the syncs that a program asks the kernel for; none without `strace`. Only syncs stop the program.
pub fn syncs(dir: &Path, arguments: &[impl AsRef<OsStr>]) -> Option<f64> {
    let counts = dir.join("syncs");
    let status = command("strace")
        .current_dir(dir)
        .args(["-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range", "-o"])
        .arg(&counts)
        .arg(RUNBOOK)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?;
    assert!(status.success(), "under strace the run ended with {status}");
    let text = fs::read_to_string(counts).ok()?;
    // A call that another thread interrupts stands on two lines; the second says "resumed".
    let calls = text.lines().filter(|line| line.contains("sync") && !line.contains("resumed>")).count();
    u32::try_from(calls).ok().map(f64::from)
}

/// The most memory that a program held, MiB; asked for as long as it runs.
pub fn peak_memory(dir: &Path, arguments: &[impl AsRef<OsStr>]) -> Option<f64> {
    let mut child = command(RUNBOOK)
        .current_dir(dir)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while child.try_wait().ok()?.is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u32>().ok()).or(peak);
    }
    peak.map(|kib| f64::from(kib) / 1024.0)
}

/// User and system time of all children that ended so far, their descendants included.
fn children_cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("/proc/self/stat");
    // The name in brackets may hold blanks; cutime and cstime are fields 16 and 17.
    let fields = stat.rsplit_once(')').expect("a bracketed name").1;
    let ticks = |at: usize| fields.split_whitespace().nth(at).and_then(|field| field.parse().ok()).unwrap_or(0);
    TICK * (ticks(13) + ticks(14))
}
