//! Text with `${{ … }}` inside.

use serde::{Serialize, Serializer};

use super::{EvalError, Expression, Reference, Scope, Value};
use crate::model::diagnostic::Checked;
use crate::model::source::{Fragment, Span, Text};
use crate::model::work::Rendered;

/// A parsed text. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Template {
    fragment: Fragment,
}

impl Template {
    /// Lexes `${{ }}` (knowing strings and brackets inside) and compiles each expression.
    ///
    /// # Errors
    /// Every mistake, each with its place.
    pub fn parse(text: &Text) -> Checked<Self> {
        let _ = text;
        todo!()
    }

    /// The expressions, in order.
    #[must_use]
    pub fn expressions(&self) -> &[Expression] {
        todo!()
    }

    /// Every reference with its place.
    #[must_use]
    pub fn references(&self) -> Vec<(Reference, Span)> {
        todo!()
    }

    /// The text, if there is no `${{ }}` in it.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        todo!()
    }

    /// As authored.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.fragment.source
    }

    /// Its place.
    #[must_use]
    pub fn span(&self) -> Span {
        self.fragment.span
    }

    /// The typed value when it is exactly one `${{ }}`, else the rendered text.
    ///
    /// # Errors
    /// As [`Expression::eval`].
    pub fn value(&self, scope: &Scope) -> Result<Value, EvalError> {
        let _ = scope;
        todo!()
    }

    /// Plain text; a secret in it is an error (the check stage has refused it with its place).
    ///
    /// # Errors
    /// As [`Expression::eval`]; a value that has no text form (a mapping, none, undefined).
    pub fn render(&self, scope: &Scope) -> Result<String, EvalError> {
        let _ = scope;
        todo!()
    }

    /// Text that may hold secrets.
    ///
    /// # Errors
    /// As [`Self::render`].
    pub fn render_secret(&self, scope: &Scope) -> Result<Rendered, EvalError> {
        let _ = scope;
        todo!()
    }

    /// For people: what is unknown stands as `‹steps.newest.outputs.name›`, an error as `‹error›`, secrets as `***`.
    #[must_use]
    pub fn preview(&self, scope: &Scope) -> String {
        let _ = scope;
        todo!()
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.source())
    }
}
