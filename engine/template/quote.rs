//! A word as a shell would take it, for display. Every character is written the same way wherever it stands: a quoting that chooses
//! its quotes by what surrounds a character would break a secret into pieces that no masker knows.

/// In single quotes, and quotes in it as `'\''`.
#[must_use]
pub fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
