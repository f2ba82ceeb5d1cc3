//! YAML events → spanned tree. Budgets are checked while parsing; what the language does not have (tags, `<<`, several documents)
//! is found here, and parsing goes on behind it.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span as YamlSpan, StructureStyle};

use super::limits;
use super::syntax;
use super::tree::{Entry, MERGE, Node, NodeKind, Place, Style};
use crate::model::diagnostic::Diagnostic;
use crate::model::source::FileId;

/// A parsed file. No tree: the file is empty or cannot be understood, and a finding says why.
pub(super) struct Parsed<'a> {
    pub root: Option<Node<'a>>,
    pub findings: Vec<Diagnostic>,
}

/// Parses one file.
pub(super) fn parse(file: FileId, text: &str) -> Parsed<'_> {
    let mut builder = Builder::new(file, text);
    let options = granit_parser::options! {
        emit_comments: false,
        disallow_directives: true,
        block_nesting_limit: limits::DEPTH,
        flow_nesting_limit: limits::DEPTH,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let step = match event {
            Ok((event, span)) => builder.take(event, &span),
            Err(error) => Err(syntax::explain(file, text, &error, builder.read)),
        };
        if let Err(finding) = step {
            builder.findings.push(*finding);
            builder.root = None;
            return Parsed { root: None, findings: builder.findings };
        }
    }
    if builder.root.is_none() && builder.findings.is_empty() {
        let help = "start with `kind: runbook/v1` or `kind: system/v1`";
        let start = Place { start: 0, end: 0 };
        builder
            .findings
            .push(Diagnostic::error("document::empty_file", start.of(file), "the file is empty").help(help));
    }
    Parsed { root: builder.root, findings: builder.findings }
}

/// A collection whose end has not come yet.
struct Open<'a> {
    start: u32,
    end: u32,
    anchor: usize,
    flow: bool,
    height: usize,
    weight: usize,
    content: Content<'a>,
}

enum Content<'a> {
    Sequence(Vec<Node<'a>>),
    Mapping { entries: Vec<Entry<'a>>, key: Option<Key<'a>>, seen: Option<HashMap<String, Place>> },
}

struct Key<'a> {
    text: Cow<'a, str>,
    place: Place,
    /// False: it was an error already, and its value is dropped.
    kept: bool,
}

/// A node that aliases may repeat.
struct Anchored<'a> {
    node: Node<'a>,
    height: usize,
    weight: usize,
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    stack: Vec<Open<'a>>,
    anchors: HashMap<usize, Anchored<'a>>,
    root: Option<Node<'a>>,
    documents: usize,
    nodes: usize,
    alias_nodes: usize,
    /// The end of the last scalar or alias.
    read: usize,
    findings: Vec<Diagnostic>,
}

type Fatal = Box<Diagnostic>;

impl<'a> Builder<'a> {
    fn new(file: FileId, text: &'a str) -> Self {
        Self {
            file,
            text,
            stack: Vec::new(),
            anchors: HashMap::new(),
            root: None,
            documents: 0,
            nodes: 0,
            alias_nodes: 0,
            read: 0,
            findings: Vec::new(),
        }
    }

    fn place(&self, span: &YamlSpan) -> Place {
        let range = span.byte_range().unwrap_or(0..0);
        let at = |offset: usize| u32::try_from(offset.min(self.text.len())).unwrap_or(u32::MAX);
        Place { start: at(range.start), end: at(range.end) }
    }

    fn error(&self, code: &'static str, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, place.of(self.file), message)
    }

