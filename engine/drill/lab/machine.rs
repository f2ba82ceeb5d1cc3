//! One machine of a lab: a container with sshd and a Docker daemon of its own.

use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::drill::error::DrillError;
use crate::drill::tool::{self, LONG, QUICK, words};
use crate::model::lab::{MachineChange, MachineDecl};
use crate::runner::boot;
use crate::runner::capture::{self, Captured};
use crate::runner::{images, rights};

/// How long a machine has until its Docker answers.
const BOOT: Duration = Duration::from_mins(1);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// What a machine's container is, seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside<'m> {
    /// Its container.
    pub container: &'m str,
}

/// Starts the container of a machine; it is not awaited.
///
/// # Errors
/// As Docker says.
pub fn start(labels: &[String], container: &str, machine: &MachineDecl, networks: &[&str]) -> Result<(), DrillError> {
    let Some((first, others)) = networks.split_first() else { return Ok(()) };
    let mut arguments = words(["run", "--detach", "--name", container]);
    arguments.extend(rights::of_a_machine());
    arguments.extend(words(["--hostname", &machine.host_name.value, "--network", first]));
    arguments.extend(labels.iter().cloned());
    // Without a name it goes with the container.
    arguments.extend(words(["--mount", "type=volume,dst=/var/lib/docker", &machine.image.value]));
    tool::docker(&format!("start machine {container}"), &arguments)?;
    for network in others {
        tool::docker(&format!("connect {container} to {network}"), &words(["network", "connect", network, container]))?;
    }
    Ok(())
}

/// The address of a container on a network.
///
/// # Errors
/// It has none.
pub fn address(container: &str, network: &str) -> Result<String, DrillError> {
    let what = format!("find the address of {container}");
    let format = format!("{{{{with index .NetworkSettings.Networks \"{network}\"}}}}{{{{.IPAddress}}}}{{{{end}}}}");
    let address = tool::docker(&what, &words(["inspect", "--format", &format, container]))?;
    if address.is_empty() { Err(DrillError::failed(what, "it has none")) } else { Ok(address) }
}

/// What happens to a machine from outside.
///
/// # Errors
/// As Docker says.
pub fn change(container: &str, change: MachineChange) -> Result<(), DrillError> {
    let verb = |verb: &str| tool::docker(&format!("{verb} {container}"), &words([verb, container])).map(drop);
    match change {
        MachineChange::Kill => verb("kill"),
        MachineChange::Stop => verb("stop"),
        MachineChange::Pause => verb("pause"),
        MachineChange::Cut => {
            let format = "{{range $name, $it := .NetworkSettings.Networks}}{{$name}}\n{{end}}";
            let networks = tool::docker(
                &format!("find the networks of {container}"),
                &words(["inspect", "--format", format, container]),
            )?;
            for network in tool::lines(&networks) {
                tool::docker(
                    &format!("cut {container} off {network}"),
                    &words(["network", "disconnect", "--force", &network, container]),
                )?;
            }
            Ok(())
        }
    }
}

impl Inside<'_> {
    /// Runs a program in it, as root, and gives what it said.
    ///
    /// # Errors
    /// It cannot be started, or does not end in time.
    pub fn run(&self, argv: &[String], within: Duration) -> Result<Captured, DrillError> {
        let mut arguments = words(["exec", self.container]);
        arguments.extend(argv.iter().cloned());
        let what = format!("run {} in {}", argv.join(" "), self.container);
        capture::capture("docker", &arguments, within).map_err(|error| DrillError::failed(what, error.to_string()))
    }

    /// The same, and it has to end well.
    ///
    /// # Errors
    /// As [`Self::run`]; an exit code that is not 0.
    pub fn checked(&self, argv: &[String], within: Duration) -> Result<String, DrillError> {
        let said = self.run(argv, within)?;
        tool::checked(&format!("run {} in {}", argv.join(" "), self.container), &said)
    }

    /// Writes a file in it, and the directories above.
    ///
    /// # Errors
    /// As Docker says.
    pub fn write(&self, path: &str, text: &str, append: bool) -> Result<(), DrillError> {
        let script = if append { "cat >> \"$1\"" } else { "mkdir -p \"$(dirname \"$1\")\"; umask 077; cat > \"$1\"" };
        let arguments = words(["exec", "--interactive", self.container, "sh", "-c", script, "sh", path]);
        tool::run_with(&format!("write {path} in {}", self.container), "docker", &arguments, text.as_bytes().to_vec())
            .map(drop)
    }

    /// Waits until its Docker daemon answers.
    ///
    /// # Errors
    /// It does not; the end of its log stands in the error.
    pub fn await_docker(&self) -> Result<(), DrillError> {
        let began = boot::now();
        loop {
            let said = self.run(&words(["docker", "version", "--format", "{{.Server.Version}}"]), QUICK)?;
            if said.exit == Some(0) {
                return Ok(());
            }
            if boot::now().saturating_sub(began) > BOOT {
                let log = self.run(&words(["tail", "-n", "5", "/var/log/dockerd.log"]), QUICK)?;
                let log = String::from_utf8_lossy(&log.stdout).trim().to_owned();
                return Err(DrillError::failed(format!("start Docker in {}", self.container), log));
            }
            thread::sleep(LOOK);
        }
    }

    /// Copies a directory of this machine to `/opt/lab`.
    ///
    /// # Errors
    /// As Docker says.
    pub fn copy(&self, directory: &Path) -> Result<(), DrillError> {
        self.checked(&words(["mkdir", "-p", "/opt/lab"]), QUICK)?;
        let from = format!("{}/.", directory.display());
        let to = format!("{}:/opt/lab", self.container);
        tool::docker(&format!("copy {} to {}", directory.display(), self.container), &words(["cp", &from, &to]))
            .map(drop)
    }

    /// Gives its Docker the images of an archive.
    ///
    /// # Errors
    /// As Docker says.
    pub fn load(&self, archive: &Path) -> Result<(), DrillError> {
        tool::run(&format!("load images into {}", self.container), "sh", &images::load(self.container, archive), LONG)
            .map(drop)
    }
}
