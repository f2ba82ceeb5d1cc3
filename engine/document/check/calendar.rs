//! Calendars: addresses and programs of notices can be read, and read only secrets that are there.

use crate::model::calendar::{Calendar, Notice};
use crate::model::diagnostic::Diagnostic;
use crate::model::source::Span;
use crate::template::nearest::did_you_mean;
use crate::template::{Reference, Template, Words};

/// Checks a calendar by itself.
pub(in crate::document) fn check(calendar: &Calendar) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for notice in &calendar.notify {
        match notice {
            Notice::Channel(channel) => match Template::parse(&channel.url) {
                Ok(template) => {
                    findings.extend(template.references().into_iter().filter_map(|it| secret(calendar, &it)));
                }
                Err(found) => findings.extend(found),
            },
            Notice::Exec(argv) => match Words::parse(argv) {
                Ok(words) => findings.extend(words.references().into_iter().map(|(_, span)| fixed(span))),
                Err(found) => findings.extend(found),
            },
        }
    }
    findings
}

/// What is wrong with what an address reads.
fn secret(calendar: &Calendar, (reference, span): &(Reference, Span)) -> Option<Diagnostic> {
    let known = || calendar.secrets.iter().map(|(name, _)| name.value.as_str());
    let path: Vec<&str> = reference.path.iter().map(String::as_str).collect();
    let (message, help) = match path[..] {
        ["secrets", name] if known().any(|one| one == name) => return None,
        ["secrets", name, ..] => {
            let help = did_you_mean(name, known()).unwrap_or_else(|| "declare it under `secrets:`".to_owned());
            (format!("this calendar has no secret `{name}`"), help)
        }
        _ => {
            let shown = path.join(".");
            (format!("`{shown}` is not known in a calendar"), "an address reads `secrets.NAME` only".to_owned())
        }
    };
    Some(Diagnostic::error("document::unknown_name", *span, message).help(help))
}

/// A program of a notice has nothing to read: its arguments are seen by everybody on the machine.
fn fixed(span: Span) -> Diagnostic {
    let message = "a program of a notice is taken as it stands: it has no `${{ }}`";
    let help =
        "the result arrives on its standard input; what else it needs it reads from its own environment or files";
    Diagnostic::error("document::template_here", span, message).help(help)
}
