//! A machine that has no more to give is named as such.

use std::path::PathBuf;
use std::time::Duration;

use runbook::model::work::End;
use runbook::runner::Runner;
use runbook::runner::capture::capture;

use super::{Bench, program, script};

/// Runs one of the ignored tests below as a process of its own, under a limit set by a shell.
fn under(limit: &str, user: &[&str], test: &str) {
    let directory = tempfile::TempDir::new().unwrap();
    let mut this = std::env::current_exe().unwrap();
    if !user.is_empty() {
        // Somebody else may not be able to reach it where it is.
        let copy = directory.path().join("it");
        std::fs::copy(&this, &copy).unwrap();
        open_to_all(directory.path().into());
        this = copy;
    }
    let run = "ulimit $0 && exec \"$@\"";
    let name = format!("runner::limits::{test}");
    let mut words = user.to_vec();
    words.extend(["bash", "-c", run, limit, this.to_str().unwrap(), "--exact", &name, "--ignored", "--test-threads=1"]);
    words.extend(["--nocapture"]);
    let arguments: Vec<String> = words[1..].iter().map(|&word| word.to_owned()).collect();
    let said = capture(words[0], &arguments, Duration::from_mins(1)).unwrap();
    let stdout = String::from_utf8_lossy(&said.stdout);
    assert!(said.exit == Some(0) && stdout.contains("1 passed"), "{stdout}\n{}", said.stderr);
}

fn open_to_all(path: PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn why(end: End) -> String {
    match end {
        End::NotStarted { why } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_files_left_is_said() {
    under("-n 40", &[], "with_few_files");
}

#[tokio::test]
#[ignore = "run by another test, under a limit"]
async fn with_few_files() {
    let mut bench = Bench::new();
    let mut tokens = Vec::new();
    for _ in 0..12 {
        let work = script("sleep 30");
        tokens.push(work.attempt.token.clone());
        bench.runner.start(work);
    }
    let (_, first) = bench.next().await;
    let why = why(first.end);
    assert!(why.contains("EMFILE") && why.contains("ulimit -n"), "{why}");
    // What runs goes on, and what ends makes room.
    for token in &tokens {
        bench.runner.cancel(token);
    }
    for _ in 1..12 {
        let _ = bench.next().await;
    }
    assert_eq!(bench.run(program(&["true"])).await.end, End::Exited(0));
}

#[test]
fn no_processes_left_is_said() {
    // The limit does not hold for root.
    let root = nix::unistd::geteuid().is_root();
    let nobody: &[&str] = &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    under("-u 1", if root { nobody } else { &[] }, "with_one_process");
}

#[tokio::test]
#[ignore = "run by another test, under a limit"]
async fn with_one_process() {
    let mut bench = Bench::new();
    let why = why(bench.run(program(&["true"])).await.end);
    assert!(why.contains("EAGAIN") && why.contains("ulimit -u"), "{why}");
}
