//! Findings of all passes: errors and warnings, each once.

use std::collections::HashSet;

use crate::model::diagnostic::{Checked, Diagnostic, Severity};
use crate::model::source::{Expr, Fragment, Layout, Span, Text};
use crate::template::{EvalError, Expression, Template};

/// Collects; a text that stands in several places of the plan is reported once.
#[derive(Debug, Default)]
pub struct Findings {
    found: Vec<Diagnostic>,
    seen: HashSet<(&'static str, Option<Span>, String)>,
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.seen.insert((diagnostic.code, diagnostic.span, diagnostic.message.clone())) {
            self.found.push(diagnostic);
        }
    }

    /// Adds several.
    pub fn push_all(&mut self, diagnostics: Vec<Diagnostic>) {
        for diagnostic in diagnostics {
            self.push(diagnostic);
        }
    }

    /// Adds what an evaluation says. Before the run only what was wrong already is unknown, and that has its finding.
    pub fn evaluation(&mut self, error: &EvalError) {
        if error.unknown.is_none() {
            self.push(error.diagnostic());
        }
    }

    /// The product, or none after adding its errors.
    pub fn take<T>(&mut self, checked: Checked<T>) -> Option<T> {
        checked.map_err(|errors| errors.into_iter().for_each(|error| self.push(error))).ok()
    }

    /// A template; where it is wrong, an empty one.
    pub fn template(&mut self, text: &Text) -> Template {
        self.take(Template::parse(text)).unwrap_or_else(|| literal("", text.0.span))
    }

    /// An optional template.
    pub fn maybe(&mut self, text: Option<&Text>) -> Option<Template> {
        text.map(|text| self.template(text))
    }

    /// An expression.
    pub fn expression(&mut self, expr: &Expr) -> Option<Expression> {
        self.take(Expression::parse(expr))
    }

    /// Expressions; the wrong ones are left out.
    pub fn expressions(&mut self, exprs: &[Expr]) -> Vec<Expression> {
        exprs.iter().filter_map(|expr| self.expression(expr)).collect()
    }

    /// True once there is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|found| found.severity == Severity::Error)
    }

    /// Everything found: errors first by place, then warnings. An evaluation that failed over what another finding names at the
    /// same place is left out.
    #[must_use]
    pub fn into_vec(mut self) -> Vec<Diagnostic> {
        let mut causes: Vec<Span> =
            self.found.iter().filter(|found| found.code != EVALUATION).flat_map(cause).collect();
        causes.sort_by_key(|span| (span.file, span.start, span.end));
        self.found.retain(|found| {
            let Some(span) = found.span.filter(|_| found.code == EVALUATION) else { return true };
            let from = causes.partition_point(|it| (it.file, it.start) < (span.file, span.start));
            let mut inside = causes[from..].iter().take_while(|it| it.file == span.file && it.start <= span.end);
            !inside.any(|it| it.end <= span.end)
        });
        self.found
            .sort_by_key(|found| (std::cmp::Reverse(found.severity), found.span.map(|span| (span.file, span.start))));
        self.found
    }
}

const EVALUATION: &str = "template::evaluation";

/// The places of what an evaluation may fail over: of an error, and of every variable in a circle.
fn cause(found: &Diagnostic) -> impl Iterator<Item = Span> {
    let is_cause = found.severity == Severity::Error;
    let others = found.related.iter().filter(|_| found.code == "plan::variable_cycle").map(|(span, _)| *span);
    found.span.into_iter().chain(others).filter(move |_| is_cause)
}

/// A text of the engine's own, shown at a place of the document it serves.
#[must_use]
pub fn text(source: impl Into<String>, span: Span) -> Text {
    Text(Fragment { source: source.into(), span, layout: Layout::Opaque })
}

/// An expression of the engine's own.
#[must_use]
pub fn expr(source: impl Into<String>, span: Span) -> Expr {
    Expr(Fragment { source: source.into(), span, layout: Layout::Opaque })
}

/// A template without any `${{ }}`: a value that is already known, or an id.
///
/// # Panics
/// Never: `${{` is broken up before parsing.
#[must_use]
pub fn literal(source: &str, span: Span) -> Template {
    let safe = if source.contains("${{") { source.replace("${{", "${{ '${{' }}") } else { source.to_owned() };
    Template::parse(&text(safe, span)).expect("a text without templates of its own parses")
}
