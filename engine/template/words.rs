//! Argument vectors: split into words after lexing, so that no value ever splits, joins or adds arguments.

use serde::Serialize;

use super::{EvalError, Reference, Scope};
use crate::model::diagnostic::Checked;
use crate::model::operation::Argv;
use crate::model::source::Span;

/// A parsed argument vector (program excluded for `docker` and `gcloud`).
#[derive(Clone, Debug, Serialize)]
pub struct Words;

impl Words {
    /// Splits and compiles. Unquoted `# | & ; < > $` and back-quotes outside `${{ }}` are errors that name `shell:`.
    ///
    /// # Errors
    /// Every mistake, each with its place.
    pub fn parse(argv: &Argv) -> Checked<Self> {
        let _ = argv;
        todo!()
    }

    /// Every reference with its place.
    #[must_use]
    pub fn references(&self) -> Vec<(Reference, Span)> {
        todo!()
    }

    /// One element per authored word: its text if it has no template, else none. For effect classes and resolving programs.
    #[must_use]
    pub fn literals(&self) -> Vec<Option<String>> {
        todo!()
    }

    /// The arguments. A rendered value that begins with `-` and makes up the beginning of a word is an error, as are NUL and
    /// (in a list element) values without a text form.
    ///
    /// # Errors
    /// As [`super::Expression::eval`], and the above.
    pub fn render(&self, scope: &Scope) -> Result<Vec<String>, EvalError> {
        let _ = scope;
        todo!()
    }

    /// For people, one element a word, as [`super::Template::preview`].
    #[must_use]
    pub fn preview(&self, scope: &Scope) -> Vec<String> {
        let _ = scope;
        todo!()
    }
}
