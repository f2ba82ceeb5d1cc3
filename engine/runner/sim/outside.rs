//! What a runner does with the world: reach a machine, cut its work off half way, read what it left.

use std::time::Duration;

use chrono::TimeDelta;

use crate::model::work::Target;

use super::place::Place;
use super::tree::{FileError, Kind, Node, split};
use super::world::{Engine, LOCAL, Power, World};

/// Nobody answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// In the words of the client, or of the runner of `http` actions.
    pub why: String,
    /// So much later that is known.
    pub after: Duration,
}

/// Looking up a name, and hearing that nobody listens.
const SOON: Duration = Duration::from_millis(200);
/// What OpenSSH waits for a machine that does not answer.
const SSH_WAITS: Duration = Duration::from_secs(130);

impl World {
    /// The machine where a target's work happens: its name in this world.
    ///
    /// # Errors
    /// It cannot be reached, in the words of `ssh`.
    pub fn reach(&self, target: &Target) -> Result<String, Unanswered> {
        let refused = |why: String, after| Err(Unanswered { why, after });
        let host = match target {
            Target::Local => return Ok(LOCAL.to_owned()),
            Target::Container { via, .. } => return self.reach(via),
            Target::Ssh { host, .. } => host.rsplit('@').next().unwrap_or(host),
            Target::Gcloud { vm, .. } => vm,
        };
        let Some(machine) = self.machine_for(target) else {
            return refused(format!("ssh: Could not resolve hostname {host}: Name or service not known"), SOON);
        };
        match machine.power {
            Power::Up => Ok(machine.name.clone()),
            Power::Down => refused(format!("ssh: connect to host {host} port 22: No route to host"), SOON * 15),
            Power::Cut => refused(format!("ssh: connect to host {host} port 22: Connection timed out"), SSH_WAITS),
        }
    }

    /// From so much later on, programs do not go on.
    pub fn cut_after(&mut self, later: Duration) {
        let later = TimeDelta::from_std(later).unwrap_or(TimeDelta::MAX);
        self.cut = self.now.checked_add_signed(later);
    }

    /// Programs go on again.
    pub const fn heal(&mut self) {
        self.cut = None;
    }

    /// About so long, by the dice.
    pub fn about(&mut self, duration: Duration) -> Duration {
        self.dice.about(duration)
    }

    /// A text file of a machine.
    #[must_use]
    pub fn text_of(&self, machine: &str, path: &str) -> Option<String> {
        match &self.node(&Place::machine(machine), path).ok()?.kind {
            Kind::Text(text) => Some(text.to_string()),
            _ => None,
        }
    }

    /// Puts a text file on a machine, with the directories above it.
    ///
    /// # Errors
    /// What the C library would say.
    pub fn write(&mut self, machine: &str, path: &str, text: &str) -> Result<(), FileError> {
        let (place, now) = (Place::machine(machine), self.now());
        self.make_dirs(&place, split(path).0)?;
        self.put(&place, path, Node::text(text, now))
    }

    /// Gives a machine a Docker Engine; one that it had is gone.
    pub fn install_docker(&mut self, machine: &str, engine: Engine) {
        if let Some(machine) = self.machine_mut(machine) {
            machine.engine = Some(engine);
        }
    }

    /// Reads a text file of a machine and takes it away.
    pub fn take_file(&mut self, machine: &str, path: &str) -> Option<String> {
        let text = self.text_of(machine, path)?;
        let _ = self.remove(&Place::machine(machine), path);
        Some(text)
    }
}
