//! Ending a container.

use std::time::Duration;

use chrono::TimeDelta;

use super::super::super::lifecycle;
use super::super::super::world::{Life, Past, Program, Run, Status, World, after};
use super::super::client::Client;
use super::super::fault::{Done, Fault};

/// What a program that does not listen to TERM gets, at most, before it is killed: the Engine's own ten seconds teach nobody anything.
const PATIENCE: Duration = Duration::from_secs(1);
/// The Engine's wait before a restart, and the start itself.
const RESTART: TimeDelta = TimeDelta::milliseconds(350);
/// Signals by their names.
const SIGNALS: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
];
/// SIGKILL.
const KILLED: i32 = 137;

impl Client<'_, '_> {
    /// Stops a container; one that does not run stays as it is.
    ///
    /// # Errors
    /// There is no such container.
    pub fn stop(&mut self, id: &str, timeout: Option<Duration>) -> Done {
        let now = self.process.world.now();
        let container = self.container(id)?;
        let (seen, program) = (container.at(now), container.program);
        match seen.status {
            Status::Created | Status::Exited => {
                // What ended by itself is told apart from what goes on.
                return if container.life == Life::Created { Ok(()) } else { self.finish(id, seen.code, seen.oom) };
            }
            Status::Restarting => return self.finish(id, seen.code, seen.oom),
            Status::Running | Status::Paused => {}
        }
        let own = container.spec.stop_timeout.map(|seconds| Duration::from_secs(seconds.into()));
        let patience = timeout.or(own).unwrap_or(PATIENCE).min(PATIENCE);
        let now = self.process.world.now();
        self.tell(now, id, "kill")?;
        // A shell or `sleep` as the first process of a container ignores TERM; servers do not.
        let code = if program == Program::Tools {
            self.process.world.pass(patience);
            KILLED
        } else {
            self.take(150);
            0
        };
        self.take(120);
        self.finish(id, code, false)?;
        let now = self.process.world.now();
        if self.engine()?.containers.contains_key(id) { self.tell(now, id, "stop") } else { Ok(()) }
    }

    /// Sends a signal to the main process of a container.
    ///
    /// # Errors
    /// There is no such container, it does not run, or there is no such signal.
    pub fn kill(&mut self, name: &str, signal: &str) -> Done {
        let signal = signal.trim_start_matches("SIG").to_ascii_uppercase();
        let is_number = signal.parse().is_ok_and(|number: u8| (1..=64).contains(&number));
        if !is_number && !SIGNALS.contains(&signal.as_str()) {
            return Err(Fault::daemon(format!("Invalid signal: {signal}")));
        }
        let now = self.process.world.now();
        let cannot = |why: String| Fault::daemon(format!("Cannot kill container: {name}: {why}"));
        let container = self.container(name).map_err(|_| cannot(format!("No such container: {name}")))?;
        let (id, seen, program) = (container.id.clone(), container.at(now), container.program);
        if matches!(seen.status, Status::Created | Status::Exited) {
            return Err(cannot(format!("Container {id} is not running")));
        }
        self.tell(now, &id, "kill")?;
        let ends = matches!(signal.as_str(), "TERM" | "INT" | "QUIT" | "15" | "2" | "3");
        match signal.as_str() {
            "KILL" | "9" => {
                self.take(80);
                self.finish(&id, KILLED, false)
            }
            _ if ends && program != Program::Tools => {
                self.take(80);
                self.finish(&id, 0, false)
            }
            _ => Ok(()),
        }
    }

    /// A container's life is over.
    pub fn finish(&mut self, id: &str, code: i32, oom: bool) -> Done {
        let now = self.process.world.now();
        self.tell(now, id, "die")?;
        let container = self.container_mut(id)?;
        let seen = container.at(now);
        let started = seen.started.unwrap_or(now);
        let at = if seen.status == Status::Exited { seen.finished.unwrap_or(now) } else { now };
        container.restarts = seen.restarts;
        container.life = Life::Exited { code, at, started, oom };
        container.paused = false;
        container.past = Past { finished: Some(at), code, error: String::new(), published: Vec::new() };
        let names: Vec<String> = container.networks.keys().cloned().collect();
        for name in names {
            container.networks.insert_mut(name, String::new());
        }
        let gone = container.auto_remove;
        if gone {
            self.forget(id, true);
        }
        Ok(())
    }

    /// Remembers what happened to a container.
    pub fn tell(&mut self, at: chrono::DateTime<chrono::Utc>, id: &str, action: &'static str) -> Done {
        let container = self.container(id)?.clone();
        self.engine_mut()?.tell(at, action, &container, &[]);
        Ok(())
    }
}

/// The main process of a container is killed on its machine, which is nobody's wish: the restart policy says what becomes of it.
pub fn crash(world: &mut World, machine: &str, id: &str, code: i32, oom: bool) {
    let now = world.now();
    let Some(container) = world.engine_mut(machine).and_then(|engine| engine.containers.get_mut(id)) else { return };
    let seen = container.at(now);
    if !matches!(seen.status, Status::Running | Status::Paused) {
        return;
    }
    let started = seen.started.unwrap_or(now);
    container.paused = false;
    container.past.finished = Some(now);
    container.past.code = code;
    if !container.is_restarted(code, seen.restarts) {
        container.life = Life::Exited { code, at: now, started, oom };
        return;
    }
    container.restarts = seen.restarts.saturating_add(1);
    let again = after(now, RESTART);
    if container.program == Program::Tools {
        // It does the same once more.
        let life = match container.life {
            Life::Running(Run { started, ends: Some((end, code)), .. }) => Some((end - started, code)),
            _ => None,
        };
        let ends = life.map(|(lives, code)| (after(again, lives), code));
        let first: Vec<_> = container.log.iter().filter(|(at, ..)| *at >= started).cloned().collect();
        container
            .log
            .extend(first.into_iter().map(|(at, is_error, line)| (after(again, at - started), is_error, line)));
        container.life = Life::Running(Run { started: again, ready: Some(again), ends });
        return;
    }
    world.set_now(again);
    let life = lifecycle::start(world, machine, id);
    world.set_now(now);
    if let Some(container) = world.engine_mut(machine).and_then(|engine| engine.containers.get_mut(id)) {
        container.life = life;
    }
}
