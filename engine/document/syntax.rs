//! What is wrong when YAML itself cannot be read, and what the author most likely meant.

use granit_parser::{ErrorKind, ScanError};

use super::limits;
use super::tree::Place;
use crate::model::diagnostic::Diagnostic;
use crate::model::source::FileId;

const QUOTE_TEMPLATE: &str =
    "inside `{ }` and `[ ]` a value with `${{ }}` or `{{ }}` needs quotes: { key: \"${{ … }}\" }";
const QUOTE_COLON: &str = "a value with `: ` in it needs quotes, or a block: `key: |` and the text on the next line";
const QUOTE_START: &str = "a value that begins with a quote ends at the next one: put the subject first (`stdout is containing 'x'`), \
                           or put the whole value into the other kind of quotes";

/// A syntax error in our words. `read`: how far everything was well.
pub(super) fn explain(file: FileId, text: &str, error: &ScanError, read: usize) -> Box<Diagnostic> {
    let offset = error.marker().byte_offset().unwrap_or(0).min(text.len());
    let opened = if is_unclosed(error.kind()) { opening(text, read) } else { None };
    let place = spot(text, opened.unwrap_or(offset));
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return Box::new(too_deep(file, place));
    }
    let (message, help) = words(error.kind(), text, offset);
    Box::new(Diagnostic::error("document::syntax", place.of(file), message).help(help))
}

/// Too many collections inside each other.
pub(super) fn too_deep(file: FileId, place: Place) -> Diagnostic {
    let message = format!("more than {} lists and mappings stand inside each other", limits::DEPTH);
    Diagnostic::error("document::too_deep", place.of(file), message)
        .help("move inner steps to a file of their own and `include:` it")
}

/// One character, or nothing at the end of the file.
fn spot(text: &str, offset: usize) -> Place {
    let mut start = offset;
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let length = text[start..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    let at = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place { start: at(start), end: at(start + length) }
}

fn is_unclosed(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnclosedQuotedScalar
            | ErrorKind::DocumentIndicatorInQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
    )
}

/// The first quote behind `from`, comments aside: the parser says only where it gave up.
fn opening(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    for line in text.get(from..)?.split_inclusive('\n') {
        let code = line.find(" #").map_or(line, |comment| &line[..comment]);
        let code = if line.trim_start().starts_with('#') { "" } else { code };
        if let Some(quote) = code.find(['"', '\'']) {
            return Some(at + quote);
        }
        at += line.len();
    }
    None
}

fn line_at(text: &str, offset: usize) -> (&str, usize) {
    let bytes = text.as_bytes();
    let start = bytes[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let end = bytes[offset..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| offset + at);
    (text.get(start..end).unwrap_or(""), offset - start)
}

/// The value of `key: value` or `- value` on a line.
fn value_of(line: &str) -> &str {
    let line = line.trim_start().trim_start_matches("- ");
    line.split_once(": ").map_or(line, |(_, value)| value).trim()
}

fn words(kind: &ErrorKind, text: &str, offset: usize) -> (String, &'static str) {
    let (line, column) = line_at(text, offset);
    let value = value_of(line);
    let flow = value.starts_with(['{', '[']);
    let said = |message: &str, help| (message.to_owned(), help);
    match kind {
        ErrorKind::UnexpectedCharacter { character } => {
            (format!("a value cannot begin with `{character}`"), "put the value in quotes")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            said("there is text behind the closing quote", QUOTE_START)
        }
        kind if is_unclosed(kind) => {
            said("a quote is opened and never closed", "close it; in single quotes, `''` is one quote")
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => said("a tab is used for indentation", "use spaces"),
        ErrorKind::UnknownAnchor => {
            said("this alias repeats nothing: no `&name` stands above it", "quote a text that begins with `*`")
        }
        ErrorKind::DirectiveDisallowed => said("`%` directives are not part of a runbook", "leave the line out"),
        ErrorKind::BomInsideDocument => said("a byte-order mark stands inside the text", "remove it"),
        ErrorKind::UnknownQuotedScalarEscape => said(
            "unknown escape in a double-quoted text",
            "use single quotes, where `\\` is itself, or double it: `\\\\`",
        ),
        _ if flow && (line.contains("{{")) => said("the template ends the value too early", QUOTE_TEMPLATE),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::MismatchedFlowCollectionEnd { .. }
        | ErrorKind::MisplacedFlowCollectionEnd => said(
            "a list `[ ]` or mapping `{ }` is not closed properly",
            "close it, or quote the value: `[`, `]`, `{`, `}` and `,` have a meaning inside",
        ),
        ErrorKind::MappingValueNotAllowed if value.starts_with(['\'', '"']) => {
            said("there is text behind the closing quote", QUOTE_START)
        }
        ErrorKind::MappingValueNotAllowed if line[..column.min(line.len())].contains(": ") => {
            said("this line has a second `: ` in it", QUOTE_COLON)
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => said(
            "this line does not fit what stands above it",
            "check the indentation of this line and of the one above, and the `:` behind the key",
        ),
        ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::InvalidIndentation
        | ErrorKind::BlockSequenceEntryNotAllowed => said(
            "this line does not fit what stands above it",
            "check its indentation: keys of one mapping and items of one list begin in the same column",
        ),
        ErrorKind::CommentInterceptedScalar | ErrorKind::CommentNotSeparated => {
            said("a comment cuts this value in two", "put the value in quotes, or the comment on a line of its own")
        }
        other => (
            format!("this is not valid YAML: {other}"),
            "see the lines just above as well; quote the value if in doubt",
        ),
    }
}
