//! Where everything of a drill happens: in the network namespace of a container that is on the lab's networks and on no other, with
//! the lab's hosts file, without this machine's Docker socket and without anybody's credentials.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use super::state::{LabDirectory, LabState, Process, VARIABLE};
use crate::drill::error::DrillError;
use crate::drill::tool::{self, words};
use crate::runner::capture::Captured;
use crate::runner::foreground::Foreground;

/// Hides what a drill must not reach, then becomes the program. Directories and files of people's homes that hold credentials.
const ENTER: &str = r#"
set -eu
mount --bind "$1" /etc/hosts
mount --bind "$2" /etc/resolv.conf
for socket in /run/docker.sock /var/run/docker.sock /run/containerd/containerd.sock; do
  if [ -e "$socket" ]; then mount --bind /dev/null "$socket" 2>/dev/null || true; fi
done
for home in /root "$3"; do
  for hidden in .ssh .aws .azure .kube .docker .config/gcloud; do
    if [ -d "$home/$hidden" ]; then mount -t tmpfs -o size=64k,mode=700 tmpfs "$home/$hidden"; fi
  done
  for hidden in .pgpass .netrc .git-credentials; do
    if [ -f "$home/$hidden" ]; then mount --bind /dev/null "$home/$hidden"; fi
  done
done
shift 3
exec "$@"
"#;

/// Where a drill's programs run.
#[derive(Clone, Debug)]
pub struct Station {
    process: Process,
    directory: LabDirectory,
    /// All of the environment of what runs there.
    env: Vec<(String, String)>,
}

/// Starts the station's container on every network of the lab.
///
/// # Errors
/// As Docker says.
pub fn start(state: &LabState, directory: &LabDirectory, image: &str) -> Result<Process, DrillError> {
    let container = format!("{}-station", state.name);
    let mut networks = state.networks.values();
    let Some(first) = networks.next() else {
        return Err(DrillError::failed("start the station", "the lab has no network"));
    };
    let mut arguments = words(["run", "--detach", "--name", &container, "--network", first]);
    arguments.extend(directory.labels());
    arguments.extend(words(["--entrypoint", "sleep", image, "infinity"]));
    tool::docker("start the station", &arguments)?;
    for network in networks {
        tool::docker(
            &format!("connect the station to {network}"),
            &words(["network", "connect", network, &container]),
        )?;
    }
    let pid = tool::docker("find the station", &words(["inspect", "--format", "{{.State.Pid}}", &container]))?;
    let process = pid.parse().ok().and_then(Process::of);
    process.ok_or_else(|| DrillError::failed("find the station", format!("process {pid} is gone")))
}

impl Station {
    /// The station of a lab that stands. `docker`: the machine whose Docker is meant by `docker` here; `path`: of programs.
    ///
    /// # Errors
    /// It is gone.
    pub fn of(
        state: &LabState,
        directory: &LabDirectory,
        docker: Option<&str>,
        path: &str,
    ) -> Result<Self, DrillError> {
        let gone = || {
            DrillError::failed("enter the lab", "its station is gone").help("`runbook lab down` removes what is left")
        };
        let process = state.station.filter(Process::lives).ok_or_else(gone)?;
        let place = |name: &str| directory.at(name).display().to_string();
        let variable = |name: &str, value: String| (name.to_owned(), value);
        let mut env = vec![
            variable("PATH", format!("{}:{path}", place("bin"))),
            variable("HOME", place("home")),
            variable("XDG_STATE_HOME", place("home")),
            variable("RUNBOOK_LOCKS", place("locks")),
            variable("LANG", "C.UTF-8".to_owned()),
            variable(VARIABLE, state.name.clone()),
            variable(
                "DOCKER_HOST",
                docker.map_or_else(|| "unix:///nowhere".to_owned(), |host| format!("ssh://root@{host}")),
            ),
        ];
        if let Some(origin) = &state.cloud {
            env.extend(super::cloud::variables(origin, directory));
        }
        Ok(Self { process, directory: directory.clone(), env })
    }

