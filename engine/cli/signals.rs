//! Signals become messages: each INT or TERM is a level more; HUP counts once, as the first level, since a lost connection must not
//! end what runs.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use crate::execute::Mailbox;

/// Forwards INT, TERM and HUP from now on. Must be called on the runtime.
pub fn forward(mailbox: &Mailbox) -> io::Result<()> {
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let mut signals = signal(kind)?;
        let mailbox = mailbox.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                mailbox.interrupt();
            }
        });
    }
    let mut hangup = signal(SignalKind::hangup())?;
    let mailbox = mailbox.clone();
    tokio::spawn(async move {
        if hangup.recv().await.is_some() {
            mailbox.interrupt();
            while hangup.recv().await.is_some() {}
        }
    });
    Ok(())
}
