//! Text with `${{ … }}` inside.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::lex::{self, Piece};
use super::value::{self, authored, is_authored, show};
use super::{EvalError, Expression, Reference, Scope, Value};
use crate::model::diagnostic::Checked;
use crate::model::source::{Fragment, Span, Text};
use crate::model::work::{self, Rendered};

/// A parsed text. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Template(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    fragment: Fragment,
    pieces: Vec<Piece>,
    expressions: Vec<Expression>,
}

impl Template {
    /// Lexes `${{ }}` (knowing strings and brackets inside) and parses each expression.
    ///
    /// # Errors
    /// Every mistake, each with its place.
    pub fn parse(text: &Text) -> Checked<Self> {
        let pieces = lex::pieces(&text.0)?;
        let expressions = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Value { expression, .. } => Some(expression.clone()),
                Piece::Literal(_) => None,
            })
            .collect();
        Ok(Self(Arc::new(Inner { fragment: text.0.clone(), pieces, expressions })))
    }

    /// The expressions, in order.
    #[must_use]
    pub fn expressions(&self) -> &[Expression] {
        &self.0.expressions
    }

    /// Every reference with its place.
    #[must_use]
    pub fn references(&self) -> Vec<(Reference, Span)> {
        self.expressions().iter().flat_map(references).collect()
    }

    /// The text, if there is no `${{ }}` in it.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        self.expressions().is_empty().then(|| self.source())
    }

    /// As authored.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.fragment.source
    }

    /// Its place.
    #[must_use]
    pub fn span(&self) -> Span {
        self.0.fragment.span
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.0.pieces
    }

    /// The expression, if the text is exactly one `${{ }}`.
    #[must_use]
    pub fn only(&self) -> Option<&Expression> {
        match self.pieces() {
            [Piece::Value { expression, .. }] => Some(expression),
            _ => None,
        }
    }

    /// The typed value when it is exactly one `${{ }}`, else the rendered text.
    ///
    /// # Errors
    /// As [`Expression::eval`].
    pub fn value(&self, scope: &Scope) -> Result<Value, EvalError> {
        if let Some(expression) = self.only() {
            return expression.eval(scope);
        }
        let text = self.render(scope)?;
        // Only a text that begins with a value is data at its beginning.
        let begins_literal = !matches!(self.pieces().first(), Some(Piece::Value { .. }));
        Ok(if begins_literal { authored(&text) } else { Value::from(text) })
    }

    /// Plain text; a secret in it is an error (the check stage has refused it with its place).
    ///
    /// # Errors
    /// As [`Expression::eval`]; a value that has no text form (a mapping, none, undefined).
    pub fn render(&self, scope: &Scope) -> Result<String, EvalError> {
        let mut text = String::with_capacity(self.source().len());
        for piece in self.pieces() {
            match piece {
                Piece::Literal(range) => text.push_str(&self.source()[range.clone()]),
                Piece::Value { expression, .. } => text.push_str(&plain(expression, &expression.eval(scope)?)?),
            }
        }
        Ok(text)
    }

    /// Text that may hold secrets.
    ///
    /// # Errors
    /// As [`Self::render`].
    pub fn render_secret(&self, scope: &Scope) -> Result<Rendered, EvalError> {
        let mut rendered = Rendered::default();
        for piece in self.pieces() {
            match piece {
                Piece::Literal(range) => push_text(&mut rendered, &self.source()[range.clone()]),
                Piece::Value { expression, .. } => push_value(&mut rendered, expression, scope)?,
            }
        }
        Ok(rendered)
    }

    /// For people: what is unknown stands as `‹steps.newest.outputs.name›`, an error as `‹error›`, secrets as `***`.
    #[must_use]
    pub fn preview(&self, scope: &Scope) -> String {
        self.pieces()
            .iter()
            .map(|piece| match piece {
                Piece::Literal(range) => self.source()[range.clone()].to_owned(),
                Piece::Value { expression, .. } => preview(expression, scope),
            })
            .collect()
    }
}

/// An expression's references with their places.
pub(super) fn references(expression: &Expression) -> impl Iterator<Item = (Reference, Span)> {
    expression.references().iter().map(|reference| (reference.clone(), expression.place(reference)))
}

/// The text form of a value, or why there is none.
pub(super) fn plain(expression: &Expression, value: &Value) -> Result<String, EvalError> {
    value::text(value).ok_or_else(|| {
        let source = expression.source().trim();
        let message = match value::kind(value) {
            "secret" => {
                format!("`{source}` is a secret: it may stand only in `env`, `stdin`, HTTP requests and channels")
            }
            "none" => format!("`{source}` is none and has no text; use `| default(…, true)` or a condition"),
            "list" => format!("`{source}` is a list ({}) and has no text; use `| join(' ')`", show(value)),
            kind => format!("`{source}` is a {kind} ({}) and has no text; use `| tojson`", show(value)),
        };
        EvalError::new(expression.span(), message)
    })
}

/// One value as people see it.
pub(super) fn preview(expression: &Expression, scope: &Scope) -> String {
    match expression.eval(scope) {
        Ok(value) => shown(&value),
        Err(error) if error.unknown.is_some() => format!("‹{}›", expression.source().trim()),
        Err(_) => "‹error›".to_owned(),
    }
}

fn shown(value: &Value) -> String {
    value::text(value).unwrap_or_else(|| show(value))
}

pub(super) fn push_text(rendered: &mut Rendered, more: &str) {
    match rendered.0.last_mut() {
        Some(work::Piece::Text(text)) => text.push_str(more),
        _ if more.is_empty() => {}
        _ => rendered.0.push(work::Piece::Text(more.to_owned())),
    }
}

pub(super) fn push_value(rendered: &mut Rendered, expression: &Expression, scope: &Scope) -> Result<(), EvalError> {
    let value = expression.eval(scope)?;
    match value::as_secret(&value) {
        Some(name) => rendered.0.push(work::Piece::Secret(name)),
        None => push_text(rendered, &plain(expression, &value)?),
    }
    Ok(())
}

/// Whether a value may begin an argument: data must not become an option.
pub(super) fn may_begin(value: &Value, text: &str) -> bool {
    !text.starts_with('-') || is_authored(value)
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.source())
    }
}

#[cfg(test)]
mod tests;
