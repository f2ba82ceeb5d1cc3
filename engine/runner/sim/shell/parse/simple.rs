//! Reads simple commands: assignments, words, redirections; and where one turns out to be a function.

use super::super::syntax::{Assignment, Command, CommandKind, Piece};
use super::{Parser, Read, unsimulated};

/// How long the name at the beginning of a text is.
pub fn name_length(text: &str) -> usize {
    let is_part = |(at, c): (usize, char)| c == '_' || c.is_ascii_alphabetic() || (at > 0 && c.is_ascii_digit());
    text.char_indices().position(|at| !is_part(at)).unwrap_or(text.len())
}

impl Parser<'_> {
    /// Takes a name; empty: there is none.
    pub fn name(&mut self) -> String {
        let name = self.rest()[..name_length(self.rest())].to_owned();
        self.at += name.len();
        name
    }

    /// A command that is words.
    pub fn simple(&mut self) -> Read<Command> {
        let line = self.line;
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.skip_blanks();
            if self.redirect(&mut redirects)? {
                continue;
            }
            if words.is_empty()
                && let Some(assignment) = self.assignment()?
            {
                assignments.push(assignment);
                continue;
            }
            let Some(word) = self.word()? else { break };
            let is_first = words.is_empty() && assignments.is_empty() && redirects.is_empty();
            if let ([Piece::Plain(name)], true) = (word.as_slice(), is_first && self.opens_function()) {
                let kind = self.function(name.clone())?;
                return Ok(Command { line, kind, redirects });
            }
            self.expand_braces(word, &mut words)?;
        }
        if assignments.is_empty() && words.is_empty() && redirects.is_empty() {
            return self.unexpected();
        }
        Ok(Command { line, kind: CommandKind::Simple { assignments, words }, redirects })
    }

    /// Takes `()` if it is next.
    fn opens_function(&mut self) -> bool {
        let rest = self.rest().trim_start_matches([' ', '\t']);
        let Some(inside) = rest.strip_prefix('(') else { return false };
        let Some(after) = inside.trim_start_matches([' ', '\t']).strip_prefix(')') else { return false };
        self.at = self.text.len() - after.len();
        true
    }

    /// `NAME=…` or `NAME+=…`, if one begins here.
    fn assignment(&mut self) -> Read<Option<Assignment>> {
        let length = name_length(self.rest());
        if length == 0 {
            return Ok(None);
        }
        let (name, behind) = self.rest().split_at(length);
        let append = behind.starts_with("+=");
        if behind.starts_with('[') && behind.contains('=') && !behind[..behind.find('=').unwrap_or(0)].contains(' ') {
            return unsimulated("arrays");
        }
        if !append && !behind.starts_with('=') {
            return Ok(None);
        }
        let name = name.to_owned();
        self.at += length + if append { 2 } else { 1 };
        if append {
            self.bash_only("+=")?;
        }
        if self.peek() == Some('(') {
            return unsimulated("arrays");
        }
        let value = self.word()?.unwrap_or_default();
        Ok(Some(Assignment { name, append, value }))
    }
}
