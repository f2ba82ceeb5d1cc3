//! Why an expression has no value.

use crate::model::diagnostic::Diagnostic;
use crate::model::source::Span;

/// An evaluation that failed, or cannot be done yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// Where, as exactly as the scalar's layout allows.
    pub span: Span,
    /// One sentence: what was compared or read, and the values seen (secrets as `***`).
    pub message: String,
    /// Dry run only: the step whose output is not known before it has run. Not an error then.
    pub unknown: Option<String>,
}

impl EvalError {
    /// A failure at a place.
    #[must_use]
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), unknown: None }
    }

    /// As a diagnostic of the check stage; advice at the end of the message becomes its help.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let advice = |help: &str| ["use ", "write ", "say ", "did you mean "].iter().any(|verb| help.starts_with(verb));
        if let Some((message, help)) = self.message.rsplit_once("; ").filter(|(_, help)| advice(help)) {
            return Diagnostic::error("template::evaluation", self.span, message).help(help);
        }
        let found = Diagnostic::error("template::evaluation", self.span, self.message.clone());
        if self.message.ends_with("is not defined") {
            return found.help("define it, or use `| default(…)`");
        }
        found
    }
}
