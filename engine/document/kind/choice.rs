//! One word of a few.

use serde_json::{Value, json};

use super::{Kind, scalar};
use crate::document::lower::Lower;
use crate::document::table::{Schemas, row};
use crate::document::tree::Node;
use crate::model::source::Spanned;
use crate::template::nearest::nearest;

/// The words of a field with their meaning; none: the language has it, this version refuses it.
pub(in crate::document) struct Choice<T: 'static>(pub &'static [(&'static str, Option<T>)]);

impl<T: Copy> Kind for Choice<T> {
    type Out = Spanned<T>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Spanned<T>> {
        let words = || self.0.iter().filter(|(_, value)| value.is_some()).map(|(word, _)| *word);
        let list = words().collect::<Vec<_>>().join(", ");
        let (text, _) = scalar(lower, node, "a word")?;
        match self.0.iter().find(|(word, _)| *word == text) {
            Some((_, Some(value))) => Some(Spanned { value: *value, span: lower.span(node.place) }),
            Some((word, None)) => {
                let message = format!("`{}: {word}` is not supported yet", lower.key);
                lower.error("document::not_supported_yet", node.place, message, row::NOT_YET_HELP);
                None
            }
            None => {
                let message = format!("`{}` is not a value of `{}`", text.escape_debug(), lower.key);
                let help = nearest(text, words())
                    .map_or_else(|| format!("one of: {list}"), |near| format!("did you mean `{near}`? one of: {list}"));
                lower.error("document::unknown_value", node.place, message, help);
                None
            }
        }
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        let words: Vec<_> = self.0.iter().filter(|(_, value)| value.is_some()).map(|(word, _)| *word).collect();
        json!({ "enum": words })
    }
}
