//! Filters over lists and texts: `newest`, `path`, `regex_escape`, and strict forms of `sort`, `min`, `max`, `join`, `replace`.

use minijinja::value::{Kwargs, Rest};
use minijinja::{Environment, Error, State, Value, filters};

use super::conversions::fail;
use crate::template::quantity::parse_timestamp;
use crate::template::value::{as_timestamp, items, kind, show, text};

/// A text made by `replace` or `join` is no larger.
const LARGEST_TEXT: usize = 8 << 20;

pub(super) fn add(environment: &mut Environment<'static>) {
    environment.add_filter("newest", |value: &Value, attribute: Option<&str>, kwargs: Kwargs| {
        newest(value, attribute, &kwargs)
    });
    environment.add_filter("path", path);
    environment.add_filter("regex_escape", |text: &str| regex::escape(text));
    environment.add_filter("sort", |state: &State, value: Value, kwargs: Kwargs| {
        one_kind(&value, &kwargs)?;
        filters::sort(state, value, kwargs)
    });
    environment.add_filter("min", |state: &State, value: Value, kwargs: Kwargs| {
        one_kind(&value, &kwargs)?;
        filters::min(state, value, kwargs)
    });
    environment.add_filter("max", |state: &State, value: Value, kwargs: Kwargs| {
        one_kind(&value, &kwargs)?;
        filters::max(state, value, kwargs)
    });
    environment.add_filter("join", |value: &Value, rest: Rest<Value>, kwargs: Kwargs| join(value, &rest, &kwargs));
    environment.add_filter("replace", replace);
    environment.add_filter("first", |value: &Value| end(value, filters::first));
    environment.add_filter("last", |value: &Value| end(value, |value| filters::last(value.clone())));
    environment.add_filter("attr", |value: &Value, key: &Value| value.get_item(key));
}

fn list(value: &Value) -> Result<Vec<Value>, Error> {
    items(value).ok_or_else(|| fail(format!("a {} ({}) is not a list", kind(value), show(value))))
}

/// A text has characters, but nobody means those: `stdout | first` is a slip for `lines | first`.
fn end(value: &Value, filter: fn(&Value) -> Result<Value, Error>) -> Result<Value, Error> {
    if value.as_str().is_some() {
        return Err(fail(format!("a text ({}) has no first or last; use `| lines`", show(value))));
    }
    filter(value)
}

/// The element whose `attribute` is the latest, of those strictly before `before=` if given; undefined if there is none.
fn newest(value: &Value, attribute: Option<&str>, kwargs: &Kwargs) -> Result<Value, Error> {
    let before = match kwargs.get::<Option<Value>>("before")? {
        Some(before) if !before.is_none() => Some(instant(&before)?),
        _ => None,
    };
    kwargs.assert_all_used()?;
    let mut newest = None;
    for item in list(value)? {
        let at = match attribute {
            Some(attribute) => instant(&step_into(&item, attribute)?)?,
            None => instant(&item)?,
        };
        let in_time = before.is_none_or(|before| at < before);
        if in_time && newest.as_ref().is_none_or(|(best, _)| at > *best) {
            newest = Some((at, item));
        }
    }
    Ok(newest.map_or(Value::UNDEFINED, |(_, item)| item))
}

fn instant(value: &Value) -> Result<chrono::DateTime<chrono::FixedOffset>, Error> {
    match (as_timestamp(value), value.as_str()) {
        (Some(at), _) => Ok(at),
        (_, Some(text)) => parse_timestamp(text).map_err(fail),
        _ => Err(fail(format!("a {} ({}) is not a timestamp", kind(value), show(value)))),
    }
}

/// `data | path('a.b.0.c')`: into mappings by key and lists by number; undefined where it ends.
fn path(value: &Value, path: &str) -> Result<Value, Error> {
    step_into(value, path)
}

fn step_into(value: &Value, path: &str) -> Result<Value, Error> {
    let mut value = value.clone();
    for part in path.split('.') {
        if value.is_undefined() {
            break;
        }
        let key = match part.parse::<usize>() {
            Ok(at) if kind(&value) == "list" => Value::from(at),
            _ => Value::from(part),
        };
        value = value.get_item(&key)?;
    }
    Ok(value)
}

/// Sorting unlike kinds would put them in an order that means nothing.
fn one_kind(value: &Value, kwargs: &Kwargs) -> Result<(), Error> {
    let attribute = kwargs.get::<Option<&str>>("attribute")?;
    let mut first: Option<Value> = None;
    for item in list(value)? {
        let key = match attribute {
            Some(attribute) => step_into(&item, attribute)?,
            None => item,
        };
        if !matches!(kind(&key), "number" | "text" | "duration" | "bytes" | "timestamp" | "version") {
            return Err(fail(format!("a {} ({}) has no order", kind(&key), show(&key))));
        }
        match &first {
            Some(first) if kind(first) != kind(&key) => {
                let (a, b) = (kind(first), kind(&key));
                return Err(fail(format!("a {a} ({}) has no order with a {b} ({})", show(first), show(&key))));
            }
            Some(_) => {}
            None => first = Some(key),
        }
    }
    Ok(())
}

fn join(value: &Value, rest: &[Value], kwargs: &Kwargs) -> Result<String, Error> {
    let between = match rest.first() {
        Some(between) => between.as_str().map(ToOwned::to_owned).ok_or_else(|| fail("`join` puts a text between"))?,
        None => String::new(),
    };
    let attribute = match rest.get(1).and_then(Value::as_str) {
        Some(attribute) => Some(attribute),
        None => kwargs.get::<Option<&str>>("attribute")?,
    };
    kwargs.assert_all_used()?;
    let mut joined = String::new();
    for (at, item) in list(value)?.iter().enumerate() {
        if at > 0 {
            joined.push_str(&between);
        }
        let item = match attribute {
            Some(attribute) => &step_into(item, attribute)?,
            None => item,
        };
        let part = text(item).ok_or_else(|| fail(format!("a {} ({}) has no text", kind(item), show(item))))?;
        joined.push_str(&part);
        within_limit(joined.len())?;
    }
    Ok(joined)
}

fn replace(value: &str, from: &str, to: &str) -> Result<String, Error> {
    let growth = value.matches(from).count().saturating_mul(to.len().saturating_sub(from.len()));
    within_limit(value.len().saturating_add(growth))?;
    Ok(value.replace(from, to))
}

fn within_limit(length: usize) -> Result<(), Error> {
    if length > LARGEST_TEXT { Err(fail("the text would be larger than 8 MiB")) } else { Ok(()) }
}
