//! A diagnostic as plain lines: the form that editors, pipelines and screen readers take.
//!
//! ```text
//! path:line:column: error[code]: message
//!    12 |   neds: [a]
//!       |   ^^^^ unknown key
//!   help: did you mean `needs`?
//! ```

use std::fmt::Write as _;

use console::measure_text_width;

use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::source::{SourceMap, Span};
use crate::report::visible;

/// Widest excerpt in columns; a longer line is cut around the caret.
const WIDEST: usize = 160;

/// The lines of one finding, the last one ended.
pub fn plain(sources: &SourceMap, one: &Diagnostic) -> String {
    let severity = match one.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let message = visible::block(&one.message);
    let at = one.span.map(|span| format!("{}: ", place(sources, span))).unwrap_or_default();
    let mut text = format!("{at}{severity}[{}]: {message}\n", one.code);
    if let Some(span) = one.span {
        text.push_str(&lines(sources, span, one.label.as_deref()));
    }
    for (span, label) in &one.related {
        let _ = writeln!(text, "  {}: {}", place(sources, *span), visible::line(label));
    }
    if let Some(help) = &one.help {
        let _ = writeln!(text, "  help: {}", visible::block(help).replace('\n', "\n        "));
    }
    text
}

/// Bytes of the line that a span begins in.
pub fn line_length(sources: &SourceMap, span: Span) -> usize {
    let text = &sources.file(span.file).text;
    let (start, _) = bounds(text, span);
    let (from, to) = line_around(text, start);
    to - from
}

/// A span's bytes, clamped to the text and to whole characters; at least one character where there is one on the line.
pub fn bounds(text: &str, span: Span) -> (usize, usize) {
    let floor = |offset: u32| {
        let mut at = (offset as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (start, end) = (floor(span.start), floor(span.end));
    if end > start {
        return (start, end);
    }
    let next = text[start..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    (start, start + next)
}

fn place(sources: &SourceMap, span: Span) -> String {
    visible::line(&sources.place(span)).into_owned()
}

fn line_around(text: &str, at: usize) -> (usize, usize) {
    let from = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let to = text[at..].find('\n').map_or(text.len(), |end| at + end);
    (from, to)
}

fn lines(sources: &SourceMap, span: Span, label: Option<&str>) -> String {
    let text = &sources.file(span.file).text;
    let (start, end) = bounds(text, span);
    let (from, to) = line_around(text, start);
    let shown = |part: &str| visible::same_length(part).replace('\t', " ");
    let before = shown(&text[from..start]);
    let marked = shown(&text[start..end.min(to)]);
    let after = shown(text[end.min(to)..to].trim_end());
    let before = keep_end(&before, WIDEST / 2);
    let marked = keep_start(&marked, WIDEST / 2);
    let after = keep_start(&after, WIDEST.saturating_sub(measure_text_width(&before) + measure_text_width(&marked)));
    let line = sources.position(span).line;
    let carets = "^".repeat(measure_text_width(&marked).max(1));
    let label = label.map(|label| format!(" {}", visible::line(label))).unwrap_or_default();
    format!(
        "{line:>6} | {before}{marked}{after}\n{:>6} | {}{carets}{label}\n",
        "",
        " ".repeat(measure_text_width(&before))
    )
}

fn keep_end(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        text.to_owned()
    } else {
        format!("…{}", text.chars().skip(count - width).collect::<String>())
    }
}

fn keep_start(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(width).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: &str) -> (SourceMap, impl Fn(u32, u32) -> Span) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.yaml".into(), text);
        (sources, move |start, end| Span { file, start, end })
    }

    #[test]
    fn the_caret_stands_below_the_place() {
        let (sources, span) = sources("kind: runbook/v1\nnäme: x\n");
        let one = Diagnostic::error("document::unknown_key", span(17, 22), "unknown key `näme`")
            .label("not a key")
            .help("did you mean `name`?");
        let expected = "a.yaml:2:1: error[document::unknown_key]: unknown key `näme`\n     2 | näme: x\n       | ^^^^ \
                        not a key\n  help: did you mean `name`?\n";
        assert_eq!(plain(&sources, &one), expected);
    }

    #[test]
    fn places_outside_the_text_and_empty_ones_never_panic() {
        let (sources, span) = sources("ä");
        for (start, end) in [(0, 0), (1, 1), (2, 2), (9, 12), (1, 9)] {
            assert!(plain(&sources, &Diagnostic::error("x::y", span(start, end), "m")).contains("a.yaml:1:"));
        }
    }

    #[test]
    fn long_lines_are_cut_around_the_caret() {
        let long = format!("{}HERE{}", "a".repeat(5_000), "b".repeat(5_000));
        let (sources, span) = sources(&long);
        let text = plain(&sources, &Diagnostic::error("x::y", span(5_000, 5_004), "m"));
        assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
        assert!(text.contains("HERE"));
    }
}
