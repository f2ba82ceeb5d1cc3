//! A value in a message: short, escaped, secrets as `***`.

use minijinja::Value;
use minijinja::value::ValueKind;

use super::Own;

const LONGEST: usize = 80;

/// `'text'`, `1`, `[1, 2]`, `{name: 'x'}`; cut after about 80 characters, control characters escaped, secrets as `***`.
#[must_use]
pub fn show(value: &Value) -> String {
    let mut out = String::new();
    put(value, &mut out, 0);
    out
}

fn put(value: &Value, out: &mut String, depth: u32) {
    if let Some(own) = Own::of(value) {
        out.push_str(&own.to_string());
        return;
    }
    match value.kind() {
        ValueKind::Undefined => out.push_str("undefined"),
        ValueKind::None => out.push_str("none"),
        ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::String => put_text(value.as_str().unwrap_or_default(), out),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().into_iter().flatten().map(|item| (None, item));
            put_all(items, out, depth, ['[', ']']);
        }
        ValueKind::Map => {
            let keys = value.try_iter().into_iter().flatten();
            let pairs = keys.map(|key| (Some(key.to_string()), value.get_item(&key).unwrap_or_default()));
            put_all(pairs, out, depth, ['{', '}']);
        }
        _ => out.push_str(&value.to_string()),
    }
}

fn put_all(items: impl Iterator<Item = (Option<String>, Value)>, out: &mut String, depth: u32, around: [char; 2]) {
    out.push(around[0]);
    for (at, (key, item)) in items.enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        if out.len() > LONGEST || depth > 3 {
            out.push('…');
            break;
        }
        if let Some(key) = key {
            out.push_str(&key.escape_debug().to_string());
            out.push_str(": ");
        }
        put(&item, out, depth + 1);
    }
    out.push(around[1]);
}

fn put_text(text: &str, out: &mut String) {
    out.push('\'');
    for (at, c) in text.chars().enumerate() {
        if at == LONGEST {
            out.push('…');
            break;
        }
        match c {
            '\'' | '"' => out.push(c),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
                out.extend(c.escape_unicode());
            }
            c => out.extend(c.escape_debug()),
        }
    }
    out.push('\'');
}
