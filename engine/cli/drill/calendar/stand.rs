//! How each entry stands: what the records say about when it was done last. There is no other memory.

use chrono::{DateTime, Utc};

use super::item::Item;
use crate::cli::args::CalendarsArgs;
use crate::journal::Runs;
use crate::model::calendar::Work;
use crate::model::calendar::{Due, Standing};
use crate::report::done::{self, Done};

/// Every record, newest first, by its first line.
pub struct Records {
    drills: Vec<Done>,
    runs: Vec<Done>,
}

/// An entry at a moment.
pub struct Stand<'c> {
    /// The entry.
    pub item: Item<'c>,
    /// What is due.
    pub standing: Standing,
    /// When it was done last.
    pub last: Option<Done>,
    /// What did not count since, newest first.
    pub tries: Vec<Done>,
}

impl Records {
    /// Looks at them.
    pub fn read(args: &CalendarsArgs) -> Self {
        Self::of_all(&Runs::new(args.drills.path()), &Runs::new(args.runs.path()))
    }

    /// The same, where it is known where they are.
    pub fn of_all(drills: &Runs, runs: &Runs) -> Self {
        Self { drills: done::list(drills), runs: done::list(runs) }
    }

    /// Those of an entry that had begun by then, newest first, with the ends that they had by then.
    pub fn of<'r>(&'r self, item: Item<'r>, now: DateTime<Utc>) -> impl Iterator<Item = Done> + 'r {
        let records = if matches!(item.entry.work, Work::Drill { .. }) { &self.drills } else { &self.runs };
        let records = records.iter().filter(move |record| record.began <= now && item.is_of(record));
        records.map(move |record| {
            let ended = record.with_end();
            if ended.ended.is_some_and(|at| at <= now) { ended } else { record.clone() }
        })
    }

    /// How an entry stands.
    pub fn stand<'c>(&self, item: Item<'c>, now: DateTime<Utc>) -> Stand<'c> {
        let mut tries = Vec::new();
        let mut last = None;
        for record in self.of(item, now) {
            if record.end.counts() {
                last = Some(record);
                break;
            }
            tries.push(record);
        }
        let standing = item.terms().standing(last.as_ref().map(|record| record.began), now);
        Stand { item, standing, last, tries }
    }
}

impl Stand<'_> {
    /// Whether it has to be done.
    pub const fn due(&self) -> Due {
        self.standing.due
    }

    /// What was tried for its newest moment and did not count.
    pub fn tries_now(&self) -> usize {
        let Some(newest) = self.standing.open.last() else { return 0 };
        self.tries.iter().filter(|record| record.began >= *newest).count()
    }
}
