//! Layer 2: carries out rendered work. No judgement here: what happened goes back as it was.

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

    /// Ends one attempt (TERM, grace, KILL); its completion says `Cancelled` unless it was faster.
    fn cancel(&self, token: &AttemptToken);
}
