//! The client while it does one command: whose daemon it asks, what it prints.

use std::time::Duration;

use super::super::place::Place;
use super::super::process::Process;
use super::super::world::{Container, Engine, Image, Power, Status};
use super::fault::{Done, Fault, unsimulated};

/// One call of a client.
pub struct Client<'p, 'w> {
    pub process: &'p mut Process<'w>,
    /// The machine whose daemon is asked.
    pub machine: String,
    /// What is said when it cannot be asked.
    unreachable: Option<String>,
}

/// The daemon's address when nobody says another.
const SOCKET: &str = "unix:///var/run/docker.sock";
/// What the client says that it has.
const CLIENT: &str = "Docker version 28.2.2, build e6534b4";

impl<'p, 'w> Client<'p, 'w> {
    /// Reads the global flags; gives the words behind them.
    ///
    /// # Errors
    /// A flag that is not known, or a context that is not simulated.
    pub fn new(process: &'p mut Process<'w>, arguments: &[String]) -> Done<(Self, Vec<String>)> {
        let mut host = process.env.get("DOCKER_HOST").filter(|host| !host.is_empty()).cloned();
        let mut context = process.env.get("DOCKER_CONTEXT").filter(|_| host.is_none()).cloned();
        let mut words = arguments.iter();
        let mut rest = Vec::new();
        while let Some(word) = words.next() {
            if !word.starts_with('-') {
                rest.push(word.clone());
                rest.extend(words.by_ref().cloned());
                break;
            }
            let (flag, own) = word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value)));
            let mut value = || own.map(str::to_owned).or_else(|| words.next().cloned()).unwrap_or_default();
            match flag {
                "-H" | "--host" => host = Some(value()),
                "-c" | "--context" => context = Some(value()),
                "--config" | "-l" | "--log-level" => drop(value()),
                "-D" | "--debug" => {}
                "-v" | "--version" => {
                    process.say(CLIENT);
                    return Err(Fault::said(0, ""));
                }
                "--tls" | "--tlsverify" | "--tlscacert" | "--tlscert" | "--tlskey" | "-h" | "--help" => {
                    return unsimulated(format!("`docker {flag}`"));
                }
                _ => {
                    let usage = "Usage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information";
                    return Err(Fault::said(125, format!("unknown flag: {flag}\n\n{usage}")));
                }
            }
        }
        if let Some(context) = context.filter(|context| context != "default" && !context.is_empty()) {
            return unsimulated(format!("`docker --context {context}`"));
        }
        let own = process.place.machine.clone();
        let mut client = Self { process, machine: own, unreachable: None };
        client.connect(host.as_deref().unwrap_or(SOCKET))?;
        Ok((client, rest))
    }

    /// Whose daemon an address means.
    fn connect(&mut self, host: &str) -> Done {
        if let Some(path) = host.strip_prefix("unix://") {
            let there = ["/var/run/docker.sock", "/run/docker.sock"].contains(&path);
            let answers = self.process.world.engine(&self.machine).is_some_and(|engine| engine.running);
            if !there || !answers {
                self.unreachable =
                    Some(format!("Cannot connect to the Docker daemon at {host}. Is the docker daemon running?"));
            }
            return Ok(());
        }
        let Some(there) = host.strip_prefix("ssh://") else {
            return unsimulated(format!("a Docker daemon at `{host}`"));
        };
        let (user, name) = there.rsplit_once('@').map_or((None, there), |(user, name)| (Some(user), name));
        let (name, port) = name.split_once(':').map_or((name, None), |(name, port)| (name, Some(port)));
        let name = name.trim_end_matches('/');
        let world = &self.process.world;
        let by_address = || world.machine_at(&world.resolve(name)?);
        let machine = world.machine(name).or_else(by_address);
        let why = match machine {
            None if world.resolve(name).is_none() => {
                format!("ssh: Could not resolve hostname {name}: Name or service not known")
            }
            Some(machine) if machine.power == Power::Up => {
                let (known, engine) = (machine.name.clone(), &machine.engine);
                let why = match engine {
                    Some(engine) if engine.running => None,
                    Some(_) => Some((
                        1,
                        "failed to open the raw stream connection: dial unix /var/run/docker.sock: connect: no such file or directory",
                    )),
                    None => Some((127, "bash: line 1: docker: command not found")),
                };
                self.machine = known;
                self.unreachable = why.map(|(exit, why)| said(user, name, port, exit, why));
                return Ok(());
            }
            _ => format!("ssh: connect to host {name} port {}: Connection timed out", port.unwrap_or("22")),
        };
        self.unreachable = Some(said(user, name, port, 255, &why));
        Ok(())
    }

    /// The daemon answers.
    ///
    /// # Errors
    /// It does not; in the client's words.
    pub fn reach(&mut self) -> Done {
        let Some(why) = self.unreachable.clone() else { return Ok(()) };
        let takes = if why.contains("timed out") { 30_000 } else { 10 };
        self.take(takes);
        Err(Fault::said(1, why))
    }

    /// The Engine that is asked.
    ///
    /// # Errors
    /// It does not answer.
    pub fn engine(&mut self) -> Done<&Engine> {
        self.reach()?;
        let gone = || {
            Fault::said(1, format!("Cannot connect to the Docker daemon at {SOCKET}. Is the docker daemon running?"))
        };
        self.process.world.engine(&self.machine).ok_or_else(gone)
    }

    /// The same, to be changed.
    ///
    /// # Errors
    /// It does not answer.
    pub fn engine_mut(&mut self) -> Done<&mut Engine> {
        self.reach()?;
        let gone = || {
            Fault::said(1, format!("Cannot connect to the Docker daemon at {SOCKET}. Is the docker daemon running?"))
        };
        self.process.world.engine_mut(&self.machine).ok_or_else(gone)
    }

    /// A container by name or id.
    ///
    /// # Errors
    /// There is none.
    pub fn container(&mut self, name: &str) -> Done<&Container> {
        let none = || Fault::daemon(format!("No such container: {name}"));
        self.engine()?.container(name).ok_or_else(none)
    }

    /// The same, to be changed.
    ///
    /// # Errors
    /// There is none.
    pub fn container_mut(&mut self, name: &str) -> Done<&mut Container> {
        let none = || Fault::daemon(format!("No such container: {name}"));
        self.engine_mut()?.container_mut(name).ok_or_else(none)
    }

    /// An image by name or id.
    ///
    /// # Errors
    /// There is none here.
    pub fn image(&mut self, name: &str) -> Done<&Image> {
        let tagged = super::super::world::tagged(name);
        self.engine()?.image(name).ok_or_else(|| Fault::daemon(format!("No such image: {tagged}")))
    }

    /// The place inside a container.
    pub fn inside(&self, id: &str) -> Place {
        Place::container(&self.machine, id)
    }

    /// About so many milliseconds pass.
    pub fn take(&mut self, milliseconds: u64) {
        self.process.world.take(Duration::from_millis(milliseconds));
    }

    /// Prints a line.
    pub fn say(&mut self, line: impl AsRef<str>) {
        self.process.say(line);
    }

    /// Does something to each operand and prints its name; goes on after a failure, and tells them all at the end.
    ///
    /// # Errors
    /// Something is not simulated.
    pub fn each(&mut self, operands: &[String], mut act: impl FnMut(&mut Self, &str) -> Done) -> Done<i32> {
        let mut faults = Vec::new();
        for operand in operands {
            match act(self, operand) {
                Ok(()) => self.say(operand),
                Err(fault) => faults.push(fault.told()?.1),
            }
        }
        let exit = i32::from(!faults.is_empty());
        faults.dedup_by(|a, b| a == b && a.starts_with("Cannot connect"));
        for fault in faults {
            self.process.complain(fault);
        }
        Ok(exit)
    }

    /// Removes what ended and was made to be removed then.
    pub fn settle(&mut self) {
        let now = self.process.world.now();
        let Some(engine) = self.process.world.engine(&self.machine) else { return };
        let gone = |container: &&Container| container.auto_remove && container.at(now).status == Status::Exited;
        let gone: Vec<String> = engine.containers.values().filter(gone).map(|container| container.id.clone()).collect();
        for id in gone {
            self.forget(&id, true);
        }
    }
}

/// What the client says when ssh does not bring it to the daemon.
fn said(user: Option<&str>, host: &str, port: Option<&str>, exit: i32, why: &str) -> String {
    let user = user.map(|user| format!("-l {user} ")).unwrap_or_default();
    let port = port.map(|port| format!("-p {port} ")).unwrap_or_default();
    format!(
        "error during connect: Head \"http://docker.example.com/_ping\": command [ssh -o ConnectTimeout=30 -T {user}{port}-- {host} \
         docker system dial-stdio] has exited with exit status {exit}, make sure the URL is valid, and Docker 18.09 or later is \
         installed on the remote host: stderr={why}\n"
    )
}
