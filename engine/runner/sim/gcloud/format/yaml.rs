//! `--format=yaml`, as the client's YAML library writes it.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// A text is broken at the first space behind so many columns.
const WIDTH: usize = 80;

/// Texts that would be read back as something else: numbers, constants, times.
static OTHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms = [
        r"~|null|Null|NULL|true|True|TRUE|false|False|FALSE|=|<<",
        r"[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+",
        r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?",
        r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
        r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?",
    ];
    Regex::new(&format!("^(?:{})$", forms.join("|"))).ok()
});

/// A resource as YAML.
pub fn to_yaml(value: &Value) -> String {
    let mut text = String::with_capacity(512);
    match value {
        Value::Object(fields) if !fields.is_empty() => mapping(value, 0, &mut text),
        Value::Array(items) if !items.is_empty() => sequence(items, 0, &mut text),
        scalar => {
            write_scalar(scalar, 0, 0, &mut text);
            text.push('\n');
        }
    }
    text
}

fn mapping(value: &Value, indent: usize, into: &mut String) {
    let mut fields: Vec<_> = value.as_object().into_iter().flatten().collect();
    fields.sort_unstable_by_key(|(key, _)| *key);
    for (n, (key, value)) in fields.into_iter().enumerate() {
        if n > 0 {
            pad(indent, into);
        }
        let key = quoted(key);
        into.push_str(&key);
        into.push(':');
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                into.push('\n');
                pad(indent + 2, into);
                mapping(value, indent + 2, into);
            }
            Value::Array(items) if !items.is_empty() => {
                into.push('\n');
                pad(indent, into);
                sequence(items, indent, into);
            }
            scalar => {
                into.push(' ');
                write_scalar(scalar, indent + 2, indent + key.len() + 2, into);
                into.push('\n');
            }
        }
    }
}

fn sequence(items: &[Value], indent: usize, into: &mut String) {
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            pad(indent, into);
        }
        into.push_str("- ");
        match item {
            Value::Object(fields) if !fields.is_empty() => mapping(item, indent + 2, into),
            Value::Array(items) if !items.is_empty() => sequence(items, indent + 2, into),
            scalar => {
                write_scalar(scalar, indent + 2, indent + 2, into);
                into.push('\n');
            }
        }
    }
}

fn pad(indent: usize, into: &mut String) {
    into.extend(std::iter::repeat_n(' ', indent));
}

/// A scalar that begins in a column; what follows a break is indented.
fn write_scalar(value: &Value, indent: usize, column: usize, into: &mut String) {
    match value {
        Value::String(text) if text.contains('\n') => literal(text, indent, into),
        Value::String(text) => folded(&quoted(text), indent, column, into),
        Value::Array(_) => into.push_str("[]"),
        Value::Object(_) => into.push_str("{}"),
        other => into.push_str(&other.to_string()),
    }
}

/// A text of several lines.
fn literal(text: &str, indent: usize, into: &mut String) {
    let mark = if text.ends_with("\n\n") {
        "|+"
    } else if text.ends_with('\n') {
        "|"
    } else {
        "|-"
    };
    into.push_str(mark);
    for line in text.trim_end_matches('\n').split('\n') {
        into.push('\n');
        if !line.is_empty() {
            pad(indent.max(2), into);
            into.push_str(line);
        }
    }
}

fn folded(text: &str, indent: usize, mut column: usize, into: &mut String) {
    let characters: Vec<char> = text.chars().collect();
    for (n, c) in characters.iter().enumerate() {
        let at = |place: Option<usize>| place.and_then(|place| characters.get(place));
        let is_single =
            *c == ' ' && at(n.checked_sub(1)) != Some(&' ') && at(Some(n + 1)).is_some_and(|next| *next != ' ');
        if is_single && column > WIDTH && n > 0 {
            into.push('\n');
            pad(indent, into);
            column = indent;
        } else {
            into.push(*c);
            column += 1;
        }
    }
}

/// A text as it is, or in quotes where it would be read back as something else.
fn quoted(text: &str) -> String {
    if text.chars().any(char::is_control) {
        return Value::from(text).to_string();
    }
    if is_plain(text) { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let second = text.chars().nth(1);
    let leads = match first {
        '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => false,
        '-' | '?' | ':' => second.is_some_and(|c| c != ' ') && !text.starts_with("---"),
        _ => true,
    };
    let inner = !text.contains(": ") && !text.contains(" #") && !text.ends_with(':');
    let ends = !text.starts_with(' ') && !text.ends_with(' ') && !text.starts_with("...");
    leads && inner && ends && !OTHER.as_ref().is_some_and(|other| other.is_match(text))
}
