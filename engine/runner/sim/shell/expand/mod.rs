//! Expands words: parameters, substitutions, arithmetic, then splitting into fields and file names.

mod fields;
mod glob;
mod parameter;

use super::super::process::Unsimulated;
use super::arithmetic::{self, Variables};
use super::parse::Dialect;
use super::pattern::escaped;
use super::state::{Shell, Step};
use super::syntax::{List, Piece, RedirectTo, Word};
use fields::Fields;
use parameter::Expanded;

impl Shell<'_, '_> {
    /// The fields that words become.
    pub fn words(&mut self, words: &[Word]) -> Step<Vec<String>> {
        let mut found = Vec::with_capacity(words.len());
        for word in words {
            match word.as_slice() {
                [Piece::Plain(text)] if !text.contains(['*', '?', '[', '~']) => found.push(text.clone()),
                _ => self.word(word, &mut found)?,
            }
        }
        Ok(found)
    }

    fn word(&mut self, word: &Word, found: &mut Vec<String>) -> Step<()> {
        let mut fields = Fields::new(self.variable("IFS").unwrap_or_default());
        self.pieces(word, &mut fields, false)?;
        for field in fields.finish() {
            if field.is_pattern && !self.state.options.noglob {
                self.file_names(field, found);
            } else {
                found.push(field.text);
            }
        }
        Ok(())
    }

    /// Adds the pieces of a word; with `splits` plain text is split too: it stands in an expansion.
    fn pieces(&mut self, word: &Word, fields: &mut Fields, splits: bool) -> Step<()> {
        for (at, piece) in word.iter().enumerate() {
            match piece {
                Piece::Plain(text) if at == 0 && text.starts_with('~') => {
                    let (home, rest) = self.tilde(text);
                    fields.literal(&home);
                    fields.plain(rest);
                }
                Piece::Plain(text) if splits => fields.value(text, false),
                Piece::Plain(text) => fields.plain(text),
                Piece::Quoted(text) => fields.literal(text),
                Piece::Command { body, quoted } => {
                    let text = self.substitute(body)?;
                    fields.value(&text, *quoted);
                }
                Piece::Arithmetic { expression, quoted } => {
                    let text = self.arithmetic_text(expression)?;
                    fields.value(&text, *quoted);
                }
                Piece::Parameter { parameter, quoted } => match self.parameter(parameter, *quoted)? {
                    Expanded::Text(text) => fields.value(&text, *quoted),
                    Expanded::List(values) => fields.list(&values, *quoted),
                    Expanded::Word(word) => {
                        if *quoted {
                            fields.literal("");
                        }
                        self.pieces(word, fields, true)?;
                    }
                },
            }
        }
        Ok(())
    }

    /// A word as one text: no splitting, no file names.
    pub fn text(&mut self, word: &Word) -> Step<String> {
        self.joined(word, str::to_owned)
    }

    /// A word as a pattern: what is quoted stands for itself.
    pub fn pattern(&mut self, word: &Word) -> Step<String> {
        self.joined(word, escaped)
    }

    /// A word as one text; what is quoted goes through `literal`.
    pub fn joined(&mut self, word: &Word, literal: fn(&str) -> String) -> Step<String> {
        let mut text = String::new();
        for (at, piece) in word.iter().enumerate() {
            match piece {
                Piece::Plain(plain) if at == 0 && plain.starts_with('~') => {
                    let (home, rest) = self.tilde(plain);
                    text.push_str(&literal(&home));
                    text.push_str(rest);
                }
                Piece::Plain(plain) => text.push_str(plain),
                Piece::Quoted(quoted) => text.push_str(&literal(quoted)),
                Piece::Command { body, quoted } => {
                    let value = self.substitute(body)?;
                    text.push_str(&if *quoted { literal(&value) } else { value });
                }
                Piece::Arithmetic { expression, .. } => text.push_str(&self.arithmetic_text(expression)?),
                Piece::Parameter { parameter, quoted } => {
                    let value = match self.parameter(parameter, *quoted)? {
                        Expanded::Text(text) => text,
                        Expanded::List(values) => values.join(" "),
                        Expanded::Word(word) => {
                            text.push_str(&self.joined(word, literal)?);
                            continue;
                        }
                    };
                    text.push_str(&if *quoted { literal(&value) } else { value });
                }
            }
        }
        Ok(text)
    }

    /// `~` and `~NAME` at the beginning of a word, and what follows.
    fn tilde<'t>(&mut self, text: &'t str) -> (String, &'t str) {
        let end = text.find('/').unwrap_or(text.len());
        let home = match &text[1..end] {
            "" => self.variable("HOME").unwrap_or_default(),
            "root" => "/root".to_owned(),
            name => format!("/home/{name}"),
        };
        (home, &text[end..])
    }

    /// What commands print, without the newlines at the end.
    fn substitute(&mut self, body: &List) -> Step<String> {
        if let Some(text) = self.file_content(body)? {
            return Ok(text);
        }
        let line = self.state.line;
        let (status, printed) = self.capture(|shell| {
            shell.nested(|shell| {
                shell.subshell(|shell| {
                    if shell.dialect == Dialect::Bash && !shell.state.options.inherit {
                        shell.state.options.errexit = false;
                    }
                    shell.list(body)
                })
            })
        })?;
        self.state.line = line;
        self.state.substituted = status;
        self.state.status = status;
        if printed.has_blob() {
            return Err(Unsimulated("content that is no text in `$(…)`".to_owned()).into());
        }
        let mut text = printed.to_text();
        text.truncate(text.trim_end_matches('\n').len());
        Ok(text)
    }

    /// `$(< file)`
    fn file_content(&mut self, body: &List) -> Step<Option<String>> {
        let [and_or] = body.as_slice() else { return Ok(None) };
        let [command] = and_or.first.commands.as_slice() else { return Ok(None) };
        let super::syntax::CommandKind::Simple { assignments, words } = &command.kind else { return Ok(None) };
        let [redirect] = command.redirects.as_slice() else { return Ok(None) };
        let RedirectTo::Read(file) = &redirect.to else { return Ok(None) };
        if !and_or.rest.is_empty() || !assignments.is_empty() || !words.is_empty() {
            return Ok(None);
        }
        let file = self.text(file)?;
        match self.process.read(&file)? {
            Ok(content) if content.has_blob() => {
                Err(Unsimulated("content that is no text in `$(…)`".to_owned()).into())
            }
            Ok(content) => {
                self.state.substituted = 0;
                Ok(Some(content.to_text().trim_end_matches('\n').to_owned()))
            }
            Err(error) => {
                self.complain(format!("{file}: {error}"))?;
                self.state.substituted = 1;
                Ok(Some(String::new()))
            }
        }
    }

    fn arithmetic_text(&mut self, expression: &Word) -> Step<String> {
        let text = self.text(expression)?;
        match self.arithmetic(&text) {
            Ok(value) => Ok(value.to_string()),
            Err(message) => self.fatal(1, format!("{}: {message}", text.trim())),
        }
    }

    /// Evaluates an expression whose expansions have been made.
    pub fn arithmetic(&mut self, text: &str) -> Result<i64, String> {
        arithmetic::evaluate(text, self)
    }
}

impl Variables for Shell<'_, '_> {
    fn value(&mut self, name: &str) -> Option<String> {
        self.variable(name)
    }

    fn assign(&mut self, name: &str, value: i64) {
        self.set(name, value.to_string());
    }
}
