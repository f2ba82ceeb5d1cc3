//! Whether this machine can have a lab, asked before anything is made.

use crate::drill::error::DrillError;
use crate::drill::tool::{self, words};

/// Programs, and what brings them.
const PROGRAMS: [(&str, &str); 6] = [
    ("docker", "docker.io"),
    ("nsenter", "util-linux"),
    ("unshare", "util-linux"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("bash", "bash"),
];

/// Everything a lab needs of this machine is there.
///
/// # Errors
/// What is missing, all of it at once.
pub fn check(needs_loops: bool) -> Result<(), DrillError> {
    let mut missing: Vec<String> = Vec::new();
    if !nix::unistd::geteuid().is_root() {
        missing.push("root, for network and mount namespaces".to_owned());
    }
    let absent: Vec<_> = PROGRAMS.iter().filter(|(program, _)| which::which(program).is_err()).collect();
    missing.extend(absent.iter().map(|(program, package)| format!("`{program}` (package {package})")));
    let has_docker = absent.iter().all(|(program, _)| *program != "docker");
    if has_docker
        && let Err(error) =
            tool::docker("ask the Docker Engine", &words(["version", "--format", "{{.Server.Version}}"]))
    {
        missing.push(format!("a Docker Engine that answers ({error})"));
    }
    if needs_loops && !std::path::Path::new("/dev/loop-control").exists() {
        missing.push("loop devices (/dev/loop-control), for the disks of virtual machines".to_owned());
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(DrillError::Refused {
        why: format!("this machine cannot have the lab: it lacks {}; nothing was made", missing.join("; ")),
        help: "install what is missing, or drill on another machine; `runbook rehearse` needs none of it".to_owned(),
    })
}
