//! Shows diagnostics: through miette on a terminal, as plain `path:line:column` lines elsewhere, as a JSON array on demand. All of
//! them, then a count.

use std::collections::BTreeSet;
use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity as Shade, SourceCode};
use serde::Serialize;

use super::excerpt;
use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::source::{SourceMap, Span};
use crate::report::{Sink, phrase, visible};

/// Diagnostics with the sources of their places.
pub type Batch<'a> = (&'a SourceMap, &'a [Diagnostic]);

/// Longest line that miette shows; longer ones are cut by our own excerpt.
const LONGEST_LINE: usize = 300;

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.errors, self.warnings) {
            (0, 0) => f.write_str("no errors"),
            (errors, 0) => f.write_str(&phrase::count(errors, "error")),
            (0, warnings) => f.write_str(&phrase::count(warnings, "warning")),
            (errors, warnings) => {
                write!(f, "{}, {}", phrase::count(errors, "error"), phrase::count(warnings, "warning"))
            }
        }
    }
}

/// Shows everything, each finding once, in the order of files and lines; `json` goes to standard output as one array. The caller
/// says the count.
pub fn show(batches: &[Batch<'_>], json: bool) -> Count {
    let found = unique(batches);
    let of = |severity| found.iter().filter(|(_, one)| one.severity == severity).count();
    let count = Count { errors: of(Severity::Error), warnings: of(Severity::Warning) };
    if json {
        let array: Vec<Json<'_>> = found.iter().map(|(sources, one)| Json::of(sources, one)).collect();
        Sink::stdout().line(serde_json::to_string_pretty(&array).unwrap_or_else(|_| "[]".to_owned()));
        return count;
    }
    let sink = Sink::stderr();
    let term = console::Term::stderr();
    let fancy = term.is_term() && std::env::var_os("TERM").is_none_or(|name| name != "dumb");
    for (sources, one) in &found {
        sink.text(if fancy {
            graphical(sources, one, usize::from(term.size().1))
        } else {
            excerpt::plain(sources, one)
        });
    }
    count
}

/// Each as an object, as `--json` of `check` has them.
pub fn values(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Vec<serde_json::Value> {
    diagnostics.iter().map(|one| serde_json::to_value(Json::of(sources, one)).unwrap_or_default()).collect()
}

/// Findings of several loads of the same files, once each, in reading order.
pub fn unique<'a>(batches: &[Batch<'a>]) -> Vec<(&'a SourceMap, &'a Diagnostic)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (sources, diagnostics) in batches {
        let mut batch: Vec<_> = diagnostics.iter().collect();
        batch.sort_by_key(|one| one.span.map_or((1, None), |span| (0, Some((span.file, span.start)))));
        for one in batch {
            let place = one.span.map(|span| (sources.file(span.file).path.clone(), span.start, span.end));
            if seen.insert((place, one.code, one.message.clone())) {
                found.push((*sources, one));
            }
        }
    }
    found
}

/// A finding for machines. Lines and columns count from 1; `offset` and `end` are bytes.
#[derive(Serialize)]
struct Json<'a> {
    code: &'a str,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    place: Option<JsonPlace>,
    label: Option<&'a str>,
    help: Option<&'a str>,
    related: Vec<JsonRelated<'a>>,
}

#[derive(Serialize)]
struct JsonPlace {
    path: String,
    line: u32,
    column: u32,
    offset: u32,
    end: u32,
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    #[serde(flatten)]
    place: JsonPlace,
    message: &'a str,
}

impl JsonPlace {
    fn of(sources: &SourceMap, span: Span) -> Self {
        let at = sources.position(span);
        let path = sources.file(span.file).path.display().to_string();
        Self { path, line: at.line, column: at.column, offset: span.start, end: span.end }
    }
}

impl<'a> Json<'a> {
    fn of(sources: &SourceMap, one: &'a Diagnostic) -> Self {
        let related = one
            .related
            .iter()
            .map(|(span, message)| JsonRelated { place: JsonPlace::of(sources, *span), message })
            .collect();
        Self {
            code: one.code,
            severity: one.severity,
            message: &one.message,
            place: one.span.map(|span| JsonPlace::of(sources, span)),
            label: one.label.as_deref(),
            help: one.help.as_deref(),
            related,
        }
    }
}

fn graphical(sources: &SourceMap, one: &Diagnostic, width: usize) -> String {
    if one.span.is_some_and(|span| excerpt::line_length(sources, span) > LONGEST_LINE) {
        return excerpt::plain(sources, one);
    }
    let theme =
        if console::colors_enabled_stderr() { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(width.clamp(60, 120)).with_links(false);
    let mut text = String::new();
    match handler.render_report(&mut text, &Shown::of(sources, one)) {
        Ok(()) => text + "\n",
        Err(_) => excerpt::plain(sources, one),
    }
}

/// Our diagnostic in miette's shape.
#[derive(Debug)]
struct Shown {
    message: String,
    code: &'static str,
    severity: Shade,
    help: Option<String>,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    elsewhere: Vec<Self>,
}

impl Shown {
    fn of(sources: &SourceMap, one: &Diagnostic) -> Self {
        let mut labels = Vec::new();
        let mut elsewhere = Vec::new();
        if let Some(span) = one.span {
            let label = one.label.as_deref().map(|label| visible::line(label).into_owned());
            labels.push(LabeledSpan::new_primary_with_span(label, range(sources, span)));
        }
        for (span, text) in &one.related {
            let label = Some(visible::line(text).into_owned());
            if one.span.is_some_and(|main| main.file == span.file) {
                labels.push(LabeledSpan::new_with_span(label, range(sources, *span)));
            } else {
                elsewhere.push(Self {
                    message: text.clone(),
                    code: one.code,
                    severity: Shade::Advice,
                    help: None,
                    source: Some(source(sources, *span)),
                    labels: vec![LabeledSpan::new_primary_with_span(None, range(sources, *span))],
                    elsewhere: Vec::new(),
                });
            }
        }
        Self {
            message: visible::block(&one.message).into_owned(),
            code: one.code,
            severity: match one.severity {
                Severity::Warning => Shade::Warning,
                Severity::Error => Shade::Error,
            },
            help: one.help.as_deref().map(|help| visible::block(help).into_owned()),
            source: one.span.map(|span| source(sources, span)),
            labels,
            elsewhere,
        }
    }
}

fn source(sources: &SourceMap, span: Span) -> NamedSource<String> {
    let file = sources.file(span.file);
    NamedSource::new(visible::line(&file.path.display().to_string()), visible::same_length(&file.text).into_owned())
}

/// Within the text and on character boundaries, whatever the span says; at least one character where there is one.
fn range(sources: &SourceMap, span: Span) -> std::ops::Range<usize> {
    let (start, end) = excerpt::bounds(&sources.file(span.file).text, span);
    start..end
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<Shade> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.elsewhere.is_empty() {
            return None;
        }
        Some(Box::new(self.elsewhere.iter().map(|one| one as &dyn miette::Diagnostic)))
    }
}
