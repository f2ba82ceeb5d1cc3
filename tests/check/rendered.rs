//! Findings as plain text, and the fixtures they are made from.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use runbook::cli;
use runbook::model::diagnostic::{Diagnostic, Severity};
use runbook::model::source::SourceMap;

/// What `check` finds in a file.
pub struct Found {
    pub sources: SourceMap,
    pub findings: Vec<Diagnostic>,
}

impl Found {
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
    }

    pub fn codes(&self) -> Vec<&'static str> {
        self.findings.iter().map(|finding| finding.code).collect()
    }
}

/// Checks a file as `runbook check` does.
#[must_use]
pub fn check(path: &Path) -> Found {
    let (sources, findings) = cli::findings(path);
    Found { sources, findings }
}

/// `path:line:col severity code: message`, then label, help and related places, indented.
#[must_use]
pub fn render(found: &Found) -> String {
    let mut text = String::new();
    for finding in &found.findings {
        let place = |span| found.sources.place(span);
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let at = finding.span.map_or_else(|| "-".to_owned(), place);
        let _ = writeln!(text, "{at} {severity} {}\n  {}", finding.code, finding.message);
        if let Some(label) = &finding.label {
            let _ = writeln!(text, "  label: {label}");
        }
        if let Some(help) = &finding.help {
            let _ = writeln!(text, "  help: {help}");
        }
        for (span, label) in &finding.related {
            let _ = writeln!(text, "  related: {} {label}", place(*span));
        }
    }
    text
}

/// Every file below a directory of the repository, sorted, by its path from the root.
#[must_use]
pub fn files(directory: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from(directory)];
    while let Some(directory) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        for entry in entries {
            let path = entry.expect("a readable directory").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The broken fixtures themselves, without the files that they name.
#[must_use]
pub fn broken() -> Vec<PathBuf> {
    let mut all = files("fixtures/runbooks/invalid");
    all.retain(|path| path.parent().is_some_and(|parent| parent.ends_with("invalid")));
    all
}
