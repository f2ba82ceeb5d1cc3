//! Nothing a value holds can become more than one argument, or code: S1 to S4 of the promises.

mod argv;
pub mod corpus;
mod shells;
mod silent;

use runbook::model::source::{Expr, FileId, Fragment, Layout, Span, Text};
use runbook::template::{Expression, Scope, Value};

fn fragment(source: &str) -> Fragment {
    let end = u32::try_from(source.len()).unwrap();
    Fragment { source: source.to_owned(), span: Span { file: FileId(0), start: 0, end }, layout: Layout::Exact }
}

fn text(source: &str) -> Text {
    Text(fragment(source))
}

fn expression(source: &str) -> Expression {
    Expression::parse(&Expr(fragment(source))).unwrap_or_else(|errors| panic!("{source}: {errors:?}"))
}

/// `v0`, `v1`, …
fn scope(values: &[String]) -> Scope {
    let named = values.iter().enumerate();
    named.fold(Scope::default(), |scope, (at, value)| scope.with(&format!("v{at}"), Value::from(value.as_str())))
}
