//! What becomes of a container that runs a program and no server.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::super::process::{Output, Stream};
use super::super::super::world::{Life, Run, after};
use super::super::client::Client;
use super::super::fault::{Done, Fault};
use super::exec::{Ended, Exec};

/// SIGKILL.
const KILLED: i32 = 137;
/// Lines of a container's log, at most.
const LINES: usize = 1000;

impl Client<'_, '_> {
    /// The life of a container whose program runs beside everything else: what it does it does at once, and when it would have ended
    /// is known from the time that this took.
    pub fn begin(&mut self, id: &str) -> Done<Life> {
        let started = self.process.world.now();
        let command = self.container(id)?.command.clone();
        let run = Run { started, ready: Some(started), ends: None };
        if runs_for_ever(&command) {
            return Ok(Life::Running(run));
        }
        if let Some(lives) = sleeps(&command) {
            return Ok(Life::Running(Run { ends: Some((after(started, lives), 0)), ..run }));
        }
        let reads = self.container(id)?.spec.open_stdin;
        if reads && command.len() == 1 {
            // Nobody writes to it, and nobody closes it.
            return Ok(Life::Running(run));
        }
        let output = self.run_main(id, Stream::default())?;
        let ended = self.process.world.now();
        self.process.world.set_now(started);
        Ok(Life::Running(Run { ends: Some((ended, output.exit)), ..run }))
    }

    /// Runs the main program of a container, which counts as running meanwhile, and logs what it prints.
    ///
    /// # Errors
    /// It cannot be started, or is not simulated.
    pub fn run_main(&mut self, id: &str, stdin: Stream) -> Done<Output> {
        let started = self.process.world.now();
        let container = self.container_mut(id)?;
        container.life = Life::Running(Run { started, ready: Some(started), ends: None });
        container.paused = false;
        let container = container.clone();
        if container.spec.memory > 0 && is_endless(&container.command) {
            self.take(60);
            return Ok(Output { exit: KILLED, ..Output::default() });
        }
        let exec = Exec { argv: container.command.clone(), stdin, ..Exec::default() };
        let output = match self.run_inside(&container, exec)? {
            Ended::Ran(output) => output,
            Ended::Refused(why) => return Err(Fault::daemon(why)),
        };
        self.log(id, started, false, &output.stdout.to_text())?;
        self.log(id, started, true, &output.stderr)?;
        Ok(output)
    }

    /// Adds lines to a container's log.
    fn log(&mut self, id: &str, at: DateTime<Utc>, is_error: bool, text: &str) -> Done {
        if text.is_empty() {
            return Ok(());
        }
        let log = &mut self.container_mut(id)?.log;
        log.extend(text.lines().map(|line| (at, is_error, line.to_owned())));
        let surplus = log.len().saturating_sub(LINES);
        log.drain(..surplus);
        Ok(())
    }

    /// Changes what a container was made with.
    pub fn respecify(&mut self, id: &str, change: impl FnOnce(&mut super::super::super::world::Spec)) -> Done {
        change(Arc::make_mut(&mut self.container_mut(id)?.spec));
        Ok(())
    }
}

/// How long `sleep N` sleeps.
fn sleeps(command: &[String]) -> Option<TimeDelta> {
    let [program, time] = command else { return None };
    let unit = match time.chars().last()? {
        'm' => 60.0,
        'h' => 3600.0,
        'd' => 86_400.0,
        _ => 1.0,
    };
    let number: f64 = time.trim_end_matches(['s', 'm', 'h', 'd']).parse().ok()?;
    let span = Duration::try_from_secs_f64(number * unit).ok().filter(|_| program == "sleep")?;
    TimeDelta::from_std(span).ok()
}

/// Programs that read what has no end into their memory.
pub fn is_endless(command: &[String]) -> bool {
    command.join(" ").contains("tail /dev/zero")
}

/// Programs that only wait.
fn runs_for_ever(command: &[String]) -> bool {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    matches!(words.as_slice(), ["sleep", "infinity" | "inf"] | ["tail", "-f" | "-F", "/dev/null"])
}
