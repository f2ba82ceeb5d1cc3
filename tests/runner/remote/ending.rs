//! No process outlives its step, over there either.

use std::fs;
use std::time::Duration;

use runbook::model::work::End;
use runbook::runner::Runner;
use runbook::secret::SecretStore;

use super::sshd::{Machine, Shell};
use crate::runner::ending::{ESCAPES, started};
use crate::runner::{env, lives, script};

#[tokio::test]
async fn a_timeout_ends_what_runs_there() {
    for shell in [Shell::Dash, Shell::Busybox] {
        let machine = Machine::with(shell);
        let mut bench = machine.bench();
        let pids = machine.at("pids");
        fs::write(&pids, "").unwrap();
        let mut work = Machine::there(script(ESCAPES));
        let path = std::env::var("PATH").unwrap();
        work.env = vec![env("PIDS", pids.to_str().unwrap()), env("PATH", &path)];
        work.timeout = Duration::from_secs(4);
        bench.runner.start(work);
        let found = started(&pids).await;
        assert_eq!(found.len(), 6);
        let (_, done) = bench.next().await;
        assert_eq!(done.end, End::TimedOut, "{shell:?}");
        let left: Vec<_> = found.iter().filter(|pid| lives(pid)).collect();
        assert!(left.is_empty() && done.left_behind.is_empty(), "{shell:?} left: {left:?} {:?}", done.left_behind);
    }
}

#[tokio::test]
async fn what_stops_on_term_says_its_last_words() {
    let machine = Machine::start();
    let mut bench = machine.bench_with(SecretStore::default(), |settings| settings.grace = Duration::from_mins(10));
    let ready = machine.at("ready");
    let mut work = Machine::there(script("trap 'echo bye; exit 0' TERM; : > $READY; while :; do sleep 0.05; done"));
    work.env = vec![env("READY", ready.to_str().unwrap())];
    let token = work.attempt.token.clone();
    bench.runner.start(work);
    while !ready.exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bench.runner.cancel(&token);
    let (_, done) = bench.next().await;
    assert_eq!((done.end, done.stdout.as_deref()), (End::Cancelled, Some("bye\n")));
}

#[tokio::test]
async fn what_cannot_be_ended_is_unknown() {
    let mut machine = Machine::start();
    let mut bench = machine.bench();
    let ready = machine.at("ready");
    let mut work = Machine::there(script("echo $$ > $READY.new; mv $READY.new $READY; exec sleep 60"));
    work.env = vec![env("READY", ready.to_str().unwrap())];
    work.timeout = Duration::from_secs(2);
    bench.runner.start(work.clone());
    while !ready.exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    machine.unplug();
    let (_, done) = bench.next().await;
    assert!(
        matches!(&done.end, End::Unreachable { may_have_run: true, why } if why.contains("timeout")),
        "{:?}",
        done.end
    );
    // Its session went on; the machine answers again.
    let pid = fs::read_to_string(&ready).unwrap();
    assert!(lives(&pid));
    machine.boot();
    let mut late = machine.bench();
    work.timeout = Duration::from_millis(500);
    late.runner.recover(work);
    assert_eq!(late.next().await.1.end, End::TimedOut);
    assert!(!lives(&pid));
}
