//! A plain YAML mapping of names to texts (`--params FILE`). Scalars stay the text that was written: the parameter's own type reads
//! them, never YAML's.

use std::path::Path;
use std::sync::Arc;

use super::tree::{Node, NodeKind};
use super::{Invalid, parse, paths, read};
use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::source::{FileId, SourceMap, Span};

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueTexts {
    /// Its key.
    pub name: String,
    /// One text, or the items of a list.
    pub values: Vec<String>,
    /// Where its value is.
    pub span: Span,
}

/// Reads a mapping whose values are texts or lists of texts.
///
/// # Errors
/// Every mistake: unreadable files, YAML, nested mappings, empty values.
pub fn values(path: &Path) -> Result<(SourceMap, Vec<ValueTexts>), Box<Invalid>> {
    let mut sources = SourceMap::default();
    let shown = paths::normalise(path);
    let text: Arc<str> = match read::read(path) {
        Ok(readable) => readable.text.into(),
        Err(unreadable) => {
            let message = format!("cannot read `{}`: {}", shown.display(), unreadable.reason);
            let finding = Diagnostic::unplaced(unreadable.code, message).help(unreadable.help);
            return Err(Box::new(Invalid { sources, diagnostics: vec![finding] }));
        }
    };
    let file = sources.add(shown, Arc::clone(&text));
    let parsed = parse::parse(file, &text);
    let mut findings = parsed.findings;
    let entries = parsed.root.map(|root| mapping(file, &root, &mut findings)).unwrap_or_default();
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Box::new(Invalid { sources, diagnostics: findings }));
    }
    Ok((sources, entries))
}

fn mapping(file: FileId, root: &Node<'_>, findings: &mut Vec<Diagnostic>) -> Vec<ValueTexts> {
    let Some(entries) = root.entries() else {
        let message = format!("a file of parameters is a mapping, not {}", root.noun());
        let finding = Diagnostic::error("document::not_a_mapping", root.head().of(file), message);
        findings.push(finding.help("write one `name: value` a line"));
        return Vec::new();
    };
    let mut values = Vec::with_capacity(entries.len());
    for entry in entries {
        let items: Vec<&Node<'_>> = match &entry.value.kind {
            NodeKind::Sequence { items, .. } => items.iter().collect(),
            NodeKind::Scalar { .. } | NodeKind::Mapping { .. } => vec![&entry.value],
        };
        let texts: Vec<String> = items.into_iter().filter_map(|item| text(file, item, findings)).collect();
        let span = entry.value.head().of(file);
        values.push(ValueTexts { name: entry.key.clone().into_owned(), values: texts, span });
    }
    values
}

fn text(file: FileId, node: &Node<'_>, findings: &mut Vec<Diagnostic>) -> Option<String> {
    let (Some((text, _)), false) = (node.scalar(), node.is_null()) else {
        let what = if node.is_null() { "nothing" } else { node.noun() };
        let finding =
            Diagnostic::error("document::wrong_type", node.head().of(file), format!("expected a text, found {what}"));
        findings.push(finding.help("leave the parameter out to use its default"));
        return None;
    };
    Some(text.to_owned())
}
