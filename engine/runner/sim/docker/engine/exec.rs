//! A program in a container.

use std::collections::BTreeMap;

use super::super::super::process::{self, Output, Stream, Unsimulated};
use super::super::super::tree::{Kind, absolute};
use super::super::super::world::{Container, Program};
use super::super::client::Client;
use super::super::fault::Done;

/// What is to be run.
#[derive(Clone, Debug, Default)]
pub struct Exec {
    pub argv: Vec<String>,
    /// Over the container's own.
    pub env: Vec<(String, String)>,
    /// None: the container's.
    pub user: Option<String>,
    /// None: the container's.
    pub cwd: Option<String>,
    pub stdin: Stream,
}

/// What came of it.
#[derive(Debug)]
pub enum Ended {
    /// It ran.
    Ran(Output),
    /// It could not be started: why, in the words of the runtime.
    Refused(String),
}

/// Programs of machines that no container has.
const ELSEWHERE: [&str; 7] = ["docker", "gcloud", "journalctl", "kill", "mount", "systemctl", "umount"];
/// Where programs are.
const BINARIES: [&str; 6] = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];
/// What is searched when the image says nothing.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program that runs in containers.
fn known(name: &str) -> bool {
    name == "sleep" || (!ELSEWHERE.contains(&name) && process::find(name).is_some())
}

impl Client<'_, '_> {
    /// Runs a program in a container that runs.
    ///
    /// # Errors
    /// It is not simulated.
    pub fn run_inside(&mut self, container: &Container, exec: Exec) -> Done<Ended> {
        let cwd = exec.cwd.clone().unwrap_or_else(|| or(&container.spec.working_dir, "/"));
        let user = exec.user.clone().unwrap_or_else(|| or(&container.spec.user, "root"));
        let home = match home(container, &user) {
            Ok(home) => home,
            Err(why) => return Ok(Ended::Refused(why)),
        };
        if let Some(why) = self.refused(container, &exec.argv, &cwd)? {
            return Ok(Ended::Refused(why));
        }
        let mut env = BTreeMap::from([("HOME".to_owned(), home), ("PATH".to_owned(), PATH.to_owned())]);
        env.insert("HOSTNAME".to_owned(), hostname(container));
        env.extend(container.env.clone());
        env.extend(exec.env);
        let place = self.inside(&container.id);
        let mut child = self.process.started(place, exec.stdin);
        child.cwd = cwd;
        child.env = env;
        user.split(':').next().unwrap_or_default().clone_into(&mut child.user);
        let exit = child.run(&exec.argv)?;
        Ok(Ended::Ran(Output { exit, stdout: child.stdout, stderr: child.stderr }))
    }

    /// Why the runtime does not start a program; none: it does.
    pub fn refused(&self, container: &Container, argv: &[String], cwd: &str) -> Done<Option<String>> {
        let place = self.inside(&container.id);
        if !cwd.starts_with('/') {
            return Ok(Some("Cwd must be an absolute path".to_owned()));
        }
        if self.process.world.node(&place, cwd).is_err() {
            let why = format!("chdir to cwd ({cwd:?}) set in config.json failed: no such file or directory");
            return Ok(Some(why));
        }
        let word = argv.first().map_or("", String::as_str);
        let exec = |why: &str| Ok(Some(format!("exec: {word:?}: {why}")));
        let Some((dir, name)) = word.rsplit_once('/') else {
            return match container.program {
                _ if known(word) => Ok(None),
                Program::Tools => exec("executable file not found in $PATH"),
                _ => Err(Unsimulated(format!("`{word}` in the container `{}`", container.name)).into()),
            };
        };
        match self.process.world.node(&place, &absolute(cwd, word)) {
            Ok(node) if node.is_directory() || node.mode & 0o111 == 0 => exec("permission denied"),
            _ if BINARIES.contains(&dir) && known(name) => Ok(None),
            Err(_) if container.program == Program::Tools => exec(&format!("stat {word}: no such file or directory")),
            _ => Err(Unsimulated(format!("`{word}` in the container `{}`", container.name)).into()),
        }
    }
}

/// The home of a user of a container.
fn home(container: &Container, user: &str) -> Result<String, String> {
    let name = user.split(':').next().unwrap_or_default();
    let usual = if name == "root" || name == "0" { "/root" } else { "/" };
    let passwd = match container.files.get("etc/passwd").map(|node| &node.kind) {
        Some(Kind::Text(passwd)) => passwd.clone(),
        // Of most images nobody knows whom they know.
        _ => return Ok(usual.to_owned()),
    };
    let mut lines = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let line = lines.find(|line| line.first() == Some(&name) || line.get(2) == Some(&name));
    match line {
        Some(line) => Ok(line.get(5).copied().unwrap_or(usual).to_owned()),
        None if name.parse::<u32>().is_ok() => Ok(usual.to_owned()),
        None => Err(format!("unable to find user {name}: no matching entries in passwd file")),
    }
}

fn or(text: &str, other: &str) -> String {
    if text.is_empty() { other.to_owned() } else { text.to_owned() }
}

/// What `hostname` says in a container.
pub fn hostname(container: &Container) -> String {
    let own = || container.id.get(..12).unwrap_or(&container.id).to_owned();
    container.spec.hostname.clone().unwrap_or_else(own)
}
