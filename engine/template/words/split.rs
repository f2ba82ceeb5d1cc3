//! One text to words: quotes as in a POSIX shell, nothing expanded. What a shell would treat specially is refused.

use std::ops::Range;

use super::{Part, Word};
use crate::model::diagnostic::{Checked, Diagnostic};
use crate::model::source::Fragment;
use crate::template::lex::Piece;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single(usize),
    Double(usize),
}

/// The words; quotes removed, values in place.
pub(super) fn split(fragment: &Fragment, pieces: &[Piece]) -> Checked<Vec<Word>> {
    let mut splitter = Splitter { fragment, words: Vec::new(), word: None, quote: Quote::None, errors: Vec::new() };
    for piece in pieces {
        match piece {
            Piece::Literal(range) => splitter.literal(range.clone()),
            Piece::Value { expression, .. } => splitter.current().parts.push(Part::Value(expression.clone())),
        }
    }
    splitter.finish()
}

struct Splitter<'f> {
    fragment: &'f Fragment,
    words: Vec<Word>,
    /// None between words; an empty pair of quotes makes an empty word.
    word: Option<Word>,
    quote: Quote,
    errors: Vec<Diagnostic>,
}

impl Splitter<'_> {
    fn current(&mut self) -> &mut Word {
        self.word.get_or_insert_default()
    }

    fn push(&mut self, c: char) {
        let parts = &mut self.current().parts;
        match parts.last_mut() {
            Some(Part::Literal(text)) => text.push(c),
            _ => parts.push(Part::Literal(c.to_string())),
        }
    }

    fn literal(&mut self, range: Range<usize>) {
        let text = &self.fragment.source[range.clone()];
        let mut chars = text.char_indices().peekable();
        while let Some((offset, c)) = chars.next() {
            let at = range.start + offset;
            let next = chars.peek().map(|(_, next)| *next);
            match (self.quote, c) {
                (_, '\0') => self.refuse(at, c, "an argument cannot hold a NUL character", ""),
                (Quote::Single(_), '\'') | (Quote::Double(_), '"') => self.quote = Quote::None,
                (Quote::Double(_), '\\') => match next {
                    Some('\n') => {
                        chars.next();
                    }
                    Some(escaped @ ('"' | '\\' | '$' | '`')) => {
                        chars.next();
                        self.push(escaped);
                    }
                    _ => self.push(c),
                },
                (Quote::Double(_), '`') => self.expanded(at, c),
                (Quote::Double(_), '$')
                    if next.is_some_and(|next| next.is_ascii_alphanumeric() || "_{(".contains(next)) =>
                {
                    self.expanded(at, c);
                }
                (Quote::None, '\'') => {
                    self.current();
                    self.quote = Quote::Single(at);
                }
                (Quote::None, '"') => {
                    self.current();
                    self.quote = Quote::Double(at);
                }
                (Quote::None, '\\') => match chars.next() {
                    Some((_, '\n')) => {}
                    Some((_, escaped)) => self.push(escaped),
                    None => self.refuse(
                        at,
                        c,
                        "a `\\` stands before nothing it could quote",
                        "write `\\\\` for the character",
                    ),
                },
                (Quote::None, '#' | '|' | '&' | ';' | '<' | '>' | '$' | '`') => {
                    let message = format!("an unquoted `{c}` means nothing here: no shell reads this");
                    self.refuse(
                        at,
                        c,
                        &message,
                        "quote it to pass it on, or use `shell:` for pipes, redirections and variables",
                    );
                }
                (Quote::None, ' ' | '\t' | '\n' | '\r') => self.words.extend(self.word.take()),
                (_, c) => self.push(c),
            }
        }
    }

    fn expanded(&mut self, at: usize, c: char) {
        let message = format!("`{c}` in double quotes is not expanded here: no shell reads this");
        self.refuse(at, c, &message, "use single quotes or a `\\` to pass it on, or `shell:` to have it expanded");
    }

    fn refuse(&mut self, at: usize, c: char, message: &str, help: &str) {
        let place = self.fragment.place(&(at..at + c.len_utf8()));
        let diagnostic = Diagnostic::error("template::words", place, message);
        self.errors.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    fn finish(mut self) -> Checked<Vec<Word>> {
        if let Quote::Single(at) | Quote::Double(at) = self.quote {
            let c = if matches!(self.quote, Quote::Single(_)) { '\'' } else { '"' };
            self.refuse(
                at,
                c,
                "this quote is not closed",
                "a quote inside a word is written `\\'` or within the other kind",
            );
        }
        self.words.extend(self.word.take());
        if self.words.is_empty() && self.errors.is_empty() {
            let found = Diagnostic::error("template::words", self.fragment.span, "there is no command here");
            self.errors.push(found.help("write the program and its arguments"));
        }
        if self.errors.is_empty() { Ok(self.words) } else { Err(self.errors) }
    }
}
