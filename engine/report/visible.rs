//! Shows text that others wrote: control characters and bidirectional marks appear escaped, so that no output, name or value can
//! move the cursor, set a title, or reorder what a person reads. Log files keep them as they were.

use std::borrow::Cow;
use std::fmt::Write as _;

/// One line: line ends are escaped too. Tabs stay.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    escape(text, |c| c == '\n' || is_hidden(c))
}

/// Several lines: line feeds stay.
#[must_use]
pub fn block(text: &str) -> Cow<'_, str> {
    escape(text, is_hidden)
}

/// The same number of bytes, so that offsets into the text stay right: what would be escaped becomes a mark.
#[must_use]
pub fn same_length(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mark = |c: char| match c.len_utf8() {
        _ if !is_hidden(c) => c,
        1 if c == '\r' => ' ',
        1 => '?',
        2 => '¿',
        _ => '\u{fffd}',
    };
    Cow::Owned(text.chars().map(mark).collect())
}

fn escape(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            _ if !hidden(c) => shown.push(c),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            _ if u32::from(c) < 0x100 => {
                let _ = write!(shown, "\\x{:02x}", u32::from(c));
            }
            _ => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    Cow::Owned(shown)
}

/// Controls other than tab and line feed, bidirectional marks, line separators, and marks without width that hide text.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t' && c != '\n')
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_bidi_marks_are_escaped() {
        assert_eq!(line("a\x1b]52;c;eA==\x07b"), "a\\x1b]52;c;eA==\\x07b");
        assert_eq!(line("evil\u{202e}txt.exe"), "evil\\u{202e}txt.exe");
        assert_eq!(line("a\nb\r\tc"), "a\\nb\\r\tc");
        assert_eq!(block("a\nb\u{9b}"), "a\nb\\x9b");
        assert!(matches!(line("plain ünïcode ✓"), Cow::Borrowed(_)));
    }

    #[test]
    fn marks_keep_their_length() {
        let text = "a\x1b\u{202e}\u{61c}b\u{85}";
        assert_eq!(same_length(text).len(), text.len());
        assert_eq!(same_length(text), "a?\u{fffd}¿b¿");
    }
}
