//! Keys (`disks[0].source`) and what they are in a resource.

use std::borrow::Cow;

use serde_json::Value;

/// Where something is in a resource; without parts, the resource itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key(pub Vec<Part>);

/// A step of a [`Key`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A field.
    Name(String),
    /// An element; negative: from the end.
    Index(i64),
    /// All elements.
    Slice,
}

impl Key {
    /// What a name is in an expression where nothing else can stand.
    pub fn name(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Name(name)] => Some(name),
            _ => None,
        }
    }

    /// As the client writes it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Name(name) if text.is_empty() => text.push_str(name),
                Part::Name(name) => text = format!("{text}.{name}"),
                Part::Index(index) => text = format!("{text}[{index}]"),
                Part::Slice => text.push_str("[]"),
            }
        }
        if text.is_empty() { ".".to_owned() } else { text }
    }

    /// What it is in a resource; null where it is nothing.
    pub fn get<'v>(&self, resource: &'v Value) -> Cow<'v, Value> {
        get(resource, &self.0)
    }
}

const NULL: Cow<'static, Value> = Cow::Owned(Value::Null);

fn get<'v>(value: &'v Value, parts: &[Part]) -> Cow<'v, Value> {
    let Some((part, rest)) = parts.split_first() else { return Cow::Borrowed(value) };
    match (value, part) {
        (Value::Object(fields), Part::Name(name)) => match spelled(name, |name| fields.get(name)) {
            Some(field) => get(field, rest),
            None => fields.get("items").map_or(NULL, |items| metadata(items, name, rest)),
        },
        (Value::Object(_) | Value::Array(_), Part::Slice) if rest.is_empty() => Cow::Borrowed(value),
        (Value::Object(fields), Part::Slice) => {
            Cow::Owned(fields.values().map(|field| get(field, rest).into_owned()).collect())
        }
        (Value::Array(items), Part::Slice) => {
            Cow::Owned(items.iter().map(|item| get(item, rest).into_owned()).collect())
        }
        (Value::Array(items), Part::Index(index)) => {
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let place = usize::try_from(if *index < 0 { index + length } else { *index });
            place.ok().and_then(|place| items.get(place)).map_or(NULL, |item| get(item, rest))
        }
        (Value::Array(items), Part::Name(name)) => of_each(items, name, rest),
        _ => NULL,
    }
}

/// A field of each of several objects, or the value of the item that has this key.
fn of_each(items: &[Value], name: &str, rest: &[Part]) -> Cow<'static, Value> {
    let Some(first) = items.first().filter(|first| first.is_object()) else { return NULL };
    if rest.is_empty()
        && let Some(item) = items.iter().find(|item| item.get("key").and_then(Value::as_str) == Some(name))
    {
        return Cow::Owned(item.get("value").cloned().unwrap_or_default());
    }
    if first.get(name).is_some() {
        let all = items.iter().map(|item| item.get(name).map_or(Value::Null, |field| get(field, rest).into_owned()));
        return Cow::Owned(all.collect());
    }
    let present: Vec<Value> =
        items.iter().filter_map(|item| item.get(name)).filter(|field| is_true(field)).cloned().collect();
    if present.is_empty() { NULL } else { Cow::Owned(Value::Array(present)) }
}

/// The value of an item of metadata.
fn metadata(items: &Value, name: &str, rest: &[Part]) -> Cow<'static, Value> {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    let found = items.iter().find(|item| item.get("key").and_then(Value::as_str) == Some(name));
    let Some(value) = found.and_then(|item| item.get("value")) else { return NULL };
    let parsed = value.as_str().filter(|_| !rest.is_empty()).and_then(|text| serde_json::from_str(text).ok());
    Cow::Owned(get(&parsed.unwrap_or_else(|| value.clone()), rest).into_owned())
}

/// Looks a name up as it is, in camel case and in snake case.
fn spelled<'v, T>(name: &str, look: impl Fn(&str) -> Option<&'v T>) -> Option<&'v T> {
    look(name).or_else(|| look(&camel(name))).or_else(|| look(&snake(name)))
}

fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        text.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        text.extend(letters.map(|c| c.to_ascii_lowercase()));
    }
    text
}

/// `natIP` as `nat_ip`, `sizeGb` as `size_gb`.
pub fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::with_capacity(name.len() + 4);
    for (n, c) in letters.iter().enumerate() {
        let after = n.checked_sub(1).and_then(|before| letters.get(before));
        let is_start = c.is_ascii_uppercase()
            && after.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || letters.get(n + 1).is_some_and(char::is_ascii_lowercase)
            });
        if is_start {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// What Python takes as true.
pub fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is) => *is,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// As Python's `str` shows it; texts as they are.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields: Vec<String> = fields.iter().map(|(key, value)| format!("'{key}': {}", repr(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// As Python's `repr` shows it.
fn repr(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains('\'') && !text.contains('"') => format!("\"{text}\""),
        Value::String(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n")),
        other => shown(other),
    }
}
