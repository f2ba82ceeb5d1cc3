//! Words: quotes and expansions.

use super::scan::{Read, Scan, Symbol};
use super::{BY_ENV, Form};

/// A word of a command.
#[derive(Debug, Default)]
pub(super) struct Word {
    /// The text after quotes, if nothing in it is expanded.
    pub text: Option<String>,
    /// Whether any of it was quoted (then it is no reserved word).
    pub quoted: bool,
    /// The values in it, `$(…)` inside included.
    pub values: Vec<usize>,
    /// `name=` or `name+=` begins it, unquoted.
    pub assigns: bool,
    /// Its symbols.
    pub symbols: (usize, usize),
}

impl Word {
    pub fn is(&self, reserved: &str) -> bool {
        !self.quoted && self.text.as_deref() == Some(reserved)
    }

    /// The last part of a literal path: `/bin/bash` is `bash`.
    pub fn program(&self) -> Option<&str> {
        self.text.as_deref().map(|text| text.rsplit('/').next().unwrap_or(text))
    }
}

/// What ends a word.
pub(super) fn ends_word(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '<' | '>' | '(' | ')')
}

const IN_EXPANSION: &str = "a value cannot stand inside `${…}`: a shell may expand it a second time";
const IN_BACKQUOTES: &str = "a value cannot stand inside back-quotes";
const IN_ARITHMETIC: &str = "a value cannot stand in arithmetic: bash evaluates it, commands included";

