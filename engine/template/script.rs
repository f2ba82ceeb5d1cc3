//! Shell scripts: every `${{ }}` becomes a reference to an environment variable; the text of a value never enters the script.

use serde::Serialize;

use super::{EvalError, Reference, Scope};
use crate::model::diagnostic::Checked;
use crate::model::source::{Span, Text};
use crate::model::work::Rendered;

/// A script with its bindings decided by lexical context.
#[derive(Clone, Debug, Serialize)]
pub struct Script;

/// A script ready to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundScript {
    /// Its text, without any value in it.
    pub text: String,
    /// `RB_1`, … with their values.
    pub env: Vec<(String, Rendered)>,
}

impl Script {
    /// Lexes for context. Where no form is safe the error names the safe way. `standard` is false under another
    /// `interpreter:`, where any `${{ }}` is an error that names `env:`.
    ///
    /// # Errors
    /// Every mistake, each with its place.
    pub fn parse(text: &Text, standard: bool) -> Checked<Self> {
        let _ = (text, standard);
        todo!()
    }

    /// Every reference with its place.
    #[must_use]
    pub fn references(&self) -> Vec<(Reference, Span)> {
        todo!()
    }

    /// As authored.
    #[must_use]
    pub fn source(&self) -> &str {
        todo!()
    }

    /// The script and its variables.
    ///
    /// # Errors
    /// As [`super::Expression::eval`]; NUL in a value.
    pub fn bind(&self, scope: &Scope) -> Result<BoundScript, EvalError> {
        let _ = scope;
        todo!()
    }

    /// For people: the authored script with values shown in place, quoted, as [`super::Template::preview`].
    #[must_use]
    pub fn preview(&self, scope: &Scope) -> String {
        let _ = scope;
        todo!()
    }
}
