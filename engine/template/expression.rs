//! One expression: compiled once, with strict comparison.

use std::ops::Range;

use serde::{Serialize, Serializer};

use super::{EvalError, Scope, Value};
use crate::model::diagnostic::Checked;
use crate::model::source::{Expr, Fragment, Span};

/// A name that an expression reads, e.g. `steps.newest.outputs.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `["steps", "newest", "outputs", "name"]`; a computed subscript ends the path.
    pub path: Vec<String>,
    /// Bytes in the source.
    pub range: Range<usize>,
    /// True where an absent value is harmless: `is defined`, `| default(…)`.
    pub guarded: bool,
}

/// What a condition said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it holds.
    pub holds: bool,
    /// What each reference in it was, for messages: `("exit", "1")`, shortened, secrets as `***`.
    pub seen: Vec<(String, String)>,
}

/// A compiled expression. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Expression {
    fragment: Fragment,
}

impl Expression {
    /// Compiles; syntax errors, unknown filters, tests and functions are all found here.
    ///
    /// # Errors
    /// Every mistake, each with its place.
    pub fn parse(expr: &Expr) -> Checked<Self> {
        let _ = expr;
        todo!()
    }

    /// Every outer name it reads (loop variables of its own excluded).
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        todo!()
    }

    /// As authored.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.fragment.source
    }

    /// The whole expression's place.
    #[must_use]
    pub fn span(&self) -> Span {
        self.fragment.span
    }

    /// The place of a reference.
    #[must_use]
    pub fn place(&self, reference: &Reference) -> Span {
        self.fragment.place(&reference.range)
    }

    /// The value.
    ///
    /// # Errors
    /// Undefined names, unlike kinds compared, exhausted fuel, an unknown value.
    pub fn eval(&self, scope: &Scope) -> Result<Value, EvalError> {
        let _ = scope;
        todo!()
    }

    /// The value as a condition: anything but a boolean is an error.
    ///
    /// # Errors
    /// As [`Self::eval`], and a value that is no boolean.
    pub fn holds(&self, scope: &Scope) -> Result<Verdict, EvalError> {
        let _ = scope;
        todo!()
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.source())
    }
}
