//! Why a verb could not do its work, and how that is shown.

use crate::model::diagnostic::Diagnostic;
use crate::model::source::SourceMap;
use crate::report::{Sink, visible};

use super::diagnostics;
use super::exit::Exit;

/// What went wrong.
#[derive(Debug)]
pub enum Failure {
    /// Documents or inputs that cannot be used.
    Invalid {
        /// Every file read.
        sources: SourceMap,
        /// Everything found.
        diagnostics: Vec<Diagnostic>,
    },
    /// A flag or an argument that cannot be used.
    Usage {
        /// One sentence.
        message: String,
        /// The next step.
        help: Option<String>,
    },
    /// Anything that has a next step.
    Advised {
        /// Its code.
        exit: Exit,
        /// One sentence.
        message: String,
        /// The next step.
        help: String,
    },
    /// The run's directory or journal cannot be written or read.
    Storage(String),
    /// A guard refused.
    Refused(String),
    /// The machine does not give what the program needs.
    Internal(String),
}

impl Failure {
    /// A flag or argument that cannot be used.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: None }
    }

    /// One sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Invalid { diagnostics, .. } => {
                diagnostics.first().map_or("the documents cannot be used", |first| first.message.as_str())
            }
            Self::Usage { message, .. }
            | Self::Advised { message, .. }
            | Self::Storage(message)
            | Self::Refused(message)
            | Self::Internal(message) => message,
        }
    }

    /// Any other failure, with the next step.
    pub fn advised(exit: Exit, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Advised { exit, message: message.into(), help: help.into() }
    }

    /// Adds the next step to a usage failure.
    #[must_use]
    pub fn help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Usage { message, .. } => Self::Usage { message, help: Some(text.into()) },
            other => other,
        }
    }

    /// Shows it and gives its exit code.
    #[must_use]
    pub fn show(self, json: bool) -> Exit {
        let (exit, message, help) = match self {
            Self::Invalid { sources, diagnostics } => {
                let count = diagnostics::show(&[(&sources, diagnostics.as_slice())], json);
                if !json {
                    Sink::stderr().line(format!("{count}; nothing was changed"));
                }
                return Exit::Invalid;
            }
            Self::Usage { message, help } => (Exit::Invalid, message, help),
            Self::Advised { exit, message, help } => (exit, message, Some(help)),
            Self::Storage(message) => (Exit::Storage, message, None),
            Self::Refused(message) => (Exit::Refused, message, None),
            Self::Internal(message) => (Exit::Internal, message, None),
        };
        if json {
            let object = serde_json::json!({ "kind": "error", "message": message, "help": help, "exit": exit.code() });
            Sink::stdout().line(object.to_string());
        } else {
            let sink = Sink::stderr();
            sink.line(format!("error: {}", visible::block(&message)));
            if let Some(help) = help {
                sink.line(format!("help: {}", visible::block(&help)));
            }
        }
        exit
    }
}
