//! Shell scripts: every `${{ }}` becomes a reference to an environment variable; the text of a value never enters the script.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::lex::{self, Piece};
use super::quote::quote;
use super::shell::{BY_ENV, Form, forms};
use super::text::{preview, push_value, references};
use super::{EvalError, Expression, Reference, Scope};
use crate::model::diagnostic::{Checked, Diagnostic};
use crate::model::source::{Fragment, Span, Text};
use crate::model::work::{self, Rendered};

/// A script with its bindings decided by lexical context. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Script(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    fragment: Fragment,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Literal(String),
    Value(Form, Expression),
}

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
        let fragment = &text.0;
        let pieces = lex::pieces(fragment)?;
        let refuse = |range, message: &str, help: &'static str| {
            Diagnostic::error("template::shell", fragment.place(&range), message).help(help)
        };
        let values = pieces.iter().filter(|piece| matches!(piece, Piece::Value { .. }));
        if !standard {
            let errors: Vec<_> = values
                .map(|piece| {
                    refuse(piece.range().clone(), "a value cannot stand in a script of another interpreter", BY_ENV)
                })
                .collect();
            if !errors.is_empty() {
                return Err(errors);
            }
        } else if let Some(at) = fragment.source.find('\0') {
            return Err(vec![refuse(at..at + 1, "a script cannot hold a NUL character", "remove it")]);
        }
        // Without values there is nothing to be certain about: any script is fine.
        let forms =
            if fragment.source.contains("${{") && standard { forms(&fragment.source, &pieces) } else { Ok(Vec::new()) };
        let forms = forms.map_err(|refusals| -> Vec<_> {
            refusals.into_iter().map(|it| refuse(it.range, &it.message, it.help)).collect()
        })?;
        let mut forms = forms.into_iter();
        let parts = pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Literal(range) => Part::Literal(fragment.source[range].to_owned()),
                Piece::Value { expression, .. } => Part::Value(forms.next().unwrap_or(Form::Word), expression),
            })
            .collect();
        Ok(Self(Arc::new(Inner { fragment: fragment.clone(), parts })))
    }

    /// Every reference with its place.
    #[must_use]
    pub fn references(&self) -> Vec<(Reference, Span)> {
        let expressions = self.0.parts.iter().filter_map(|part| match part {
            Part::Value(_, expression) => Some(expression),
            Part::Literal(_) => None,
        });
        expressions.flat_map(references).collect()
    }

    /// As authored.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.fragment.source
    }

    /// The script and its variables.
    ///
    /// # Errors
    /// As [`super::Expression::eval`]; NUL in a value.
    pub fn bind(&self, scope: &Scope) -> Result<BoundScript, EvalError> {
        let mut bound = BoundScript { text: String::with_capacity(self.source().len()), env: Vec::new() };
        // One variable an expression, however often it stands in the script: the environment has a limited size.
        let mut sources: Vec<&str> = Vec::new();
        for part in &self.0.parts {
            match part {
                Part::Literal(text) => bound.text.push_str(text),
                Part::Value(form, expression) => {
                    let source = expression.source();
                    let known = sources.iter().position(|known| *known == source);
                    let at = if let Some(at) = known {
                        at
                    } else {
                        sources.push(source);
                        bound.env.push((format!("RB_{}", sources.len()), variable(expression, scope)?));
                        sources.len() - 1
                    };
                    bound.text.push_str(&form.reference(&bound.env[at].0));
                }
            }
        }
        Ok(bound)
    }

    /// For people: the authored script with values shown in place, quoted, as [`super::Template::preview`].
    #[must_use]
    pub fn preview(&self, scope: &Scope) -> String {
        self.0
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.clone(),
                Part::Value(form, expression) => {
                    let shown = preview(expression, scope);
                    match form {
                        Form::Word if !shown.starts_with('‹') => {
                            let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
                            if !shown.is_empty() && shown.chars().all(plain) { shown } else { quote(&shown) }
                        }
                        _ => shown,
                    }
                }
            })
            .collect()
    }
}

fn variable(expression: &Expression, scope: &Scope) -> Result<Rendered, EvalError> {
    let mut rendered = Rendered::default();
    push_value(&mut rendered, expression, scope)?;
    if rendered.0.iter().any(|piece| matches!(piece, work::Piece::Text(text) if text.contains('\0'))) {
        let message = format!("`{}` holds a NUL character, which no variable can", expression.source().trim());
        return Err(EvalError::new(expression.span(), message));
    }
    Ok(rendered)
}

impl Serialize for Script {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.source())
    }
}

#[cfg(test)]
mod tests;
