//! Reads parameter expansions: `$x`, `${x}` and what can be done to a value.

use super::super::syntax::{Name, Operation, Otherwise, Parameter, Which, Word};
use super::{Parser, Read, unsimulated};

/// Parameters with a name of one sign.
const SPECIAL: &str = "?#@*$!-";

impl Parser<'_> {
    /// What follows a `$` without braces; none: it is a plain `$`.
    pub fn plain_parameter(&mut self) -> Option<Parameter> {
        let from = self.at;
        let name = match self.peek()? {
            digit if digit.is_ascii_digit() => {
                self.bump();
                Name::Positional(digit as usize - '0' as usize)
            }
            special if SPECIAL.contains(special) => {
                self.bump();
                Name::Special(special)
            }
            _ => Name::Variable(Some(self.name()).filter(|name| !name.is_empty())?),
        };
        Some(Parameter { name, operation: Operation::Value, text: self.text[from..self.at].to_owned() })
    }

    /// What follows `${`, with its end.
    pub fn braced_parameter(&mut self, quoted: bool) -> Read<Parameter> {
        let from = self.at;
        if self.starts("#") && !self.starts("#}") {
            return self.length(from);
        }
        let name = if self.starts("!") && !self.starts("!}") {
            self.bash_only("${!…}")?;
            self.bump();
            match self.name() {
                name if name.is_empty() => return unsimulated("`${!…}`"),
                name if self.starts("}") => Name::Indirect(name),
                _ => return unsimulated("`${!…}`"),
            }
        } else {
            self.parameter_name()?
        };
        let text = self.text[from..self.at].to_owned();
        let operation = self.operation(quoted)?;
        if self.eat("}") { Ok(Parameter { name, operation, text }) } else { self.bad(from) }
    }

    fn length(&mut self, from: usize) -> Read<Parameter> {
        self.bump();
        let name = self.parameter_name()?;
        let text = self.text[from..self.at].to_owned();
        if self.eat("}") { Ok(Parameter { name, operation: Operation::Length, text }) } else { self.bad(from) }
    }

    fn parameter_name(&mut self) -> Read<Name> {
        let from = self.at;
        match self.peek() {
            Some(digit) if digit.is_ascii_digit() => {
                let rest = self.rest();
                let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                self.at += length;
                // A position that is no number is one that is not set.
                Ok(Name::Positional(rest[..length].parse().unwrap_or(usize::MAX)))
            }
            Some(special) if SPECIAL.contains(special) => {
                self.bump();
                Ok(Name::Special(special))
            }
            _ => match self.name() {
                name if name.is_empty() => self.bad(from),
                _ if self.peek() == Some('[') => unsimulated("arrays"),
                name => Ok(Name::Variable(name)),
            },
        }
    }

    /// The rest up to the `}`.
    fn operation(&mut self, quoted: bool) -> Read<Operation> {
        for (sign, how) in [
            ('-', Otherwise::Default),
            ('=', Otherwise::Assign),
            ('+', Otherwise::Alternative),
            ('?', Otherwise::Error),
        ] {
            for (colon, text) in [(true, format!(":{sign}")), (false, sign.to_string())] {
                if self.eat(&text) {
                    return Ok(Operation::Otherwise { how, colon, word: self.inner_word("}", quoted)? });
                }
            }
        }
        match self.peek() {
            Some('#') => {
                self.bump();
                let longest = self.eat("#");
                Ok(Operation::TrimStart { longest, pattern: self.inner_word("}", false)? })
            }
            Some('%') => {
                self.bump();
                let longest = self.eat("%");
                Ok(Operation::TrimEnd { longest, pattern: self.inner_word("}", false)? })
            }
            Some('/') => self.replace(),
            Some(':') => self.slice(),
            Some(sign @ ('^' | ',')) => {
                self.bash_only("${x^}")?;
                self.bump();
                let all = self.eat(&sign.to_string());
                Ok(Operation::Case { upper: sign == '^', all })
            }
            Some('@') => unsimulated("`${x@…}`"),
            _ => Ok(Operation::Value),
        }
    }

    fn replace(&mut self) -> Read<Operation> {
        self.bash_only("${x/a/b}")?;
        self.bump();
        let which = match self.peek() {
            Some('/') => Which::All,
            Some('#') => Which::AtStart,
            Some('%') => Which::AtEnd,
            _ => Which::First,
        };
        if which != Which::First {
            self.bump();
        }
        let pattern = self.inner_word("/}", false)?;
        let with = if self.eat("/") { self.inner_word("}", false)? } else { Word::new() };
        Ok(Operation::Replace { which, pattern, with })
    }

    fn slice(&mut self) -> Read<Operation> {
        self.bash_only("${x:a:b}")?;
        self.bump();
        let from = self.inner_word(":}", true)?;
        let length = if self.eat(":") { Some(self.inner_word("}", true)?) } else { None };
        Ok(Operation::Slice { from, length })
    }

    /// A shell notices it when the expansion is carried out, not before; so it is not simulated.
    fn bad<T>(&self, from: usize) -> Read<T> {
        let rest = &self.text[from..];
        let end = rest.find(['}', '\n']).unwrap_or(rest.len());
        unsimulated(format!("`${{{}}}`", &rest[..end]))
    }
}
