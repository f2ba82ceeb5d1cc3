//! Field tables. One row a key: its name, the kind of its value, a line for people, and where the value goes. The same rows drive
//! lowering, hints for unknown keys, and the JSON Schema.

mod action;
mod approve;
pub(super) mod calendar;
mod change;
mod data;
mod flow;
mod gate;
mod http;
pub(super) mod lab;
mod manual;
mod operation;
mod param;
mod rehearsal;
mod rollback;
pub(super) mod row;
pub(super) mod runbook;
mod service;
mod services;
mod shared;
mod simulate;
mod step;
pub(super) mod system;
mod target;
pub(super) mod test;

use crate::template::nearest::nearest;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

pub(super) use row::{Row, not_yet, row};

use super::kind::Kind;
use super::lower::Lower;
use super::tree::{Entry, MERGE, Node};

/// A key that another tool has, or that belongs elsewhere, and what it is here.
#[derive(Debug)]
pub(super) struct Foreign {
    pub key: &'static str,
    /// Completes "here this is …".
    pub here: &'static str,
}

/// Makes a list of [`Foreign`] keys.
macro_rules! foreign {
    ($($($key:literal)|+ => $here:literal),* $(,)?) => {
        &[$($($crate::document::table::Foreign { key: $key, here: $here }),+),*]
    };
}
pub(super) use foreign;

/// All keys of one kind of mapping.
pub(super) struct Table<T: 'static> {
    /// In the schema's `$defs`.
    pub name: &'static str,
    /// In messages: "a step".
    pub what: &'static str,
    /// One line for people.
    pub doc: &'static str,
    pub rows: &'static [&'static [Row<T>]],
    pub foreign: &'static [Foreign],
    /// Of which exactly one is needed, for the schema and the message (empty: none).
    pub one_of: &'static [&'static str],
}

