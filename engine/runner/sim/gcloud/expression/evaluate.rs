//! `--filter`: whether a resource passes, as the client decides it.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Bad;
use super::filter::{Filter, Operand, Operator, Term};
use super::key::{Key, Part, is_true, shown};
use super::transform::{apply, moment};

/// A filter at work on one list.
pub struct Sieve<'f> {
    filter: &'f Filter,
    now: DateTime<Utc>,
    /// Keys that no resource had so far.
    missing: Vec<&'f Key>,
    /// What the client warns of, once for each kind of operator.
    warned: [Option<String>; 2],
}

impl<'f> Sieve<'f> {
    pub fn new(filter: &'f Filter, now: DateTime<Utc>) -> Self {
        let mut missing = Vec::new();
        filter.keys(&mut missing);
        Self { filter, now, missing, warned: [None, None] }
    }

    /// Whether a resource passes.
    ///
    /// # Errors
    /// This world cannot decide it.
    pub fn passes(&mut self, resource: &Value) -> Result<bool, Bad> {
        self.missing.retain(|key| key.get(resource).is_null());
        self.holds(self.filter, resource)
    }

    /// What the client warns of in the end.
    pub fn warnings(self) -> Vec<String> {
        let mut keys: Vec<String> = self.missing.iter().map(|key| dotted(key)).collect();
        keys.sort();
        let missing = (!keys.is_empty())
            .then(|| format!("The following filter keys were not present in any resource : {}", keys.join(", ")));
        self.warned.into_iter().flatten().chain(missing).collect()
    }

    fn holds(&mut self, filter: &Filter, resource: &Value) -> Result<bool, Bad> {
        Ok(match filter {
            Filter::And(left, right) => self.holds(left, resource)? && self.holds(right, resource)?,
            Filter::Or(left, right) => self.holds(left, resource)? || self.holds(right, resource)?,
            Filter::Not(inner) => !self.holds(inner, resource)?,
            Filter::Anywhere(text) => is_anywhere(&text.to_lowercase(), resource),
            Filter::Term(term) => self.term(term, resource)?,
        })
    }

