//! What a program gets, how its end is told, and what is said when it cannot start.

use std::time::Duration;

use runbook::model::work::{End, Piece, Rendered, Task, Tool};
use runbook::runner::Runner;
use runbook::secret::SecretStore;

use super::{Bench, env, program, script, work};

fn not_started(end: &End) -> &str {
    match end {
        End::NotStarted { why } => why,
        other => panic!("started: {other:?}"),
    }
}

#[tokio::test]
async fn a_program_runs_and_its_end_is_told() {
    let mut bench = Bench::new();
    let done = bench.run(script("echo out; echo err >&2; exit 3")).await;
    assert_eq!(done.end, End::Exited(3));
    assert_eq!(done.stdout.as_deref(), Some("out\n"));
    assert_eq!(done.stderr, "err\n");
    let pid = bench.spawned.try_recv().unwrap();
    assert!(pid > 1 && !super::lives(&pid.to_string()));
    assert!(done.elapsed > Duration::ZERO && done.left_behind.is_empty() && !done.truncated);
}

#[tokio::test]
async fn a_silent_program_costs_no_file() {
    let mut bench = Bench::new();
    assert_eq!(bench.run(program(&["true"])).await.end, End::Exited(0));
    assert!(!bench.directory.path().join("steps").exists());
}

#[tokio::test]
async fn standard_input_is_null_unless_given() {
    let mut bench = Bench::new();
    let done = bench.run(program(&["cat"])).await;
    assert_eq!((done.end, done.stdout.as_deref()), (End::Exited(0), Some("")));
    let text = "line\n".repeat(100_000);
    let mut given = program(&["wc", "-c"]);
    given.stdin = Some(Rendered::text(&text));
    assert_eq!(bench.run(given).await.stdout.as_deref(), Some("500000\n"));
    let mut unread = program(&["true"]);
    unread.stdin = Some(Rendered::text(text));
    assert_eq!(bench.run(unread).await.end, End::Exited(0));
}

#[tokio::test]
async fn the_attempt_is_in_the_environment() {
    let mut bench = Bench::new();
    let work = script("echo $RUNBOOK_ATTEMPT $RUNBOOK_RUN $RUNBOOK_STEP; pwd");
    let token = work.attempt.token.0.clone();
    let mut work = work;
    work.working_dir = Some("/usr".into());
    assert_eq!(bench.run(work).await.stdout.unwrap(), format!("{token} 01RUN step\n/usr\n"));
}

#[tokio::test]
async fn secrets_reach_the_environment_and_stdin() {
    let mut secrets = SecretStore::default();
    secrets.insert("password", "hunter22");
    let mut bench = Bench::with(secrets, |_| {});
    let mut work = script("echo \"$DSN\" | rev; rev");
    let secret = || Piece::Secret("password".into());
    work.env = vec![("DSN".into(), Rendered(vec![Piece::Text("a:".into()), secret(), Piece::Text("@b".into())]))];
    work.stdin = Some(Rendered(vec![secret()]));
    assert_eq!(bench.run(work).await.stdout.as_deref(), Some("b@22retnuh:a\n22retnuh"));
    let mut unknown = program(&["true"]);
    unknown.env = vec![("X".into(), Rendered(vec![Piece::Secret("nobody".into())]))];
    assert!(not_started(&bench.run(unknown).await.end).contains("`nobody`"));
}

