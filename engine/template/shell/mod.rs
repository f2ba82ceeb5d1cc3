//! Where in a bash script a value may stand, and in what form. Conservative: what is not understood is refused.
//!
//! The text of a value never enters a script, only a reference to an environment variable; what is decided here is whether the
//! shell would expand that reference exactly once, to exactly one word. Not seen: what the script itself does later with a
//! variable it set from a value (`x=${{ v }}; eval "$x"`).

mod commands;
mod heredoc;
mod rules;
mod scan;
mod words;

use std::ops::Range;

use super::lex::Piece;
use scan::Scan;

/// How a value is written into the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A word or a part of one: `"${RB_1}"`.
    Word,
    /// In double quotes or an unquoted here-document: `${RB_1}`.
    Bare,
    /// In single quotes: `'"${RB_1}"'`.
    Single,
}

impl Form {
    /// The reference to an environment variable in this form.
    pub fn reference(self, variable: &str) -> String {
        match self {
            Self::Word => format!("\"${{{variable}}}\""),
            Self::Bare => format!("${{{variable}}}"),
            Self::Single => format!("'\"${{{variable}}}\"'"),
        }
    }
}

/// Why a value cannot stand where it does, and the safe way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Bytes of the script.
    pub range: Range<usize>,
    pub message: String,
    pub help: &'static str,
}

/// The safe way that always works.
pub(super) const BY_ENV: &str = "pass it by `env: {NAME: …}` and write \"$NAME\" where the shell expands it once";

/// A form for each value of a script, in order.
///
/// # Errors
/// Every value that cannot stand where it does; the first construct that is not understood.
pub(super) fn forms(source: &str, pieces: &[Piece]) -> Result<Vec<Form>, Vec<Refusal>> {
    let mut scan = Scan::new(source, pieces);
    if let Err(lost) = scan.script() {
        return Err(vec![lost]);
    }
    scan.outcome()
}

#[cfg(test)]
mod tests;
