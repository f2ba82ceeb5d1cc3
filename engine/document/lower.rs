//! What lowering carries along: the file, what was found, and the key whose value is being read.

use super::layout;
use super::tree::{Node, Place, Style};
use crate::model::diagnostic::Diagnostic;
use crate::model::source::{FileId, Fragment, Name, Span};

pub(super) struct Lower<'a> {
    pub file: FileId,
    pub source: &'a str,
    pub findings: Vec<Diagnostic>,
    /// The key whose value is read, for messages.
    pub key: &'static str,
}

impl<'a> Lower<'a> {
    pub fn new(file: FileId, source: &'a str) -> Self {
        Self { file, source, findings: Vec::new(), key: "" }
    }

    pub fn span(&self, place: Place) -> Span {
        place.of(self.file)
    }

    /// Records an error; the caller goes on with what is left.
    pub fn error(&mut self, code: &'static str, place: Place, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Diagnostic::error(code, place.of(self.file), message).help(help));
    }

    /// The value has another shape than its field.
    pub fn wrong_type(&mut self, node: &Node<'_>, expected: &str, help: impl Into<String>) {
        let noun = node.noun();
        let message = if self.key.is_empty() {
            format!("{expected} is expected here, not {noun}")
        } else if noun == "nothing" {
            format!("`{}` has no value", self.key)
        } else {
            format!("`{}` takes {expected}, not {noun}", self.key)
        };
        self.error("document::wrong_type", node.head(), message, help);
    }

    pub fn fragment(&self, text: &str, style: Style, place: Place) -> Fragment {
        layout::fragment(self.file, self.source, text, style, place)
    }

    pub fn name(&self, value: &str, place: Place) -> Name {
        Name { value: value.to_owned(), span: self.span(place) }
    }
}