    fn term(&mut self, term: &Term, resource: &Value) -> Result<bool, Bad> {
        let found = term.key.get(resource);
        let value = if term.calls.is_empty() { found.into_owned() } else { apply(&term.calls, &found) };
        let values = match value {
            Value::Array(items) if !items.is_empty() => items,
            other => vec![other],
        };
        for value in &values {
            for operand in &term.operands {
                if self.compare(term, value, operand)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn compare(&mut self, term: &Term, value: &Value, operand: &Operand) -> Result<bool, Bad> {
        if let Some(at) = value.as_str().filter(|_| term.calls.is_empty()).and_then(as_moment) {
            return self.compare_moment(term, at, &operand.text);
        }
        let constant = match operand.text.to_lowercase().as_str() {
            "true" => Some(1.0),
            "false" => Some(0.0),
            _ => None,
        };
        if let (Some(number), Some(wanted)) = (as_number(value), constant.or_else(|| number(&operand.text))) {
            let as_number = Value::from(number);
            let holds = match term.operator {
                Operator::Has | Operator::Equal => self.words(term, &as_number),
                Operator::Unequal => !self.words(term, &as_number),
                Operator::Matches | Operator::MatchesNot => false,
                operator => in_order(operator, number.total_cmp(&wanted)),
            };
            let is_pattern = matches!(term.operator, Operator::Matches | Operator::MatchesNot);
            if holds || (constant.is_none() && !is_pattern) {
                return Ok(holds);
            }
        }
        Ok(match term.operator {
            Operator::Has | Operator::Equal => self.words(term, value),
            Operator::Unequal => !self.words(term, value),
            Operator::Matches | Operator::MatchesNot => {
                let subject = match value {
                    Value::String(text) => text.clone(),
                    Value::Null => String::new(),
                    Value::Array(_) | Value::Object(_) => return Ok(false),
                    other => shown(other),
                };
                let found = operand.standard.as_ref().is_some_and(|pattern| pattern.is_match(&subject));
                found == (term.operator == Operator::Matches)
            }
            operator => match value {
                Value::Array(_) | Value::Object(_) => false,
                Value::Null => in_order(operator, "".cmp(&operand.text)),
                other => in_order(operator, shown(other).cmp(&operand.text)),
            },
        })
    }

    fn compare_moment(&self, term: &Term, at: DateTime<Utc>, operand: &str) -> Result<bool, Bad> {
        let Some(wanted) = moment(operand, self.now) else {
            return match (term.operator, operand) {
                (Operator::Has, "*") => Ok(true),
                _ => Err(Bad::unsimulated(format!("`{operand}` as a time in `--filter`"))),
            };
        };
        Ok(match term.operator {
            Operator::Has | Operator::Equal => at == wanted,
            Operator::Unequal => at != wanted,
            Operator::Matches | Operator::MatchesNot => {
                return Err(Bad::unsimulated("a pattern for a time in `--filter`"));
            }
            operator => in_order(operator, at.cmp(&wanted)),
        })
    }

    /// Whether one of the operands is in a value as the client looks for words.
    fn words(&mut self, term: &Term, value: &Value) -> bool {
        let warns = !value.is_object();
        let values: Vec<Value> = match value {
            Value::Object(fields) => fields.iter().flat_map(|(k, v)| [k.clone().into(), v.clone()]).collect(),
            Value::Array(items) => items.clone(),
            other => vec![other.clone()],
        };
        let mut pairs = values.iter().flat_map(|value| term.operands.iter().map(move |operand| (value, operand)));
        pairs.any(|(value, operand)| self.word(term, value, operand, warns))
    }

    fn word(&mut self, term: &Term, value: &Value, operand: &Operand, warns: bool) -> bool {
        let wanted = operand.text.as_str();
        let text = match value {
            Value::Null if wanted.is_empty() => return true,
            Value::Null if wanted == "*" && term.operator == Operator::Has => return false,
            Value::Null => "null".to_owned(),
            Value::String(text) if text == wanted => return true,
            Value::Number(_) | Value::Bool(_) => {
                let own = as_number(value);
                let is_equal = own.is_some() && own == number(wanted);
                let is_word = match wanted.to_lowercase().as_str() {
                    "true" => own == Some(1.0),
                    "false" => own == Some(0.0),
                    _ => false,
                };
                if is_equal || is_word {
                    return true;
                }
                shown(value).trim_end_matches(".0").to_lowercase()
            }
            other => shown(other).to_lowercase(),
        };
        let standard = operand.standard.as_ref().is_some_and(|pattern| pattern.is_match(&text));
        let Some(today) = &operand.today else { return standard };
        let is_place = matches!(term.key.name(), Some("zone" | "region"));
        let matched = today.is_match(&text) || is_place && today.is_match(text.rsplit('/').next().unwrap_or_default());
        if warns && matched != standard {
            self.warn(term, wanted, matched, standard);
        }
        matched
    }

    fn warn(&mut self, term: &Term, operand: &str, today: bool, one_day: bool) {
        let (slot, operator) = match term.operator {
            Operator::Has => (0, ":"),
            Operator::Unequal => (1, "!="),
            _ => (1, "="),
        };
        let text = || {
            format!(
                "--filter : operator evaluation is changing for consistency across Google APIs.  {}{operator}{operand} currently {} but \
                 {} in the near future.  Run `gcloud topic filters` for details.",
                term.key.text(),
                if today { "matches" } else { "does not match" },
                if one_day { "will match" } else { "will not match" },
            )
        };
        self.warned[slot].get_or_insert_with(text);
    }
}

fn dotted(key: &Key) -> String {
    let parts = key.0.iter().map(|part| match part {
        Part::Name(name) => name.clone(),
        Part::Index(index) => index.to_string(),
        Part::Slice => "None".to_owned(),
    });
    parts.collect::<Vec<_>>().join(".")
}

fn in_order(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Less => order.is_lt(),
        Operator::AtMost => order.is_le(),
        Operator::AtLeast => order.is_ge(),
        Operator::More => order.is_gt(),
        _ => false,
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(own) => own.as_f64(),
        Value::String(text) => number(text),
        Value::Bool(is) => Some(f64::from(u8::from(*is))),
        _ => None,
    }
}

/// A text that the client takes as a time.
fn as_moment(text: &str) -> Option<DateTime<Utc>> {
    let digits =
        |range: std::ops::Range<usize>| text.as_bytes().get(range).is_some_and(|d| d.iter().all(u8::is_ascii_digit));
    if !digits(0..4) || !digits(11..13) {
        return None;
    }
    DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc())
}

fn is_anywhere(text: &str, value: &Value) -> bool {
    match value {
        value if !is_true(value) => false,
        Value::Object(fields) => fields.iter().any(|(key, value)| !key.starts_with('_') && is_anywhere(text, value)),
        Value::Array(items) => items.iter().any(|item| is_anywhere(text, item)),
        other => shown(other).to_lowercase().contains(text),
    }
}
