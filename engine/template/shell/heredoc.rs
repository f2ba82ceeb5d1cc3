//! Here-documents: bodies begin behind the line end.

use super::Form;
use super::scan::{Read, Scan, Symbol};

/// One that was announced.
#[derive(Debug)]
pub(super) struct Heredoc {
    /// The symbol of `<<`.
    pub at: usize,
    pub delimiter: String,
    /// `<<'EOF'`: nothing in it is expanded.
    pub quoted: bool,
    /// `<<-`.
    pub strips: bool,
    /// A shell reads it as a script: why no value may stand in it.
    pub read_by_shell: Option<(String, &'static str)>,
}

impl Scan<'_> {
    /// The bodies of what was announced on the line that just ended.
    pub fn bodies(&mut self) -> Read<()> {
        for heredoc in std::mem::take(&mut self.pending) {
            let start = self.at;
            let (end, after) = self.body_end(&heredoc)?;
            if heredoc.quoted {
                self.refuse_between(
                    start,
                    end,
                    "a value cannot stand in a here-document whose end is quoted: nothing in it is expanded",
                    "remove the quotes around its end and write `\\$` for the character",
                );
                self.at = after;
                continue;
            }
            self.expanded(start, end)?;
            if let Some((message, help)) = &heredoc.read_by_shell {
                self.refuse_between(start, end, message, help);
            }
            self.at = after;
        }
        Ok(())
    }

    /// Where the body ends, and where the script goes on.
    fn body_end(&mut self, heredoc: &Heredoc) -> Read<(usize, usize)> {
        loop {
            let line_start = self.at;
            let mut line = Some(String::new());
            let mut escapes = 0;
            while let Some(symbol) = self.peek().filter(|symbol| *symbol != Symbol::Char('\n')) {
                self.bump();
                escapes = if symbol == Symbol::Char('\\') { escapes + 1 } else { 0 };
                match (symbol, &mut line) {
                    (Symbol::Char(c), Some(line)) => line.push(c),
                    _ => line = None,
                }
            }
            let line_end = self.at;
            let more = self.bump().is_some();
            let text = line.as_deref().map(|line| if heredoc.strips { line.trim_start_matches('\t') } else { line });
            if text == Some(&heredoc.delimiter) {
                // The line end belongs to the list, which is at a command's beginning either way.
                return Ok((line_start, if more { line_end + 1 } else { line_end }));
            }
            if escapes % 2 == 1 && !heredoc.quoted {
                return self.lost(line_start, "a line of a here-document that ends in `\\` is not understood");
            }
            if !more {
                return self.lost(heredoc.at, "this here-document has no end");
            }
        }
    }

    /// An unquoted body: quotes are plain characters, `$` and back-quotes expand.
    fn expanded(&mut self, start: usize, end: usize) -> Read<()> {
        self.at = start;
        while self.at < end {
            match self.peek() {
                Some(Symbol::Char('\\')) => {
                    self.bump();
                    if self.char().is_some() {
                        self.bump();
                    }
                }
                Some(Symbol::Char('$')) => self.dollar(true, &mut None)?,
                Some(Symbol::Char('`')) => self.backquotes()?,
                Some(Symbol::Value(value)) => {
                    self.bump();
                    self.place(value, Form::Bare);
                }
                _ => {
                    self.bump();
                }
            }
        }
        if self.at > end {
            return self.lost(start, "an expansion that goes beyond its here-document is not understood");
        }
        Ok(())
    }
}
