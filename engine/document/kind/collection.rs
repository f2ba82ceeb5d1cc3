//! Lists and mappings of a kind.

use serde_json::{Value, json};

use super::{Kind, Named};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{MERGE, Node, NodeKind};
use crate::model::source::Map;

/// A list.
pub(in crate::document) struct List<K> {
    pub item: K,
    pub least: usize,
}

impl<K: Kind> Kind for List<K> {
    type Out = Vec<K::Out>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Self::Out> {
        let NodeKind::Sequence { items, .. } = &node.kind else {
            let help = match node.scalar() {
                Some((text, _)) if !node.is_null() && text.len() < 40 && !text.contains('\n') => {
                    format!("write `{}: [{text}]`", lower.key)
                }
                _ => "one `- ` a line, or `[a, b]`".to_owned(),
            };
            lower.wrong_type(node, "a list", help);
            return None;
        };
        if items.len() < self.least {
            let message = format!("`{}` is an empty list", lower.key);
            lower.error("document::empty_list", node.place, message, "add an item, or leave the key out");
            return None;
        }
        // Not collected: a list of many steps would grow by doubling.
        let mut list = Vec::with_capacity(items.len());
        list.extend(items.iter().filter_map(|item| self.item.read(lower, item)));
        Some(list)
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        let mut schema = json!({ "type": "array", "items": self.item.schema(schemas) });
        if self.least > 0 {
            schema["minItems"] = json!(self.least);
        }
        schema
    }
}

/// A single value, or a list.
pub(in crate::document) struct OneOrMany<K> {
    pub item: List<K>,
}

impl<K: Kind> Kind for OneOrMany<K> {
    type Out = Vec<K::Out>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Self::Out> {
        if matches!(node.kind, NodeKind::Sequence { .. }) {
            return self.item.read(lower, node);
        }
        self.item.item.read(lower, node).map(|item| vec![item])
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [self.item.item.schema(schemas), self.item.schema(schemas)] })
    }
}

/// A mapping with names of the author's choice.
pub(in crate::document) struct MapOf<N, V> {
    pub name: N,
    pub value: V,
}

impl<V: Kind> Kind for MapOf<Named, V> {
    type Out = Map<V::Out>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Self::Out> {
        self.read_with(lower, node, |lower, text, place| self.name.check(lower, text, place))
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({
            "type": "object",
            "propertyNames": { "pattern": self.name.pattern },
            "additionalProperties": self.value.schema(schemas),
        })
    }
}

impl<N, V: Kind> MapOf<N, V> {
    /// Reads every entry; an entry whose name or value is wrong is left out.
    pub fn read_with<R>(
        &self,
        lower: &mut Lower<'_>,
        node: &Node<'_>,
        name: impl Fn(&mut Lower<'_>, &str, crate::document::tree::Place) -> Option<R>,
    ) -> Option<Vec<(R, V::Out)>> {
        let Some(entries) = node.entries() else {
            lower.wrong_type(node, "a mapping", "write `name: value`, one a line");
            return None;
        };
        let mut map = Vec::with_capacity(entries.len());
        for entry in entries.iter().filter(|entry| entry.key != MERGE) {
            let key = name(lower, &entry.key, entry.key_place);
            if let (Some(key), Some(value)) = (key, self.value.read(lower, &entry.value)) {
                map.push((key, value));
            }
        }
        Some(map)
    }
}
