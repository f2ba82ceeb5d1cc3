//! P5: much output of one step, two secrets masked, against `cat` to a file through a pipe.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use crate::measure::{RUNBOOK, interleaved, memory, peak_memory, run};
use crate::{Effort, report};

/// Lines of ordinary logs: words, numbers, paths, dates.
const LINE: &str = "2026-11-21T05:03:01.482Z INFO  restore[4711]: table public.orders: 18230 rows, 3.2 MB/s, /var/lib/postgresql/16/main";
/// MiB that the engine may take over a silent step.
const MORE: f64 = 32.0;
const THROUGHPUT: f64 = 0.5;

pub fn measure(effort: Effort) {
    // Not on the disk: its speed would be what is measured.
    let Some(memory) = memory() else {
        report::say("P5 needs /dev/shm");
        return;
    };
    let dir = memory.path();
    let silent = document(dir, "silent", "/bin/true");
    let idle = peak_memory(dir, &["run", &silent, "--runs-dir", "runs"]);
    // Whole lines, 200 MB; 5 million short ones.
    let long = effort.parsed as usize * 20_000 / (LINE.len() + 1);
    let short = effort.parsed as usize * 500;
    for (name, title, lines) in [
        ("long", format!("{} MB", effort.parsed / 50), write(dir, "long", long, |_| LINE.to_owned())),
        ("short", format!("{short} short lines"), write(dir, "short", short, |at| format!("row {at}"))),
    ] {
        let runbook = document(dir, name, &format!("/bin/cat {lines}"));
        let script = format!("/bin/cat {lines} | /bin/cat > copy");
        let arguments = ["run", &runbook, "--runs-dir", "runs"];
        let [floor, ours] = interleaved(
            effort.rounds,
            [&mut || run(dir, "/bin/sh", &["-c", &script]), &mut || {
                let _ = fs::remove_dir_all(dir.join("runs"));
                run(dir, RUNBOOK, &arguments)
            }],
        );
        report::heading(&format!("P5 {title} in one step, two secrets masked, {} rounds", effort.rounds));
        report::cost("floor: cat to a file through a pipe", floor);
        report::cost("runbook run", ours);
        report::at_least(
            "throughput, share of the floor's",
            floor.wall.as_secs_f64() / ours.wall.as_secs_f64(),
            THROUGHPUT,
        );
        let _ = fs::remove_dir_all(dir.join("runs"));
        match idle.zip(peak_memory(dir, &arguments)) {
            Some((idle, peak)) => report::rate("memory over that of a silent step, MiB", peak - idle, MORE),
            None => report::say("  memory: not seen"),
        }
        let _ = fs::remove_dir_all(dir.join("runs"));
        let _ = fs::remove_file(dir.join(&lines));
    }
}

fn document(dir: &Path, name: &str, command: &str) -> String {
    let text = format!(
        "kind: runbook/v1\nname: {name}\nsecrets:\n  one: {{ env: BENCH_ONE, default: correct-horse-battery }}\n  two: {{ env: BENCH_TWO, \
         default: s3cr3t/Pa$$word }}\nsteps:\n  - id: say\n    exec: {command}\n    env: {{ ONE: \"${{{{ secrets.one }}}}\", TWO: \"${{{{ secrets.two }}}}\" }}\n"
    );
    let file = format!("{name}.yaml");
    fs::write(dir.join(&file), text).expect("write a runbook");
    file
}

fn write(dir: &Path, name: &str, lines: usize, line: impl Fn(usize) -> String) -> String {
    let file = format!("{name}.txt");
    let mut out = File::create(dir.join(&file)).expect("a file of lines");
    let mut text = String::new();
    for at in 0..lines {
        let _ = writeln!(text, "{}", line(at));
        if text.len() > 1 << 20 {
            out.write_all(text.as_bytes()).expect("lines");
            text.clear();
        }
    }
    out.write_all(text.as_bytes()).expect("lines");
    file
}
