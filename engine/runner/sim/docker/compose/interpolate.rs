//! `${NAME:-default}` in a Compose file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Values inside values, at most.
const DEEPEST: u8 = 16;

/// What is put in, and what was missing.
pub struct Variables<'e> {
    pub own: &'e BTreeMap<String, String>,
    /// Of `.env`.
    pub more: BTreeMap<String, String>,
    /// Names that had no value.
    pub unset: BTreeSet<String>,
}

/// Why a text cannot be completed.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A variable must be set.
    Missing(String),
    /// It cannot be read.
    Form,
}

impl Variables<'_> {
    fn get(&self, name: &str) -> Option<&String> {
        self.own.get(name).or_else(|| self.more.get(name))
    }

    /// Puts values into all texts of a document; on failure: where, and why.
    ///
    /// # Errors
    /// A variable must be set and is not.
    pub fn document(&mut self, value: &mut Value, path: &str) -> Result<(), (String, Wrong)> {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Value::String(text) if text.contains('$') => {
                *text = self.text(text, 0).map_err(|wrong| (path.to_owned(), wrong))?;
            }
            Value::Array(items) => {
                for item in items {
                    self.document(item, &below("[]"))?;
                }
            }
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    self.document(value, &below(key))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Puts values into a text.
    ///
    /// # Errors
    /// A variable must be set and is not, or the text is none.
    pub fn text(&mut self, text: &str, depth: u8) -> Result<String, Wrong> {
        if depth > DEEPEST {
            return Err(Wrong::Form);
        }
        let mut done = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            done.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(more) = after.strip_prefix('$') {
                done.push('$');
                rest = more;
            } else if let Some(inner) = after.strip_prefix('{') {
                let end = closing(inner).ok_or(Wrong::Form)?;
                done.push_str(&self.braced(&inner[..end], depth)?);
                rest = &inner[end + 1..];
            } else {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                if end == 0 || after.starts_with(|c: char| c.is_ascii_digit()) {
                    return Err(Wrong::Form);
                }
                done.push_str(&self.plain(&after[..end]));
                rest = &after[end..];
            }
        }
        done.push_str(rest);
        Ok(done)
    }

    fn plain(&mut self, name: &str) -> String {
        let value = self.get(name).cloned();
        value.unwrap_or_else(|| {
            self.unset.insert(name.to_owned());
            String::new()
        })
    }

    fn braced(&mut self, inner: &str, depth: u8) -> Result<String, Wrong> {
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        let (name, rest) = inner.split_at(end);
        if name.is_empty() {
            return Err(Wrong::Form);
        }
        let value = self.get(name).cloned();
        let (operator, word) = match rest.char_indices().nth(if rest.starts_with(':') { 2 } else { 1 }) {
            Some((at, _)) => rest.split_at(at),
            None => (rest, ""),
        };
        let full = value.clone().filter(|value| !value.is_empty());
        match operator {
            "" => Ok(self.plain(name)),
            ":-" => full.map_or_else(|| self.text(word, depth + 1), Ok),
            "-" => value.map_or_else(|| self.text(word, depth + 1), Ok),
            ":+" => {
                if full.is_some() {
                    self.text(word, depth + 1)
                } else {
                    Ok(String::new())
                }
            }
            "+" => {
                if value.is_some() {
                    self.text(word, depth + 1)
                } else {
                    Ok(String::new())
                }
            }
            ":?" => full.ok_or_else(|| Wrong::Missing(format!("required variable {name} is missing a value: {word}"))),
            "?" => value.ok_or_else(|| Wrong::Missing(format!("required variable {name} is missing a value: {word}"))),
            _ => Err(Wrong::Form),
        }
    }
}

/// Where the brace closes that is open.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
    }
    None
}

/// The lines of a `.env` file.
pub fn env_file(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pair = |line: &str| {
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let value = value.trim();
        let bare = value.split(" #").next().unwrap_or_default().trim_end();
        let quoted = |quote: char| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
        let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(bare);
        Some((name.trim().to_owned(), value.to_owned()))
    };
    lines.filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Result<String, Wrong> {
        let own = BTreeMap::from([("A".to_owned(), "a".to_owned()), ("E".to_owned(), String::new())]);
        Variables { own: &own, more: BTreeMap::new(), unset: BTreeSet::new() }.text(text, 0)
    }

    #[test]
    fn values_and_their_defaults() {
        assert_eq!(said("x$A-${A}$$A"), Ok("xa-a$A".to_owned()));
        assert_eq!(said("${N:-d}${E:-d}${E-d}${A:-d}"), Ok("dda".to_owned()));
        assert_eq!(said("${N:-${A}b}"), Ok("ab".to_owned()));
        assert_eq!(said("${A:+r}${E:+r}${E+r}"), Ok("rr".to_owned()));
        assert_eq!(
            said("${N:?must be set}"),
            Err(Wrong::Missing("required variable N is missing a value: must be set".to_owned()))
        );
        assert_eq!(said("${"), Err(Wrong::Form));
        assert_eq!(said("$N."), Ok(".".to_owned()));
    }
}
