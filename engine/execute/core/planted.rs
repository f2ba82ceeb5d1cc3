//! Bugs for the tests: what the scheduler would do if a line of it were wrong. Not part of the program.

use std::cell::Cell;

/// A wrong line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A step starts although something it needs did not end well.
    ForgetsNeeds,
    /// A list lets one more member run than it may.
    OverLimit,
    /// A resumed run does not know what has ended.
    ForgetsWhatEnded,
    /// A resumed run does not know what was under way.
    ForgetsWhatStarted,
    /// The run ends without its finally-steps.
    ForgetsFinally,
    /// A rollback does not stop at a destroy.
    UndoesTooMuch,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::ForgetsNeeds,
        Self::OverLimit,
        Self::ForgetsWhatEnded,
        Self::ForgetsWhatStarted,
        Self::ForgetsFinally,
        Self::UndoesTooMuch,
    ];
}

thread_local! {
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// True while this bug is planted on this thread.
#[must_use]
pub fn is(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Does something with a bug planted.
pub fn with<T>(bug: Bug, what: impl FnOnce() -> T) -> T {
    PLANTED.set(Some(bug));
    let done = what();
    PLANTED.set(None);
    done
}
