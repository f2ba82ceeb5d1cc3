//! Ids and other names.

use serde_json::{Value, json};

use super::{Kind, scalar};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, Place};
use crate::model::source::Name;

/// A name with a form.
pub(in crate::document) struct Named {
    /// In messages.
    pub what: &'static str,
    fits: fn(&str) -> bool,
    /// The same for the schema.
    pub pattern: &'static str,
    help: &'static str,
}

/// An id, which expressions use: `snake_case`.
pub(in crate::document) const ID: Named = Named {
    what: "an id",
    fits: is_id,
    pattern: "^[a-z][a-z0-9_]*$",
    help: "ids are snake_case: a small letter, then small letters, digits and `_`",
};

/// A machine name, which nothing refers to.
pub(in crate::document) const MACHINE_NAME: Named = Named {
    what: "a name",
    fits: |text| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
    },
    pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$",
    help: "letters, digits, `.`, `_` and `-`; `title:` is for people",
};

/// The name of an environment variable.
pub(in crate::document) const ENV_NAME: Named = Named {
    what: "a name of an environment variable",
    fits: |text| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    },
    pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
    help: "letters, digits and `_`; not a digit first",
};

/// The name of an HTTP header.
pub(in crate::document) const HEADER: Named = Named {
    what: "a name of an HTTP header",
    fits: |text| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)),
    pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
    help: "letters, digits and `-`, e.g. `Authorization`",
};

/// Whether a text is an id.
pub(in crate::document) fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}

impl Named {
    /// Checks a name that stands as a key or a value.
    pub fn check(&self, lower: &mut Lower<'_>, text: &str, place: Place) -> Option<Name> {
        if (self.fits)(text) {
            return Some(lower.name(text, place));
        }
        let message = format!("`{}` is not {}", text.escape_debug(), self.what);
        let id = snake_case(text);
        let help = if self.pattern != ID.pattern || !is_id(&id) {
            self.help.to_owned()
        } else if text.contains('-') {
            format!("a `-` in an expression is a minus: write `{id}`")
        } else {
            format!("{}: write `{id}`", self.help)
        };
        lower.error("document::bad_id", place, message, help);
        None
    }
}

fn snake_case(text: &str) -> String {
    text.trim().to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

impl Kind for Named {
    type Out = Name;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Name> {
        let (text, _) = scalar(lower, node, self.what)?;
        self.check(lower, text, node.place)
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        json!({ "type": "string", "pattern": self.pattern })
    }
}
