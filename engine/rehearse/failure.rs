//! The ways in which a step is made to fail.

use serde::Serialize;

use crate::model::effect::Effect;
use crate::model::work::{Task, Tool, Work};
use crate::plan::{Action, Body, Node, NodeIx};

/// What happens to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Its action fails at once, every time; a person says no.
    Error,
    /// Its action outlives its timeout, every time.
    Timeout,
    /// The connection breaks: nobody saw how it ended.
    Unknown,
    /// Its action says that it succeeded, and did nothing.
    Silent,
    /// Its gate never passes.
    Gate,
    /// The engine is killed while it runs, and resumed.
    Killed,
}

impl Kind {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 6] = [Self::Error, Self::Timeout, Self::Unknown, Self::Silent, Self::Gate, Self::Killed];

    /// The word for people and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Unknown => "unknown",
            Self::Silent => "silent",
            Self::Gate => "gate",
            Self::Killed => "killed",
        }
    }

    /// What it means, in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Error => "fails at once, every time; a person says no",
            Self::Timeout => "outlives its timeout, every time",
            Self::Unknown => "the connection breaks; nobody saw how it ended",
            Self::Silent => "says that it succeeded, and did nothing",
            Self::Gate => "its gate never passes",
            Self::Killed => "the engine is killed while it runs, and resumed",
        }
    }
}

/// How much of an action had been done when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// Nothing.
    Nothing,
    /// The first half of a script.
    Half,
    /// All of it.
    All,
}

/// One failure of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step.
    pub step: NodeIx,
    /// What happens to it.
    pub kind: Kind,
    /// How much of what its action does to the world had been done all the same.
    pub done: Done,
    /// It happens to its rollback, not to the step itself.
    pub undoing: bool,
}

impl Failure {
    /// Of a step's action or gate.
    #[must_use]
    pub const fn new(step: NodeIx, kind: Kind, done: Done) -> Self {
        Self { step, kind, done, undoing: false }
    }
}

/// The failures that are worth trying on a step, those that differ only in how much was done one after the other.
pub fn of(node: &Node, ix: NodeIx) -> Vec<Failure> {
    let some = |kind, all: &[Done]| all.iter().map(|done| Failure::new(ix, kind, *done)).collect::<Vec<_>>();
    let plain = |kind| some(kind, &[Done::Nothing]);
    let Body::Operation(operation) = &node.body else { return Vec::new() };
    let kinds = match &operation.action {
        None | Some(Action::Wait(_)) => Vec::new(),
        Some(Action::Notify { .. }) => vec![plain(Kind::Error)],
        Some(Action::Manual { .. }) => vec![plain(Kind::Error), plain(Kind::Killed)],
        Some(_) if operation.effect.effect == Effect::Read => {
            vec![plain(Kind::Error), plain(Kind::Timeout), plain(Kind::Unknown), plain(Kind::Killed)]
        }
        Some(_) => vec![
            some(Kind::Error, &[Done::Nothing, Done::Half]),
            some(Kind::Timeout, &[Done::Nothing, Done::Half, Done::All]),
            some(Kind::Unknown, &[Done::Nothing, Done::All]),
            plain(Kind::Silent),
            some(Kind::Killed, &[Done::Nothing, Done::Half, Done::All]),
        ],
    };
    let mut all = kinds.concat();
    if node.gate.is_some() {
        all.extend(plain(Kind::Gate));
    }
    all
}

/// True for work that does one thing after the other, so that half of it can have been done.
pub fn is_script(work: &Work) -> bool {
    match &work.task {
        Task::Program { tool: Tool::Shell, .. } => true,
        Task::Program { tool, argv } => {
            let inner = |word: &String| word == "-c" || word.starts_with("--command=");
            matches!(tool, Tool::Docker | Tool::Gcloud | Tool::Exec) && argv.iter().any(inner)
        }
        Task::Http { .. } | Task::Wait(_) | Task::Notify { .. } => false,
    }
}
