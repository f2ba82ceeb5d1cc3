//! Numbers, booleans and durations: strict, because YAML's own guesses differ from tool to tool.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Kind, scalar};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, Style};
use crate::model::source::Spanned;
use crate::template::quantity;

/// A value as it was written, quotes included.
fn written(text: &str, style: Style) -> String {
    let text = text.escape_debug();
    match style {
        Style::Single => format!("`'{text}'`"),
        Style::Double => format!("`\"{text}\"`"),
        _ => format!("`{text}`"),
    }
}

/// `true` or `false`, nothing else.
pub(in crate::document) struct Bool;
pub(in crate::document) const BOOL: Bool = Bool;

impl Kind for Bool {
    type Out = bool;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<bool> {
        let (text, style) = scalar(lower, node, "true or false")?;
        let meant = match text.to_lowercase().as_str() {
            "true" | "yes" | "on" | "y" | "1" => Some(true),
            "false" | "no" | "off" | "n" | "0" => Some(false),
            _ => None,
        };
        if style == Style::Plain && matches!(text, "true" | "false") {
            return meant;
        }
        let message = format!("`{}` is true or false, not {}", lower.key, written(text, style));
        let help = meant.map_or_else(|| "write `true` or `false`".to_owned(), |meant| format!("write `{meant}`"));
        lower.error("document::wrong_type", node.place, message, help);
        None
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        json!({ "type": "boolean" })
    }
}

/// A whole number.
pub(in crate::document) struct Count {
    pub least: u32,
    pub most: u32,
}

/// A whole number of things, at least one.
pub(in crate::document) const COUNT: Count = Count { least: 1, most: 100_000 };

impl Kind for Count {
    type Out = u32;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<u32> {
        let (text, style) = scalar(lower, node, "a whole number")?;
        let canonical = text.bytes().all(|c| c.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
        let number = if style == Style::Plain && canonical { text.parse().ok() } else { None };
        if let Some(number) = number.filter(|number| (self.least..=self.most).contains(number)) {
            return Some(number);
        }
        let message = format!("`{}` is a whole number, not {}", lower.key, written(text, style));
        let help = match text.parse::<u32>() {
            Ok(number) if style != Style::Plain && (self.least..=self.most).contains(&number) => {
                format!("leave the quotes out: `{number}`")
            }
            _ => format!("write a number from {} to {}", self.least, self.most),
        };
        lower.error("document::wrong_type", node.place, message, help);
        None
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        json!({ "type": "integer", "minimum": self.least, "maximum": self.most })
    }
}

/// A factor.
pub(in crate::document) struct Number;
pub(in crate::document) const NUMBER: Number = Number;

impl Kind for Number {
    type Out = f64;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<f64> {
        let (text, style) = scalar(lower, node, "a number")?;
        let plain = style == Style::Plain && text.bytes().all(|c| c.is_ascii_digit() || c == b'.');
        let number = if plain { text.parse::<f64>().ok() } else { None };
        if let Some(number) = number.filter(|number| (1.0..=1_000.0).contains(number)) {
            return Some(number);
        }
        let message = format!("`{}` is a number, not {}", lower.key, written(text, style));
        lower.error("document::wrong_type", node.place, message, "write a number from 1 to 1000");
        None
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        json!({ "type": "number", "minimum": 1, "maximum": 1000 })
    }
}

/// A duration with its place.
pub(in crate::document) struct DurationKind;
pub(in crate::document) const DURATION: DurationKind = DurationKind;

impl Kind for DurationKind {
    type Out = Spanned<Duration>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Spanned<Duration>> {
        let (text, _) = scalar(lower, node, "a duration")?;
        if text.contains("${{") {
            let message = format!("`{}` is taken as it stands: it has no `${{{{ }}}}`", lower.key);
            lower.error("document::template_here", node.place, message, "write the duration itself, e.g. `5m`");
            return None;
        }
        match quantity::parse_duration(text) {
            Ok(value) => Some(Spanned { value, span: lower.span(node.place) }),
            Err(reason) => {
                let (message, help) = split(&reason);
                lower.error("document::wrong_type", node.place, message, help);
                None
            }
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        schemas.shared("duration", |_| {
            json!({
                "description": "A duration, largest unit first: d h m s ms.",
                "type": "string",
                "pattern": r"^\s*([0-9]+(\.[0-9]+)?(d|h|m|s|ms) *)+\s*$",
                "examples": ["90s", "5m", "1h30m"],
            })
        })
    }
}

/// The same without its place.
pub(in crate::document) struct SpanOfTime;
pub(in crate::document) const SPAN_OF_TIME: SpanOfTime = SpanOfTime;

impl Kind for SpanOfTime {
    type Out = Duration;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Duration> {
        DURATION.read(lower, node).map(|duration| duration.value)
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        DURATION.schema(schemas)
    }
}

/// `what is wrong: how it is written` → message and help.
pub(in crate::document) fn split(reason: &str) -> (String, String) {
    match reason.split_once(": ") {
        Some((message, help)) => (message.to_owned(), help.to_owned()),
        None => (reason.to_owned(), "write another value".to_owned()),
    }
}
