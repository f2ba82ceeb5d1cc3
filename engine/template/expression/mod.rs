//! One expression: parsed once, with strict comparison.

mod arithmetic;
mod compare;
mod conversions;
mod environment;
mod evaluate;
mod filters;
mod kinds;
mod node;
mod parse;
mod predicates;
mod references;

use std::ops::Range;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::{EvalError, Scope, Value, value};
use crate::model::diagnostic::{Checked, Diagnostic};
use crate::model::source::{Expr, Fragment, Span};
use evaluate::{Evaluation, Stop};
pub use kinds::Known;
use node::{Kind, Node};

/// A name that an expression reads, e.g. `steps.newest.outputs.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `["steps", "newest", "outputs", "name"]`; a computed subscript ends the path.
    pub path: Vec<String>,
    /// Bytes in the source.
    pub range: Range<usize>,
    /// True where an absent value is harmless: `is defined`, `| default(…)`, and behind a check of the same name
    /// (`x is defined and x > 1`).
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

/// A parsed expression. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Expression(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    fragment: Fragment,
    node: Node,
    references: Vec<Reference>,
}

impl Expression {
    /// Parses; syntax errors, unknown filters, tests and functions are all found here.
    ///
    /// # Errors
    /// Every mistake, each with its place.
    pub fn parse(expr: &Expr) -> Checked<Self> {
        let fragment = &expr.0;
        match parse::parse(&fragment.source) {
            Ok(node) => {
                let references = references::collect(&node);
                Ok(Self(Arc::new(Inner { fragment: fragment.clone(), node, references })))
            }
            Err(mistakes) => Err(mistakes
                .into_iter()
                .map(|mistake| {
                    let diagnostic = Diagnostic::error(mistake.code, fragment.place(&mistake.range), mistake.message);
                    mistake.help.into_iter().fold(diagnostic, Diagnostic::help)
                })
                .collect()),
        }
    }

    /// Every outer name it reads.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.0.references
    }

    /// As authored.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.fragment.source
    }

    /// The whole expression's place.
    #[must_use]
    pub fn span(&self) -> Span {
        self.0.fragment.span
    }

    /// The place of a reference.
    #[must_use]
    pub fn place(&self, reference: &Reference) -> Span {
        self.0.fragment.place(&reference.range)
    }

    /// The value.
    ///
    /// # Errors
    /// Undefined names, unlike kinds compared, exhausted fuel, an unknown value.
    pub fn eval(&self, scope: &Scope) -> Result<Value, EvalError> {
        let mut evaluation = Evaluation::new(self.source(), scope);
        evaluation.run(&self.0.node).map_err(|stop| match stop {
            Stop::Here(range, message) => EvalError::new(self.0.fragment.place(&range), message),
            Stop::There(error) => error,
            Stop::Unknown(step) => EvalError {
                span: self.span(),
                message: format!("`{}` cannot be known until `{step}` has run", self.source().trim()),
                unknown: Some(step),
            },
        })
    }

    /// The value as a condition: anything but a boolean is an error.
    ///
    /// # Errors
    /// As [`Self::eval`], and a value that is no boolean.
    pub fn holds(&self, scope: &Scope) -> Result<Verdict, EvalError> {
        let result = self.eval(scope)?;
        let Some(holds) = value::as_bool(&result) else {
            let kind = value::kind(&result);
            let message = format!(
                "the condition `{}` is a {kind} ({}), not true or false; {COMPARE}",
                self.source().trim(),
                value::show(&result)
            );
            return Err(EvalError::new(self.span(), message));
        };
        Ok(Verdict { holds, seen: self.seen(scope) })
    }

    /// The kind its value has, where it is certain from the kinds of what it reads.
    #[must_use]
    pub fn kind(&self, known: Known<'_>) -> Option<&'static str> {
        kinds::kind(&self.0.node, known)
    }

    /// Every comparison of unlike kinds, whatever the values will be.
    #[must_use]
    pub fn unlike_kinds(&self, known: Known<'_>) -> Vec<EvalError> {
        let mut found = Vec::new();
        kinds::mistakes(&self.0.node, self.source(), known, &mut found);
        found.into_iter().map(|(range, why)| EvalError::new(self.0.fragment.place(&range), why)).collect()
    }

    /// Why it can never be a condition, if it is certain to be no boolean.
    #[must_use]
    pub fn never_holds(&self, known: Known<'_>) -> Option<EvalError> {
        let kind = self.kind(known).filter(|kind| *kind != "boolean")?;
        let message = format!("the condition `{}` is a {kind}, not true or false; {COMPARE}", self.source().trim());
        Some(EvalError::new(self.span(), message))
    }

    /// What its references are, once each. Those that cannot be had (behind a short circuit) are left out.
    #[must_use]
    pub fn seen(&self, scope: &Scope) -> Vec<(String, String)> {
        let mut lookups = Vec::new();
        lookups_of(&self.0.node, &mut lookups);
        let mut evaluation = Evaluation::new(self.source(), scope);
        let mut seen: Vec<(String, String)> = Vec::new();
        for node in lookups {
            let name = evaluation.text(node).to_owned();
            if seen.iter().any(|(known, _)| *known == name) {
                continue;
            }
            if let Ok(found) = evaluation.run(node) {
                seen.push((name, value::show(&found)));
            }
        }
        seen
    }
}

const COMPARE: &str = "write a comparison, like `… == 'value'` or `… != ''`";

/// Whole lookups with their subscripts: `json[params.service].image`.
fn lookups_of<'n>(node: &'n Node, found: &mut Vec<&'n Node>) {
    if is_lookup(node) {
        found.push(node);
        return;
    }
    for child in node.children() {
        lookups_of(child, found);
    }
}

fn is_lookup(node: &Node) -> bool {
    match &node.kind {
        Kind::Name(_) => true,
        Kind::Attr(base, _) | Kind::Item(base, _) => is_lookup(base),
        _ => false,
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.source())
    }
}

#[cfg(test)]
mod tests;
