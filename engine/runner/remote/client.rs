//! The client that carries a contact: `ssh` or `gcloud compute ssh`. Nothing authored or secret stands in its argument vector.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::Receiver;
use tokio::time::timeout;

use nix::sys::signal::Signal;

use super::super::local::Shared;
use super::super::process::{self, Launch};
use super::super::{program, sweep};
use super::forward::client_env;
use super::script::BOOTSTRAP;
use crate::model::work::Target;

/// The variable by which the clients of a dead engine are found. Not the attempt's own: the other machine may be this one.
pub(in crate::runner) const VARIABLE: &str = "RUNBOOK_CLIENT";

/// Of the client's standard error, kept.
pub(super) const TAIL: usize = 4 * 1024;
/// Once the output has ended, a client has this long to end.
const LINGER: Duration = Duration::from_secs(2);

/// Never a question, a dead link noticed within 20 seconds, no connection shared with others.
const OPTIONS: [&str; 9] = [
    "BatchMode=yes",
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "ControlMaster=no",
    "ControlPath=none",
    "RemoteCommand=none",
    "RequestTTY=no",
    "LogLevel=INFO",
];

/// How a client reaches a machine.
#[derive(Debug)]
pub(super) struct Client {
    /// The program.
    pub name: &'static str,
    /// Its arguments, without the program.
    pub arguments: Vec<String>,
    /// The machine, for people.
    pub host: String,
}

/// What is known when a client is gone.
#[derive(Debug)]
pub(super) struct Gone {
    /// None: no status to be had.
    pub status: Option<ExitStatus>,
    /// The end of what the client itself said.
    pub stderr: String,
}

impl Client {
    /// Carries a contact.
    ///
    /// # Errors
    /// A host that cannot be one.
    pub fn new(target: &Target, config: Option<&Path>) -> Result<Self, String> {
        Self::with(target, config, &["ClearAllForwardings=yes"], &[], Some(BOOTSTRAP))
    }

    /// Listens on a socket: `way` is `path:host:port`.
    ///
    /// # Errors
    /// A host that cannot be one.
    pub fn forwarding(target: &Target, config: Option<&Path>, way: &str) -> Result<Self, String> {
        Self::with(target, config, &["StreamLocalBindMask=0177"], &["-N".to_owned(), format!("-L{way}")], None)
    }

    fn with(
        target: &Target,
        config: Option<&Path>,
        options: &[&str],
        flags: &[String],
        command: Option<&str>,
    ) -> Result<Self, String> {
        let flags = flags.iter().cloned();
        let options = OPTIONS.iter().chain(options).map(|option| format!("-o{option}"));
        match target {
            Target::Ssh { host, port, identity_file } => {
                name(host, "host")?;
                let mut arguments = vec!["-T".to_owned(), "-x".to_owned()];
                if let Some(config) = config {
                    arguments.extend(["-F".to_owned(), config.to_string_lossy().into_owned()]);
                }
                arguments.extend(options.chain(flags));
                if let Some(port) = port {
                    arguments.extend(["-p".to_owned(), port.to_string()]);
                }
                if let Some(file) = identity_file {
                    arguments.extend(["-i".to_owned(), file.to_string_lossy().into_owned()]);
                }
                arguments.extend(["--".to_owned(), host.clone()]);
                arguments.extend(command.map(str::to_owned));
                Ok(Self { name: "ssh", arguments, host: host.clone() })
            }
            Target::Gcloud { vm, project, zone } => {
                name(vm, "VM")?;
                let mut arguments = vec!["compute".to_owned(), "ssh".to_owned(), vm.clone()];
                for (flag, value) in [("--project", project), ("--zone", zone)] {
                    if let Some(value) = value {
                        arguments.push(format!("{flag}={value}"));
                    }
                }
                arguments.push("--quiet".to_owned());
                arguments.extend(options.chain(flags).map(|flag| format!("--ssh-flag={flag}")));
                arguments.extend(command.map(|command| format!("--command={command}")));
                Ok(Self { name: "gcloud", arguments, host: vm.clone() })
            }
            Target::Local | Target::Container { .. } => Err("this target is not reached over ssh".to_owned()),
        }
    }

