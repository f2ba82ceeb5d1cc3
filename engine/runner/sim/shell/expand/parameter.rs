//! Parameters and what is done to their values.

use super::super::super::process::Unsimulated;
use super::super::pattern::Pattern;
use super::super::state::{Shell, Step};
use super::super::syntax::{Name, Operation, Otherwise, Parameter, Which, Word};

/// Bytes of a value that a pattern is looked for in, at most.
const SEARCHED: usize = 16 << 10;

/// What a parameter becomes.
pub enum Expanded<'s> {
    Text(String),
    /// Of `$@` and `$*`.
    List(Vec<String>),
    /// A word of the script stands in its place.
    Word(&'s Word),
}

/// The value of a parameter.
enum Value {
    Text(String),
    List(Vec<String>),
}

impl Shell<'_, '_> {
    pub(super) fn parameter<'s>(&mut self, parameter: &'s Parameter, quoted: bool) -> Step<Expanded<'s>> {
        let value = self.value_of(&parameter.name, quoted)?;
        if let Operation::Otherwise { how, colon, word } = &parameter.operation {
            return self.otherwise(parameter, value, (*how, *colon), word);
        }
        let value = match value {
            Some(value) => value,
            None if self.state.options.nounset => return self.unbound(&parameter.text),
            None => Value::Text(String::new()),
        };
        match (value, &parameter.operation) {
            (Value::Text(text), operation) => self.operate(text, operation).map(Expanded::Text),
            (Value::List(values), Operation::Value) => Ok(Expanded::List(values)),
            (Value::List(values), Operation::Length) => Ok(Expanded::Text(values.len().to_string())),
            (Value::List(values), Operation::Slice { from, length: None }) => {
                let from = usize::try_from(self.number(from)?).unwrap_or(0).saturating_sub(1);
                Ok(Expanded::List(values.into_iter().skip(from).collect()))
            }
            (Value::List(_), _) => Err(Unsimulated(format!("`${{{}…}}`", parameter.text)).into()),
        }
    }

    fn unbound<T>(&mut self, name: &str) -> Step<T> {
        self.fatal(self.expansion_failure(), format!("{name}: unbound variable"))
    }

    fn value_of(&mut self, name: &Name, quoted: bool) -> Step<Option<Value>> {
        let text = match name {
            Name::Variable(name) => self.variable(name),
            Name::Indirect(name) => match self.variable(name) {
                Some(name) => self.variable(&name),
                None => None,
            },
            Name::Positional(0) => Some(self.state.name.to_string()),
            Name::Positional(at) => self.state.arguments.get(at - 1).cloned(),
            Name::Special('@') => return Ok(Some(Value::List(self.state.arguments.to_vec()))),
            Name::Special('*') if !quoted => return Ok(Some(Value::List(self.state.arguments.to_vec()))),
            Name::Special('*') => {
                let separator: String = self.variable("IFS").unwrap_or_default().chars().take(1).collect();
                Some(self.state.arguments.join(&separator))
            }
            Name::Special('?') => Some(self.state.status.to_string()),
            Name::Special('#') => Some(self.state.arguments.len().to_string()),
            Name::Special('$') => Some((4_000 + 7 * u32::from(self.process.depth)).to_string()),
            Name::Special('-') => Some(self.flags()),
            Name::Special(sign) => return Err(Unsimulated(format!("`${sign}`")).into()),
        };
        Ok(text.map(Value::Text))
    }

    fn flags(&self) -> String {
        let options = &self.state.options;
        let switched = [
            (options.allexport, 'a'),
            (options.errexit, 'e'),
            (options.noglob, 'f'),
            (true, 'h'),
            (options.nounset, 'u'),
            (options.xtrace, 'x'),
            (true, 'B'),
            (self.is_text, 'c'),
        ];
        switched.iter().filter(|(on, _)| *on).map(|(_, letter)| letter).collect()
    }

    /// `${x:-w}` and its kin.
    fn otherwise<'s>(
        &mut self,
        parameter: &Parameter,
        value: Option<Value>,
        (how, colon): (Otherwise, bool),
        word: &'s Word,
    ) -> Step<Expanded<'s>> {
        let is_set = match &value {
            None => false,
            Some(Value::Text(text)) => !(colon && text.is_empty()),
            Some(Value::List(values)) if colon => values.iter().any(|value| !value.is_empty()),
            Some(Value::List(values)) => !values.is_empty(),
        };
        match (how, is_set) {
            (Otherwise::Alternative, true) | (Otherwise::Default, false) => Ok(Expanded::Word(word)),
            (Otherwise::Alternative, false) => Ok(Expanded::Text(String::new())),
            (_, true) => Ok(match value {
                Some(Value::List(values)) => Expanded::List(values),
                Some(Value::Text(text)) => Expanded::Text(text),
                None => Expanded::Text(String::new()),
            }),
            (Otherwise::Assign, false) => {
                let text = self.text(word)?;
                match &parameter.name {
                    Name::Variable(name) => self.set(name, text.clone()),
                    _ => return self.fatal(1, format!("${}: cannot assign in this way", parameter.text)),
                }
                Ok(Expanded::Text(text))
            }
            (Otherwise::Error, false) => {
                let text = self.text(word)?;
                let message = match (text.is_empty(), colon) {
                    (false, _) => text,
                    (true, true) => "parameter null or not set".to_owned(),
                    (true, false) => "parameter not set".to_owned(),
                };
                self.fatal(self.expansion_failure(), format!("{}: {message}", parameter.text))
            }
        }
    }

    fn number(&mut self, word: &Word) -> Step<i64> {
        let text = self.text(word)?;
        match self.arithmetic(&text) {
            Ok(value) => Ok(value),
            Err(message) => self.fatal(1, format!("{text}: {message}")),
        }
    }

    fn operate(&mut self, text: String, operation: &Operation) -> Step<String> {
        let searches = !matches!(operation, Operation::Value | Operation::Length | Operation::Otherwise { .. });
        if searches && text.len() > SEARCHED {
            return Err(Unsimulated("a part of a value of more than 16 KiB".to_owned()).into());
        }
        Ok(match operation {
            Operation::Value | Operation::Otherwise { .. } => text,
            Operation::Length => text.chars().count().to_string(),
            Operation::TrimStart { longest, pattern } => {
                let pattern = Pattern::new(&self.pattern(pattern)?);
                let length = pattern.prefix(&text, *longest).unwrap_or(0);
                text[length..].to_owned()
            }
            Operation::TrimEnd { longest, pattern } => {
                let pattern = Pattern::new(&self.pattern(pattern)?);
                let end = pattern.suffix(&text, *longest).unwrap_or(text.len());
                text[..end].to_owned()
            }
            Operation::Replace { which, pattern, with } => {
                let pattern = Pattern::new(&self.pattern(pattern)?);
                let with = self.text(with)?;
                replace(&text, *which, &pattern, &with)
            }
            Operation::Slice { from, length } => {
                let from = self.number(from)?;
                let length = match length {
                    Some(length) => Some(self.number(length)?),
                    None => None,
                };
                match slice(&text, from, length) {
                    Some(part) => part,
                    None => return self.fatal(1, "substring expression < 0"),
                }
            }
            Operation::Case { upper, all } => {
                let turn = |c: char| if *upper { c.to_uppercase().to_string() } else { c.to_lowercase().to_string() };
                let turned = text.chars().enumerate();
                turned.map(|(at, c)| if *all || at == 0 { turn(c) } else { c.to_string() }).collect()
            }
        })
    }
}

