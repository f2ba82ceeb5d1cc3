//! Parameters of runbooks and inputs of manual steps.

use serde_json::{Value, json};

use super::{Record, Table, foreign, row};
use crate::document::kind::{CONDITIONS, Choice, EXPR, Kind, List, PLAIN, REGEX, TEXT, split};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, NodeKind, Place};
use crate::model::runbook::{EnumValues, Param, ParamDefault, ParamType};
use crate::model::source::Spanned;
use crate::template::quantity;

#[derive(Default)]
pub(in crate::document) struct Draft {
    kind: Option<Spanned<ParamType>>,
    of: Option<Spanned<ParamType>>,
    values: Option<EnumValues>,
    pattern: Option<Spanned<String>>,
    min: Option<Spanned<String>>,
    max: Option<Spanned<String>>,
    default: Option<ParamDefault>,
    help: Option<Spanned<String>>,
}

const SIMPLE: [(&str, Option<ParamType>); 8] = [
    ("string", Some(ParamType::String)),
    ("int", Some(ParamType::Int)),
    ("number", Some(ParamType::Number)),
    ("bool", Some(ParamType::Bool)),
    ("duration", Some(ParamType::Duration)),
    ("timestamp", Some(ParamType::Timestamp)),
    ("bytes", Some(ParamType::Bytes)),
    ("enum", Some(ParamType::Enum)),
];

const ELEMENT: Choice<ParamType> = Choice(&SIMPLE);

const TYPE: Choice<ParamType> = Choice(&[
    SIMPLE[0],
    SIMPLE[1],
    SIMPLE[2],
    SIMPLE[3],
    SIMPLE[4],
    SIMPLE[5],
    SIMPLE[6],
    SIMPLE[7],
    ("list", Some(ParamType::List)),
]);

static TABLE: Table<Draft> = Table {
    name: "param",
    what: "a parameter",
    doc: "A parameter. Without `default` it is required; `default: null` makes it optional.",
    rows: &[&[
        row!(required "type", TYPE, "its type", |t, v| t.kind = Some(v)),
        row!("of", ELEMENT, "type of the elements of a list (string)", |t, v| t.of = Some(v)),
        row!("values", VALUES, "values of an enum: a list, or an expression over the system", |t, v| t.values =
            Some(v)),
        row!("pattern", REGEX, "regular expression that the whole text matches", |t, v| t.pattern = Some(v)),
        row!("min", PLAIN, "smallest value", |t, v| t.min = Some(v)),
        row!("max", PLAIN, "largest value", |t, v| t.max = Some(v)),
        row!("default", DEFAULT, "used when it is not given; null: optional", |t, v| t.default = Some(v)),
        row!("help", PLAIN, "one line for people", |t, v| t.help = Some(v)),
    ]],
    foreign: foreign![
        "required" => "not a key: a parameter without `default:` is required; `default: null` makes it optional",
        "optional" => "`default: null`",
        "choices" | "options" | "enum" | "allowed" => "`type: enum` with `values:`",
        "description" | "doc" | "prompt" => "`help:`",
        "regex" | "format" | "match" => "`pattern:`",
        "items" | "elements" => "`of:`",
        "value" => "`default:`",
        "minimum" => "`min:`",
        "maximum" => "`max:`",
        "secret" | "sensitive" | "no_log" | "private" => "`secrets:` of the runbook or the system",
    ],
    one_of: &[],
};

pub(in crate::document) const PARAM: Record<Draft, Param> = Record { table: &TABLE, finish };