    /// The words that begin a program there.
    fn words(&self, argv: &[String]) -> Vec<String> {
        let net = format!("--net=/proc/{}/ns/net", self.process.pid);
        let home = std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned());
        let file = |name: &str| self.directory.at(name).display().to_string();
        let mut words = words([&net, "unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh"]);
        words.extend([file("hosts"), file("resolv.conf"), home]);
        words.extend(argv.iter().cloned());
        words
    }

    /// Starts a program there; see [`Foreground::start`].
    ///
    /// # Errors
    /// As the kernel says.
    pub fn start(&self, argv: &[String], directory: &Path, output: Option<&Path>) -> Result<Child, DrillError> {
        if !self.process.lives() {
            return Err(DrillError::failed("enter the lab", "its station is gone"));
        }
        let program = Foreground {
            program: PathBuf::from("nsenter"),
            arguments: self.words(argv),
            env: self.env.clone(),
            directory: directory.to_path_buf(),
        };
        program
            .start(output)
            .map_err(|error| DrillError::failed(format!("start {}", argv.join(" ")), error.to_string()))
    }

    /// Runs a short program there and gives what it said.
    ///
    /// # Errors
    /// It cannot be started, or does not end in time.
    pub fn capture(&self, argv: &[String], within: Duration) -> Result<Captured, DrillError> {
        let mut arguments = words(["-i"]);
        arguments.extend(self.env.iter().map(|(name, value)| format!("{name}={value}")));
        arguments.push("nsenter".to_owned());
        arguments.extend(self.words(argv));
        let what = format!("run {} in the lab", argv.join(" "));
        crate::runner::capture::capture("env", &arguments, within)
            .map_err(|error| DrillError::failed(what, error.to_string()))
    }

    /// The hosts file as it is now.
    #[must_use]
    pub fn hosts(&self) -> PathBuf {
        self.directory.at("hosts")
    }
}

/// The files that a station needs: keys, clients' wrappers, homes.
///
/// # Errors
/// As the machine says.
pub fn furnish(directory: &LabDirectory, hosts: &str) -> Result<String, DrillError> {
    for place in ["home", "bin", "locks", "gcloud"] {
        let path = directory.at(place);
        std::fs::create_dir_all(&path).map_err(|error| DrillError::file("make", &path, &error))?;
    }
    let key = directory.at("key");
    if !key.exists() {
        let path = key.display().to_string();
        tool::run(
            "make the lab's key",
            "ssh-keygen",
            &words(["-q", "-t", "ed25519", "-N", "", "-C", "runbook-lab", "-f", &path]),
            tool::QUICK,
        )?;
    }
    directory.write("hosts", hosts, 0o644)?;
    directory.write("hosts.base", hosts, 0o644)?;
    // No name server: names are those of the hosts file, and others fail at once.
    directory.write("resolv.conf", "options timeout:1 attempts:1\n", 0o644)?;
    let config = format!(
        "Host *\n  IdentityFile {key}\n  IdentitiesOnly yes\n  StrictHostKeyChecking no\n  UserKnownHostsFile {known}\n  \
         GlobalKnownHostsFile /dev/null\n  LogLevel ERROR\n",
        key = key.display(),
        known = directory.at("known_hosts").display(),
    );
    let config = directory.write("ssh_config", &config, 0o600)?;
    let ssh = which::which("ssh").map_err(|error| DrillError::failed("find ssh", error.to_string()))?;
    let wrapper = format!("#!/bin/sh\nexec {} -F {} \"$@\"\n", ssh.display(), config.display());
    directory.write("bin/ssh", &wrapper, 0o755)?;
    let public = directory.at("key.pub");
    std::fs::read_to_string(&public).map_err(|error| DrillError::file("read", &public, &error))
}
