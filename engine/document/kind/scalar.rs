//! Texts and expressions. A scalar takes the field's type: `1.10`, `no`, `0123` stay text.

use serde_json::{Value, json};

use super::{Kind, List, OneOrMany};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, NodeKind, Style};
use crate::model::diagnostic::Diagnostic;
use crate::model::source::{Expr, Spanned, Text};

const QUOTE: &str = "quote it: in YAML a value that begins with `{` is a mapping and one that begins with `[` a list";

/// A scalar that is there, or none with a finding.
pub(in crate::document) fn scalar<'n>(
    lower: &mut Lower<'_>,
    node: &'n Node<'_>,
    expected: &str,
) -> Option<(&'n str, Style)> {
    match node.scalar() {
        Some((_, Style::Missing)) => {
            lower.wrong_type(node, expected, format!("give it {expected}, or leave the key out"));
            None
        }
        Some(_) if node.is_null() => {
            let message = format!("`{}` takes {expected}, not null", lower.key);
            lower.error(
                "document::wrong_type",
                node.place,
                message,
                "leave the key out, or quote it if the word is meant",
            );
            None
        }
        Some(found) => Some(found),
        // `{{.Name}}`: the parser has said that it needs quotes.
        None if lower.source.get(node.place.start as usize..).is_some_and(|rest| rest.starts_with("{{")) => None,
        None => {
            let flow =
                matches!(node.kind, NodeKind::Mapping { flow: true, .. } | NodeKind::Sequence { flow: true, .. });
            let help = if flow && matches!(expected, "a text" | "an expression") {
                QUOTE.to_owned()
            } else {
                format!("give it {expected}")
            };
            lower.wrong_type(node, expected, help);
            None
        }
    }
}

fn any_scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

/// A template.
pub(in crate::document) struct TextKind;
pub(in crate::document) const TEXT: TextKind = TextKind;

impl Kind for TextKind {
    type Out = Text;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Text> {
        let (text, style) = scalar(lower, node, "a text")?;
        warn_of_comment(lower, node, style, true);
        Some(Text(lower.fragment(text, style, node.place)))
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        schemas.shared("text", |_| {
            let mut schema = any_scalar();
            schema["description"] = json!("Text; `${{ expression }}` inside is replaced by its value.");
            schema
        })
    }
}

/// A text without templates.
pub(in crate::document) struct Plain;
pub(in crate::document) const PLAIN: Plain = Plain;

impl Kind for Plain {
    type Out = Spanned<String>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Spanned<String>> {
        let (text, style) = scalar(lower, node, "a text")?;
        warn_of_comment(lower, node, style, true);
        if text.contains("${{") {
            let message = format!("`{}` is taken as it stands: it has no `${{{{ }}}}`", lower.key);
            lower.error("document::template_here", node.place, message, "write the value itself");
            return None;
        }
        Some(Spanned { value: text.to_owned(), span: lower.span(node.place) })
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        any_scalar()
    }
}

/// A path of a file, relative to the file that wrote it.
pub(in crate::document) struct PathKind;
pub(in crate::document) const PATH: PathKind = PathKind;

impl Kind for PathKind {
    type Out = Spanned<String>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Spanned<String>> {
        let path = PLAIN.read(lower, node)?;
        if path.value.is_empty() || path.value.contains('\0') {
            lower.error("document::path", node.place, format!("`{}` names no file", lower.key), "write a path");
            return None;
        }
        Some(path)
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// A bare expression.
pub(in crate::document) struct ExprKind;
pub(in crate::document) const EXPR: ExprKind = ExprKind;

impl Kind for ExprKind {
    type Out = Expr;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Expr> {
        let (text, style) = scalar(lower, node, "an expression")?;
        if text.trim_start().starts_with("${{") {
            let bare = text.trim().trim_start_matches("${{").trim_end_matches("}}").trim();
            let message = format!("`{}` is an expression already: it has no `${{{{ }}}}`", lower.key);
            lower.error("document::template_here", node.place, message, format!("write `{bare}`"));
            return None;
        }
        if text.trim().is_empty() {
            let message = format!("`{}` has no value", lower.key);
            lower.error("document::wrong_type", node.place, message, "write an expression, or leave the key out");
            return None;
        }
        warn_of_comment(lower, node, style, false);
        Some(Expr(lower.fragment(text, style, node.place)))
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        schemas.shared("expression", |_| {
            json!({
                "description": "An expression, without `${{ }}`.",
                "type": ["string", "number", "boolean"],
                "not": { "type": "string", "pattern": r"^\s*(\$\{\{.*)?$" },
                "examples": ["exit == 0", "stdout is containing 'PONG'", "json.status == 'ok'"],
            })
        })
    }
}

/// One expression, or a list of which all must hold.
pub(in crate::document) const CONDITIONS: OneOrMany<ExprKind> = OneOrMany { item: List { item: EXPR, least: 1 } };

/// A regular expression that compiles.
pub(in crate::document) struct Regex;
pub(in crate::document) const REGEX: Regex = Regex;

impl Kind for Regex {
    type Out = Spanned<String>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Spanned<String>> {
        let pattern = PLAIN.read(lower, node)?;
        match regex::RegexBuilder::new(&pattern.value).size_limit(1 << 20).build() {
            Ok(_) => Some(pattern),
            Err(error) => {
                let message = format!("`{}` is not a regular expression: {}", lower.key, reason(&error));
                let help = "a literal `. + * ? ( ) [ ] { } | ^ $ \\` is written with `\\` in front; use single quotes";
                lower.error("document::pattern", node.place, message, help);
                None
            }
        }
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        let mut schema = any_scalar();
        schema["examples"] = json!(["[a-z0-9-]+"]);
        schema
    }
}

/// The last line of the regex crate's report; the lines above draw the pattern.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// The `kind:` line, which the loader has read before.
pub(in crate::document) struct KindLine(pub &'static str);

impl Kind for KindLine {
    type Out = ();

    fn read(&self, _: &mut Lower<'_>, _: &Node<'_>) -> Option<()> {
        Some(())
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        json!({ "const": self.0 })
    }
}

/// `title: Rolled back #42` is the text `Rolled back`. Comments that look like comments are left alone: `# ` after two spaces, in
/// expressions (which are not `prose`) after one.
fn warn_of_comment(lower: &mut Lower<'_>, node: &Node<'_>, style: Style, prose: bool) {
    if style != Style::Plain {
        return;
    }
    let rest = lower.source.get(node.place.end as usize..).unwrap_or("");
    let comment = rest.trim_start_matches([' ', '\t']);
    let spaces = rest.len() - comment.len();
    let Some(words) = comment.strip_prefix('#') else { return };
    let looks_like_one = words.is_empty() || words.starts_with([' ', '\t', '\n', '\r', '#']);
    if looks_like_one && (spaces > 1 || !prose) {
        return;
    }
    let start = node.place.end + u32::try_from(spaces).unwrap_or(0);
    let end = start + u32::try_from(comment.lines().next().map_or(0, str::len)).unwrap_or(0);
    let span = lower.span(crate::document::tree::Place { start, end });
    let warning = Diagnostic::warning("document::comment", span, format!("`{}` ends before this comment", lower.key))
        .help("quote the value if the `#` belongs to it; else write the comment two spaces away, as `# …`");
    lower.findings.push(warning);
}
