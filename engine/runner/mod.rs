//! Layer 2: carries out rendered work. No judgement here: what happened goes back as it was.
//!
//! [`LocalRunner`] dispatches by task and target: programs ([`process`] spawns them, and nothing else does) here, in a container or on
//! another machine ([`remote`]), HTTP, waiting, messages.

mod address;
mod attempt;
pub mod boot;
pub mod capture;
mod clients;
mod container;
mod docker;
mod ending;
mod family;
pub mod foreground;
mod http;
pub mod images;
mod launch;
mod live;
mod local;
mod log;
pub mod notify;
mod oom;
mod outputs;
mod process;
mod program;
mod pump;
mod recover;
mod remote;
pub mod rights;
pub mod secrets;
pub mod shell;
pub mod signature;
pub mod sim;
mod simulate;
mod sweep;
mod transport;

pub use local::{LocalRunner, Settings};
pub use log::{log_directory, log_path};
pub use simulate::simulate;

use crate::model::id::AttemptToken;
use crate::model::port::Live;
use crate::model::work::{Attempt, Completion, Work};

/// What a runner tells while and after it works. Cheap to clone; sending never blocks.
pub trait Report: Send + Sync {
    /// A process exists (its identity goes to the journal as a note).
    fn spawned(&self, attempt: &Attempt, pid: u32);

    /// Something passing (an output line); may be dropped.
    fn live(&self, live: Live);

    /// The attempt is over. Exactly once for every started attempt.
    fn completed(&self, attempt: Attempt, completion: Completion);
}

/// Starts attempts; completion events come back through [`Report`]. `start` returns at once.
pub trait Runner {
    /// Starts one attempt.
    fn start(&self, work: Work);

    /// What became of an attempt of an engine that is gone? `work` carries that attempt's own token. On another machine the runner
    /// attaches to it again and its completion is the real one. On this machine what is left of it is ended by its token, and the
    /// completion is `Unreachable { may_have_run: true }`: nobody saw its end.
    fn recover(&self, work: Work);

    /// Ends one attempt (TERM, grace, KILL); its completion says `Cancelled` unless it was faster. Asking again ends the grace.
    fn cancel(&self, token: &AttemptToken);
}
