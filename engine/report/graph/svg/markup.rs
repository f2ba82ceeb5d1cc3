//! Text that others wrote, as text of XML.

use crate::report::page::escape;
use crate::report::visible;

/// As the content of an element: never markup, and nothing in it is hidden.
#[must_use]
pub fn text(said: &str) -> String {
    // Two characters that HTML has and XML has not.
    escape(&visible::line(said)).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// A word of this program as a name in an attribute: spaces become hyphens.
#[must_use]
pub fn attribute(word: &'static str) -> String {
    word.replace(' ', "-")
}
