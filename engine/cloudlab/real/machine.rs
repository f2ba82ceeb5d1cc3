//! Virtual machines: containers with sshd and a Docker of their own.

use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use super::{LONG, PATIENCE, Real};
use crate::runner::capture::capture_with;
use crate::runner::sim::cloud::At;
use crate::runner::{images, rights};

/// Between two looks at a machine that boots.
const PAUSE: Duration = Duration::from_millis(100);

/// So many of them, until a machine counts as not booting.
const LOOKS: u32 = 900;

/// Lets a user (`$1`) in with the keys on standard input, besides those that are there; others than root may become it.
const LET_IN: &str = r#"set -e
if ! id "$1" >/dev/null 2>&1; then
  useradd --create-home --shell /bin/bash "$1" 2>/dev/null || adduser -D "$1"
  # Without a password, but not locked: sshd refuses who is locked.
  usermod --password '*' "$1" 2>/dev/null || :
fi
home=$(getent passwd "$1" 2>/dev/null | cut -d: -f6)
[ -n "$home" ] || { [ "$1" = root ] && home=/root || home=/home/$1; }
mkdir -p "$home/.ssh"
touch "$home/.ssh/authorized_keys"
while IFS= read -r key; do
  grep -qxF -- "$key" "$home/.ssh/authorized_keys" || printf '%s\n' "$key" >>"$home/.ssh/authorized_keys"
done
chmod 700 "$home/.ssh"
chmod 600 "$home/.ssh/authorized_keys"
chown -R "$1:" "$home/.ssh" 2>/dev/null || chown -R "$1" "$home/.ssh"
if [ "$1" != root ]; then
  for group in sudo docker; do usermod --append --groups "$group" "$1" 2>/dev/null || :; done
  mkdir -p /etc/sudoers.d
  printf '%s ALL=(ALL) NOPASSWD:ALL\n' "$1" >"/etc/sudoers.d/lab-$1"
  chmod 440 "/etc/sudoers.d/lab-$1"
fi"#;

