//! What servers do by themselves after a while. Nobody watches the clock: what is due is done before anybody looks.

use chrono::{DateTime, Utc};

use super::super::blob::AsOf;
use super::{Life, World};

/// What a server in a container finishes, if it lives until then.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    /// The machine.
    pub machine: String,
    /// The container's id.
    pub container: String,
    /// The life of the container that it belongs to: when that began.
    pub started: DateTime<Utc>,
    /// What it is.
    pub task: Task,
}

/// What is finished.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// PostgreSQL has replayed its archive: its content is as of then.
    Recovered {
        /// How old the content is.
        as_of: AsOf,
        /// The archive brought the damage back.
        damaged: bool,
    },
    /// Redis has written `dump.rdb`.
    Saved,
    /// Redis has written its append-only file anew.
    Rewritten,
}

impl World {
    /// Something is to be finished at a moment.
    pub(in crate::runner::sim) fn schedule(&mut self, at: DateTime<Utc>, due: Due) {
        let number = self.due.keys().map(|(_, number)| number + 1).max().unwrap_or(0);
        self.due.insert_mut((at, number), due);
    }

    /// Finishes what servers have finished by now. Costs next to nothing when there is nothing.
    pub(in crate::runner::sim) fn settle(&mut self) {
        while let Some(((at, number), due)) = self.due.first().filter(|((at, _), _)| *at <= self.now) {
            let (at, number, due) = (*at, *number, due.clone());
            self.due.remove_mut(&(at, number));
            if self.lived(&due, at) {
                super::super::lifecycle::finish(self, &due, at);
            }
        }
    }

    /// The life that a task belongs to reached this moment.
    fn lived(&self, due: &Due, until: DateTime<Utc>) -> bool {
        let container = self.engine(&due.machine).and_then(|engine| engine.containers.get(&due.container));
        match container.map(|container| &container.life) {
            Some(Life::Running(run)) => run.started == due.started && run.ends.is_none_or(|(at, _)| at >= until),
            Some(Life::Exited { at, started, .. }) => *started == due.started && *at >= until,
            Some(Life::Created | Life::Looping { .. }) | None => false,
        }
    }
}