impl Scan<'_> {
    /// One word; the scan stands at its first symbol.
    pub fn word(&mut self) -> Read<Word> {
        let start = self.at;
        let mut text = Some(String::new());
        let mut word = Word::default();
        // What the word begins with as long as it is plain: for `name=` and `name[`.
        let mut subscript = None;
        while let Some(symbol) = self.peek() {
            let Symbol::Char(c) = symbol else {
                self.bump();
                if let Symbol::Value(value) = symbol {
                    self.place(value, Form::Word);
                }
                text = None;
                continue;
            };
            if matches!(c, '<' | '>') && self.char_at(1) == Some('(') && self.at > start {
                return self.lost(self.at, "a process substitution inside a word is not understood");
            }
            if ends_word(c) {
                break;
            }
            match c {
                '\'' => {
                    word.quoted = true;
                    self.single(&mut text)?;
                }
                '"' => {
                    word.quoted = true;
                    self.double(&mut text)?;
                }
                '\\' => {
                    self.bump();
                    match self.peek() {
                        Some(Symbol::Char('\n')) => {
                            self.bump();
                        }
                        Some(Symbol::Char(escaped)) => {
                            word.quoted = true;
                            self.bump();
                            push(&mut text, escaped);
                        }
                        // A value: `place` sees the backslash and refuses.
                        _ => {}
                    }
                }
                '$' => self.dollar(false, &mut text)?,
                '`' => {
                    self.backquotes()?;
                    text = None;
                }
                c => {
                    self.bump();
                    let plain_name = !word.quoted && text.as_deref().is_some_and(is_name);
                    match c {
                        '=' if plain_name
                            || (text.as_deref().is_some_and(|text| text.strip_suffix('+').is_some_and(is_name))) =>
                        {
                            word.assigns = true;
                        }
                        '[' if plain_name || self.at == start + 1 => subscript = Some(self.at),
                        _ => {}
                    }
                    push(&mut text, c);
                }
            }
        }
        if let Some(from) = subscript {
            // `[` alone is the command; `[a-z]*` is a pattern; `name[` and `[key]=` are subscripts, which bash evaluates.
            if self.values_between(from, self.at).is_empty() || text.as_deref() == Some("[") {
                subscript = None;
            }
            if subscript.is_some() {
                self.refuse_between(
                    from,
                    self.at,
                    "a value cannot stand in or behind a subscript: bash evaluates it",
                    BY_ENV,
                );
            }
        }
        word.values = self.values_between(start, self.at);
        word.symbols = (start, self.at);
        word.text = text;
        Ok(word)
    }

    fn single(&mut self, text: &mut Option<String>) -> Read<()> {
        let start = self.at;
        self.bump();
        loop {
            match self.bump() {
                Some(Symbol::Char('\'')) => return Ok(()),
                Some(Symbol::Char(c)) => push(text, c),
                Some(Symbol::Value(value)) => {
                    self.place(value, Form::Single);
                    *text = None;
                }
                None => return self.lost(start, "this quote is not closed"),
            }
        }
    }

    fn double(&mut self, text: &mut Option<String>) -> Read<()> {
        let start = self.at;
        self.bump();
        loop {
            match self.peek() {
                Some(Symbol::Char('"')) => {
                    self.bump();
                    return Ok(());
                }
                Some(Symbol::Char('\\')) => {
                    self.bump();
                    match self.char() {
                        Some('\n') => {
                            self.bump();
                        }
                        Some(escaped) => {
                            self.bump();
                            if !matches!(escaped, '"' | '\\' | '$' | '`') {
                                push(text, '\\');
                            }
                            push(text, escaped);
                        }
                        None => {}
                    }
                }
                Some(Symbol::Char('$')) => self.dollar(true, text)?,
                Some(Symbol::Char('`')) => {
                    self.backquotes()?;
                    *text = None;
                }
                Some(Symbol::Char(c)) => {
                    self.bump();
                    push(text, c);
                }
                Some(Symbol::Value(value)) => {
                    self.bump();
                    self.place(value, Form::Bare);
                    *text = None;
                }
                None => return self.lost(start, "this quote is not closed"),
            }
        }
    }

    /// `$…`, in double quotes or not.
    pub fn dollar(&mut self, quoted: bool, text: &mut Option<String>) -> Read<()> {
        let start = self.at;
        match (self.char_at(1), self.char_at(2)) {
            (Some('('), Some('(')) => {
                self.at += 3;
                self.arithmetic(start)?;
            }
            (Some('('), _) => {
                self.at += 2;
                self.nested(start)?;
            }
            (Some('{'), _) => {
                self.at += 2;
                self.expansion(start, quoted)?;
            }
            (Some('['), _) => return self.lost(start, "`$[…]` is not understood"),
            (Some('\''), _) if !quoted => {
                self.at += 2;
                self.ansi(start)?;
            }
            (Some('"'), _) if !quoted => return self.lost(start, "`$\"…\"` is not understood"),
            (Some(c), _) if c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '*' | '#' | '?' | '-' | '$' | '!') => {
                self.at += 2;
                if c.is_ascii_alphabetic() || c == '_' {
                    while self.char().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                        self.bump();
                    }
                    // `$a[…]` is an element only in braces, but zsh-like reading is nothing to rely on.
                }
            }
            _ => {
                self.bump();
                push(text, '$');
                return Ok(());
            }
        }
        *text = None;
        Ok(())
    }

    /// Commands up to the `)`; the opening is behind us.
    pub fn nested(&mut self, start: usize) -> Read<()> {
        self.depth += 1;
        if self.depth > 20 {
            return self.lost(start, "this is nested too deeply");
        }
        // Here-documents of the outer command begin at its own line end, not inside.
        let outer = std::mem::take(&mut self.pending);
        self.list(super::commands::Until::Parenthesis)?;
        if !self.pending.is_empty() {
            return self.lost(start, "a here-document whose body is not inside the same parentheses is not understood");
        }
        self.pending = outer;
        self.depth -= 1;
        if self.eat(")") { Ok(()) } else { self.lost(start, "this parenthesis is not closed") }
    }

    /// `((…))` and `$((…))`: up to the closing pair; the opening is behind us.
    pub fn arithmetic(&mut self, start: usize) -> Read<()> {
        let mut open = 0_usize;
        loop {
            match self.bump() {
                Some(Symbol::Char('(')) => open += 1,
                Some(Symbol::Char(')')) if open > 0 => open -= 1,
                Some(Symbol::Char(')')) if self.eat(")") => break,
                Some(Symbol::Char(')')) => {
                    return self.lost(start, "`((` that is not closed by `))` is not understood (write `( (`)");
                }
                Some(Symbol::Char('\'' | '"' | '`' | '\\')) => {
                    return self.lost(start, "quotes in arithmetic are not understood");
                }
                Some(Symbol::Value(value)) => self.refuse(
                    value,
                    IN_ARITHMETIC,
                    "compare texts with `[ … = … ]`, or check the value with a pattern first and use `env:`",
                ),
                Some(Symbol::Char(_)) => {}
                None => return self.lost(start, "this parenthesis is not closed"),
            }
        }
        Ok(())
    }

    /// `${…}`; the opening is behind us. Quotes inside mean different things in different shells when it is itself quoted.
    fn expansion(&mut self, start: usize, quoted: bool) -> Read<()> {
        loop {
            match self.peek() {
                Some(Symbol::Char('}')) => {
                    self.bump();
                    return Ok(());
                }
                Some(Symbol::Char('$')) => self.dollar(quoted, &mut None)?,
                Some(Symbol::Char('\'')) if !quoted => self.single(&mut None)?,
                Some(Symbol::Char('"')) if !quoted => self.double(&mut None)?,
                Some(Symbol::Char('\'' | '"' | '`' | '\\')) => {
                    return self.lost(start, "quotes inside a quoted `${…}` are not understood");
                }
                Some(Symbol::Char('{')) => return self.lost(start, "a brace inside `${…}` is not understood"),
                Some(_) => {
                    self.bump();
                }
                None => return self.lost(start, "this `${` is not closed"),
            }
            self.refuse_between(start, self.at, IN_EXPANSION, "set a variable first: `x=${{ … }}`, then use `${x…}`");
        }
    }

    fn ansi(&mut self, start: usize) -> Read<()> {
        loop {
            match self.bump() {
                Some(Symbol::Char('\'')) => return Ok(()),
                Some(Symbol::Char('\\')) => {
                    if self.char().is_some() {
                        self.bump();
                    }
                }
                Some(Symbol::Value(value)) => {
                    self.refuse(value, "a value cannot stand inside `$'…'`", "close the quote before it");
                }
                Some(Symbol::Char(_)) => {}
                None => return self.lost(start, "this quote is not closed"),
            }
        }
    }

    pub fn backquotes(&mut self) -> Read<()> {
        let start = self.at;
        self.bump();
        loop {
            match self.bump() {
                Some(Symbol::Char('`')) => return Ok(()),
                Some(Symbol::Char('\\')) => {
                    if self.char().is_some() {
                        self.bump();
                    }
                }
                Some(Symbol::Value(value)) => self.refuse(value, IN_BACKQUOTES, "use `$(…)`"),
                Some(Symbol::Char(_)) => {}
                None => return self.lost(start, "this back-quote is not closed"),
            }
        }
    }
}

fn push(text: &mut Option<String>, c: char) {
    if let Some(text) = text {
        text.push(c);
    }
}

pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
