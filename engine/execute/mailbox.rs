//! Where everything that happens outside arrives: completions, answers, signals, passing output.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::core::Event;
use super::operator::Answer;
use crate::model::id::AttemptToken;
use crate::model::port::Live;
use crate::model::work::{Attempt, Completion};
use crate::runner::Report;

/// Passing messages that may wait at once; more are dropped, never facts.
const LIVE_AT_ONCE: usize = 1024;

/// One message.
#[derive(Debug)]
pub(super) enum Message {
    Completed(Attempt, Completion),
    Spawned(Attempt, u32),
    Live(Live),
    Answered {
        token: AttemptToken,
        answer: Answer,
        by: String,
    },
    /// A letter from the inbox, a lost connection.
    Event(Box<Event>),
    Interrupt,
}

/// The sending side; cheap to clone, sending never blocks.
#[derive(Clone, Debug)]
pub struct Mailbox {
    sender: UnboundedSender<Message>,
    live: Arc<AtomicUsize>,
}

/// The driver's side.
#[derive(Debug)]
pub struct Inbox {
    pub(super) receiver: UnboundedReceiver<Message>,
    live: Arc<AtomicUsize>,
}

/// A mailbox and its inbox.
#[must_use]
pub fn mailbox() -> (Mailbox, Inbox) {
    let (sender, receiver) = unbounded_channel();
    let live = Arc::new(AtomicUsize::new(0));
    (Mailbox { sender, live: Arc::clone(&live) }, Inbox { receiver, live })
}

impl Mailbox {
    /// A person answered.
    pub fn answered(&self, token: AttemptToken, answer: Answer, by: String) {
        self.send(Message::Answered { token, answer, by });
    }

    /// Something from outside that the core understands: an approval, a pause, a cancellation, a rollback.
    pub fn event(&self, event: Event) {
        self.send(Message::Event(Box::new(event)));
    }

    /// A signal arrived: each one is a level more.
    pub fn interrupt(&self) {
        self.send(Message::Interrupt);
    }

    /// A run that is over takes no more messages; that is no error.
    fn send(&self, message: Message) {
        let _ = self.sender.send(message);
    }
}

impl Report for Mailbox {
    fn spawned(&self, attempt: &Attempt, pid: u32) {
        self.send(Message::Spawned(attempt.clone(), pid));
    }

    fn live(&self, live: Live) {
        if self.live.fetch_add(1, Ordering::Relaxed) < LIVE_AT_ONCE {
            self.send(Message::Live(live));
        } else {
            self.live.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn completed(&self, attempt: Attempt, completion: Completion) {
        self.send(Message::Completed(attempt, completion));
    }
}

impl Inbox {
    /// A passing message has been shown.
    pub(super) fn shown(&self) {
        self.live.fetch_sub(1, Ordering::Relaxed);
    }
}
