//! What an `include:` text may be: a path, or exactly `${{ system.runbooks.NAME }}`. Anything else would hide from the check which
//! steps a run can have.

use crate::model::source::Text;

/// An include, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Include<'a> {
    /// A path, relative to the file that wrote it.
    Path(&'a str),
    /// A runbook of the system.
    OfSystem(&'a str),
}

/// Reads an include; none: it is neither form.
#[must_use]
pub fn parse_include(text: &Text) -> Option<Include<'_>> {
    let source = text.0.source.trim();
    if !source.contains("${{") {
        return (!source.is_empty() && !source.contains('\0')).then_some(Include::Path(source));
    }
    let inner = source.strip_prefix("${{")?.strip_suffix("}}")?.trim();
    let name = inner.strip_prefix("system.runbooks.")?;
    super::kind::is_id(name).then_some(Include::OfSystem(name))
}