fn finish(lower: &mut Lower<'_>, draft: Draft, node: &Node<'_>) -> Option<Param> {
    let kind = draft.kind?.value;
    let of = draft.of.map(|of| of.value);
    let element = if kind == ParamType::List { of.unwrap_or(ParamType::String) } else { kind };
    let place = |key: &str| node.get(key).map(|entry| entry.key_place);
    if let (Some(at), true) = (place("of"), kind != ParamType::List) {
        lower.error("document::key_without_use", at, "only a list has `of`", "write `type: list`, or leave it out");
    }
    match (element, place("values")) {
        (ParamType::Enum, None) if TABLE.is_meant(node, "values") => {}
        (ParamType::Enum, None) => {
            lower.error(
                "document::missing_key",
                node.head(),
                "an enum needs `values`",
                "add `values: [a, b]`, or an expression",
            );
        }
        (ParamType::Enum, _) | (_, None) => {}
        (_, Some(at)) => {
            lower.error(
                "document::key_without_use",
                at,
                "only an enum has `values`",
                "write `type: enum`, or leave it out",
            );
        }
    }
    if let (Some(at), false) = (place("pattern"), element == ParamType::String) {
        lower.error(
            "document::key_without_use",
            at,
            "only a string has a `pattern`",
            "write `type: string`, or leave it out",
        );
    }
    let bounded = matches!(
        element,
        ParamType::Int | ParamType::Number | ParamType::Duration | ParamType::Timestamp | ParamType::Bytes
    );
    for key in ["min", "max"] {
        if let (Some(at), false) = (place(key), bounded) {
            let message = format!("this type has no `{key}`");
            lower.error(
                "document::key_without_use",
                at,
                message,
                "bounds are for int, number, duration, timestamp and bytes",
            );
        }
    }
    if bounded {
        check_bounds(lower, element, draft.min.as_ref(), draft.max.as_ref());
    }
    if let (ParamType::List, Some(ParamDefault::Text(text))) = (kind, &draft.default)
        && !text.0.source.trim_start().starts_with("${{")
    {
        let at = Place { start: text.0.span.start, end: text.0.span.end };
        lower.error(
            "document::wrong_type",
            at,
            "the default of a list is a list",
            format!("write `default: [{}]`", text.0.source),
        );
    }
    if let (Some(ParamDefault::List(_)), Some(entry), false) =
        (&draft.default, node.get("default"), kind == ParamType::List)
    {
        let help = "write one value, or `type: list`";
        lower.error("document::wrong_type", entry.value.head(), "only a list has a list as its default", help);
    }
    Some(Param {
        span: lower.span(node.head()),
        kind,
        of,
        values: draft.values,
        pattern: draft.pattern,
        min: draft.min,
        max: draft.max,
        default: draft.default,
        help: draft.help.map(|help| help.value),
    })
}

fn check_bounds(lower: &mut Lower<'_>, kind: ParamType, min: Option<&Spanned<String>>, max: Option<&Spanned<String>>) {
    let mut numbers = Vec::new();
    for bound in [min, max].into_iter().flatten() {
        match measure(kind, &bound.value) {
            Ok(number) => numbers.push(number),
            Err(reason) => {
                let (message, help) = split(&reason);
                let at = Place { start: bound.span.start, end: bound.span.end };
                lower.error("document::wrong_type", at, message, help);
            }
        }
    }
    if let ([low, high], Some(max)) = (&numbers[..], max)
        && low > high
    {
        let at = Place { start: max.span.start, end: max.span.end };
        lower.error("document::contradiction", at, "`max` is smaller than `min`: no value fits", "swap them");
    }
}

/// A bound as a number to compare, in its type.
fn measure(kind: ParamType, text: &str) -> Result<f64, String> {
    #[expect(clippy::cast_precision_loss, reason = "only the order of two bounds is looked at")]
    Ok(match kind {
        ParamType::Int => {
            text.parse::<i64>().map_err(|_| format!("`{text}` is not a whole number: write e.g. `10`"))? as f64
        }
        ParamType::Number => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| format!("`{text}` is not a number: write e.g. `1.5`"))?
        }
        ParamType::Duration => quantity::parse_duration(text)?.as_secs_f64(),
        ParamType::Bytes => quantity::parse_bytes(text)? as f64,
        ParamType::Timestamp => quantity::parse_timestamp(text)?.timestamp_millis() as f64,
        _ => 0.0,
    })
}

/// Written out, or computed.
struct Values;
const VALUES: Values = Values;

impl Kind for Values {
    type Out = EnumValues;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<EnumValues> {
        let NodeKind::Sequence { .. } = &node.kind else {
            return EXPR.read(lower, node).map(EnumValues::Computed);
        };
        let values = List { item: PLAIN, least: 1 }.read(lower, node)?;
        let mut seen = std::collections::BTreeSet::new();
        for value in &values {
            if !seen.insert(&value.value) {
                let at = Place { start: value.span.start, end: value.span.end };
                lower.error(
                    "document::duplicate_value",
                    at,
                    format!("`{}` is listed twice", value.value),
                    "keep one of them",
                );
            }
        }
        Some(EnumValues::Fixed(values))
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [List { item: PLAIN, least: 1 }.schema(schemas), CONDITIONS.item.item.schema(schemas)] })
    }
}

/// A text, a list, or null.
pub(super) struct DefaultKind;
pub(super) const DEFAULT: DefaultKind = DefaultKind;

impl Kind for DefaultKind {
    type Out = ParamDefault;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<ParamDefault> {
        match &node.kind {
            NodeKind::Scalar { style: crate::document::tree::Style::Missing, .. } => {
                lower.wrong_type(node, "a value", "write `default: null` to make it optional");
                None
            }
            NodeKind::Scalar { .. } if node.is_null() => Some(ParamDefault::Null),
            NodeKind::Sequence { .. } => List { item: TEXT, least: 0 }.read(lower, node).map(ParamDefault::List),
            _ => TEXT.read(lower, node).map(ParamDefault::Text),
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [TEXT.schema(schemas), { "type": "null" }, List { item: TEXT, least: 0 }.schema(schemas)] })
    }
}
