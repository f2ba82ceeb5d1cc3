//! Work on another machine by the real program, over a real `sshd`: whatever is killed, the command over there ran once, and its real
//! exit code comes back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::runner::remote::sshd::Machine;
use crate::support::driven::{Driven, Records, holds, signal, until};
use crate::support::{Ran, Runbook, Workspace};

/// Canary.
const PASSWORD: &str = "kanarienvogel-4711";

const RUNBOOK: &str = "\
kind: runbook/v1
name: far
system: far.yaml
secrets: { password: { env: FAR_PASSWORD } }
steps:
  - id: before
    exec: touch before.txt
  - id: counted
    target: db
    shell: |
      echo run >>\"$AT/runs\"
      echo \"before ${#PASSWORD} $PASSWORD\"
      : >\"$AT/ready\"
      while [ -d \"$AT\" ] && [ ! -e \"$AT/go\" ]; do sleep 0.02; done
      echo after
      exit 42
    env: { AT: \"MACHINE\", PASSWORD: \"${{ secrets.password }}\" }
    expect: exit == 42
    outputs: { code: exit, last: lines | last }
  - id: after
    exec: [sh, -c, 'echo $1 >>after.txt', sh, \"${{ steps.counted.outputs.code }} ${{ steps.counted.outputs.last }}\"]
";

/// A machine, and the operator's own.
struct Scene {
    machine: Machine,
    workspace: Workspace,
}

impl Scene {
    fn new(runbook: &str) -> Self {
        let machine = Machine::start();
        let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap().name;
        let system = format!(
            "kind: system/v1\nname: far\ntargets:\n  db: {{ ssh: {user}@127.0.0.1, port: {}, identity_file: {} }}\n",
            machine.port,
            machine.at("key").display(),
        );
        let config = format!(
            "IdentitiesOnly yes\nIdentityAgent none\nUserKnownHostsFile {}\nGlobalKnownHostsFile /dev/null\n\
             StrictHostKeyChecking yes\n",
            machine.at("known").display()
        );
        let text = runbook.replace("MACHINE", &machine.directory.path().display().to_string());
        let workspace = Workspace::new().file("far.yaml", system).file("run.yaml", text).file("config", config);
        // OpenSSH looks for its configuration in the account's home, whatever $HOME says: the operator's `ssh` names another.
        let shim = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$*\" >>'{}'\nexec /usr/bin/ssh -F '{}' \"$@\"\n",
            workspace.path("words").display(),
            workspace.path("config").display()
        );
        workspace.write("bin/ssh", shim);
        fs::set_permissions(workspace.path("bin/ssh"), fs::Permissions::from_mode(0o755)).unwrap();
        Self { machine, workspace }
    }

    fn call(&self, arguments: &[&str]) -> Runbook {
        let path = format!("{}:{}", self.workspace.path("bin").display(), std::env::var("PATH").unwrap());
        let call = self.workspace.runbook(arguments).env("PATH", path).env("FAR_PASSWORD", PASSWORD);
        call.env("RUNBOOK_LOCKS", self.workspace.path("locks"))
    }

    /// An engine in the background.
    fn engine(&self, arguments: &[&str]) -> Driven {
        Driven::start(self.call(arguments), &self.workspace.path("said"))
    }

    fn records(&self) -> Records {
        Records::newest(&self.workspace.path("runs"))
    }

    /// The client of the counted step, once its command is under way.
    fn client(&self) -> u32 {
        holds("the command is under way", || self.machine.at("ready").exists());
        let pid = until("its client is known", || self.records().last("step_noted", "counted")?["pid"].as_u64());
        u32::try_from(pid).unwrap()
    }

    fn go(&self) {
        fs::write(self.machine.at("go"), "").unwrap();
    }

    /// What must hold at the end, whatever was killed. Gives the journal.
    #[track_caller]
    fn came_back(&self) -> Records {
        assert_eq!(fs::read_to_string(self.machine.at("runs")).unwrap(), "run\n", "it ran once");
        assert_eq!(self.workspace.read("after.txt"), "42 after\n");
        let records = self.records();
        assert_eq!(records.text("step_finished", "counted", "outcome"), "succeeded");
        assert_eq!(records.ran_again(), Vec::<&str>::new());
        let logs = self.call(&["logs", records.run(), "counted"]).run().exits(0);
        assert!(logs.stdout.ends_with(&format!("before {} ***\nafter\n", PASSWORD.len())), "{}", logs.stdout);
        records
    }

    /// Resumed to the end.
    #[track_caller]
    fn resumed(&self) -> Ran {
        self.engine(&["resume"]).ends(0)
    }
}

#[test]
fn a_killed_client_is_replaced() {
    let scene = Scene::new(RUNBOOK);
    let mut engine = scene.engine(&["run", "run.yaml"]);
    signal(scene.client(), Signal::SIGKILL);
    std::thread::sleep(Duration::from_millis(300));
    scene.go();
    let _ = engine.ends(0);
    let records = scene.came_back();
    assert!(records.last("resolved", "counted").is_none(), "the engine saw its end itself");
}

#[test]
fn a_killed_engine_is_replaced_while_the_command_goes_on() {
    let scene = Scene::new(RUNBOOK);
    let engine = scene.engine(&["run", "run.yaml"]);
    scene.client();
    engine.kill();
    let mut next = scene.engine(&["resume"]);
    holds("the next engine", || scene.records().0.iter().any(|record| record["kind"] == "run_resumed"));
    std::thread::sleep(Duration::from_millis(500));
    scene.go();
    let _ = next.ends(0);
    assert_eq!(scene.came_back().resolved("counted"), ("done", "reattached"));
}

#[test]
fn a_command_that_ended_while_nobody_looked_is_not_run_again() {
    let scene = Scene::new(RUNBOOK);
    let engine = scene.engine(&["run", "run.yaml"]);
    let client = scene.client();
    engine.kill();
    signal(client, Signal::SIGKILL);
    scene.go();
    let kept = scene.machine.kept(scene.records().text("step_started", "counted", "token"));
    holds("its end is kept over there", || kept.join("exit").exists());
    let _ = scene.resumed();
    assert_eq!(scene.came_back().resolved("counted"), ("done", "reattached"));
    let _ = scene.call(&["resume"]).run().exits(2);
}

#[test]
fn engine_and_client_killed_again_and_again() {
    let scene = Scene::new(RUNBOOK);
    let mut engine = scene.engine(&["run", "run.yaml"]);
    let mut client = scene.client();
    for _ in 0..2 {
        engine.kill();
        signal(client, Signal::SIGKILL);
        engine = scene.engine(&["resume"]);
        let last = client;
        client = until("the next client", || {
            let pid = scene.records().last("step_noted", "counted")?["pid"].as_u64()?;
            u32::try_from(pid).ok().filter(|pid| *pid != last)
        });
    }
    engine.kill();
    signal(client, Signal::SIGKILL);
    scene.go();
    let _ = scene.resumed();
    assert_eq!(scene.came_back().resolved("counted"), ("done", "reattached"));
}

#[test]
fn a_machine_that_never_heard_of_it_lets_it_begin() {
    let scene = Scene::new(RUNBOOK);
    scene.go();
    // The intent is written, the client cannot even start: nothing reached the machine.
    scene.workspace.write("bin/ssh", "#!/bin/sh\nsleep 60\n");
    let engine = scene.engine(&["run", "run.yaml"]);
    until("the client", || scene.records().last("step_noted", "counted").cloned());
    engine.kill();
    let shim = format!("#!/bin/sh\nexec /usr/bin/ssh -F '{}' \"$@\"\n", scene.workspace.path("config").display());
    scene.workspace.write("bin/ssh", shim);
    let _ = scene.resumed();
    let records = scene.came_back();
    assert_eq!(records.resolved("counted").0, "again");
    assert_eq!(records.of("step_started", "counted").len(), 2);
}

#[test]
fn secrets_are_in_no_argument_vector_of_this_machine() {
    let scene = Scene::new(RUNBOOK);
    let over = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let (mut found, mut looks) = (Vec::new(), 0_u32);
            while !over.load(Ordering::Relaxed) {
                found.extend(command_lines().into_iter().filter(|line| line.contains(PASSWORD)));
                looks += 1;
            }
            (found, looks)
        });
        let engine = scene.engine(&["run", "run.yaml"]);
        scene.client();
        engine.kill();
        scene.go();
        let _ = scene.resumed();
        over.store(true, Ordering::Relaxed);
        watch.join().unwrap()
    });
    scene.came_back();
    assert!(seen.1 > 20, "{} looks", seen.1);
    assert_eq!(seen.0, Vec::<String>::new());
    assert!(!scene.workspace.read("said").contains(PASSWORD));
    assert_eq!(holding(&scene.workspace.path("runs"), PASSWORD), Vec::<String>::new());
}

/// Of every process.
fn command_lines() -> Vec<String> {
    let pids = fs::read_dir("/proc").unwrap().flatten();
    pids.filter_map(|entry| Some(String::from_utf8_lossy(&fs::read(entry.path().join("cmdline")).ok()?).into_owned()))
        .collect()
}

/// Files below a directory in which a text stands.
fn holding(directory: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            found.extend(holding(&entry.path(), text));
        } else if String::from_utf8_lossy(&fs::read(entry.path()).unwrap_or_default()).contains(text) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}
