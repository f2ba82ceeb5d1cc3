//! An observer on a thread of its own: however slowly its terminal or pipe takes what it writes, the run goes on. Records are never
//! dropped (a run has only so many); what passes is (it stays in the logs).

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::entry::Record;
use crate::model::port::{Live, Observer};

/// At most so many passing things wait; more are dropped.
const PASSING_AT_MOST: usize = 4096;

/// An observer that never makes its run wait. Dropping it does not wait either: see [`Aside::shown`].
pub struct Aside {
    notes: Sender<Note>,
    backlog: Arc<Backlog>,
}

/// What the thread has not done yet. Cheap to clone.
#[derive(Clone)]
pub struct Shown {
    backlog: Arc<Backlog>,
}

#[derive(Default)]
struct Backlog {
    left: Mutex<Left>,
    changed: Condvar,
}

#[derive(Default)]
struct Left {
    /// Sent and not done.
    notes: usize,
    /// Of these, passing ones.
    passing: usize,
    /// Its observer is gone, with all that it had to say.
    over: bool,
}

enum Note {
    Record(Box<Record>),
    Replay(Vec<Record>),
    Live(Live),
}

impl Aside {
    /// Gives this observer a thread.
    #[must_use]
    pub fn new(observer: Box<dyn Observer>) -> Self {
        let (notes, inbox) = mpsc::channel();
        let backlog = Arc::<Backlog>::default();
        let done = Arc::clone(&backlog);
        std::thread::spawn(move || serve(observer, &inbox, &done));
        Self { notes, backlog }
    }

    /// To wait with until everything is shown.
    #[must_use]
    pub fn shown(&self) -> Shown {
        Shown { backlog: Arc::clone(&self.backlog) }
    }

    fn send(&self, note: Note) {
        let mut left = self.backlog.lock();
        let is_passing = matches!(note, Note::Live(_));
        if is_passing && left.passing >= PASSING_AT_MOST {
            return;
        }
        left.notes += 1;
        left.passing += usize::from(is_passing);
        drop(left);
        // An observer that is gone (its thread panicked) is no reason to end a recovery.
        let _ = self.notes.send(note);
    }
}

impl Observer for Aside {
    fn record(&mut self, record: &Record) {
        self.send(Note::Record(Box::new(record.clone())));
    }

    fn replay(&mut self, records: &[Record]) {
        self.send(Note::Replay(records.to_vec()));
    }

    fn live(&mut self, live: &Live) {
        self.send(Note::Live(live.clone()));
    }
}

impl Shown {
    /// Waits at most this long until all that was sent so far is shown; true when it is.
    #[must_use]
    pub fn is_shown(&self, within: Duration) -> bool {
        self.wait(within, |left| left.notes > 0 && !left.over)
    }

    /// Waits at most this long until the observer, dropped before, has said its last; true when it has.
    #[must_use]
    pub fn is_over(&self, within: Duration) -> bool {
        self.wait(within, |left| !left.over)
    }

    fn wait(&self, within: Duration, not_yet: impl Fn(&Left) -> bool) -> bool {
        let waited = self.backlog.changed.wait_timeout_while(self.backlog.lock(), within, |left| not_yet(left));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Backlog {
    fn lock(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whatever ends the thread, nobody waits for it any more.
struct Over<'a>(&'a Backlog);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.lock().over = true;
        self.0.changed.notify_all();
    }
}

fn serve(mut observer: Box<dyn Observer>, inbox: &Receiver<Note>, backlog: &Backlog) {
    let over = Over(backlog);
    for note in inbox {
        let is_passing = matches!(note, Note::Live(_));
        match note {
            Note::Record(record) => observer.record(&record),
            Note::Replay(records) => observer.replay(&records),
            Note::Live(live) => observer.live(&live),
        }
        let mut left = backlog.lock();
        left.notes -= 1;
        left.passing -= usize::from(is_passing);
        drop(left);
        backlog.changed.notify_all();
    }
    drop(observer);
    drop(over);
}
