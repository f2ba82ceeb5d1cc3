//! The operator's machine, another machine over a real `sshd`, and the real program between them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::driven::{Driven, Records, holds, until};
use super::{Ran, Runbook, Workspace};
use crate::runner::remote::sshd::Machine;

/// Canary.
pub const PASSWORD: &str = "kanarienvogel-4711";

/// A machine, and the operator's own.
pub struct Scene {
    pub machine: Machine,
    pub workspace: Workspace,
}

impl Scene {
    /// A runbook (`MACHINE` is the machine's directory), and more targets of the system.
    pub fn new(runbook: &str, targets: &str) -> Self {
        let machine = Machine::start();
        let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap().name;
        let system = format!(
            "kind: system/v1\nname: far\ntargets:\n  db: {{ ssh: {user}@127.0.0.1, port: {}, identity_file: {} }}\n{targets}",
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
        let scene = Self { machine, workspace };
        scene.shim();
        scene
    }

    /// The operator's `ssh`. OpenSSH looks for its configuration in the account's home, whatever `$HOME` says: this one names another,
    /// and writes down what it is asked.
    pub fn shim(&self) {
        let Self { workspace, .. } = self;
        let shim = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$*\" >>'{}'\nexec /usr/bin/ssh -F '{}' \"$@\"\n",
            workspace.path("words").display(),
            workspace.path("config").display()
        );
        workspace.write("bin/ssh", shim);
        fs::set_permissions(workspace.path("bin/ssh"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A call of the program.
    pub fn call(&self, arguments: &[&str]) -> Runbook {
        let path = format!("{}:{}", self.workspace.path("bin").display(), std::env::var("PATH").unwrap());
        let call = self.workspace.runbook(arguments).env("PATH", path).env("FAR_PASSWORD", PASSWORD);
        call.env("RUNBOOK_LOCKS", self.workspace.path("locks"))
    }

    /// An engine in the background.
    pub fn engine(&self, arguments: &[&str]) -> Driven {
        Driven::start(self.call(arguments), &self.workspace.path("said"))
    }

    /// Its newest run.
    pub fn records(&self) -> Records {
        Records::newest(&self.workspace.path("runs"))
    }

    /// The client of a step, once its command is under way.
    pub fn client(&self, step: &str) -> u32 {
        holds("the command is under way", || self.machine.at("ready").exists());
        let pid = until("its client is known", || self.records().last("step_noted", step)?["pid"].as_u64());
        u32::try_from(pid).unwrap()
    }

    /// Lets the command end.
    pub fn go(&self) {
        fs::write(self.machine.at("go"), "").unwrap();
    }

    /// Resumed to the end.
    #[track_caller]
    pub fn resumed(&self) -> Ran {
        self.engine(&["resume"]).ends(0)
    }
}
