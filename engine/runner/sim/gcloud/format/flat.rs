//! `--format=value` and `--format=csv`: a line for each resource.

use serde_json::Value;

use super::super::expression::key::{is_true, shown};
use super::projection::Column;

/// What stands between things.
pub struct Look<'l> {
    pub separator: &'l str,
    /// Between the elements of a list.
    pub delimiter: &'l str,
    pub terminator: &'l str,
    pub quotes: bool,
    pub heading: bool,
}

pub fn csv(columns: &[Column], rows: &[Vec<Value>], look: &Look<'_>) -> String {
    let labels: Vec<String> = columns.iter().map(|column| look.quoted(&column.label.to_lowercase())).collect();
    let head = format!("{}{}", labels.join(look.separator), look.terminator);
    let body = value(rows, look);
    if look.heading && !rows.is_empty() { format!("{head}{body}") } else { body }
}

pub fn value(rows: &[Vec<Value>], look: &Look<'_>) -> String {
    let line = |row: &Vec<Value>| {
        let cells: Vec<String> = row.iter().map(|cell| look.cell(cell)).collect();
        format!("{}{}", cells.join(look.separator), look.terminator)
    };
    rows.iter().map(line).collect()
}

impl Look<'_> {
    fn cell(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_unstable_by_key(|(key, _)| *key);
                let fields: Vec<String> =
                    fields.into_iter().map(|(key, value)| self.quoted(&format!("{key}={}", shown(value)))).collect();
                fields.join(self.delimiter)
            }
            Value::Array(items) => {
                let items: Vec<String> = items
                    .iter()
                    .map(|item| if is_true(item) { self.quoted(&shown(item)) } else { String::new() })
                    .collect();
                items.join(self.delimiter)
            }
            other => self.quoted(&shown(other)),
        }
    }

    fn quoted(&self, field: &str) -> String {
        let is_special = |text: &str| {
            [self.delimiter, "\"", self.separator, self.terminator].iter().any(|mark| text.contains(mark))
                || text.starts_with(char::is_whitespace)
                || text.ends_with(char::is_whitespace)
        };
        if self.quotes && is_special(field) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.to_owned() }
    }
}
