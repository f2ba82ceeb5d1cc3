//! `--format=json`: two spaces a level, keys in order.

use std::borrow::Cow;

use serde_json::Value;

/// Several resources.
pub fn list<'v>(resources: impl Iterator<Item = Cow<'v, Value>>) -> String {
    let mut text = String::with_capacity(512);
    for (n, resource) in resources.enumerate() {
        text.push_str(if n == 0 { "[\n  " } else { ",\n  " });
        write(&resource, 1, &mut text);
    }
    text.push_str(if text.is_empty() { "[]\n" } else { "\n]\n" });
    text
}

/// One resource.
pub fn one(resource: &Value) -> String {
    let mut text = String::with_capacity(512);
    write(resource, 0, &mut text);
    text.push('\n');
    text
}

fn write(value: &Value, level: usize, into: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            into.push('[');
            for (n, item) in items.iter().enumerate() {
                start(n, level, into);
                write(item, level + 1, into);
            }
            end(level, into);
            into.push(']');
        }
        Value::Object(fields) if !fields.is_empty() => {
            into.push('{');
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            for (n, (key, value)) in fields.into_iter().enumerate() {
                start(n, level, into);
                text(key, into);
                into.push_str(": ");
                write(value, level + 1, into);
            }
            end(level, into);
            into.push('}');
        }
        Value::String(string) => text(string, into),
        other => into.push_str(&other.to_string()),
    }
}

fn text(text: &str, into: &mut String) {
    if text.bytes().any(|byte| byte == b'"' || byte == b'\\' || byte.is_ascii_control()) {
        into.push_str(&Value::from(text).to_string());
        return;
    }
    into.push('"');
    into.push_str(text);
    into.push('"');
}

fn start(n: usize, level: usize, into: &mut String) {
    into.push_str(if n == 0 { "\n" } else { ",\n" });
    indent(level + 1, into);
}

fn end(level: usize, into: &mut String) {
    into.push('\n');
    indent(level, into);
}

fn indent(level: usize, into: &mut String) {
    for _ in 0..level {
        into.push_str("  ");
    }
}
