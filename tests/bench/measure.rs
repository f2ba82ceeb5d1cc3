//! Takes time: wall and user+sys CPU of a whole process tree, medians over interleaved rounds, the price of one fdatasync.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

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

/// Seconds since the epoch: what another process says by `date +%s.%N`.
#[expect(clippy::disallowed_methods, reason = "measuring is what this module is for")]
pub fn wall() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
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
    run_to(dir, program, arguments, 0)
}

/// Runs a program to its end with this exit code.
///
/// # Panics
/// When it ends otherwise.
pub fn run_to(dir: &Path, program: &str, arguments: &[impl AsRef<OsStr>], exit: i32) -> Cost {
    let output = dir.join("output");
    let file = File::create(&output).expect("a file for the output");
    let mut command = command(program);
    command.current_dir(dir).args(arguments).stdin(Stdio::null());
    command.stdout(file.try_clone().expect("a second handle")).stderr(file);
    let (cpu, start) = (children_cpu(), now());
    let status = command.status().unwrap_or_else(|error| panic!("{program}: {error}"));
    let wall = start.elapsed();
    if status.code() != Some(exit) {
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

/// Calls `each` with every directory in a directory.
pub fn children_of(dir: &Path, each: impl Fn(&Path)) {
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        if entry.path().is_dir() {
            each(&entry.path());
        }
    }
}

/// The run that began last.
pub fn newest(runs: &Path) -> PathBuf {
    let runs = fs::read_dir(runs).expect("the runs").flatten().map(|entry| entry.path());
    runs.filter(|path| path.is_dir()).max().expect("a run")
}

/// An engine at work in the background; it is ended when it is dropped.
pub struct Engine(Child);

/// What a process has cost so far.
pub struct Idleness {
    /// Time on a processor, all threads.
    pub cpu: Duration,
    /// Times that a thread gave the processor up to wait.
    pub wakeups: u32,
    /// MiB.
    pub resident: f64,
}

impl Engine {
    pub fn start(dir: &Path, arguments: &[&str]) -> Self {
        Self::start_with(dir, arguments, &[])
    }

    pub fn start_with(dir: &Path, arguments: &[&str], env: &[(&str, &str)]) -> Self {
        let mut command = command(RUNBOOK);
        command.current_dir(dir).args(arguments).envs(env.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("start the engine"))
    }

    /// To its successful end.
    pub fn wait(mut self) {
        let status = self.0.wait().expect("wait for the engine");
        assert!(status.success(), "the engine ended with {status}");
    }

    /// None: it has ended.
    pub fn idleness(&self) -> Option<Idleness> {
        let process = format!("/proc/{}", self.0.id());
        let (mut cpu, mut wakeups) = (Duration::ZERO, 0);
        for thread in fs::read_dir(format!("{process}/task")).ok()?.flatten() {
            let schedule = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            cpu += Duration::from_nanos(schedule.split(' ').next()?.parse().ok()?);
            wakeups += field(&thread.path(), "voluntary_ctxt_switches:")?;
        }
        let kib = field(Path::new(&process), "VmRSS:")?;
        Some(Idleness { cpu, wakeups, resident: f64::from(kib) / 1024.0 })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Asked politely, it ends its steps; a second time at once.
        for _ in 0..2 {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            let pid = i32::try_from(self.0.id()).map(Pid::from_raw).expect("a process number");
            let _ = kill(pid, Signal::SIGTERM);
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.0.wait();
    }
}

fn field(process: &Path, name: &str) -> Option<u32> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
