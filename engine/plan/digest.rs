//! Digests: SHA-256 of JSON with sorted keys and whole numbers only, so that two machines agree.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Keys whose values are places in files: moving a step does not change what it does.
const PLACES: [&str; 2] = ["place", "span"];

/// SHA-256 of the canonical form, as 64 hexadecimal digits.
#[must_use]
pub fn of(value: &Value) -> String {
    let mut sink = Sink(Sha256::new());
    write(value, &mut sink);
    hex(sink.0)
}

/// SHA-256 of some text.
#[must_use]
pub fn of_text(text: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(text.as_bytes());
    hex(digest)
}

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

struct Sink(Sha256);

impl Sink {
    fn put(&mut self, text: &str) {
        self.0.update(text.as_bytes());
    }
}

fn write(value: &Value, sink: &mut Sink) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().filter(|(key, _)| !PLACES.contains(&key.as_str())).collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            sink.put("{");
            for (at, (key, value)) in entries.into_iter().enumerate() {
                sink.put(if at == 0 { "" } else { "," });
                sink.put(&Value::from(key.as_str()).to_string());
                sink.put(":");
                write(value, sink);
            }
            sink.put("}");
        }
        Value::Array(items) => {
            sink.put("[");
            for (at, item) in items.iter().enumerate() {
                sink.put(if at == 0 { "" } else { "," });
                write(item, sink);
            }
            sink.put("]");
        }
        Value::Number(number) if !(number.is_i64() || number.is_u64()) => {
            // A fraction as text: its shortest form is the same everywhere.
            sink.put(&Value::from(number.to_string()).to_string());
        }
        other => sink.put(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_and_places_do_not_matter_and_values_do() {
        let one = of(&json!({"a": 1, "b": {"c": 2, "span": 3}}));
        assert_eq!(one, of(&json!({"b": {"span": 9, "c": 2}, "a": 1})));
        assert_ne!(one, of(&json!({"b": {"c": 3}, "a": 1})));
        assert_eq!(one.len(), 64);
    }
}