fn replace(text: &str, which: Which, pattern: &Pattern, with: &str) -> String {
    match which {
        Which::AtStart => match pattern.prefix(text, true) {
            Some(length) => format!("{with}{}", &text[length..]),
            None => text.to_owned(),
        },
        Which::AtEnd => match pattern.suffix(text, true) {
            Some(from) => format!("{}{with}", &text[..from]),
            None => text.to_owned(),
        },
        Which::First | Which::All => {
            let (mut done, mut rest) = (String::new(), text);
            while let Some(c) = rest.chars().next() {
                if let Some(length) = pattern.prefix(rest, true).filter(|length| *length > 0) {
                    done.push_str(with);
                    rest = &rest[length..];
                    if which == Which::First {
                        break;
                    }
                } else {
                    done.push(c);
                    rest = &rest[c.len_utf8()..];
                }
            }
            done + rest
        }
    }
}

/// `${x:from:length}`; none: it ends before it begins.
fn slice(text: &str, from: i64, length: Option<i64>) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let count = i64::try_from(chars.len()).unwrap_or(i64::MAX);
    let from = if from < 0 { count.saturating_add(from) } else { from };
    if from < 0 || from > count {
        return Some(String::new());
    }
    let to = match length {
        None => count,
        Some(length) if length < 0 => count.saturating_add(length),
        Some(length) => from.saturating_add(length).min(count),
    };
    let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
    chars.get(from..to).map(|part| part.iter().collect())
}
