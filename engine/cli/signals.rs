//! Signals become messages: each INT or TERM is a level more; HUP pauses, since a lost connection must not end what runs.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use tokio::signal::unix::{SignalKind, signal};

use super::exit::Exit;
use crate::execute::{Event, Mailbox};

/// The last signal that arrived. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct LastSignal {
    code: Arc<AtomicU8>,
    count: Arc<AtomicU32>,
}

impl LastSignal {
    /// The exit code it stands for; none: no signal arrived.
    pub fn exit(&self) -> Option<Exit> {
        let code = self.code.load(Ordering::Relaxed);
        [Exit::HungUp, Exit::Interrupted, Exit::Terminated].into_iter().find(|exit| exit.code() == code)
    }

    /// How many arrived.
    pub fn count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }
}

/// Forwards INT, TERM and HUP from now on. Must be called on the runtime.
pub fn forward(mailbox: &Mailbox, last: &LastSignal) -> io::Result<()> {
    let kinds = [
        (SignalKind::interrupt(), Exit::Interrupted),
        (SignalKind::terminate(), Exit::Terminated),
        (SignalKind::hangup(), Exit::HungUp),
    ];
    for (kind, exit) in kinds {
        let mut signals = signal(kind)?;
        let (mailbox, last) = (mailbox.clone(), last.clone());
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                last.code.store(exit.code(), Ordering::Relaxed);
                last.count.fetch_add(1, Ordering::Relaxed);
                if exit == Exit::HungUp {
                    let why = "the connection was lost".to_owned();
                    mailbox.event(Event::Pause { by: "SIGHUP".to_owned(), why });
                } else {
                    mailbox.interrupt();
                }
            }
        });
    }
    Ok(())
}

/// Everything is cleaned up: a program that was ended by a signal dies of it, so that whoever started it (a shell's loop, a
/// scheduler) sees that. Returns where there was no signal; the exit code then says the same.
pub fn die_of(exit: Exit) {
    let signal = match exit {
        Exit::HungUp => SignalKind::hangup(),
        Exit::Interrupted => SignalKind::interrupt(),
        Exit::Terminated => SignalKind::terminate(),
        _ => return,
    };
    let _ = signal_hook::low_level::emulate_default_handler(signal.as_raw_value());
}