impl<T> Table<T> {
    pub fn rows(&self) -> impl Iterator<Item = &'static Row<T>> + use<T> {
        self.rows.iter().flat_map(|rows| rows.iter())
    }

    fn row(&self, key: &str) -> Option<&'static Row<T>> {
        self.rows().find(|row| row.key == key)
    }

    /// Reads every key of a mapping into `target`. False: something was found, and `target` may lack a required part.
    pub fn fill(&self, lower: &mut Lower<'_>, node: &Node<'_>, target: &mut T) -> bool {
        let before = lower.findings.len();
        let Some(entries) = node.entries() else {
            let message = match node.noun() {
                "nothing" => format!("{} has no keys", self.what),
                noun => format!("{} is a mapping, not {noun}", self.what),
            };
            lower.error("document::wrong_type", node.head(), message, format!("keys: {}", self.keys(8)));
            return false;
        };
        // A merge has its finding.
        for entry in entries.iter().filter(|entry| entry.key != MERGE) {
            match self.row(&entry.key) {
                Some(row) if row.supported => {
                    let outer = std::mem::replace(&mut lower.key, row.key);
                    (row.read)(lower, target, entry);
                    lower.key = outer;
                }
                Some(row) => {
                    let message = format!("`{}` is not supported yet", row.key);
                    lower.error("document::not_supported_yet", entry.key_place, message, row::NOT_YET_HELP);
                }
                None => self.unknown(lower, entry, node),
            }
        }
        let missing = self.rows().filter(|row| row.required && node.get(row.key).is_none());
        let missing: Vec<_> = missing.filter(|row| !self.is_meant(node, row.key)).collect();
        for row in missing {
            let message = format!("{} needs `{}`", self.what, row.key);
            lower.error("document::missing_key", node.head(), message, format!("add `{}:` ({})", row.key, row.doc));
        }
        self.check_one_of(lower, node);
        lower.findings.len() == before
    }

    fn check_one_of(&self, lower: &mut Lower<'_>, node: &Node<'_>) {
        if self.one_of.is_empty() {
            return;
        }
        let given: Vec<_> = self.one_of.iter().filter_map(|key| node.get(key)).collect();
        let choice = self.one_of.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        match given[..] {
            [] if self.one_of.iter().any(|key| self.is_meant(node, key)) || self.is_strange(node) => {}
            [] => {
                let message = format!("{} needs one of {choice}", self.what);
                lower.error("document::missing_key", node.head(), message, format!("add one of {choice}"));
            }
            [_] => {}
            [first, second, ..] => {
                let message = format!("{} has one of {choice}, not `{}` and `{}`", self.what, first.key, second.key);
                lower.error("document::several_forms", second.key_place, message, "keep one of them");
            }
        }
    }

    /// True when another key of the mapping, which has its finding, was meant to be this one; or when parts of it were to be merged
    /// in, and nobody knows which.
    pub fn is_meant(&self, node: &Node<'_>, key: &str) -> bool {
        let Some(entries) = node.entries() else { return false };
        let meant = format!("`{key}:");
        entries.iter().filter(|entry| self.row(&entry.key).is_none()).any(|entry| {
            let given = entry.key.as_ref();
            let foreign = self.foreign.iter().find(|foreign| foreign.key == given);
            match foreign {
                Some(foreign) => foreign.here.contains(&meant),
                None => {
                    given == MERGE
                        || nearest(given, self.rows().filter(|row| row.supported).map(|row| row.key)) == Some(key)
                }
            }
        })
    }

    /// True when none of the keys is one of these: each has its finding.
    fn is_strange(&self, node: &Node<'_>) -> bool {
        node.entries()
            .is_some_and(|entries| !entries.is_empty() && entries.iter().all(|entry| self.row(&entry.key).is_none()))
    }

    fn unknown(&self, lower: &mut Lower<'_>, entry: &Entry<'_>, node: &Node<'_>) {
        let key = entry.key.as_ref();
        let message = format!("unknown key `{key}` in {}", self.what);
        let flow = matches!(node.kind, super::tree::NodeKind::Mapping { flow: true, .. });
        let help = if let Some(foreign) = self.foreign.iter().find(|foreign| foreign.key == key) {
            if foreign.here.starts_with("not ") {
                foreign.here.to_owned()
            } else {
                format!("here this is {}", foreign.here)
            }
        } else if flow && entry.value.place.start == entry.value.place.end {
            "inside `{ }` a comma ends the value: quote the whole value in front of it".to_owned()
        } else if let Some(near) = nearest(key, self.rows().filter(|row| row.supported).map(|row| row.key)) {
            format!("did you mean `{near}`?")
        } else {
            format!("keys: {}", self.keys(usize::MAX))
        };
        lower.error("document::unknown_key", entry.key_place, message, help);
    }

    fn keys(&self, most: usize) -> String {
        let keys: Vec<_> = self.rows().filter(|row| row.supported).map(|row| row.key).collect();
        let shown = keys.iter().take(most).copied().collect::<Vec<_>>().join(", ");
        if keys.len() > most { format!("{shown}, …") } else { shown }
    }

    /// A `$ref` to this table's definition, which is made on first use.
    pub fn schema(&self, schemas: &mut Schemas) -> Value {
        if schemas.started.insert(self.name) {
            let mut properties = Map::new();
            for row in self.rows() {
                properties.insert(row.key.to_owned(), row.property(schemas));
            }
            let required: Vec<_> = self.rows().filter(|row| row.required).map(|row| row.key).collect();
            let mut definition = json!({
                "description": self.doc, "type": "object", "additionalProperties": false, "properties": properties,
            });
            if !required.is_empty() {
                definition["required"] = json!(required);
            }
            if !self.one_of.is_empty() {
                let alternatives: Vec<_> = self.one_of.iter().map(|key| json!({ "required": [key] })).collect();
                definition["oneOf"] = json!(alternatives);
            }
            schemas.definitions.insert(self.name.to_owned(), definition);
        }
        json!({ "$ref": format!("#/$defs/{}", self.name) })
    }
}

/// The definitions of a schema while it is made.
#[derive(Default)]
pub(super) struct Schemas {
    pub definitions: Map<String, Value>,
    started: BTreeSet<&'static str>,
}

impl Schemas {
    /// A `$ref` to a shared definition that is no table.
    pub fn shared(&mut self, name: &'static str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.started.insert(name) {
            let definition = make(self);
            self.definitions.insert(name.to_owned(), definition);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}

/// A mapping read through its table into a draft, and finished into what the model holds.
pub(super) struct Record<D: 'static, O> {
    pub table: &'static Table<D>,
    pub finish: fn(&mut Lower<'_>, D, &Node<'_>) -> Option<O>,
}

impl<D: Default, O> Kind for Record<D, O> {
    type Out = O;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<O> {
        let mut draft = D::default();
        self.table.fill(lower, node, &mut draft);
        node.entries()?;
        (self.finish)(lower, draft, node)
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        self.table.schema(schemas)
    }
}
