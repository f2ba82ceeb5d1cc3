//! One key of a table.

use serde_json::{Value, json};

use super::Schemas;
use crate::document::lower::Lower;
use crate::document::tree::Entry;

pub(in crate::document) const NOT_YET_HELP: &str = "leave it out; this version does not carry it out, so it refuses it";

pub(in crate::document) struct Row<T: 'static> {
    pub key: &'static str,
    /// One line for people: help texts, the schema's description.
    pub doc: &'static str,
    pub required: bool,
    /// False: known to the language, refused by this version.
    pub supported: bool,
    pub read: fn(&mut Lower<'_>, &mut T, &Entry<'_>),
    pub schema: fn(&mut Schemas) -> Value,
}

impl<T> Row<T> {
    /// The schema of this key's value.
    pub fn property(&self, schemas: &mut Schemas) -> Value {
        if !self.supported {
            return json!({ "description": format!("Not supported yet. {}", self.doc), "not": {} });
        }
        let mut schema = (self.schema)(schemas);
        if let Some(fields) = schema.as_object_mut() {
            fields.shift_insert(0, "description".to_owned(), json!(self.doc));
        }
        schema
    }
}

/// A row: key, kind of value, line for people, and what is done with the value (`at`: the key's place). `required` in front where
/// the key must be there.
macro_rules! row {
    (required $($rest:tt)*) => { $crate::document::table::row!(@ true, $($rest)*) };
    (@ $required:literal, $key:literal, $kind:expr, $doc:literal, |$target:ident, $value:ident| $set:expr) => {
        $crate::document::table::row!(@ $required, $key, $kind, $doc, |$target, $value, _at| $set)
    };
    (@ $required:literal, $key:literal, $kind:expr, $doc:literal, |$target:ident, $value:ident, $at:ident| $set:expr) => {
        $crate::document::table::Row {
            key: $key,
            doc: $doc,
            required: $required,
            supported: true,
            read: |lower, $target, entry| {
                let $at = entry.key_place.of(lower.file);
                if let Some($value) = $crate::document::kind::Kind::read(&$kind, lower, &entry.value) {
                    $set;
                }
            },
            schema: |schemas| $crate::document::kind::Kind::schema(&$kind, schemas),
        }
    };
    ($($rest:tt)*) => { $crate::document::table::row!(@ false, $($rest)*) };
}
pub(in crate::document) use row;

/// A key of the language that this version refuses.
macro_rules! not_yet {
    ($key:literal, $doc:literal) => {
        $crate::document::table::Row {
            key: $key,
            doc: $doc,
            required: false,
            supported: false,
            read: |_, _, _| {},
            schema: |_| serde_json::json!({ "not": {} }),
        }
    };
}
pub(in crate::document) use not_yet;