    /// Starts it and gives it a text; what it says goes to `said` until it ends. Dropped before that, it is killed.
    ///
    /// # Errors
    /// Why it could not be started.
    pub async fn carry(
        &self,
        shared: &Shared,
        token: &str,
        text: String,
        spawned: impl FnOnce(u32),
        mut said: impl FnMut(&[u8]),
    ) -> Result<Gone, String> {
        let path = shared.settings.client_path.as_deref();
        let launch = Launch {
            program: shared.programs.resolve(self.name, path, None)?,
            name: self.name.to_owned(),
            arguments: self.arguments.clone(),
            env: client_env(shared, token),
            directory: None,
            stdin: true,
        };
        let cannot = |error: &std::io::Error| program::not_started(&launch, error);
        let process::Spawned { mut child, kin: _kin, stdout, stderr } =
            process::spawn(&launch).map_err(|error| cannot(&error))?;
        let pid = child.id().unwrap_or(0);
        let mut leash = Leash(i32::try_from(pid).unwrap_or(0));
        spawned(pid);
        let mut output = Receiver::from_owned_fd(OwnedFd::from(stdout)).map_err(|error| cannot(&error))?;
        let mut errors = Receiver::from_owned_fd(OwnedFd::from(stderr)).map_err(|error| cannot(&error))?;
        let stdin = child.stdin.take();
        let write = async move {
            if let Some(mut pipe) = stdin {
                // A client that ends early says why on its standard error.
                let _ = pipe.write_all(text.as_bytes()).await;
            }
        };
        let read = async {
            let mut buffer = Vec::with_capacity(64 * 1024);
            while let Ok(1..) = output.read_buf(&mut buffer).await {
                said(&buffer);
                buffer.clear();
            }
        };
        let mut tail = Vec::new();
        let listen = async {
            let mut buffer = Vec::with_capacity(TAIL);
            while let Ok(1..) = errors.read_buf(&mut buffer).await {
                tail.append(&mut buffer);
                let surplus = tail.len().saturating_sub(TAIL);
                tail.drain(..surplus);
            }
        };
        let status = {
            let all = async { tokio::join!(write, read, listen) };
            tokio::pin!(all);
            tokio::select! {
                biased;
                _ = &mut all => timeout(LINGER, child.wait()).await.ok().and_then(Result::ok),
                ended = child.wait() => {
                    // What it left behind may hold its pipes for ever.
                    let _ = timeout(LINGER, all).await;
                    ended.ok()
                }
            }
        };
        if status.is_some() {
            leash.0 = 0;
        }
        Ok(Gone { status, stderr: String::from_utf8_lossy(&tail).into_owned() })
    }
}

/// A client does not outlive who waits for it.
pub(super) struct Leash(pub i32);

impl Drop for Leash {
    fn drop(&mut self) {
        if self.0 > 1 {
            sweep::signal_group(self.0, Signal::SIGKILL);
        }
    }
}

fn name(text: &str, what: &str) -> Result<(), String> {
    if text.is_empty() || text.starts_with('-') || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("`{}` cannot be the name of a {what}", text.escape_debug()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_reads_like_an_option_is_refused() {
        let target = |host: &str| Target::Ssh { host: host.to_owned(), port: Some(22), identity_file: None };
        for host in ["-oProxyCommand=touch PWNED", "", "a b", "a\nb"] {
            assert!(Client::new(&target(host), None).is_err(), "{host}");
        }
        let client = Client::new(&target("root@db-1"), None).unwrap();
        assert_eq!(client.arguments[client.arguments.len() - 3..], ["--", "root@db-1", BOOTSTRAP]);
    }

    #[test]
    fn a_virtual_machine_is_reached_by_its_own_client() {
        let target = Target::Gcloud { vm: "db-1".into(), project: Some("p".into()), zone: None };
        let client = Client::new(&target, None).unwrap();
        assert_eq!(client.arguments[..4], ["compute", "ssh", "db-1", "--project=p"]);
        assert_eq!(client.arguments.last().unwrap(), &format!("--command={BOOTSTRAP}"));
        assert!(!client.arguments.iter().any(|argument| argument.contains("--zone")));
    }
}
