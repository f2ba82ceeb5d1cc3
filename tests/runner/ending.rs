//! No process outlives its step; what a successful step leaves behind is named.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use runbook::model::work::End;
use runbook::runner::Runner;

use super::{Bench, lives, script};

/// Starts children in every way known to escape, each ignoring TERM, and leaves their pids in `pids`.
pub const ESCAPES: &str = r#"
trap '' TERM
stubborn='trap "" TERM; echo $$ >> "$PIDS"; while :; do sleep 60; done'
bash -c "$stubborn" &
nohup bash -c "$stubborn" >/dev/null 2>&1 &
setsid bash -c "$stubborn" &
setsid bash -c "setsid bash -c '$stubborn' & exit" &
(setsid bash -c "$stubborn" </dev/null >/dev/null 2>&1 &)
setsid env -i PIDS="$PIDS" PATH="$PATH" bash -c "$stubborn" &
while [ "$(wc -l < "$PIDS")" -lt 6 ]; do sleep 0.02; done
echo ready >> "$PIDS"
while :; do sleep 60; done
"#;

pub async fn started(pids: &std::path::Path) -> Vec<String> {
    loop {
        let text = std::fs::read_to_string(pids).unwrap_or_default();
        if text.ends_with("ready\n") {
            return text.lines().filter(|line| *line != "ready").map(str::to_owned).collect();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_timeout_leaves_no_process_behind() {
    let mut bench = Bench::new();
    let pids = bench.directory.path().join("pids");
    std::fs::write(&pids, "").unwrap();
    let mut work = script(ESCAPES);
    work.env = vec![super::env("PIDS", pids.to_str().unwrap())];
    work.timeout = Duration::from_secs(3);
    bench.runner.start(work);
    let found = started(&pids).await;
    assert_eq!(found.len(), 6);
    let done = bench.next().await.1;
    assert_eq!(done.end, End::TimedOut);
    assert!(done.left_behind.is_empty());
    assert!(found.iter().all(|pid| !lives(pid)), "left: {found:?}");
}

/// Leaves the group, the session, its parents and its environment, and closes its output when told to.
const UNTRACEABLE: &str = r#"
(setsid env -i bash -c '(bash -c "trap \"\" TERM; echo \$\$ > $0; while :; do sleep 60; done" "$0" &) & exit' "$PIDS" REDIRECT &)
while [ ! -s "$PIDS" ]; do sleep 0.02; done
sleep 0.2
"#;

async fn untraceable(bench: &mut Bench, redirect: &str, rest: &str) -> (End, String, Vec<u32>) {
    let pids = bench.directory.path().join(ulid::Ulid::generate().to_string());
    let mut work = script(&(UNTRACEABLE.replace("REDIRECT", redirect) + rest));
    work.env = vec![super::env("PIDS", pids.to_str().unwrap())];
    work.timeout = Duration::from_secs(3);
    bench.runner.start(work);
    let done = bench.next().await.1;
    (done.end, std::fs::read_to_string(&pids).unwrap(), done.left_behind)
}

#[tokio::test]
async fn an_orphan_without_a_token_is_found_by_its_parent() {
    let mut bench = Bench::new();
    let (end, pid, left) = untraceable(&mut bench, "</dev/null >/dev/null 2>&1", "sleep 60").await;
    assert_eq!((end, left), (End::TimedOut, Vec::new()));
    assert!(!lives(&pid));
    // It was buried too: a zombie would stay for as long as the engine lives.
    assert!(!std::path::Path::new("/proc").join(pid.trim()).exists());
}

#[tokio::test]
async fn among_others_an_orphan_is_known_by_its_output_and_never_guessed() {
    let mut bench = Bench::new();
    let other = script("sleep 10");
    let token = other.attempt.token.clone();
    bench.runner.start(other);
    let (end, pid, left) = untraceable(&mut bench, "", "sleep 60").await;
    assert_eq!((end, left), (End::TimedOut, Vec::new()));
    assert!(!lives(&pid));
    let (end, pid, _) = untraceable(&mut bench, "</dev/null >/dev/null 2>&1", "sleep 60").await;
    assert_eq!(end, End::TimedOut);
    assert!(lives(&pid), "it may be the other step's");
    kill(Pid::from_raw(pid.trim().parse().unwrap()), Signal::SIGKILL).unwrap();
    bench.runner.cancel(&token);
    assert_eq!(bench.next().await.1.end, End::Cancelled);
}

#[tokio::test]
async fn what_a_successful_step_left_is_not_ended_with_the_next() {
    let mut bench = Bench::new();
    let (end, pid, left) = untraceable(&mut bench, "</dev/null >/dev/null 2>&1", "true").await;
    assert_eq!((end, left.contains(&pid.trim().parse().unwrap())), (End::Exited(0), true));
    let mut late = script("sleep 60");
    late.timeout = Duration::from_millis(100);
    assert_eq!(bench.run(late).await.end, End::TimedOut);
    assert!(lives(&pid));
    kill(Pid::from_raw(pid.trim().parse().unwrap()), Signal::SIGKILL).unwrap();
}

#[tokio::test]
async fn cancelling_leaves_no_process_behind_and_a_second_time_ends_the_grace() {
    let mut bench =
        Bench::with(runbook::secret::SecretStore::default(), |settings| settings.grace = Duration::from_mins(10));
    let pids = bench.directory.path().join("pids");
    std::fs::write(&pids, "").unwrap();
    let mut work = script(ESCAPES);
    work.env = vec![super::env("PIDS", pids.to_str().unwrap())];
    let token = work.attempt.token.clone();
    bench.runner.start(work);
    let found = started(&pids).await;
    bench.runner.cancel(&token);
    bench.runner.cancel(&token);
    assert_eq!(bench.next().await.1.end, End::Cancelled);
    assert!(found.iter().all(|pid| !lives(pid)), "left: {found:?}");
}

#[tokio::test]
async fn a_program_that_stops_on_term_is_not_killed() {
    let mut bench =
        Bench::with(runbook::secret::SecretStore::default(), |settings| settings.grace = Duration::from_mins(10));
    let mut work = script("trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done");
    work.timeout = Duration::from_millis(300);
    let done = bench.run(work).await;
    assert_eq!((done.end, done.stdout.as_deref()), (End::TimedOut, Some("bye\n")));
}

#[tokio::test]
async fn a_successful_step_keeps_what_it_started_and_names_it() {
    let mut bench = Bench::new();
    for start in ["sleep 60 & echo $!", "setsid sleep 60 & echo $!", "nohup sleep 60 >/dev/null 2>&1 & echo $!"] {
        let done = bench.run(script(start)).await;
        assert_eq!(done.end, End::Exited(0));
        assert!(done.elapsed < Duration::from_secs(5), "the step waited for its child");
        let pid = done.stdout.unwrap();
        assert_eq!(done.left_behind, [pid.trim().parse::<u32>().unwrap()], "{start}");
        assert!(lives(&pid));
        kill(Pid::from_raw(pid.trim().parse().unwrap()), Signal::SIGKILL).unwrap();
    }
}
