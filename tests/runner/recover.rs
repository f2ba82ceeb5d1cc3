//! What is left on this machine of an engine that is gone.

use std::time::Duration;

use runbook::model::work::{End, Task};
use runbook::runner::Runner;

use super::ending::{ESCAPES, started};
use super::{Bench, env, lives, script, work};

#[tokio::test]
async fn what_a_dead_engine_left_is_ended_and_nobody_knows_its_end() {
    let mut first = Bench::new();
    let pids = first.directory.path().join("pids");
    std::fs::write(&pids, "").unwrap();
    let mut work = script(ESCAPES);
    work.env = vec![env("PIDS", pids.to_str().unwrap())];
    first.runner.start(work.clone());
    let found = started(&pids).await;
    let main = first.spawned.recv().await.unwrap().to_string();
    let mut second = Bench::new();
    second.runner.recover(work);
    let (_, done) = second.next().await;
    assert!(matches!(done.end, End::Unreachable { may_have_run: true, .. }), "{:?}", done.end);
    assert!(done.left_behind.is_empty());
    // The one with an empty environment is still a child of its parents when they are found.
    assert!(found.iter().chain([&main]).all(|pid| !lives(pid)), "left: {found:?}");
    assert!(matches!(first.next().await.1.end, End::Signaled { .. }));
}

#[tokio::test]
async fn a_wait_begins_again() {
    let mut bench = Bench::new();
    bench.runner.recover(work(Task::Wait(Duration::from_hours(1))));
    assert!(matches!(bench.next().await.1.end, End::Unreachable { may_have_run: false, .. }));
}
