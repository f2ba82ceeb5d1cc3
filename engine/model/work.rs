//! Rendered work for a runner, and what comes back. Plain data: nothing here knows templates or plans.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::{AttemptToken, RunId, StepId};
use super::system::ChannelKind;

/// What part of a step an attempt serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// An environment's identity probe.
    Identity,
    /// A preflight probe.
    Preflight,
    /// Is the service there?
    Presence,
    /// `require`, before people are asked.
    Require,
    /// `require`, right before the action.
    RequireAgain,
    /// `done_when`.
    DoneWhen,
    /// The gate's probe before the action, for `before`.
    Before,
    /// The action itself: the only purpose with effects.
    Action,
    /// One probe of the gate.
    Gate,
    /// A read-class action in a dry run.
    DryRun,
    /// A rollback's `done_when`.
    RollbackDoneWhen,
    /// A rollback's action.
    Rollback,
    /// One probe of a rollback's gate.
    RollbackGate,
}

/// Names one piece of work. The driver makes it unique; the token is how its processes are found again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attempt {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepId,
    /// Counts the engines that owned the run, from 1: see `Entry::RunResumed`.
    #[serde(default = "first_epoch")]
    pub epoch: u64,
    /// Counted from 1 over the step's life under one engine, probes included.
    pub number: u32,
    /// What for.
    pub purpose: Purpose,
    /// Travels with the work.
    pub token: AttemptToken,
}

fn first_epoch() -> u64 {
    1
}

/// Text that may hold secrets. Only a runner puts their values in, at the last moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered(pub Vec<Piece>);

/// A part of a [`Rendered`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// As it is.
    Text(String),
    /// A secret by name.
    Secret(String),
}

impl Rendered {
    /// Plain text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Piece::Text(text.into())])
    }

    /// For people: secrets as `***`.
    #[must_use]
    pub fn redacted(&self) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Secret(_) => "***",
            })
            .collect()
    }
}

/// Which client a program is: decides how transport failures are told from the program's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Any program (255 of `ssh` is unreachable).
    Exec,
    /// An interpreter with a script.
    Shell,
    /// The Docker client.
    Docker,
    /// The Google Cloud client.
    Gcloud,
}

/// What to do, rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// A program with its arguments; `argv[0]` is the program's name or path.
    Program {
        /// Which client it is.
        tool: Tool,
        /// Program and arguments.
        argv: Vec<String>,
    },
    /// An HTTP request.
    Http {
        /// Upper case.
        method: String,
        /// Where to.
        url: Rendered,
        /// In order.
        headers: Vec<(String, Rendered)>,
        /// None: no body.
        body: Option<Rendered>,
        /// Follow redirects.
        follow: bool,
        /// Accept any certificate.
        insecure: bool,
    },
    /// Time passes.
    Wait(Duration),
    /// A message; each channel is tried, failures only warn.
    Notify {
        /// Kind and URL of each channel.
        channels: Vec<(ChannelKind, Rendered)>,
        /// The message.
        text: String,
    },
}

/// What the core needs to see of a program's output; the rest only streams to the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// An expression reads `stdout`, `lines`, `json` or `fields`.
    pub stdout: bool,
    /// An expression reads `stderr`.
    pub stderr: bool,
}

/// Where work happens, rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// This machine.
    #[default]
    Local,
    /// Another machine, over OpenSSH.
    Ssh {
        /// `host` or `user@host`; also an alias of the operator's ssh configuration.
        host: String,
        /// None: OpenSSH decides.
        port: Option<u16>,
        /// None: OpenSSH decides.
        identity_file: Option<PathBuf>,
    },
    /// A virtual machine, over `gcloud compute ssh`.
    Gcloud {
        /// Its name.
        vm: String,
        /// None: the client's own.
        project: Option<String>,
        /// None: the client's own.
        zone: Option<String>,
    },
    /// Inside a container.
    Container {
        /// Its name.
        name: String,
        /// Where its Docker Engine is.
        via: Box<Target>,
    },
}

/// One attempt, ready to be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Its name.
    pub attempt: Attempt,
    /// Where.
    pub target: Target,
    /// What to do.
    pub task: Task,
    /// Over the inherited environment.
    pub env: Vec<(String, Rendered)>,
    /// None: null.
    pub stdin: Option<Rendered>,
    /// None: the engine's own.
    pub working_dir: Option<PathBuf>,
    /// Passed: TERM, grace, KILL.
    pub timeout: Duration,
    /// What to bring back.
    pub capture: Capture,
}

/// How an attempt ended, before anybody judges it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// A program exited.
    Exited(i32),
    /// A program was ended by a signal that was not ours.
    Signaled {
        /// The signal's number.
        signal: i32,
        /// What is known about why ("out of memory").
        why: Option<String>,
    },
    /// A server answered.
    Responded {
        /// HTTP status.
        status: u16,
        /// Lower-case names.
        headers: BTreeMap<String, String>,
    },
    /// It outlived its timeout and was ended.
    TimedOut,
    /// It was cancelled and ended.
    Cancelled,
    /// The transport failed: nobody asked the thing itself.
    Unreachable {
        /// The cause, in the client's words.
        why: String,
        /// False when the work certainly never began.
        may_have_run: bool,
    },
    /// It could not be started at all: program missing, argument list too long, no processes left.
    NotStarted {
        /// The cause and the next step.
        why: String,
    },
    /// Waiting and notifying have no result of their own.
    Done {
        /// What went wrong without being a failure (a channel that did not take the message).
        warning: Option<String>,
    },
}

/// What comes back from a runner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// How it ended.
    pub end: End,
    /// Captured standard output or response body, when asked for (1 MiB at most), lossy UTF-8.
    pub stdout: Option<String>,
    /// Captured standard error when asked for, else its last 2 KiB for messages.
    pub stderr: String,
    /// True when the captured output was cut: an expression over it is an error.
    pub truncated: bool,
    /// Values written to `$RUNBOOK_OUTPUT`.
    pub values: BTreeMap<String, String>,
    /// Start to end.
    pub elapsed: Duration,
    /// Processes of the attempt that are still there after success (kept; a warning names them).
    pub left_behind: Vec<u32>,
}

impl Completion {
    /// Nothing but how it ended.
    #[must_use]
    pub const fn of(end: End) -> Self {
        Self {
            end,
            stdout: None,
            stderr: String::new(),
            truncated: false,
            values: BTreeMap::new(),
            elapsed: Duration::ZERO,
            left_behind: Vec::new(),
        }
    }
}