    fn take(&mut self, event: Event<'a>, span: &YamlSpan) -> Result<(), Fatal> {
        let place = self.place(span);
        self.read = self.read.max(place.end as usize);
        if let Some(tag) = event.tag() {
            let at = span.tag_span().map_or(place, |tag| self.place(&tag));
            let message = format!("`{}` is a YAML tag, which runbooks do not have", tag.original());
            let help = "leave it out: the field decides the type; quote a text that begins with `!`";
            self.findings.push(self.error("document::tag", at, message).help(help));
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let finding = self.error("document::several_documents", place, "the file holds a second document");
                    return Err(Box::new(
                        finding.help("one file, one document: move what follows `---` to a file of its own"),
                    ));
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, _) => {
                self.count(1, place)?;
                let missing = style == ScalarStyle::Plain && place.start == place.end;
                let style = match style {
                    _ if missing => Style::Missing,
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                let text = if missing { Cow::Borrowed("") } else { text };
                let node = Node { kind: NodeKind::Scalar { text, style }, place };
                self.finish(node, anchor, 0, 1)
            }
            Event::SequenceStart(style, anchor, _) => self.open(style, anchor, place, Content::Sequence(Vec::new())),
            Event::MappingStart(style, anchor, _) => {
                self.open(style, anchor, place, Content::Mapping { entries: Vec::new(), key: None, seen: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(place),
            Event::Alias(anchor) => self.alias(anchor, place),
            _ => Ok(()),
        }
    }

    fn count(&mut self, nodes: usize, place: Place) -> Result<(), Fatal> {
        self.nodes += nodes;
        if self.nodes <= limits::NODES {
            return Ok(());
        }
        let message = format!("the file holds more than {} values", limits::NODES);
        Err(Box::new(
            self.error("document::too_many_values", place, message).help("split it into files and `include:` them"),
        ))
    }

    fn open(&mut self, style: StructureStyle, anchor: usize, place: Place, content: Content<'a>) -> Result<(), Fatal> {
        self.count(1, place)?;
        if self.stack.len() >= limits::DEPTH {
            return Err(Box::new(syntax::too_deep(self.file, place)));
        }
        let flow = style == StructureStyle::Flow;
        self.stack.push(Open { start: place.start, end: place.end, anchor, flow, height: 0, weight: 1, content });
        Ok(())
    }

    fn close(&mut self, place: Place) -> Result<(), Fatal> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let end = if open.flow { place.end } else { open.end };
        let kind = match open.content {
            Content::Sequence(items) => NodeKind::Sequence { items, flow: open.flow },
            Content::Mapping { entries, .. } => NodeKind::Mapping { entries, flow: open.flow },
        };
        let node = Node { kind, place: Place { start: open.start, end: end.max(open.start) } };
        self.finish(node, open.anchor, open.height + 1, open.weight)
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Fatal> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            let finding = self.error("document::alias", place, "the alias stands inside what it repeats");
            return Err(Box::new(finding.help("write the part out")));
        };
        let (height, weight) = (anchored.height, anchored.weight);
        self.spend(weight, place)?;
        if self.stack.len() + height > limits::DEPTH {
            return Err(Box::new(syntax::too_deep(self.file, place)));
        }
        let node = self.anchors[&anchor].node.clone();
        self.finish(node, 0, height, weight)
    }

    fn spend(&mut self, weight: usize, place: Place) -> Result<(), Fatal> {
        self.alias_nodes += weight;
        if self.alias_nodes <= limits::ALIAS_NODES {
            return Ok(());
        }
        let message = format!("aliases repeat more than {} values", limits::ALIAS_NODES);
        Err(Box::new(self.error("document::alias", place, message).help("write the parts out, or use `vars:`")))
    }

    /// Hands a finished node to the collection it stands in.
    fn finish(&mut self, node: Node<'a>, anchor: usize, height: usize, weight: usize) -> Result<(), Fatal> {
        if anchor != 0 {
            self.spend(weight, node.head())?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), height, weight });
        }
        let Some(open) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.height = open.height.max(height);
        open.weight += weight;
        open.end = open.end.max(node.place.end);
        match &mut open.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { entries, key, seen } => match key.take() {
                Some(Key { kept: false, .. }) => {}
                Some(Key { text, place, .. }) => entries.push(Entry { key: text, key_place: place, value: node }),
                None => {
                    let (new, finding) = read_key(self.file, node, open.flow, entries, seen);
                    *key = Some(new);
                    self.findings.extend(finding);
                }
            },
        }
        Ok(())
    }
}

/// Above so many entries, duplicates are looked up instead of searched.
const MANY: usize = 24;

fn read_key<'a>(
    file: FileId,
    node: Node<'a>,
    flow: bool,
    entries: &[Entry<'a>],
    seen: &mut Option<HashMap<String, Place>>,
) -> (Key<'a>, Option<Diagnostic>) {
    let place = node.head();
    let begins_with_brace = flow || matches!(node.kind, NodeKind::Mapping { flow: true, .. });
    let NodeKind::Scalar { text, style } = node.kind else {
        let message = "a key must be a text, not a list or a mapping";
        let help = if begins_with_brace {
            "a value that begins with `{` needs quotes: \"{{…}}\", \"${{ … }}\""
        } else {
            "write `key: value`"
        };
        let finding = Diagnostic::error("document::key", place.of(file), message).help(help);
        return (Key { text: Cow::Borrowed(""), place, kept: false }, Some(finding));
    };
    if text == MERGE && style == Style::Plain {
        let finding = Diagnostic::error("document::merge_key", place.of(file), "`<<` does not merge mappings here")
            .help("write the keys out; repeat steps with `for_each:` or `include:`");
        return (Key { text, place, kept: true }, Some(finding));
    }
    let first = if entries.len() < MANY {
        entries.iter().find(|entry| entry.key == text).map(|entry| entry.key_place)
    } else {
        let seen = seen.get_or_insert_with(HashMap::new);
        if seen.is_empty() {
            seen.extend(entries.iter().map(|entry| (entry.key.to_string(), entry.key_place)));
        }
        let first = seen.get(text.as_ref()).copied();
        seen.entry(text.to_string()).or_insert(place);
        first
    };
    let Some(first) = first else { return (Key { text, place, kept: true }, None) };
    let finding = Diagnostic::error("document::duplicate_key", place.of(file), format!("`{text}` is given twice"))
        .label("again here")
        .help("keep one of them")
        .related(first.of(file), "first here");
    (Key { text, place, kept: false }, Some(finding))
}
