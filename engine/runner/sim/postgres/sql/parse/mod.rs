//! Reads SQL: words become statements. What this reader does not know is not simulated, unless the server would not know it either.

mod expression;
mod select;
mod statement;
mod words;

use super::ast::{Name, Statement};
use super::lex::{Kind, Token, lex};
use super::{Fail, SqlError};

/// A reader, and where it is.
struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    /// How deep it is in what is nested.
    depth: u32,
    /// Operators so far.
    operators: u32,
}

/// What is nested deeper, and statements with more operators, are nothing that recovery asks; both would need a stack without an end.
const DEEPEST: u32 = 40;
const OPERATORS: u32 = 400;

/// Reads a text of statements.
///
/// # Errors
/// The server would not read it, or this world does not know it.
pub fn parse(text: &str) -> Result<Vec<Statement>, Fail> {
    let mut parser = Parser { text, tokens: lex(text)?, at: 0, depth: 0, operators: 0 };
    let mut statements = Vec::new();
    loop {
        while parser.eat(";") {}
        if parser.peek().is_none() {
            return Ok(statements);
        }
        statements.push(parser.statement()?);
        if parser.peek().is_some() && !parser.is(";") {
            return Err(parser.unknown());
        }
    }
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn peek_at(&self, ahead: usize) -> Option<&Kind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    /// The byte where the next word begins; at the end, the end.
    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or_else(|| self.text.trim_end().len(), |token| token.at)
    }

    /// The next is this mark or key word.
    fn is(&self, wanted: &str) -> bool {
        self.is_at(0, wanted)
    }

    fn is_at(&self, ahead: usize, wanted: &str) -> bool {
        match self.peek_at(ahead) {
            Some(Kind::Mark(mark)) => *mark == wanted,
            Some(Kind::Word(word)) => word == wanted,
            _ => false,
        }
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let found = self.is(wanted);
        self.at += usize::from(found);
        found
    }

    /// All of these words, one after the other, or none.
    fn eat_all(&mut self, wanted: &[&str]) -> bool {
        let found = wanted.iter().enumerate().all(|(ahead, wanted)| self.is_at(ahead, wanted));
        self.at += if found { wanted.len() } else { 0 };
        found
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Fail> {
        if self.eat(wanted) { Ok(()) } else { Err(self.unknown()) }
    }

    /// A name, quoted or not.
    fn name(&mut self) -> Result<String, Fail> {
        match self.peek() {
            Some(Kind::Word(name) | Kind::Quoted(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unknown()),
        }
    }

    /// `name`, `schema.name`.
    fn qualified(&mut self) -> Result<Name, Fail> {
        let at = self.place();
        let mut text = self.name()?;
        while self.eat(".") {
            text = format!("{text}.{}", self.name()?);
        }
        Ok(Name { text, at })
    }

    fn names(&mut self) -> Result<Vec<Name>, Fail> {
        let mut names = vec![self.qualified()?];
        while self.eat(",") {
            names.push(self.qualified()?);
        }
        Ok(names)
    }

    /// A value of a setting: a text, a number, or a word.
    fn setting(&mut self) -> Result<String, Fail> {
        let negative = self.eat("-");
        let value = match self.peek() {
            Some(Kind::Text(value) | Kind::Number(value) | Kind::Word(value) | Kind::Quoted(value)) => value.clone(),
            _ => return Err(self.unknown()),
        };
        self.at += 1;
        Ok(if negative { format!("-{value}") } else { value })
    }

    /// Skips to the end of the statement.
    fn rest(&mut self) {
        while self.peek().is_some() && !self.is(";") {
            self.at += 1;
        }
    }

    fn at_end(&self) -> bool {
        self.peek().is_none() || self.is(";")
    }

    /// Goes into something that is nested.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fail>) -> Result<T, Fail> {
        if self.depth >= DEEPEST {
            return Err(Fail::unknown("what is nested so deep"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// What is not understood here. At the end of the text nothing can follow that would make it right.
    fn unknown(&self) -> Fail {
        if self.peek().is_none() && self.at > 0 {
            return SqlError::new("syntax error at end of input").at(self.place()).into();
        }
        if self.is(":") {
            return SqlError::new("syntax error at or near \":\"").at(self.place()).into();
        }
        let flat: Vec<&str> = self.text.split_whitespace().collect();
        let flat = flat.join(" ");
        let short: String = flat.chars().take(60).collect();
        let more = if short.len() < flat.len() { "…" } else { "" };
        Fail::unknown(&format!("{short}{more}"))
    }
}
