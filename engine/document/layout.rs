//! How the characters of a scalar lie in its file.

use super::tree::{Place, Style};
use crate::model::source::{FileId, Fragment, Layout, Span};

/// The text of a scalar with its place, as exact as its style allows.
pub(super) fn fragment(file: FileId, source: &str, text: &str, style: Style, place: Place) -> Fragment {
    let (place, layout) = lay(source, text, style, place);
    Fragment { source: text.to_owned(), span: Span { file, start: place.start, end: place.end }, layout }
}

fn lay(source: &str, text: &str, style: Style, place: Place) -> (Place, Layout) {
    let slice = |place: Place| source.get(place.start as usize..place.end as usize);
    match style {
        Style::Plain | Style::Missing if slice(place) == Some(text) => (place, Layout::Exact),
        Style::Single | Style::Double => {
            let inner = Place { start: place.start + 1, end: place.end.saturating_sub(1).max(place.start + 1) };
            if slice(inner) == Some(text) { (inner, Layout::Exact) } else { (place, Layout::Opaque) }
        }
        Style::Literal => {
            lines(source, text, place).map_or((place, Layout::Opaque), |starts| (place, Layout::Lines(starts)))
        }
        _ => (place, Layout::Opaque),
    }
}

/// Where each line of a `|` block begins. The place of a block begins at the first byte of its first line that is not blank, so
/// blank lines before it are looked for backwards; whatever does not agree with the text is opaque.
fn lines(source: &str, text: &str, place: Place) -> Option<Vec<u32>> {
    let blank = text.bytes().take_while(|byte| *byte == b'\n').count();
    let first = place.start as usize;
    let mut starts = Vec::new();
    let mut above = source.get(..first)?.rfind('\n')?;
    for _ in 0..blank {
        starts.push(above);
        above = source[..above].rfind('\n')?;
    }
    starts.reverse();
    let indent = first - source[..first].rfind('\n').map_or(0, |at| at + 1);
    let mut at = first;
    for line in text[blank..].split_inclusive('\n') {
        let line = line.trim_end_matches('\n');
        let physical = source.get(at..)?;
        if !physical.starts_with(line) {
            return None;
        }
        starts.push(at);
        let next = at + physical.find('\n').map_or(physical.len(), |end| end + 1);
        let rest = source.get(next..)?;
        at = next + rest.bytes().take(indent).take_while(|byte| *byte == b' ').count();
    }
    starts.into_iter().map(|start| u32::try_from(start).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse::parse;
    use crate::document::tree::Node;

    fn value(source: &str) -> Fragment {
        let parsed = parse(FileId(0), source);
        let root: Node<'_> = parsed.root.expect("valid YAML");
        let node = &root.entries().expect("a mapping")[0].value;
        let (text, style) = node.scalar().expect("a scalar");
        fragment(FileId(0), source, text, style, node.place)
    }

    fn pointed<'a>(source: &'a str, word: &str) -> &'a str {
        let fragment = value(source);
        let at = fragment.source.find(word).expect("the word");
        let span = fragment.place(&(at..at + word.len()));
        &source[span.start as usize..span.end as usize]
    }

    #[test]
    fn points_into_plain_quoted_and_literal_scalars() {
        for source in [
            "é: plain word é\n",
            "é: 'a word é'\n",
            "é: \"a word é\"\n",
            "é: |\n  é first\n\n    and word\n  last\n",
            "é: |\n\n\n  word\n",
            "é: |2\n    indented\n  word\n",
            "é: |\r\n  one\r\n  a word\r\n",
            "é: |\n  one\n     \n  word\n",
        ] {
            assert_eq!(pointed(source, "word"), "word", "in {source:?}");
        }
    }

    #[test]
    fn folded_and_escaped_scalars_are_opaque() {
        for source in ["a: >\n  two\n  lines\n", "a: two\n  lines\n", "a: 'it''s'\n", "a: \"t\\tab\"\n"] {
            assert_eq!(value(source).layout, Layout::Opaque, "in {source:?}");
        }
    }
}
