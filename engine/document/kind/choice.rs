//! One word of a few.

use std::marker::PhantomData;

use serde_json::{Value, json};

use super::{Kind, TEXT, scalar};
use crate::document::lower::Lower;
use crate::document::table::{Schemas, row};
use crate::document::tree::Node;
use crate::model::rehearsal::{OrText, Word};
use crate::model::source::{Spanned, Text};
use crate::template::nearest::nearest;

/// The words of a field with their meaning; none: the language has it, this version refuses it.
pub(in crate::document) struct Choice<T: 'static>(pub &'static [(&'static str, Option<T>)]);

impl<T: Copy> Kind for Choice<T> {
    type Out = Spanned<T>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Spanned<T>> {
        let words = || self.0.iter().filter(|(_, value)| value.is_some()).map(|(word, _)| *word);
        let (text, _) = scalar(lower, node, "a word")?;
        match self.0.iter().find(|(word, _)| *word == text) {
            Some((_, Some(value))) => Some(Spanned { value: *value, span: lower.span(node.place) }),
            Some((word, None)) => {
                let message = format!("`{}: {word}` is not supported yet", lower.key);
                lower.error("document::not_supported_yet", node.place, message, row::NOT_YET_HELP);
                None
            }
            None => {
                unknown(lower, node, text, words());
                None
            }
        }
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        let words: Vec<_> = self.0.iter().filter(|(_, value)| value.is_some()).map(|(word, _)| *word).collect();
        json!({ "enum": words })
    }
}

fn unknown<'w>(lower: &mut Lower<'_>, node: &Node<'_>, text: &str, words: impl Iterator<Item = &'w str> + Clone) {
    let list = words.clone().collect::<Vec<_>>().join(", ");
    let message = format!("`{}` is not a value of `{}`", text.escape_debug(), lower.key);
    let help = nearest(text, words)
        .map_or_else(|| format!("one of: {list}"), |near| format!("did you mean `{near}`? one of: {list}"));
    lower.error("document::unknown_value", node.place, message, help);
}

/// A word of the model's own.
pub(in crate::document) struct WordKind<W>(PhantomData<W>);

impl<W> WordKind<W> {
    pub const NEW: Self = Self(PhantomData);
}

impl<W: Word> Kind for WordKind<W> {
    type Out = W;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<W> {
        let (text, _) = scalar(lower, node, "a word")?;
        let found = W::of(text);
        if found.is_none() {
            unknown(lower, node, text, W::WORDS.iter().map(|(word, _)| *word));
        }
        found
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        json!({ "enum": W::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>() })
    }
}

/// A value, or a text with `${{ }}` that gives it: then it is looked at when it is rendered.
pub(in crate::document) struct OrTextKind<K>(pub K);

impl<K: Kind> Kind for OrTextKind<K> {
    type Out = OrText<K::Out, Text>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Self::Out> {
        if node.scalar().is_some_and(|(text, _)| text.contains("${{")) {
            return TEXT.read(lower, node).map(OrText::Text);
        }
        self.0.read(lower, node).map(OrText::Value)
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [self.0.schema(schemas), { "type": "string", "pattern": r"\$\{\{" }] })
    }
}