fn texts(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

impl Real {
    /// Makes the container, and waits until ssh and its Docker answer. Gives its address.
    pub(super) fn create(&self, at: &At) -> Result<String, String> {
        let name = self.name(at);
        // What an attempt before left would have the name.
        self.delete(at)?;
        let label = format!("runbook-lab={}", self.lab);
        let mut words = vec!["--detach", "--name", &name, "--hostname", &at.name, "--label", &label];
        let privileges = rights::of_a_machine();
        words.extend(privileges.iter().map(String::as_str));
        words.extend(["--network", &self.network, "--mount", "type=volume,dst=/var/lib/docker"]);
        let hosts = self.hosts.as_ref().map(|path| format!("type=bind,src={},dst=/etc/hosts,readonly", path.display()));
        if let Some(hosts) = &hosts {
            words.extend(["--mount", hosts]);
        }
        words.push(&self.image);
        self.run_anew(at, &words)?;
        let address = self.booted(at)?;
        if let Some(key) = &self.key {
            self.let_in(at, "root", std::slice::from_ref(key))?;
        }
        Ok(address)
    }

    /// `start` or `restart`, until it answers. Gives its address.
    pub(super) fn start(&self, at: &At, how: &str) -> Result<String, String> {
        self.docker(&[how, &self.name(at)])?;
        self.booted(at)
    }

    pub(super) fn delete(&self, at: &At) -> Result<(), String> {
        let gone = self.docker(&["rm", "--force", "--volumes", &self.name(at)]);
        match gone {
            Err(why) if !why.contains("No such container") => Err(why),
            _ => Ok(()),
        }
    }

    /// The image may have neither sshd nor Docker; then the container's own life is enough.
    fn booted(&self, at: &At) -> Result<String, String> {
        let address = self.address(at)?;
        let is_machine = self.inside(at, "command -v sshd || [ -x /usr/sbin/sshd ]", &[]).is_ok();
        if is_machine {
            self.until(at, "ssh", || {
                let socket = format!("{address}:22").parse::<SocketAddr>();
                socket.is_ok_and(|socket| TcpStream::connect_timeout(&socket, PAUSE).is_ok())
            })?;
        }
        let has_docker = self.inside(at, "command -v dockerd", &[]).is_ok();
        if has_docker {
            self.until(at, "its Docker", || self.inside(at, "docker info >/dev/null 2>&1", &[]).is_ok())?;
        }
        Ok(address)
    }

    fn until(&self, at: &At, what: &str, answers: impl Fn() -> bool) -> Result<(), String> {
        for _ in 0..LOOKS {
            if answers() {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        let (vm, name) = (&at.name, self.name(at));
        Err(format!("instance `{vm}` does not boot: {what} does not answer; see `docker logs {name}`"))
    }

    fn address(&self, at: &At) -> Result<String, String> {
        let format = format!("{{{{(index .NetworkSettings.Networks {:?}).IPAddress}}}}", self.network);
        let name = self.name(at);
        let address = self.ask("docker", &["inspect", "--format", &format, &name], PATIENCE)?;
        if address.is_empty() {
            return Err(format!(
                "instance `{}` has no address: its container has ended; see `docker logs {name}`",
                at.name
            ));
        }
        Ok(address)
    }

    /// Files, images and setup of a new machine, in this order.
    pub(super) fn set_up(&self, at: &At) -> Result<(), String> {
        let name = self.name(at);
        if let Some(files) = &self.files {
            self.inside(at, "mkdir -p /opt/lab", &[])?;
            let (from, to) = (format!("{}/.", files.display()), format!("{name}:/opt/lab"));
            self.docker(&["cp", &from, &to])?;
        }
        if !self.images.is_empty() {
            let archive = self.state.join("images.tar");
            if !archive.exists() {
                let part = self.state.join("images.tar.part");
                self.ask("docker", &texts(&images::save(&self.images, &part)), LONG)?;
                std::fs::rename(&part, &archive).map_err(|error| format!("keep {}: {error}", archive.display()))?;
            }
            self.ask("sh", &texts(&images::load(&name, &archive)), LONG)?;
        }
        if !self.setup.is_empty() {
            let mut words = vec!["exec", name.as_str()];
            words.extend(self.setup.iter().map(String::as_str));
            self.ask("docker", &words, LONG)?;
        }
        Ok(())
    }

    /// Keys as metadata has them: `USER:KEY`.
    pub(super) fn keys(&self, at: &At, lines: &[String]) -> Result<(), String> {
        let mut users: Vec<(&str, Vec<String>)> = Vec::new();
        for (user, key) in lines.iter().filter_map(|line| line.split_once(':')) {
            match users.iter_mut().find(|(known, _)| *known == user) {
                Some((_, keys)) => keys.push(key.to_owned()),
                None => users.push((user, vec![key.to_owned()])),
            }
        }
        // No key: whoever logs in has the lab's own.
        let own = |keys: Vec<String>| keys.into_iter().filter(|key| !key.is_empty()).chain(self.key.clone()).collect();
        users.into_iter().try_for_each(|(user, keys)| self.let_in(at, user, &Vec::from_iter::<Vec<String>>(own(keys))))
    }

    fn let_in(&self, at: &At, user: &str, keys: &[String]) -> Result<(), String> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if user.is_empty() || user.starts_with('-') || !user.chars().all(is_name) {
            return Err(format!("`{user}` is no name for a user of instance `{}`", at.name));
        }
        let words = ["exec", "-i", &self.name(at), "sh", "-c", LET_IN, "sh", user].map(str::to_owned);
        let text: String = keys.iter().flat_map(|key| [key.trim(), "\n"]).collect();
        let said = capture_with("docker", &words, text.into_bytes(), PATIENCE).map_err(|error| error.to_string())?;
        if said.exit == Some(0) {
            return Ok(());
        }
        Err(format!("let user `{user}` into instance `{}`: {}", at.name, said.stderr.trim()))
    }
}
