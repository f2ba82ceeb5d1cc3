//! What has to be done for real, one thing after the other on a thread of its own.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::effects::Effect;
use super::real::Real;
use crate::runner::sim::cloud::At;

/// The addresses of the virtual machines that were made or started; or why something could not be done.
pub type Made = Result<Vec<(At, String)>, String>;

/// Things that belong together.
pub struct Batch {
    /// In their order.
    pub effects: Vec<Effect>,
    /// Hears how it went.
    pub done: Box<dyn FnOnce(Made) + Send>,
}

/// The thread's inbox.
pub struct Queue {
    // A sender of the standard library is not shared; each change has its turn.
    inbox: std::sync::Mutex<Sender<Batch>>,
}

impl Queue {
    /// Starts the thread; it ends with the queue.
    pub fn start(real: Real) -> Self {
        let (inbox, batches) = channel::<Batch>();
        thread::spawn(move || {
            for batch in batches {
                (batch.done)(real.carry_out(&batch.effects));
            }
        });
        Self { inbox: std::sync::Mutex::new(inbox) }
    }

    /// Something is to be done; does not wait.
    pub fn push(&self, batch: Batch) {
        let inbox = self.inbox.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Err(lost) = inbox.send(batch) {
            (lost.0.done)(Err(GONE.to_owned()));
        }
    }

    /// Something is done, after everything before it.
    ///
    /// # Errors
    /// It could not be done.
    pub fn carry_out(&self, effects: Vec<Effect>) -> Made {
        let (tell, hear) = channel();
        let done = Box::new(move |made| drop(tell.send(made)));
        self.push(Batch { effects, done });
        hear.recv().unwrap_or_else(|_| Err(GONE.to_owned()))
    }
}

const GONE: &str = "the thread that makes machines has ended; start the lab again";
