//! Parameters: texts become typed values, checked against pattern, bounds and choices. Also used for the inputs of manual
//! steps and for the parameters that an include passes while the run is going on.

use std::cmp::Ordering;

use regex::Regex;

use crate::model::runbook::{EnumValues, Param, ParamDefault, ParamType};
use crate::model::source::Spanned;
use crate::template::quantity::{parse_bytes, parse_duration, parse_timestamp};
use crate::template::{Value, value};

/// A value from texts (a list has several, everything else exactly one).
///
/// # Errors
/// One sentence: what is accepted, and what was given.
pub fn accept(param: &Param, choices: Option<&[String]>, texts: &[String]) -> Result<Value, String> {
    let whole = whole(param)?;
    let one = |kind, text: &String| one(param, whole.as_ref(), kind, choices, text);
    if param.kind == ParamType::List {
        let of = param.of.unwrap_or(ParamType::String);
        return texts.iter().map(|text| one(of, text)).collect::<Result<Vec<_>, _>>().map(Value::from);
    }
    match texts {
        [text] => one(param.kind, text),
        _ => Err(format!("expected one {}, found {} values", word(param.kind), texts.len())),
    }
}

/// A value that a person typed for an input of a manual step; items of a list are separated by commas.
///
/// # Errors
/// As [`accept`].
pub fn typed(param: &Param, text: &str) -> Result<Value, String> {
    let choices = match &param.values {
        Some(EnumValues::Fixed(values)) => Some(values.iter().map(|value| value.value.clone()).collect::<Vec<_>>()),
        Some(EnumValues::Computed(_)) | None => None,
    };
    let texts: Vec<String> = match param.kind {
        ParamType::List => text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect(),
        _ => vec![text.to_owned()],
    };
    accept(param, choices.as_deref(), &texts)
}

/// A value from a value: typed ones pass, texts are read in the parameter's type, none needs `default: null`.
///
/// # Errors
/// As [`accept`].
pub fn coerce(param: &Param, choices: Option<&[String]>, given: &Value) -> Result<Value, String> {
    coerce_by(param, whole(param)?.as_ref(), choices, given)
}

/// A parameter whose values a run reads again and again: its pattern is compiled once.
#[derive(Clone, Debug)]
pub struct Typed {
    param: Param,
    whole: Result<Option<Regex>, String>,
}

impl Typed {
    /// Of a parameter.
    #[must_use]
    pub fn new(param: &Param) -> Self {
        Self { whole: whole(param), param: param.clone() }
    }

    /// A value from a value, as [`coerce`] does it.
    ///
    /// # Errors
    /// As [`accept`].
    pub fn coerce(&self, given: &Value) -> Result<Value, String> {
        coerce_by(&self.param, self.whole.as_ref().map_err(Clone::clone)?.as_ref(), None, given)
    }
}

/// The pattern of a parameter, over a whole text.
fn whole(param: &Param) -> Result<Option<Regex>, String> {
    let compiled = |pattern: &Spanned<String>| Regex::new(&format!("^(?:{})$", pattern.value));
    param.pattern.as_ref().map(compiled).transpose().map_err(|error| format!("the pattern is wrong: {error}"))
}

fn coerce_by(param: &Param, whole: Option<&Regex>, choices: Option<&[String]>, given: &Value) -> Result<Value, String> {
    if value::as_unknown(given).is_some() {
        return Ok(given.clone());
    }
    if given.is_none() || given.is_undefined() {
        let optional = param.default == Some(ParamDefault::Null);
        return if optional { Ok(Value::from(())) } else { Err(format!("expected {}, found none", word(param.kind))) };
    }
    if param.kind == ParamType::List {
        let items: Vec<Value> = match value::kind(given) {
            "list" => given.try_iter().map_err(|_| "expected a list".to_owned())?.collect(),
            kind => return Err(format!("expected a list, found {kind}")),
        };
        let of = param.of.unwrap_or(ParamType::String);
        let typed = |item: &Value| text_of(item).and_then(|text| one(param, whole, of, choices, &text));
        return items.iter().map(typed).collect::<Result<Vec<_>, _>>().map(Value::from);
    }
    one(param, whole, param.kind, choices, &text_of(given)?)
}

fn text_of(given: &Value) -> Result<String, String> {
    value::text(given).ok_or_else(|| format!("expected a text, found {}", value::kind(given)))
}

fn one(
    param: &Param,
    whole: Option<&Regex>,
    kind: ParamType,
    choices: Option<&[String]>,
    text: &str,
) -> Result<Value, String> {
    if let (Some(pattern), Some(whole)) = (&param.pattern, whole)
        && !whole.is_match(text)
    {
        return Err(format!("`{text}` does not match `{}`", pattern.value));
    }
    if let Some(choices) = choices
        && !choices.iter().any(|choice| choice == text)
    {
        let near = crate::template::nearest::did_you_mean(text, choices.iter().map(String::as_str));
        return Err(format!("`{text}` is none of its values; {}", near.unwrap_or_else(|| "there are none".to_owned())));
    }
    let (typed, rank) = parse(kind, text)?;
    for (bound, wrong, words) in [(&param.min, Ordering::Less, "less"), (&param.max, Ordering::Greater, "more")] {
        let Some(bound) = bound else { continue };
        let limit = parse(kind, &bound.value).map_err(|why| format!("the bound `{}` is wrong: {why}", bound.value))?.1;
        if rank.partial_cmp(&limit) == Some(wrong) {
            return Err(format!("{text} is {words} than {}", bound.value));
        }
    }
    Ok(typed)
}

/// What bounds compare.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Rank {
    None,
    Whole(i128),
    Real(f64),
}

fn parse(kind: ParamType, text: &str) -> Result<(Value, Rank), String> {
    Ok(match kind {
        ParamType::String | ParamType::Enum | ParamType::List => (Value::from(text), Rank::None),
        ParamType::Int => {
            let number: i64 = text.parse().map_err(|_| format!("expected a whole number, found `{text}`"))?;
            (Value::from(number), Rank::Whole(number.into()))
        }
        ParamType::Number => {
            let number: f64 = text.parse().map_err(|_| format!("expected a number, found `{text}`"))?;
            if !number.is_finite() {
                return Err(format!("expected a number, found `{text}`"));
            }
            (Value::from(number), Rank::Real(number))
        }
        ParamType::Bool => match text {
            "true" => (Value::from(true), Rank::None),
            "false" => (Value::from(false), Rank::None),
            _ => return Err(format!("expected true or false, found `{text}`")),
        },
        ParamType::Duration => {
            let duration = parse_duration(text)?;
            (value::duration(duration), Rank::Whole(i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)))
        }
        ParamType::Timestamp => {
            let at = parse_timestamp(text)?;
            let nanos = i128::from(at.timestamp()) * 1_000_000_000 + i128::from(at.timestamp_subsec_nanos());
            (value::timestamp(at), Rank::Whole(nanos))
        }
        ParamType::Bytes => {
            let bytes = parse_bytes(text)?;
            (value::bytes(bytes), Rank::Whole(bytes.into()))
        }
    })
}

/// A type as people write it.
#[must_use]
pub const fn word(kind: ParamType) -> &'static str {
    match kind {
        ParamType::String => "string",
        ParamType::Int => "int",
        ParamType::Number => "number",
        ParamType::Bool => "bool",
        ParamType::Duration => "duration",
        ParamType::Timestamp => "timestamp",
        ParamType::Bytes => "bytes",
        ParamType::Enum => "enum",
        ParamType::List => "list",
    }
}
