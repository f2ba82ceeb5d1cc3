//! Reads here-documents: they begin on the line behind the one that names them.

use super::super::syntax::{Piece, Word};
use super::{Parser, Pending, Read, unsimulated};

impl Parser<'_> {
    /// The word that ends a here-document, and whether it is quoted.
    pub fn here_end(&mut self) -> Read<(String, bool)> {
        let from = self.at;
        let Some(word) = self.word()? else { return self.unexpected() };
        let quoted = self.text[from..self.at].contains(['\'', '"', '\\']);
        let mut end = String::new();
        for piece in word {
            match piece {
                Piece::Plain(text) | Piece::Quoted(text) => end.push_str(&text),
                _ => return unsimulated("a here-document that ends at an expansion"),
            }
        }
        Ok((end, quoted))
    }

    /// Reads what was announced on the line that has just ended.
    pub fn here_documents(&mut self) -> Read<()> {
        for pending in std::mem::take(&mut self.pending) {
            let line = self.line;
            let Some(text) = self.here_text(&pending) else { return unsimulated("a here-document without its end") };
            let word = if pending.quoted {
                vec![Piece::Quoted(text)]
            } else {
                let mut inner = Parser::new(&text, line, self.dialect);
                inner.depth = self.depth;
                let mut word = Word::new();
                while inner.peek().is_some() {
                    inner.quoted_piece(&mut word, "$`\\")?;
                }
                word
            };
            // Each is read once.
            let _ = pending.text.set(word);
        }
        Ok(())
    }

    /// The lines up to the end; none: it never comes.
    fn here_text(&mut self, pending: &Pending) -> Option<String> {
        let mut text = String::new();
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return None;
            }
            let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
            let whole = &rest[..length];
            self.at += length;
            self.line += u32::from(whole.ends_with('\n'));
            let line = if pending.tabs { whole.trim_start_matches('\t') } else { whole };
            if line.strip_suffix('\n').unwrap_or(line) == pending.end {
                return Some(text);
            }
            text.push_str(line);
        }
    }
}
