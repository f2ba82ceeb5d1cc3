//! The script as characters and values, and what has been decided about each value.

use std::ops::Range;

use super::{BY_ENV, Form, Refusal};
use crate::template::lex::Piece;

/// One symbol of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    Char(char),
    /// A `${{ }}`, by its number.
    Value(usize),
}

pub(super) struct Scan<'s> {
    pub source: &'s str,
    symbols: Vec<(usize, Symbol)>,
    pub at: usize,
    ranges: Vec<Range<usize>>,
    decided: Vec<Option<Result<Form, Refusal>>>,
    pub pending: Vec<super::heredoc::Heredoc>,
    /// `$(`, `(`, … inside each other.
    pub depth: usize,
    /// Output from this symbol on is piped into a compound command: a shell anywhere after it may read it.
    pub piped: Option<usize>,
}

pub(super) type Read<T> = Result<T, Refusal>;

impl<'s> Scan<'s> {
    pub fn new(source: &'s str, pieces: &[Piece]) -> Self {
        let mut symbols = Vec::with_capacity(source.len());
        let mut ranges = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Literal(range) => {
                    let chars = source[range.clone()].char_indices();
                    symbols.extend(chars.map(|(offset, c)| (range.start + offset, Symbol::Char(c))));
                }
                Piece::Value { range, .. } => {
                    symbols.push((range.start, Symbol::Value(ranges.len())));
                    ranges.push(range.clone());
                }
            }
        }
        let decided = vec![None; ranges.len()];
        Self { source, symbols, at: 0, ranges, decided, pending: Vec::new(), depth: 0, piped: None }
    }

    /// What was decided; a value that nothing was decided about is refused.
    pub fn outcome(self) -> Result<Vec<Form>, Vec<Refusal>> {
        let mut forms = Vec::with_capacity(self.decided.len());
        let mut refusals = Vec::new();
        for (decided, range) in self.decided.into_iter().zip(self.ranges) {
            match decided {
                Some(Ok(form)) => forms.push(form),
                Some(Err(refusal)) => refusals.push(refusal),
                None => refusals.push(Refusal { range, message: "a value cannot stand here".to_owned(), help: BY_ENV }),
            }
        }
        if refusals.is_empty() { Ok(forms) } else { Err(refusals) }
    }

    pub fn peek(&self) -> Option<Symbol> {
        self.symbols.get(self.at).map(|(_, symbol)| *symbol)
    }

    pub fn char(&self) -> Option<char> {
        self.char_at(0)
    }

    pub fn char_at(&self, ahead: usize) -> Option<char> {
        match self.symbols.get(self.at + ahead) {
            Some((_, Symbol::Char(c))) => Some(*c),
            _ => None,
        }
    }

    pub fn bump(&mut self) -> Option<Symbol> {
        let symbol = self.peek();
        self.at += usize::from(symbol.is_some());
        symbol
    }

    /// Skips `text` if it stands here.
    pub fn eat(&mut self, text: &str) -> bool {
        let here = text.chars().enumerate().all(|(ahead, c)| self.char_at(ahead) == Some(c));
        if here {
            self.at += text.chars().count();
        }
        here
    }

    /// A value stands here in this form, unless the character before it would change its meaning.
    pub fn place(&mut self, value: usize, form: Form) {
        let before = self.at.checked_sub(2).and_then(|at| self.symbols.get(at)).map(|(_, symbol)| *symbol);
        let escaped = before == Some(Symbol::Char('\\')) && self.escapes_before(self.at - 1);
        let dollar = before == Some(Symbol::Char('$')) && !self.escapes_before(self.at - 2);
        if form != Form::Single && escaped {
            self.refuse(
                value,
                "a `\\` stands before this value and would quote its reference",
                "remove the `\\`, or write `\\\\`",
            );
        } else if form != Form::Single && dollar {
            self.refuse(
                value,
                "a `$` stands before this value and would change its meaning",
                "write `\\$` for the character",
            );
        } else if self.decided[value].is_none() {
            self.decided[value] = Some(Ok(form));
        }
    }

    /// Whether an odd number of `\` stands right before a symbol.
    fn escapes_before(&self, at: usize) -> bool {
        let before = self.symbols[..at].iter().rev();
        before.take_while(|(_, symbol)| *symbol == Symbol::Char('\\')).count() % 2 == 1
    }

    pub fn refuse(&mut self, value: usize, message: &str, help: &'static str) {
        if !matches!(self.decided[value], Some(Err(_))) {
            let range = self.ranges[value].clone();
            self.decided[value] = Some(Err(Refusal { range, message: message.to_owned(), help }));
        }
    }

    /// Refuses every value between two symbols.
    pub fn refuse_between(&mut self, from: usize, to: usize, message: &str, help: &'static str) {
        for at in from..to.min(self.symbols.len()) {
            if let Symbol::Value(value) = self.symbols[at].1 {
                self.refuse(value, message, help);
            }
        }
    }

    /// The values between two symbols.
    pub fn values_between(&self, from: usize, to: usize) -> Vec<usize> {
        let symbols = self.symbols[from..to.min(self.symbols.len())].iter();
        symbols
            .filter_map(|(_, symbol)| match symbol {
                Symbol::Value(value) => Some(*value),
                Symbol::Char(_) => None,
            })
            .collect()
    }

    /// A word as it was written.
    pub fn written(&self, word: &super::words::Word) -> &'s str {
        let offset = |at: usize| self.symbols.get(at).map_or(self.source.len(), |(offset, _)| *offset);
        &self.source[offset(word.symbols.0)..offset(word.symbols.1)]
    }

    /// Not understood from a symbol on: then nothing in the script is certain.
    pub fn lost<T>(&self, from: usize, what: &str) -> Read<T> {
        let start = self.symbols.get(from).map_or(self.source.len(), |(offset, _)| *offset);
        let end = self.symbols.get(self.at).map_or(self.source.len(), |(offset, _)| *offset).max(start);
        let message = format!("{what}, so it is not certain where the values of this script stand");
        Err(Refusal { range: start..end, message, help: "write it simpler, or pass the values by `env:`" })
    }
}
