//! Text that others wrote, as text of XML and of HTML.

use crate::report::visible;

/// As the content of an element: never markup, and nothing in it is hidden.
#[must_use]
pub fn text(said: &str) -> String {
    let mut escaped = String::with_capacity(said.len() + 8);
    for c in visible::line(said).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // No characters of XML.
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A word of this program as a name in an attribute: spaces become hyphens.
#[must_use]
pub fn attribute(word: &'static str) -> String {
    word.replace(' ', "-")
}
