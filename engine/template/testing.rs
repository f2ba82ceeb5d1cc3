//! Builders for the unit tests of this layer.

use super::{EvalError, Expression, Scope, Template, Value};
use crate::model::diagnostic::Diagnostic;
use crate::model::source::{Expr, FileId, Fragment, Layout, Span, Text};

pub(super) fn fragment(source: &str) -> Fragment {
    let end = u32::try_from(source.len()).unwrap();
    Fragment { source: source.to_owned(), span: Span { file: FileId(0), start: 0, end }, layout: Layout::Exact }
}

pub(super) fn text(source: &str) -> Text {
    Text(fragment(source))
}

pub(super) fn template(source: &str) -> Template {
    Template::parse(&text(source)).unwrap_or_else(|errors| panic!("{source}: {errors:?}"))
}

pub(super) fn parsed(source: &str) -> Result<Expression, Vec<Diagnostic>> {
    Expression::parse(&Expr(fragment(source)))
}

pub(super) fn expression(source: &str) -> Expression {
    parsed(source).unwrap_or_else(|errors| panic!("{source}: {errors:?}"))
}

pub(super) fn eval(source: &str, scope: &Scope) -> Result<Value, EvalError> {
    expression(source).eval(scope)
}

pub(super) fn message(source: &str, scope: &Scope) -> String {
    match eval(source, scope) {
        Ok(value) => panic!("{source} gave {value:?}"),
        Err(error) => error.message,
    }
}

/// A scope from JSON, own kinds tagged.
pub(super) fn scope(json: &serde_json::Value) -> Scope {
    let names = json.as_object().unwrap();
    names.iter().fold(Scope::default(), |scope, (name, value)| scope.with(name, super::value::from_json(value)))
}

/// The text of a place.
pub(super) fn at(source: &str, span: Span) -> &str {
    &source[span.start as usize..span.end as usize]
}
