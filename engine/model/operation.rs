//! Operations as authored: one action and its judgement. Nothing here is rendered or resolved.

use std::time::Duration;

use serde::Serialize;

use super::effect::Effect;
use super::rehearsal::OrText;
use super::rehearsal::SimulateDecl;
use super::source::{Expr, Map, Name, Span, Spanned, Text};
use super::system::TargetRef;

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Action {
    /// Any program, no shell.
    Exec(Argv),
    /// The `docker` client; `compose …` gets the system's compose flags.
    Docker(Argv),
    /// The `gcloud` client.
    Gcloud(Argv),
    /// A script; values are bound as environment variables.
    Shell {
        /// The script.
        script: Text,
        /// Program and leading arguments; none: `bash -euo pipefail`.
        interpreter: Option<Vec<Text>>,
    },
    /// An HTTP request.
    Http(Box<HttpRequest>),
    /// A verb on services of the system.
    Services(Box<ServicesAction>),
    /// A person does it.
    Manual(Box<ManualAction>),
    /// Time passes.
    Wait(Spanned<Duration>),
    /// A message to the system's channels; failure only warns.
    Notify(Box<NotifyAction>),
}

/// An argument vector before rendering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Argv {
    /// One text, split into words after its templates are lexed.
    Line(Text),
    /// One argument each; an element whose value is a list adds all its items.
    List(Vec<Text>),
}

/// An HTTP request before rendering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HttpRequest {
    /// Upper case.
    pub method: Spanned<String>,
    /// Where to.
    pub url: Text,
    /// In order.
    pub headers: Map<Text>,
    /// JSON text is sent as `application/json` unless a header says otherwise.
    pub json: Option<Text>,
    /// Raw body.
    pub body: Option<Text>,
    /// Follow redirects (same host only keeps credentials).
    pub follow: bool,
    /// Accept any certificate.
    pub insecure: bool,
}

/// A verb that a runtime or a system defines for its services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the verbs of the language")]
pub enum Verb {
    Start,
    Stop,
    Restart,
    Recreate,
    Remove,
    Pause,
    Unpause,
    Deploy,
    Check,
    Logs,
}

impl Verb {
    /// Every verb, in the language's order.
    pub const ALL: [Self; 10] = [
        Self::Start,
        Self::Stop,
        Self::Restart,
        Self::Recreate,
        Self::Remove,
        Self::Pause,
        Self::Unpause,
        Self::Deploy,
        Self::Check,
        Self::Logs,
    ];

    /// The verb as written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Recreate => "recreate",
            Self::Remove => "remove",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Deploy => "deploy",
            Self::Check => "check",
            Self::Logs => "logs",
        }
    }

    /// `check` and `logs` change nothing.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Check | Self::Logs)
    }
}

/// Which services a selection grows to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Only what was selected.
    #[default]
    Selected,
    /// And everything they need.
    WithDependencies,
    /// And everything that needs them.
    WithDependents,
    /// Only what needs them, not they.
    Dependents,
}

/// `services:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServicesAction {
    /// What to do.
    pub verb: Spanned<Verb>,
    /// `all`, service ids and tags (a text, or a list); none means all.
    pub selection: Vec<Text>,
    /// How the selection grows.
    pub scope: Scope,
    /// `deploy` only.
    pub image: Option<Text>,
}

/// `manual:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ManualAction {
    /// What the person is told or asked.
    pub text: Text,
    /// Values asked for; they become outputs.
    pub inputs: Map<super::runbook::Param>,
    /// A text for the record is required.
    pub evidence: bool,
}

/// `notify:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotifyAction {
    /// Channel ids; empty means all of the system's.
    pub to: Vec<Name>,
    /// The message.
    pub text: Text,
}

/// One action with its judgement. A step may have a gate and no action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// Where it was written.
    pub span: Span,
    /// The action and the place of its key.
    pub action: Option<Spanned<Action>>,
    /// Overrides the service's, the runbook's and the system's target.
    pub target: Option<TargetRef>,
    /// Environment variables; the only place besides stdin and HTTP for secrets.
    pub env: Map<Text>,
    /// Given on standard input; otherwise null.
    pub stdin: Option<Text>,
    /// Relative to the file that wrote it.
    pub working_dir: Option<Text>,
    /// None: ten minutes.
    pub timeout: Option<Spanned<Duration>>,
    /// Declared effect.
    pub effect: Option<Spanned<Effect>>,
    /// All must hold, else failed.
    pub expect: Vec<Expr>,
    /// All must hold, else warned.
    pub warn_unless: Vec<Expr>,
    /// Values for later steps.
    pub outputs: Map<Expr>,
    /// Shown when it fails.
    pub hint: Option<Text>,
    /// What it does in a rehearsal; none: the simulated world knows.
    pub simulate: Option<Box<SimulateDecl>>,
}

/// A read-only measurement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Probe {
    /// Its effect is read, whatever it does; `expect` alone is possible.
    pub operation: Operation,
}

/// A probe that holds the graph until it passes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// What is asked.
    pub probe: Probe,
    /// Time between two probes (2 s).
    pub every: Option<Duration>,
    /// Time in all (60 s).
    pub within: Option<Duration>,
    /// Passes in a row (1).
    pub successes: Option<OrText<u32, Text>>,
    /// Holds: the gate fails at once.
    pub fail_if: Vec<Expr>,
    /// A number, 0 to 100, for the progress line.
    pub progress: Option<Expr>,
}

impl Default for Operation {
    fn default() -> Self {
        Self {
            span: Span { file: super::source::FileId(0), start: 0, end: 0 },
            action: None,
            target: None,
            env: Vec::new(),
            stdin: None,
            working_dir: None,
            timeout: None,
            effect: None,
            expect: Vec::new(),
            warn_unless: Vec::new(),
            outputs: Vec::new(),
            hint: None,
            simulate: None,
        }
    }
}
