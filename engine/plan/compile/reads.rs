//! What a judgement reads of a result.

use crate::model::work::Capture;
use crate::template::{Expression, Reference, Template};

use crate::plan::Judge;

/// What must be kept of the output for these expressions.
pub fn capture<'a>(judge: &'a Judge, more: impl IntoIterator<Item = &'a Expression>) -> Capture {
    let mut capture = Capture::default();
    let hint = judge.hint.iter().flat_map(Template::expressions);
    for expression in expressions(judge).chain(more).chain(hint) {
        for reference in expression.references() {
            match result_name(reference) {
                Some("stdout" | "lines" | "json" | "fields") => capture.stdout = true,
                Some("stderr") => capture.stderr = true,
                _ => {}
            }
        }
    }
    capture
}

/// True when an expression reads `before`.
pub fn before<'a>(judge: &'a Judge, more: impl IntoIterator<Item = &'a Expression>) -> bool {
    expressions(judge)
        .chain(more)
        .flat_map(Expression::references)
        .any(|it| it.path.first().is_some_and(|it| it == "before"))
}

/// True when an expectation names `exit` or `status`, and so replaces the default one.
pub fn replaces_default(expression: &Expression) -> bool {
    expression.references().iter().any(|it| matches!(it.path.first().map(String::as_str), Some("exit" | "status")))
}

fn expressions(judge: &Judge) -> impl Iterator<Item = &Expression> {
    judge.expect.iter().chain(&judge.warn_unless).chain(judge.outputs.iter().map(|(_, expression)| expression))
}

/// The result's field that a reference reads: `json` of `json.a` and of `before.json.a`. `before` alone may read anything.
fn result_name(reference: &Reference) -> Option<&str> {
    match reference.path.as_slice() {
        [before, name, ..] if before == "before" => Some(name),
        [before] if before == "before" => Some("stdout"),
        [name, ..] => Some(name),
        [] => None,
    }
}
