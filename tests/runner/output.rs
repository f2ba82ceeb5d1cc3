//! Output of any size and content, with the engine's memory bounded.

use std::time::Duration;

use runbook::model::work::{Capture, End};
use runbook::runner::capture::capture;
use runbook::secret::SecretStore;

use super::{Bench, program, script};

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn two_hundred_megabytes_do_not_grow_memory() {
    // In a process of its own: what other tests hold must not count.
    let program = std::env::current_exe().unwrap();
    let arguments = ["--exact", "runner::output::peak_of_two_hundred_megabytes", "--ignored"].map(str::to_owned);
    let said = capture(program.to_str().unwrap(), &arguments, Duration::from_mins(2)).unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.exit == Some(0) && text.contains("1 passed"), "{text}");
}

#[tokio::test]
#[ignore = "run by `two_hundred_megabytes_do_not_grow_memory` in a process of its own"]
async fn peak_of_two_hundred_megabytes() {
    let mut bench = Bench::new();
    let before = peak_kib();
    let mut work = program(&["head", "-c", "200M", "/dev/zero"]);
    work.capture = Capture::default();
    let done = bench.run(work).await;
    assert!(peak_kib() - before < 32 * 1024);
    assert_eq!((done.end, done.stdout), (End::Exited(0), None));
    let log = bench.directory.path().join("steps/step/1.log");
    assert_eq!(std::fs::metadata(log).unwrap().len(), 200 * 1024 * 1024);
}

#[tokio::test]
async fn captured_output_is_cut_at_a_mebibyte_and_says_so() {
    let mut bench = Bench::new();
    let done = bench.run(program(&["head", "-c", "2M", "/dev/zero"])).await;
    assert!(done.truncated);
    assert_eq!(done.stdout.unwrap().len(), 1024 * 1024);
    let mut tail = script("seq 100000 >&2");
    tail.capture = Capture::default();
    let done = bench.run(tail).await;
    assert!(done.stderr.len() <= 2048 && done.stderr.ends_with("99999\n100000\n"));
}

#[tokio::test]
async fn bytes_that_are_not_text_are_kept_in_the_log() {
    let mut bench = Bench::with(SecretStore::default(), |settings| settings.live_lines = true);
    let done = bench.run(script(r"printf '\xff\xfeone\0\r\n\xc3\nlast\xe2\x82'")).await;
    assert_eq!(done.end, End::Exited(0));
    assert_eq!(done.stdout.as_deref(), Some("\u{fffd}\u{fffd}one\0\r\n\u{fffd}\nlast\u{fffd}"));
    assert_eq!(bench.log().unwrap(), b"\xff\xfeone\0\r\n\xc3\nlast\xe2\x82");
    let lines: Vec<String> = bench.lines().into_iter().map(|(_, line)| line).collect();
    assert_eq!(lines, ["\u{fffd}\u{fffd}one\0", "\u{fffd}", "last\u{fffd}"]);
}

#[tokio::test]
async fn live_lines_are_bounded() {
    let mut bench = Bench::with(SecretStore::default(), |settings| settings.live_lines = true);
    bench.run(script("head -c 100000 /dev/zero | tr '\\0' x; echo; echo next; seq 500000")).await;
    let lines = bench.lines();
    assert!(lines[0].1.len() < 8 * 1024 + 8 && lines[0].1.ends_with('…'));
    assert_eq!(lines[1].1, "next");
    assert!(lines.len() < 400_000 && lines.last().unwrap().1.contains("more lines are in the log"));
}

#[tokio::test]
async fn the_log_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let mut bench = Bench::new();
    bench.run(program(&["echo", "x"])).await;
    let steps = bench.directory.path().join("steps");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&steps), 0o700);
    assert_eq!(mode(&steps.join("step")), 0o700);
    assert_eq!(mode(&steps.join("step/1.log")), 0o600);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_does_not_end_the_step() {
    let mut bench = Bench::new();
    std::fs::write(bench.directory.path().join("steps"), "in the way").unwrap();
    let done = bench.run(program(&["echo", "x"])).await;
    assert_eq!((done.end, done.stdout.as_deref()), (End::Exited(0), Some("x\n")));
    assert!(bench.lines()[0].1.contains("is not kept"));
}

#[tokio::test]
async fn secrets_are_masked_in_the_log_and_live() {
    let mut secrets = SecretStore::default();
    secrets.insert("password", "hunter22");
    let mut bench = Bench::with(secrets, |settings| settings.live_lines = true);
    let mut work = script("printf 'pass hun'; printf 'ter22 end\\n'; echo hunter22 >&2");
    work.capture = Capture::default();
    let done = bench.run(work).await;
    let log = String::from_utf8(bench.log().unwrap()).unwrap();
    // The order of two streams is approximate: a line of one may stand inside a line of the other.
    assert!(!log.contains("hunter22") && log.matches("***").count() == 2, "{log}");
    assert!(bench.lines().iter().all(|(_, line)| !line.contains("hunter22")));
    assert_eq!(done.stderr, "***\n");
    assert!(done.elapsed < Duration::from_secs(10));
}

#[tokio::test]
async fn a_planted_link_takes_neither_a_log_nor_gives_values() {
    let mut bench = Bench::new();
    let target = bench.directory.path().join("target");
    std::fs::write(&target, "planted=1\n").unwrap();
    let steps = bench.directory.path().join("steps/step");
    std::fs::create_dir_all(&steps).unwrap();
    std::os::unix::fs::symlink(&target, steps.join("1.log")).unwrap();
    let script = format!("echo said; rm -f $RUNBOOK_OUTPUT; ln -s {} $RUNBOOK_OUTPUT", target.display());
    let done = bench.run(super::script(&script)).await;
    assert!(done.values.is_empty(), "{:?}", done.values);
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "planted=1\n");
}