#[tokio::test]
async fn values_come_back_by_the_output_file() {
    let mut bench = Bench::new();
    let done =
        bench.run(script("echo size=3 >> $RUNBOOK_OUTPUT; printf 'text<<E\\na\\nb\\nE\\n' >> $RUNBOOK_OUTPUT")).await;
    assert_eq!(done.values["size"], "3");
    assert_eq!(done.values["text"], "a\nb");
    let broken = bench.run(script("echo nonsense > $RUNBOOK_OUTPUT")).await;
    assert!(broken.values.is_empty() && broken.stderr.contains("RUNBOOK_OUTPUT line 1"), "{}", broken.stderr);
    let pipe = bench.run(script("mkfifo $RUNBOOK_OUTPUT")).await;
    assert_eq!(pipe.end, End::Exited(0));
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let mut bench = Bench::new();
    let missing = bench.run(program(&["no-such-program"])).await;
    let why = not_started(&missing.end);
    assert!(why.contains("`no-such-program`") && why.contains("searched PATH"), "{why}");
    let path = bench.run(program(&["/no/such/program"])).await;
    assert!(not_started(&path.end).contains("there is no /no/such/program"));
    let file = bench.directory.path().join("plain");
    std::fs::write(&file, "text").unwrap();
    let plain = bench.run(program(&[file.to_str().unwrap()])).await;
    assert!(not_started(&plain.end).contains("not executable"));
    let mut nowhere = program(&["true"]);
    nowhere.working_dir = Some("/no/such/directory".into());
    assert!(not_started(&bench.run(nowhere).await.end).contains("there is no directory /no/such/directory"));
    let nul = bench.run(program(&["echo", "a\0b"])).await;
    assert!(not_started(&nul.end).contains("NUL"));
}

#[tokio::test]
async fn a_list_too_long_for_the_kernel_is_named() {
    let mut bench = Bench::new();
    let long = bench.run(program(&["echo", &"x".repeat(200_000)])).await;
    assert!(not_started(&long.end).contains("E2BIG"));
    let mut large = program(&["true"]);
    large.env = vec![env("LARGE", &"x".repeat(200_000))];
    assert!(not_started(&bench.run(large).await.end).contains("E2BIG"));
}

#[tokio::test]
async fn a_path_of_its_own_decides_where_programs_are_found() {
    use std::os::unix::fs::PermissionsExt;
    let mut bench = Bench::new();
    let tool = bench.directory.path().join("mytool");
    std::fs::write(&tool, "#!/bin/sh\necho mine\n").unwrap();
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut own = program(&["mytool"]);
    own.env = vec![env("PATH", bench.directory.path().to_str().unwrap())];
    assert_eq!(bench.run(own).await.stdout.as_deref(), Some("mine\n"));
    assert!(matches!(bench.run(program(&["mytool"])).await.end, End::NotStarted { .. }));
}

#[tokio::test]
async fn a_signal_from_outside_is_told() {
    let mut bench = Bench::new();
    let killed = bench.run(script("kill -9 $$")).await;
    let End::Signaled { signal: 9, why: Some(why) } = killed.end else { panic!("{:?}", killed.end) };
    assert!(why.contains("out of memory"));
    assert!(matches!(bench.run(script("kill -15 $$")).await.end, End::Signaled { signal: 15, why: None }));
}

#[tokio::test]
async fn waiting_takes_its_time_and_can_be_cancelled() {
    let mut bench = Bench::new();
    let done = bench.run(work(Task::Wait(Duration::from_millis(20)))).await;
    assert_eq!(done.end, End::Done { warning: None });
    assert!(done.elapsed >= Duration::from_millis(20));
    let long = work(Task::Wait(Duration::from_hours(1)));
    let token = long.attempt.token.clone();
    bench.runner.start(long);
    tokio::task::yield_now().await;
    bench.runner.cancel(&token);
    assert_eq!(bench.next().await.1.end, End::Cancelled);
}

#[tokio::test]
async fn a_docker_client_that_cannot_connect_is_unreachable() {
    use std::os::unix::fs::PermissionsExt;
    let mut bench = Bench::new();
    let stub = bench.directory.path().join("docker");
    let text = "#!/bin/sh\necho \"$@\" >&2\necho 'Error response from daemon: Container db is paused, unpause the container before exec' >&2\nexit 1\n";
    std::fs::write(&stub, text).unwrap();
    std::fs::set_permissions(&stub, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut exec = work(Task::Program {
        tool: Tool::Docker,
        argv: ["docker", "exec", "db", "pg_dump"].map(str::to_owned).to_vec(),
    });
    exec.env = vec![env("PATH", &format!("{}:/bin:/usr/bin", bench.directory.path().display()))];
    let token = exec.attempt.token.0.clone();
    let done = bench.run(exec).await;
    assert!(matches!(done.end, End::Unreachable { may_have_run: false, .. }), "{:?}", done.end);
    assert!(done.stderr.starts_with(&format!("exec -e RUNBOOK_ATTEMPT={token} db pg_dump\n")), "{}", done.stderr);
}
