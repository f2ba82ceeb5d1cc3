//! `docker start`, `stop`, `restart`, `kill`, `pause`, `unpause`, `wait`, `rm`.

use std::time::Duration;

use chrono::TimeDelta;

use super::super::super::process::Stream;
use super::super::super::world::Status;
use super::super::client::Client;
use super::super::command::Given;
use super::super::fault::{Done, Fault, unsimulated};

/// What the client says about a flag that has a new name.
const DEPRECATED: &str = "Flag --time has been deprecated, use --timeout instead";

pub fn start(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["attach", "interactive"])?;
    client.take(15);
    if given.has("attach") || given.has("interactive") {
        let [name] = given.operands.as_slice() else {
            return unsimulated("`docker start --attach` of several containers");
        };
        let stdin =
            if given.has("interactive") { std::mem::take(&mut client.process.stdin) } else { Stream::default() };
        let id = client.container(name)?.id.clone();
        let output = client.run_to_end(&id, stdin)?;
        client.process.stdout.extend(output.stdout);
        client.process.stderr.push_str(&output.stderr);
        return Ok(output.exit);
    }
    let mut failed = Vec::new();
    let exit = client.each(&given.operands, |client, name| {
        let started = client.container(name).map(|container| container.id.clone()).and_then(|id| client.start(&id));
        if started.is_err() {
            failed.push(name.to_owned());
        }
        started
    })?;
    if failed.is_empty() {
        return Ok(exit);
    }
    client.process.complain(format!("Error: failed to start containers: {}", failed.join(", ")));
    Ok(1)
}

/// `--timeout`, or its old name.
fn timeout(client: &mut Client<'_, '_>, given: &Given) -> Option<Duration> {
    if given.text("time").is_some() {
        client.say(DEPRECATED);
    }
    let seconds: i64 = given.text("timeout").or(given.text("time"))?.parse().ok()?;
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

pub fn stop(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["timeout", "time"])?;
    client.take(15);
    let timeout = timeout(client, given);
    client.each(&given.operands, |client, name| {
        let id = client.container(name)?.id.clone();
        client.stop(&id, timeout)
    })
}

pub fn restart(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["timeout", "time"])?;
    client.take(15);
    let timeout = timeout(client, given);
    client.each(&given.operands, |client, name| {
        let id = client.container(name)?.id.clone();
        client.restart(&id, timeout)
    })
}

pub fn kill(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["signal"])?;
    client.take(15);
    let signal = given.text("signal").unwrap_or("KILL").to_owned();
    client.each(&given.operands, |client, name| client.kill(name, &signal))
}

pub fn pause(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    client.take(15);
    client.each(&given.operands, Client::pause)
}

pub fn unpause(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    client.take(15);
    client.each(&given.operands, Client::unpause)
}

pub fn wait(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    client.take(12);
    let mut faults = Vec::new();
    for name in &given.operands {
        match code(client, name) {
            Ok(code) => client.say(code.to_string()),
            Err(fault) => faults.push(fault.told()?.1),
        }
    }
    let exit = i32::from(!faults.is_empty());
    for fault in faults {
        client.process.complain(fault);
    }
    Ok(exit)
}

/// Waits for the end of a container.
fn code(client: &mut Client<'_, '_>, name: &str) -> Done<i32> {
    let now = client.process.world.now();
    let container = client.container(name)?;
    let seen = container.at(now);
    match (seen.status, container.ends_at(now)) {
        (Status::Created | Status::Exited, _) => Ok(seen.code),
        (Status::Running, Some((at, code))) => {
            client.process.world.pass((at - now).max(TimeDelta::zero()).to_std().unwrap_or_default());
            client.settle();
            Ok(code)
        }
        _ => unsimulated(format!("`docker wait` for `{name}`, which does not end by itself")),
    }
}

pub fn remove(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["force", "volumes"])?;
    client.take(10);
    let (force, volumes) = (given.has("force"), given.has("volumes"));
    let mut failed = false;
    client.each(&given.operands, |client, name| {
        let removed = client.remove(name, force, volumes);
        // What is not there is a complaint, and no failure, to those who force.
        let missing = matches!(&removed, Err(Fault::Daemon(why)) if why.starts_with("No such container"));
        failed |= removed.is_err() && !(force && missing);
        removed
    })?;
    Ok(i32::from(failed))
}

impl Client<'_, '_> {
    /// Stops a container as far as it runs, and starts it.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub fn restart(&mut self, id: &str, timeout: Option<Duration>) -> Done {
        let kept = self.container(id)?.auto_remove;
        // A container that is removed at its end survives a restart.
        self.container_mut(id)?.auto_remove = false;
        let done = self.stop(id, timeout).and_then(|()| self.start(id));
        self.container_mut(id)?.auto_remove = kept;
        done
    }

    /// Freezes a container.
    ///
    /// # Errors
    /// It does not run, or is frozen.
    pub fn pause(&mut self, name: &str) -> Done {
        let now = self.process.world.now();
        let container = self.container(name)?;
        let id = container.id.clone();
        match container.at(now).status {
            Status::Running => {}
            Status::Paused => return Err(Fault::daemon(format!("Container {id} is already paused"))),
            Status::Restarting => {
                return Err(Fault::daemon(format!(
                    "Container {id} is restarting, wait until the container is running"
                )));
            }
            Status::Created | Status::Exited => return Err(Fault::daemon(format!("Container {id} is not running"))),
        }
        self.container_mut(&id)?.paused = true;
        self.tell(now, &id, "pause")
    }

    /// Lets a frozen container go on.
    ///
    /// # Errors
    /// It is not frozen.
    pub fn unpause(&mut self, name: &str) -> Done {
        let now = self.process.world.now();
        let container = self.container(name)?;
        let id = container.id.clone();
        if container.at(now).status != Status::Paused {
            return Err(Fault::daemon(format!("Container {id} is not paused")));
        }
        self.container_mut(&id)?.paused = false;
        self.tell(now, &id, "unpause")
    }
}
