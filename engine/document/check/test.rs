//! Tests: each case has a name of its own.

use std::collections::HashMap;

use crate::model::diagnostic::Diagnostic;
use crate::model::source::Span;
use crate::model::test::Test;

/// Checks a test by itself.
pub(in crate::document) fn check(test: &Test) -> Vec<Diagnostic> {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    let mut findings = Vec::new();
    for case in &test.cases {
        if let Some(first) = seen.insert(&case.name.value, case.name.span) {
            let message = format!("two cases of this test are called `{}`", case.name.value);
            let finding = Diagnostic::error("document::duplicate_id", case.name.span, message).label("again here");
            findings.push(finding.help("say how they differ").related(first, "first here"));
        }
    }
    findings
}
