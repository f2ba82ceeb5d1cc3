//! `${{ … }}` in a text: where each begins and ends, and its expression. Knows strings and brackets; `{{` alone is text.

use std::ops::Range;

use super::Expression;
use crate::model::diagnostic::{Checked, Diagnostic};
use crate::model::source::{Expr, Fragment, Layout};

const OPEN: &str = "${{";

/// A part of a text.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Bytes of the source, as they are.
    Literal(Range<usize>),
    /// One `${{ }}`; the range includes the delimiters.
    Value { range: Range<usize>, expression: Expression },
}

impl Piece {
    pub fn range(&self) -> &Range<usize> {
        match self {
            Self::Literal(range) | Self::Value { range, .. } => range,
        }
    }
}

/// The pieces in order, literals never empty.
///
/// # Errors
/// An unterminated `${{`, and every mistake of every expression.
pub(super) fn pieces(fragment: &Fragment) -> Checked<Vec<Piece>> {
    let source = fragment.source.as_str();
    let mut pieces = Vec::new();
    let mut errors = Vec::new();
    let mut at = 0;
    while let Some(found) = source[at..].find(OPEN) {
        let start = at + found;
        if start > at {
            pieces.push(Piece::Literal(at..start));
        }
        let Some(end) = closing(source, start + OPEN.len()) else {
            let range = start..start + OPEN.len();
            errors.push(
                Diagnostic::error("template::unterminated", fragment.place(&range), "this `${{` has no `}}`")
                    .help("close it; a `}}` inside quotes or brackets does not count"),
            );
            return Err(errors);
        };
        let inner = &source[start + OPEN.len()..end];
        let from = start + OPEN.len() + (inner.len() - inner.trim_start().len());
        let to = (from + inner.trim().len()).max(from);
        match Expression::parse(&Expr(part(fragment, &(from..to), inner.is_empty()))) {
            Ok(expression) => pieces.push(Piece::Value { range: start..end + 2, expression }),
            Err(mut found) => errors.append(&mut found),
        }
        at = end + 2;
    }
    if at < source.len() {
        pieces.push(Piece::Literal(at..source.len()));
    }
    if errors.is_empty() { Ok(pieces) } else { Err(errors) }
}

/// Where the `}}` of an expression begins.
fn closing(source: &str, from: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut depth = 0_usize;
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'\'' | b'"') => {
                at += 1;
                while *bytes.get(at)? != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'(' | b'[' | b'{' => depth += 1,
            b'}' if depth == 0 && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'$' if source[at..].starts_with(OPEN) => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// A part of a fragment as a fragment of its own.
fn part(fragment: &Fragment, range: &Range<usize>, empty: bool) -> Fragment {
    let span = match (&fragment.layout, empty) {
        (Layout::Opaque, _) => fragment.span,
        // Nothing to point at: the delimiters.
        (_, true) => fragment.place(&(range.start.saturating_sub(OPEN.len())..range.end + 2)),
        (_, false) => fragment.place(range),
    };
    let source = fragment.source[range.clone()].to_owned();
    let layout = match &fragment.layout {
        Layout::Lines(starts) if source.contains('\n') => {
            let first = fragment.source[..range.start].matches('\n').count();
            let rest = starts.get(first + 1..).unwrap_or_default().iter().copied();
            Layout::Lines(std::iter::once(span.start).chain(rest).collect())
        }
        Layout::Lines(_) if !empty => Layout::Exact,
        _ if empty => Layout::Opaque,
        layout => layout.clone(),
    };
    Fragment { source, span, layout }
}
