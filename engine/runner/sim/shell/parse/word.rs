//! Reads words: quotes, escapes, and where an expansion begins.

use std::sync::Arc;

use super::super::syntax::{List, Piece, Word};
use super::{Dialect, Parser, Read, Trouble, unsimulated};

/// A character that ends a word where it is not quoted.
pub fn ends_word(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '|' | '&' | ';' | '<' | '>' | '(' | ')')
}

/// Adds a character to the last piece if that is of its kind.
pub fn push(word: &mut Word, c: char, quoted: bool) {
    match word.last_mut() {
        Some(Piece::Plain(text)) if !quoted => text.push(c),
        Some(Piece::Quoted(text)) if quoted => text.push(c),
        _ if quoted => word.push(Piece::Quoted(c.to_string())),
        _ => word.push(Piece::Plain(c.to_string())),
    }
}

impl Parser<'_> {
    /// A word, if one begins here.
    pub fn word(&mut self) -> Read<Option<Word>> {
        let mut word = Word::new();
        while let Some(next) = self.peek() {
            if ends_word(next) {
                let last = self.text[..self.at].chars().next_back();
                if next == '(' && !word.is_empty() && last.is_some_and(|last| "?*+@!".contains(last)) {
                    return unsimulated("patterns like `@(a|b)`");
                }
                break;
            }
            self.piece(&mut word)?;
        }
        Ok(if word.is_empty() { None } else { Some(word) })
    }

    /// Takes what is next into an unquoted word.
    pub fn piece(&mut self, word: &mut Word) -> Read<()> {
        match self.peek() {
            Some('\\') => {
                self.bump();
                match self.bump() {
                    Some('\n') => {}
                    Some(next) => push(word, next, true),
                    None => push(word, '\\', true),
                }
            }
            Some('\'') => {
                self.bump();
                word.push(Piece::Quoted(self.single_quoted()?));
            }
            Some('"') => {
                self.bump();
                self.double_quoted(word)?;
            }
            Some('$') => self.dollar(word, false)?,
            Some('`') => self.back_quoted(word, false)?,
            Some(next) => {
                self.bump();
                push(word, next, false);
            }
            None => {}
        }
        Ok(())
    }

    fn single_quoted(&mut self) -> Read<String> {
        let Some(length) = self.rest().find('\'') else {
            return self.error("unexpected EOF while looking for matching `''");
        };
        let text = self.rest()[..length].to_owned();
        self.eat(&text);
        self.bump();
        Ok(text)
    }

    /// What stands in double quotes; the first has been taken.
    fn double_quoted(&mut self, word: &mut Word) -> Read<()> {
        // Quotes around nothing are a word too.
        word.push(Piece::Quoted(String::new()));
        loop {
            match self.peek() {
                None => return self.error("unexpected EOF while looking for matching `\"'"),
                Some('"') => {
                    self.bump();
                    return Ok(());
                }
                Some(_) => self.quoted_piece(word, "$`\"\\")?,
            }
        }
    }

    /// Takes what is next inside double quotes or a here-document.
    pub fn quoted_piece(&mut self, word: &mut Word, escapable: &str) -> Read<()> {
        match self.peek() {
            Some('\\') => {
                self.bump();
                match self.peek() {
                    Some('\n') => drop(self.bump()),
                    Some(next) if escapable.contains(next) => {
                        self.bump();
                        push(word, next, true);
                    }
                    _ => push(word, '\\', true),
                }
            }
            Some('$') => self.dollar(word, true)?,
            Some('`') => self.back_quoted(word, true)?,
            Some(next) => {
                self.bump();
                push(word, next, true);
            }
            None => {}
        }
        Ok(())
    }

    /// `$…`
    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Read<()> {
        self.enter()?;
        self.bump();
        match self.peek() {
            Some('(') => {
                if let Some(expression) = self.arithmetic_expansion()? {
                    word.push(Piece::Arithmetic { expression, quoted });
                } else {
                    self.bump();
                    let body = self.substitution()?;
                    word.push(Piece::Command { body: Arc::new(body), quoted });
                }
            }
            Some('{') => {
                self.bump();
                let parameter = Box::new(self.braced_parameter(quoted)?);
                word.push(Piece::Parameter { parameter, quoted });
            }
            Some('\'') if !quoted => {
                self.bash_only("$'…'")?;
                self.bump();
                word.push(Piece::Quoted(self.ansi_quoted()?));
            }
            Some('"') if !quoted => return unsimulated("`$\"…\"`"),
            Some('[') if self.dialect == Dialect::Bash => return unsimulated("`$[…]`"),
            _ => match self.plain_parameter() {
                Some(parameter) => word.push(Piece::Parameter { parameter: Box::new(parameter), quoted }),
                None => push(word, '$', quoted),
            },
        }
        self.leave();
        Ok(())
    }

    /// The commands of `$(…)`, with its end.
    fn substitution(&mut self) -> Read<List> {
        self.skip_lines()?;
        let body = if self.peek() == Some(')') { List::new() } else { self.list()? };
        self.skip_lines()?;
        if self.eat(")") {
            return Ok(body);
        }
        if self.peek().is_none() {
            return self.error("unexpected EOF while looking for matching `)'");
        }
        self.unexpected()
    }

    /// `` `…` ``
    fn back_quoted(&mut self, word: &mut Word, quoted: bool) -> Read<()> {
        let line = self.line;
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return self.error("unexpected EOF while looking for matching ``'"),
                Some('`') => break,
                Some('\\') => match self.peek() {
                    Some(next @ ('`' | '\\' | '$')) => {
                        self.bump();
                        text.push(next);
                    }
                    Some('"') if quoted => {
                        self.bump();
                        text.push('"');
                    }
                    _ => text.push('\\'),
                },
                Some(next) => text.push(next),
            }
        }
        let mut inner = Parser::new(&text, line, self.dialect);
        inner.depth = self.depth;
        inner.enter()?;
        let mut body = List::new();
        while inner.complete_command(&mut body)? {}
        word.push(Piece::Command { body: Arc::new(body), quoted });
        Ok(())
    }

    /// What stands in `$'…'`.
    fn ansi_quoted(&mut self) -> Read<String> {
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return self.error("unexpected EOF while looking for matching `''"),
                Some('\'') => return Ok(text),
                Some('\\') => match self.bump() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('a') => text.push('\u{7}'),
                    Some('b') => text.push('\u{8}'),
                    Some('e' | 'E') => text.push('\u{1b}'),
                    Some('f') => text.push('\u{c}'),
                    Some('v') => text.push('\u{b}'),
                    Some(next @ ('\\' | '\'' | '"' | '?')) => text.push(next),
                    Some('x' | 'u' | 'U' | 'c' | '0'..='7') => return unsimulated("`$'\\x…'`"),
                    Some(next) => text.extend(['\\', next]),
                    None => text.push('\\'),
                },
                Some(next) => text.push(next),
            }
        }
    }

    /// Reads a word that ends at one of these characters, which is left; inside `${…}`.
    pub fn inner_word(&mut self, ends: &str, quoted: bool) -> Read<Word> {
        let mut word = Word::new();
        loop {
            match self.peek() {
                None => return self.error("unexpected EOF while looking for matching `}'"),
                Some(next) if ends.contains(next) => return Ok(word),
                Some('"') if quoted => {
                    self.bump();
                    self.double_quoted(&mut word)?;
                }
                Some(_) if quoted => self.quoted_piece(&mut word, "$`\"\\}")?,
                Some(_) => self.piece(&mut word)?,
            }
        }
    }
}

impl From<super::Unsimulated> for Trouble {
    fn from(what: super::Unsimulated) -> Self {
        Self::Unsimulated(what)
    }
}
