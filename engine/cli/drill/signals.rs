//! Signals of a drill: the last one counts, and the drill goes to its end from where it is.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

/// Watches for INT, TERM and HUP from now on; 0: none arrived.
pub fn watch() -> io::Result<Arc<AtomicI32>> {
    let last = Arc::new(AtomicI32::new(0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let seen = Arc::clone(&last);
    let watchers = {
        let _entered = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?)
    };
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let (mut interrupt, mut terminate, mut hangup) = watchers;
        runtime.block_on(async {
            loop {
                let number = tokio::select! {
                    _ = interrupt.recv() => SignalKind::interrupt(),
                    _ = terminate.recv() => SignalKind::terminate(),
                    _ = hangup.recv() => SignalKind::hangup(),
                };
                seen.store(number.as_raw_value(), Ordering::Relaxed);
            }
        });
    })?;
    Ok(last)
}
