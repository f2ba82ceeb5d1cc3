//! Other ways to a machine: the Google Cloud client, and containers, here and over there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use runbook::model::work::{End, Piece, Rendered, Target, Task, Tool, Work};
use runbook::runner::Runner;
use runbook::secret::SecretStore;

use super::sshd::Machine;
use crate::runner::docker::{Container, runs};
use crate::runner::{Bench, env, program, script};

/// In place of `gcloud`: records its words, and goes where `ssh` goes.
const GCLOUD: &str = r#"#!/bin/sh
printf '%s\n' "$@" > "$(dirname "$0")/words"
for word do case $word in --command=*) command=${word#--command=} ;; esac; done
exec ssh -T -F "$(dirname "$0")/../client" box "$command"
"#;

#[tokio::test]
async fn a_virtual_machine_is_a_machine_too() {
    let machine = Machine::start();
    let shim = machine.at("shim");
    fs::create_dir(&shim).unwrap();
    fs::write(shim.join("gcloud"), GCLOUD).unwrap();
    fs::set_permissions(shim.join("gcloud"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", shim.display(), std::env::var("PATH").unwrap());
    let mut bench = machine.bench_with(SecretStore::default(), |settings| settings.client_path = Some(path));
    let target = Target::Gcloud { vm: "db-1".into(), project: Some("p".into()), zone: Some("europe-west1-b".into()) };
    let mut work = Work { target: target.clone(), ..script("echo \"$WORD\"; cat; echo k=v > $RUNBOOK_OUTPUT; exit 7") };
    work.env = vec![env("WORD", "it's $(here)")];
    work.stdin = Some(Rendered::text("in"));
    let done = bench.run(work.clone()).await;
    assert_eq!((done.end, done.stdout.as_deref()), (End::Exited(7), Some("it's $(here)\nin")), "{}", done.stderr);
    assert_eq!(done.values["k"], "v");
    let words = fs::read_to_string(shim.join("words")).unwrap();
    assert!(words.starts_with("compute\nssh\ndb-1\n--project=p\n--zone=europe-west1-b\n--quiet\n"), "{words}");
    assert!(!words.contains("it's"));
    bench.runner.recover(work);
    assert_eq!(bench.next().await.1.end, End::Exited(7));
    // The client's own error, before any connection.
    fs::write(shim.join("gcloud"), "#!/bin/sh\necho 'ERROR: (gcloud.compute.ssh) no such VM' >&2\nexit 1\n").unwrap();
    let refused = bench.run(Work { target, ..script("true") }).await;
    let End::Unreachable { why, may_have_run: false } = refused.end else { panic!("{:?}", refused.end) };
    assert!(why.contains("no such VM"), "{why}");
}

fn into(container: &Container, via: Target, work: Work) -> Work {
    Work { target: Target::Container { name: container.0.clone(), via: Box::new(via) }, ..work }
}

fn ssh() -> Target {
    Target::Ssh { host: "box".into(), port: None, identity_file: None }
}

#[tokio::test]
async fn a_container_here_and_a_container_there() {
    let container = Container::start();
    let machine = Machine::start();
    let mut secrets = SecretStore::default();
    secrets.insert("password", "hunter22");
    let mut bench = machine.bench_with(secrets, |_| {});
    for via in [Target::Local, ssh()] {
        let mut work = program(&[
            "sh",
            "-c",
            "echo $WORD $PASSWORD | tr h H; pwd; cat; echo k=$RUNBOOK_STEP > $RUNBOOK_OUTPUT; exit 7",
        ]);
        work.env = vec![env("WORD", "a  b"), ("PASSWORD".into(), Rendered(vec![Piece::Secret("password".into())]))];
        work.stdin = Some(Rendered::text("in"));
        work.working_dir = Some("/tmp".into());
        let done = bench.run(into(&container, via.clone(), work)).await;
        assert_eq!(
            (done.end, done.stdout.as_deref()),
            (End::Exited(7), Some("a b Hunter22\n/tmp\nin")),
            "{}",
            done.stderr
        );
        assert_eq!(done.values["k"], "step", "{via:?}");
        let mut missing = into(&container, via.clone(), program(&["true"]));
        missing.target = Target::Container { name: "no-such-container".into(), via: Box::new(via.clone()) };
        let missing = bench.run(missing).await;
        assert!(matches!(missing.end, End::Unreachable { may_have_run: false, .. }), "{:?}", missing.end);
        let mut long = into(&container, via, program(&["sh", "-c", "trap '' TERM; sleep 54331 & wait; wait"]));
        long.timeout = Duration::from_secs(3);
        let done = bench.run(long).await;
        assert_eq!((done.end, done.left_behind), (End::TimedOut, Vec::new()));
        assert!(!runs("54331"));
    }
}

#[tokio::test]
async fn docker_run_over_there_leaves_no_container() {
    let container = Container::start();
    let machine = Machine::start();
    let mut bench = machine.bench();
    let argv = [
        "docker",
        "run",
        "--rm",
        "--entrypoint",
        "sh",
        crate::runner::docker::IMAGE,
        "-c",
        "trap '' TERM; sleep 54332 & wait; wait",
    ];
    let mut work = crate::runner::work(Task::Program { tool: Tool::Docker, argv: argv.map(str::to_owned).to_vec() });
    work.timeout = Duration::from_secs(4);
    let label = format!("label=runbook.attempt={}", work.attempt.token);
    let done = bench.run(Machine::there(work)).await;
    assert_eq!(done.end, End::TimedOut);
    assert_eq!(crate::runner::docker::client(&["ps", "-aq", "--filter", &label]).as_deref(), Some(""));
    assert!(!runs("54332"));
    drop(container);
}

#[tokio::test]
async fn what_a_dead_engine_left_in_containers_is_ended() {
    let container = Container::start();
    let mut bench = Bench::new();
    let exec = into(&container, Target::Local, program(&["sleep", "54333"]));
    let argv = ["docker", "run", "--rm", crate::runner::docker::IMAGE, "sleep", "54334"].map(str::to_owned).to_vec();
    let run = crate::runner::work(Task::Program { tool: Tool::Docker, argv });
    for (work, word) in [(exec, "54333"), (run, "54334")] {
        let dead = Bench::new();
        dead.runner.start(work.clone());
        while !runs(word) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bench.runner.recover(work);
        let (_, done) = bench.next().await;
        assert!(matches!(done.end, End::Unreachable { may_have_run: true, .. }), "{:?}", done.end);
        assert!(!runs(word), "{word}");
    }
}
